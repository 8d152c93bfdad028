import type { Warning } from '../../../../preload/contract/reference.ts';
import { applyAffine } from '../../../../preload/contract/space.ts';
import { groupBy } from '../../stacks/group-by.ts';
import type { StoredTile } from '../../store/tiles.ts';
import { linesOf } from '../../transforms/tile/grid-order.ts';

/** Tiles nearer than this part of a tile lie at one place. */
const samePlacePart = 0.25;
/** A section with more holes than this part of its cells is no rectangle, so nothing is missing. */
const mostHolesPart = 0.2;
const mostNamed = 8;

/** Missing tiles (holes of a rectangular grid), two tiles at one place, and one picture at two places. */
export function gridFaults(tiles: readonly StoredTile[]): Warning[] {
  const sections = [...groupBy(tiles, (tile) => tile.section)].toSorted(([a], [b]) => a - b);
  return sections.flatMap(([section, members]) => [
    ...missingOf(section, members),
    ...doublesOf(section, members),
    ...repeatsOf(section, members),
  ]);
}

interface Cell {
  readonly tile: StoredTile;
  readonly x: number;
  readonly y: number;
  readonly row: number;
  readonly col: number;
}

function cellsOf(tiles: readonly StoredTile[]): readonly Cell[] {
  const middles = tiles.map((tile) => applyAffine(tile.stageFromTile, tile.widthPx / 2, tile.heightPx / 2));
  const rows = linesOf(tiles.map((tile, i) => ({ at: middles[i]?.[1] ?? 0, side: tile.heightPx })));
  const cols = linesOf(tiles.map((tile, i) => ({ at: middles[i]?.[0] ?? 0, side: tile.widthPx })));
  return tiles.map((tile, i) => ({
    tile,
    x: middles[i]?.[0] ?? 0,
    y: middles[i]?.[1] ?? 0,
    row: rows[i] ?? 0,
    col: cols[i] ?? 0,
  }));
}

function missingOf(section: number, tiles: readonly StoredTile[]): readonly Warning[] {
  const cells = cellsOf(tiles);
  const [rows, cols] = [1 + Math.max(...cells.map((c) => c.row)), 1 + Math.max(...cells.map((c) => c.col))];
  const taken = new Set(cells.map(({ row, col }) => row * cols + col));
  const holes = Array.from({ length: rows * cols }, (_, at) => at).filter((at) => !taken.has(at));
  if (holes.length === 0 || rows < 2 || cols < 2 || holes.length > mostHolesPart * rows * cols) return [];
  const names = holes.slice(0, mostNamed).map((at) => `row ${Math.floor(at / cols) + 1}, column ${(at % cols) + 1}`);
  const more = holes.length > mostNamed ? ` and ${holes.length - mostNamed} more` : '';
  const what = holes.length === 1 ? 'one tile is' : `${holes.length} tiles are`;
  return [
    {
      subject: `section ${section}`,
      message: `Section ${section}: ${what} missing from its ${rows} x ${cols} grid (${names.join('; ')}${more}).`,
      hint: 'Put the files into the source folder and import again, or stitch with the gap.',
    },
  ];
}

function doublesOf(section: number, tiles: readonly StoredTile[]): readonly Warning[] {
  const atOneCell = groupBy(cellsOf(tiles), ({ row, col }) => `${row}/${col}`);
  return [...atOneCell.values()].flatMap((cells) =>
    cells.flatMap((one, i) =>
      cells
        .slice(i + 1)
        .filter(
          (two) =>
            Math.abs(one.x - two.x) < samePlacePart * one.tile.widthPx &&
            Math.abs(one.y - two.y) < samePlacePart * one.tile.heightPx,
        )
        .map((two) => ({
          subject: one.tile.name,
          message: `Section ${section}: ${one.tile.name} and ${two.tile.name} lie at the same place.`,
          hint: 'Reject the one that was imaged again, or correct the layout.',
        })),
    ),
  );
}

function repeatsOf(section: number, tiles: readonly StoredTile[]): readonly Warning[] {
  const pictures = groupBy(
    tiles.filter((tile) => tile.pixelSha256 !== '' && (tile.metrics?.blankness ?? 0) < 1),
    (tile) => tile.pixelSha256,
  );
  return [...pictures.values()]
    .filter((same) => same.length > 1)
    .map((same) => ({
      subject: same[0]?.name ?? '',
      message: `Section ${section}: ${same.map((tile) => tile.name).join(' and ')} show the same picture.`,
      hint: 'One of them was copied in place of another: find the picture that is lost, or reject the copy.',
    }));
}
