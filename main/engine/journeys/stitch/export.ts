import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { formatRenderTilespecs, type PlacedTile, type TileSpec } from '../../formats/render-tilespec.ts';
import type { LibraryStore, ReadHandle } from '../../store/library-store.ts';
import { refuseToOverwrite } from '../../store/output-file.ts';
import { tilesOf } from '../../store/tiles.ts';
import { writeFileDurably } from '../../targets/folder.ts';
import { placementsOf, stackRow } from '../../stacks/stack-rows.ts';

export interface Exported {
  readonly file: string;
  readonly tiles: number;
  readonly sha256: string;
}

/** Writes the placements of a stack as Render tilespecs, whole or not at all. Never over a file of the source. */
export async function exportStack(library: LibraryStore, stackId: string, out: string): Promise<Exported> {
  const { read } = library;
  const stack = stackRow(read, stackId);
  refuseToOverwrite(library, out, '.json');
  const tiles = placedTiles(read, stack.dataset, stackId);
  const bytes = new TextEncoder().encode(formatRenderTilespecs(tiles));
  await writeFileDurably(out, [bytes]);
  return { file: out, tiles: tiles.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function placedTiles(read: ReadHandle, dataset: string, stackId: string): readonly PlacedTile[] {
  const specs = specsOf(read, dataset);
  const placed = new Map(placementsOf(read, stackId).map((p) => [p.tile, p.stackFromTile]));
  return tilesOf(read, dataset).flatMap((tile) => {
    const stackFromTile = placed.get(tile.id);
    if (!stackFromTile) return [];
    return [
      {
        tileId: tile.name,
        section: tile.section,
        sizePx: [tile.widthPx, tile.heightPx] as const,
        imageUrl: pathToFileURL(tile.path).href,
        mipmapLevel: tile.mipmapLevel,
        intensity: [0, tile.dtype === 'uint16' ? 65_535 : 255] as const,
        stageFromTile: tile.stageFromTile,
        stackFromTile,
        spec: specs.get(tile.id) ?? null,
      },
    ];
  });
}

/** The tilespecs that tiles came with, by tile. */
export function specsOf(read: ReadHandle, dataset: string): ReadonlyMap<number, TileSpec> {
  const rows = read.all<{ id: number; spec: string }>(
    'SELECT id, spec FROM tile WHERE dataset = ? AND spec IS NOT NULL',
    dataset,
  );
  return new Map(rows.map(({ id, spec }) => [id, JSON.parse(spec) as TileSpec]));
}
