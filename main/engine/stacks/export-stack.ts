import type { Warning } from '../../../preload/contract/reference.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../preload/contract/transform.ts';
import { formatRenderTilespecs, type PlacedTile } from '../formats/render-write.ts';
import { formatTileConfiguration } from '../formats/tile-configuration.ts';
import { formatTrakem2 } from '../formats/trakem2/write.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { leavesOf } from '../transforms/tile/leaves.ts';
import { placedTilesOf } from './placed-tiles.ts';
import { sharedTransformsOf } from './stack-rows.ts';

export type StackFormat = 'render' | 'trakem2' | 'tiles';

export const endingOf: Readonly<Record<StackFormat, string>> = { render: '.json', trakem2: '.xml', tiles: '.txt' };

export interface ExportedText {
  readonly text: string;
  readonly tiles: number;
  /** What the format could not say. */
  readonly warnings: readonly Warning[];
}

interface Source {
  readonly id: string;
  readonly dataset: string;
  readonly title: string;
  readonly voxelSizeNm: Vec3;
}

/** A stack version in the words of another program. */
export function exportedText(read: ReadHandle, stack: Source, format: StackFormat): ExportedText {
  const tiles = placedTilesOf(read, stack.dataset, stack.id);
  const shared = sharedTransformsOf(read, stack.id);
  if (format === 'render') return { text: formatRenderTilespecs(tiles, shared), tiles: tiles.length, warnings: [] };
  return format === 'trakem2' ? trakem2Text(tiles, shared, stack) : configurationText(tiles);
}

function trakem2Text(
  tiles: readonly PlacedTile[],
  shared: ReadonlyMap<string, TransformSpec>,
  { title, voxelSizeNm }: Source,
): ExportedText {
  const placed = tiles.map((tile) => ({ tile, leaves: tile.transforms && leavesOf(tile.transforms, shared) }));
  const unsaid = placed.filter(({ tile, leaves }) => tile.transforms && !leaves).map(({ tile }) => tile.tileId);
  const masked = tiles.filter(({ own }) => own.maskUrl !== null).map(({ tileId }) => tileId);
  const channelled = tiles.filter(({ channels }) => channels.length > 0).map(({ tileId }) => tileId);
  const patches = placed.map(({ tile, leaves }) => ({ ...tile, transforms: leaves }));
  return {
    text: formatTrakem2({ title, tiles: patches, voxelSizeNm }),
    tiles: tiles.length,
    warnings: [
      ...warningOf(unsaid, 'are written with the nearest affine map: TrakEM2 knows no interpolated transforms'),
      ...warningOf(masked, 'are written without their masks, which TrakEM2 keeps in files of its own'),
      ...warningOf(channelled, 'are written with their first channel alone: a patch has one picture'),
    ],
  };
}

/** Positions alone: what a tile is turned, scaled or bent by is said, and lost. */
function configurationText(tiles: readonly PlacedTile[]): ExportedText {
  const sections = new Set(tiles.map(({ section }) => section));
  const turned = tiles.filter(
    ({ transforms, stackFromTile: [a, b, c, d] }) => transforms !== null || a !== 1 || b !== 0 || c !== 0 || d !== 1,
  );
  const lines = tiles.map(({ own, tileId, section, stackFromTile }) => {
    const name = own.imageUrl.slice(own.imageUrl.lastIndexOf('/') + 1);
    return { name: name === '' ? tileId : decoded(name), section, xPx: stackFromTile[4], yPx: stackFromTile[5] };
  });
  return {
    text: formatTileConfiguration(sections.size > 1 ? 3 : 2, lines),
    tiles: tiles.length,
    warnings: warningOf(
      turned.map(({ tileId }) => tileId),
      'are turned, scaled or bent, of which a TileConfiguration keeps the corner alone',
    ),
  };
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function warningOf(tiles: readonly string[], what: string): readonly Warning[] {
  const [first] = tiles;
  return first === undefined
    ? []
    : [{ subject: first, message: `${tiles.length} tiles ${what}; the first: ${first}.` }];
}
