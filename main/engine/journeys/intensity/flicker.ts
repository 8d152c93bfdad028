import type { JobRun } from '../../jobs/job.ts';
import { type Balanced, type BalanceHeader, balanceUnit, correctionOf } from './balance.ts';
import { type Corrections, gainAndOffset } from './corrections.ts';
import type { LitTile } from './lit-tiles.ts';
import type { TileLight } from './read-light.ts';

/** Cells over the whole stack, along its longer side: large, so that what moved a little between sections cancels. */
const cellsAcross = 8;
/** Sections are compared with those so many further on: near ones show nearly the same, far ones keep drift away. */
const distances = [1, 2, 4, 8, 16];

/** Mean level and SD of a section in each cell of the stack; 0 counted = nothing there. */
interface SectionLight {
  readonly mean: Float64Array;
  readonly sd: Float64Array;
  readonly counted: Float64Array;
}

/** Makes sections alike where they show the same places, one gain and offset each; the stack keeps its level. */
export async function removeFlicker(
  job: JobRun,
  sections: ReadonlyMap<number, readonly LitTile[]>,
  light: ReadonlyMap<number, TileLight>,
  corrections: Corrections,
): Promise<void> {
  const frame = frameOf([...sections.values()].flat());
  const lit = [...sections.values()].map((tiles) => sectionLight(tiles, light, corrections, frame));
  const places = distances.flatMap((distance) =>
    lit.flatMap((first, i) => {
      const second = lit[i + distance];
      return second ? sharedCells(i, i + distance, first, second) : [];
    }),
  );
  const header: BalanceHeader = { bodies: sections.size, columns: 1, rows: 1, model: 'gain-offset' };
  const [balanced] = await job.stage<Balanced>({
    name: 'Balancing sections',
    unit: 'stacks',
    units: [balanceUnit(job, `${sections.size} sections`, header, places)],
  });
  if (!balanced) return;
  [...sections.values()].forEach((tiles, body) => {
    const correction = correctionOf(header, balanced, body);
    for (const { id } of tiles) corrections.follow(id, correction);
  });
}

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly cellPx: number;
  readonly columns: number;
  readonly rows: number;
}

function frameOf(tiles: readonly LitTile[]): Frame {
  const least = (side: 'minX' | 'minY'): number => tiles.reduce((l, { bounds }) => Math.min(l, bounds[side]), Infinity);
  const most = (side: 'maxX' | 'maxY'): number => tiles.reduce((m, { bounds }) => Math.max(m, bounds[side]), -Infinity);
  const [left, top] = [least('minX'), least('minY')];
  const [width, height] = [most('maxX') - left, most('maxY') - top];
  const cellPx = Math.max(width, height, 1) / cellsAcross;
  return {
    left,
    top,
    cellPx,
    columns: Math.max(1, Math.ceil(width / cellPx)),
    rows: Math.max(1, Math.ceil(height / cellPx)),
  };
}

function sectionLight(
  tiles: readonly LitTile[],
  light: ReadonlyMap<number, TileLight>,
  corrections: Corrections,
  frame: Frame,
): SectionLight {
  const cells = frame.columns * frame.rows;
  const sums = { mean: new Float64Array(cells), sd: new Float64Array(cells), counted: new Float64Array(cells) };
  for (const tile of tiles) {
    const own = light.get(tile.id);
    if (own) addTile(tile, own, corrections, frame, sums);
  }
  sums.counted.forEach((count, cell) => {
    if (count === 0) return;
    sums.mean[cell]! /= count;
    sums.sd[cell]! /= count;
  });
  return sums;
}

function addTile(
  { id, map, image: { sizePx } }: LitTile,
  { columns, rows, means, sds }: TileLight,
  corrections: Corrections,
  frame: Frame,
  sums: SectionLight,
): void {
  const correction = corrections.of(id);
  const at = (cell: number) => [((cell % columns) + 0.5) / columns, (Math.floor(cell / columns) + 0.5) / rows] as const;
  const places = Float64Array.from(
    { length: 2 * means.length },
    (_, k) => at(k >> 1)[k % 2 === 0 ? 0 : 1] * sizePx[k % 2 === 0 ? 0 : 1],
  );
  map.forward(places, places);
  means.forEach((mean, cell) => {
    if (Number.isNaN(mean)) return;
    const [x, y] = [
      (places[2 * cell]! - frame.left) / frame.cellPx,
      (places[2 * cell + 1]! - frame.top) / frame.cellPx,
    ];
    const onto =
      Math.min(frame.rows - 1, Math.max(0, Math.floor(y))) * frame.columns +
      Math.min(frame.columns - 1, Math.max(0, Math.floor(x)));
    const [gain, offset] = gainAndOffset(correction, ...at(cell));
    sums.mean[onto]! += gain * mean + offset;
    sums.sd[onto]! += gain * (sds[cell] ?? 0);
    sums.counted[onto]! += 1;
  });
}

function sharedCells(a: number, b: number, first: SectionLight, second: SectionLight): number[] {
  const rows: number[] = [];
  first.counted.forEach((count, cell) => {
    if (count === 0 || second.counted[cell] === 0) return;
    const middle = [0.5, 0.5, 0.5, 0.5];
    rows.push(a, b, ...middle, first.mean[cell]!, second.mean[cell]!, first.sd[cell]!, second.sd[cell]!, 1 / (b - a));
  });
  return rows;
}
