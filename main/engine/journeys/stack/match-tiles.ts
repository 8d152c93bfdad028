import { fileNameOf } from '../../intake/source-files.ts';
import type { RenderTile } from '../../formats/render-tilespec.ts';
import type { StackFile } from '../../intake/stack-file.ts';
import type { ImportedTile } from '../../stacks/imported-stack.ts';
import type { StoredTile } from '../../store/tiles.ts';
import type { Warning } from '../../../../preload/contract/reference.ts';

export interface MatchedTiles {
  readonly placed: readonly ImportedTile[];
  /** Tiles of the dataset that the file does not name. */
  readonly unplaced: number;
  /** Tiles of the file that the dataset does not have. */
  readonly unknown: number;
  readonly warnings: readonly Warning[];
}

const mostNamed = 20;

/** The tiles of a file and those of a dataset, matched by name and then by the names of their files. */
export function matchTiles({ tiles, format }: StackFile, stored: readonly StoredTile[]): MatchedTiles {
  const byName = new Map(stored.map((tile) => [tile.name, tile]));
  const byFile = uniqueByFile(stored);
  const [placed, unknown]: [Map<number, ImportedTile>, string[]] = [new Map(), []];
  const warnings: Warning[] = [];
  for (const tile of tiles) {
    const found = byName.get(tile.tileId) ?? byFile.get(fileOf(tile));
    if (!found) unknown.push(tile.tileId);
    else if (placed.has(found.id)) warnings.push(twice(tile, found));
    else {
      placed.set(found.id, { tile: found.id, stackFromTile: tile.stageFromTile, transforms: tile.transforms });
      warnings.push(...contradictions(tile, found, format));
    }
  }
  const unplaced = stored.filter(({ id }) => !placed.has(id)).map(({ name }) => name);
  const notes = [
    ...named(unknown, 'in the file and not in the dataset'),
    ...named(unplaced, 'in the dataset and not in the file'),
  ];
  return {
    placed: [...placed.values()],
    unplaced: unplaced.length,
    unknown: unknown.length,
    warnings: [...notes, ...warnings],
  };
}

/** Tiles by the names of their files, without those whose file's name another has. */
function uniqueByFile(stored: readonly StoredTile[]): ReadonlyMap<string, StoredTile> {
  const found = new Map<string, StoredTile | null>();
  for (const tile of stored) found.set(tile.fileName, found.has(tile.fileName) ? null : tile);
  return new Map([...found].flatMap(([name, tile]) => (tile ? [[name, tile] as const] : [])));
}

function fileOf({ own, tileId }: RenderTile): string {
  const [reference = tileId] = own.images.values();
  return fileNameOf(reference);
}

const twice = ({ tileId }: RenderTile, { name }: StoredTile): Warning => ({
  subject: tileId,
  message: `"${tileId}" is tile "${name}", which the file names already; the first is used.`,
});

function contradictions(
  { tileId, sizePx, section }: RenderTile,
  stored: StoredTile,
  format: string,
): readonly Warning[] {
  const found: string[] = [];
  if (sizePx && (sizePx[0] !== stored.widthPx || sizePx[1] !== stored.heightPx))
    found.push(`is ${sizePx.join(' x ')} px in the file and ${stored.widthPx} x ${stored.heightPx} px in the dataset`);
  // A TileConfiguration of one section says nothing of sections.
  if (section !== stored.section && format !== 'tiles')
    found.push(`is in section ${section} in the file and stays in section ${stored.section}`);
  return found.map((what) => ({ subject: tileId, message: `Tile "${tileId}" ${what}.` }));
}

/** One warning that names the first of many. */
function named(names: readonly string[], where: string): readonly Warning[] {
  const [first] = names;
  if (first === undefined) return [];
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return [
    { subject: first, message: `${names.length} tiles are ${where}: ${names.slice(0, mostNamed).join(', ')}${more}.` },
  ];
}
