import type { Affine } from '../../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../../preload/contract/transform.ts';
import { tileMapOf } from '../../transforms/tile/tile-map.ts';
import type { PlacedTile } from '../render-write.ts';
import { bentCorner, usualMeshNodes } from './bent-box.ts';

export interface Trakem2Request {
  readonly title: string;
  /** Their transforms are leaves alone: TrakEM2 knows no references. */
  readonly tiles: readonly PlacedTile[];
  /** Nanometres a pixel along x and y, and a section. */
  readonly voxelSizeNm: readonly [number, number, number];
}

/**
 * A TrakEM2 project (XML): a layer a section, a patch a tile. Affine places go into `transform`; others into a list of
 * coordinate transforms, whose corner TrakEM2 takes off again (`bentCorner`).
 */
export function formatTrakem2({ title, tiles, voxelSizeNm }: Trakem2Request): string {
  const [xNm, yNm, zNm] = voxelSizeNm;
  const sections = [...new Set(tiles.map(({ section }) => section))].toSorted((a, b) => a - b);
  let oid = 10;
  const layers = sections.map((section) => {
    const patches = tiles.filter((tile) => tile.section === section).map((tile) => patchOf(tile, oid++));
    return `<t2_layer oid="${oid++}" thickness="1.0" z="${section}" title="">\n${patches.join('')}</t2_layer>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE trakem2_anything>
<trakem2>
<project id="0" title="${escaped(title)}" mipmaps_folder="" storage_folder="" mipmaps_format="0"></project>
<t2_layer_set oid="3" width="20.0" height="20.0" transform="matrix(1.0,0.0,0.0,1.0,0.0,0.0)" title="Top Level" links="" layer_width="20.0" layer_height="20.0" rot_x="0.0" rot_y="0.0" rot_z="0.0" snapshots_quality="true" snapshots_mode="Full" color_cues="true" area_color_cues="true" avoid_color_cue_colors="false" n_layers_color_cue="-1" paint_arrows="true" paint_tags="true" paint_edge_confidence_boxes="true" prepaint="false" preload_ahead="0">
<t2_calibration pixelWidth="${xNm / 1000}" pixelHeight="${yNm / 1000}" pixelDepth="${zNm / 1000}" xOrigin="0.0" yOrigin="0.0" zOrigin="0.0" info="null" valueUnit="Gray Value" timeUnit="sec" unit="micron"/>
${layers.join('')}</t2_layer_set>
</trakem2>
`;
}

function patchOf(tile: PlacedTile, oid: number): string {
  const { tileId, sizePx, own, stackFromTile, transforms: leaves } = tile;
  const [width, height] = sizePx;
  const corner = leaves
    ? bentCorner(tileMapOf(leaves, new Map(), sizePx).map, sizePx, usualMeshNodes)
    : ([0, 0] as const);
  const matrix: Affine = leaves ? [1, 0, 0, 1, ...corner] : stackFromTile;
  const attributes = {
    oid,
    width,
    height,
    transform: `matrix(${matrix.join(',')})`,
    title: tileId,
    links: '',
    // ImagePlus.GRAY16 and GRAY8.
    type: own.intensity[1] > 255 ? 1 : 0,
    file_path: own.imageUrl.startsWith('file:') ? decodeURI(new URL(own.imageUrl).pathname) : own.imageUrl,
    style: 'fill-opacity:1.0;stroke:#ffff00;',
    o_width: width,
    o_height: height,
    min: own.intensity[0],
    max: own.intensity[1],
    mres: usualMeshNodes,
    ...(leaves && { ct_id: oid }),
  };
  const words = Object.entries(attributes).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return `<t2_patch ${words.join(' ')}>\n${leaves ? bendsOf(leaves) : ''}</t2_patch>\n`;
}

function bendsOf(leaves: readonly TransformSpec[]): string {
  const parts = leaves.map(
    ({ className, dataString }) =>
      `<ict_transform class="${escaped(String(className))}" data="${escaped(String(dataString))}"/>\n`,
  );
  return `<ict_transform_list>\n${parts.join('')}</ict_transform_list>\n`;
}

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    // What XML cannot say at all.
    // oxlint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '');
