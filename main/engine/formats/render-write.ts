import { isDeepStrictEqual } from 'node:util';
import type { Affine } from '../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../preload/contract/transform.ts';
import { boundsOfMap } from '../transforms/tile/tile-bounds.ts';
import { type TileMap, tileMapOf, tileMapOfAffine } from '../transforms/tile/tile-map.ts';
import type { TileSpec } from './render-fields.ts';
import { flattenTransforms, listOf } from './render-transform.ts';

const affineClass = 'mpicbg.trakem2.transform.AffineModel2D';

/** A picture of a tile, with its mask and the grey levels to show as black and white. */
export interface PlacedPicture {
  readonly name: string;
  readonly imageUrl: string;
  readonly mipmapLevel: number;
  readonly maskUrl: string | null;
  readonly maskLevel: number;
  readonly intensity: readonly [number, number];
}

/** What is written of one tile. */
export interface PlacedTile {
  readonly tileId: string;
  readonly section: number;
  readonly sizePx: readonly [number, number];
  readonly own: PlacedPicture;
  readonly channels: readonly PlacedPicture[];
  readonly stageFromTile: Affine;
  readonly stackFromTile: Affine;
  /** From tile to stack, first to last, where `stackFromTile` is not all. */
  readonly transforms: readonly TransformSpec[] | null;
  /** The tilespec that the tile came with, or null: then a full minimal one is written. */
  readonly spec: TileSpec | null;
}

/**
 * Tilespec JSON: a list or, where tiles refer to shared transforms, a resolved tile collection that carries these. A spec
 * whose tile lies where it came from stays as it came; of others, transforms and bounds are replaced and all else kept.
 */
export function formatRenderTilespecs(
  tiles: readonly PlacedTile[],
  shared: ReadonlyMap<string, TransformSpec> = new Map(),
): string {
  const specs = tiles.map((tile) => placedSpec(tile, shared));
  if (shared.size === 0) return `[\n${specs.map((spec) => JSON.stringify(spec)).join(',\n')}\n]\n`;
  const entries = specs.map((spec) => `${JSON.stringify(spec['tileId'])}:${JSON.stringify(spec)}`);
  const transforms = [...shared].map(([id, spec]) => `${JSON.stringify(id)}:${JSON.stringify({ id, ...spec })}`);
  return `{"transformIdToSpecMap":{\n${transforms.join(',\n')}\n},"tileIdToSpecMap":{\n${entries.join(',\n')}\n}}\n`;
}

function placedSpec(tile: PlacedTile, shared: ReadonlyMap<string, TransformSpec>): TileSpec {
  const { tileId, spec, transforms, stackFromTile, sizePx } = tile;
  if (spec && isWhereItCameFrom(tile, spec, shared)) return spec['tileId'] === undefined ? { ...spec, tileId } : spec;
  const map: TileMap = transforms ? tileMapOf(transforms, shared).map : tileMapOfAffine(stackFromTile);
  const { minX, minY, maxX, maxY } = boundsOfMap(map, sizePx);
  const specList = transforms ?? [{ type: 'leaf', className: affineClass, dataString: stackFromTile.join(' ') }];
  return {
    ...(spec ? completed(tile, spec) : minimalSpec(tile)),
    tileId,
    minX,
    minY,
    maxX,
    maxY,
    transforms: { type: 'list', specList },
  };
}

function isWhereItCameFrom(
  { transforms, stackFromTile, sizePx }: PlacedTile,
  spec: TileSpec,
  shared: ReadonlyMap<string, TransformSpec>,
): boolean {
  if (spec['transforms'] === undefined) return false;
  if (transforms) return isDeepStrictEqual(listOf(spec['transforms']), transforms);
  const own = flattenTransforms(spec['transforms'], shared, sizePx);
  return own.transforms === null && isDeepStrictEqual(own.worldFromTile, stackFromTile);
}

/** The spec with the fields that Render cannot do without, in their order. */
const completed = ({ section, sizePx }: PlacedTile, spec: TileSpec): TileSpec => ({
  ...spec,
  z: spec['z'] ?? section,
  width: spec['width'] ?? sizePx[0],
  height: spec['height'] ?? sizePx[1],
});

function minimalSpec(tile: PlacedTile): TileSpec {
  const { own, channels, section, stageFromTile, sizePx } = tile;
  return {
    layout: { sectionId: String(section), stageX: stageFromTile[4], stageY: stageFromTile[5] },
    z: section,
    width: sizePx[0],
    height: sizePx[1],
    ...picturesOf(own),
    ...(channels.length > 0 && {
      channels: [own, ...channels].map((channel) => ({ name: channel.name, ...picturesOf(channel) })),
    }),
  };
}

function picturesOf({ imageUrl, mipmapLevel, maskUrl, maskLevel, intensity }: PlacedPicture): TileSpec {
  const level = { [mipmapLevel]: { imageUrl } };
  const mask = maskUrl === null ? {} : { [maskLevel]: { ...level[maskLevel], maskUrl } };
  return { minIntensity: intensity[0], maxIntensity: intensity[1], mipmapLevels: { ...level, ...mask } };
}
