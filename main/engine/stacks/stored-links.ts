import { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Steps } from '../formats/steps.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { weightOfPoint } from './solve-problems.ts';

/** Links of a stack version with their points, in arrays: a million points are 40 MB. */
export interface StoredLinks {
  readonly count: number;
  /** Ids of tiles. */
  readonly tileA: Int32Array;
  readonly tileB: Int32Array;
  readonly sectionA: Float64Array;
  readonly sectionB: Float64Array;
  /** Where the points of each link start, and the end of the last. */
  readonly start: Uint32Array;
  /** f64[points][5]: ax, ay, bx, by (tile pixels), weight. */
  readonly points: Float64Array;
}

export const numbersOfPoint = 5;

const pair = z.tuple([z.number(), z.number()]);
/** As matching leaves a point, and as matches of other programs are kept: these have a weight of their own. */
const pointSchema = z.object({
  a: pair,
  b: pair,
  ncc: z.number().optional(),
  sigmaPx: z.number().optional(),
  weight: z.number().min(0).optional(),
});

interface LinkRow {
  readonly a: number;
  readonly b: number;
  readonly section: number;
  readonly section_b: number | null;
  readonly points: string;
}

const rowsAtOnce = 256;

/**
 * The links that have points, by the ids of their tiles: those that are too weak have none. Links between sections count
 * 1 / (dz + 1).
 */
export function* storedLinkSteps(read: ReadHandle, stack: string, only: 'all' | 'kept' = 'all'): Steps<StoredLinks> {
  const where = `stack = ? AND points <> '[]'${only === 'kept' ? ` AND state = 'kept'` : ''}`;
  const links: Omit<LinkRow, 'points'>[] = [];
  const start = [0];
  const pages: Float64Array[] = [];
  for (let [a, b] = [-1, -1]; ; yield) {
    const rows = read.all<LinkRow>(
      `SELECT tile_a AS a, tile_b AS b, section, section_b, points FROM link
       WHERE ${where} AND (tile_a, tile_b) > (?, ?) ORDER BY tile_a, tile_b LIMIT ?`,
      ...[stack, a, b, rowsAtOnce],
    );
    const numbers: number[] = [];
    const before = start.at(-1) ?? 0;
    for (const { points, ...row } of rows) {
      [a, b] = [row.a, row.b];
      links.push(row);
      addPoints(numbers, points, 1 / (Math.abs((row.section_b ?? row.section) - row.section) + 1), stack);
      start.push(before + numbers.length / numbersOfPoint);
    }
    pages.push(Float64Array.from(numbers));
    if (rows.length < rowsAtOnce) break;
  }
  return {
    count: links.length,
    tileA: Int32Array.from(links, ({ a }) => a),
    tileB: Int32Array.from(links, ({ b }) => b),
    sectionA: Float64Array.from(links, ({ section }) => section),
    sectionB: Float64Array.from(links, ({ section, section_b }) => section_b ?? section),
    start: Uint32Array.from(start),
    points: yield* joined(pages),
  };
}

function* joined(pages: readonly Float64Array[]): Steps<Float64Array> {
  const all = new Float64Array(pages.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const page of pages) {
    all.set(page, at);
    at += page.length;
    yield;
  }
  return all;
}

/** Adds the points of a link to the numbers of the table. */
function addPoints(numbers: number[], json: string, share: number, stack: string): void {
  const points = z.array(pointSchema).safeParse(JSON.parse(json));
  if (!points.success) {
    throw new LamellaError('bad-source', `Points of a link of stack ${stack} cannot be read: ${json.slice(0, 80)}.`, {
      hint: 'Stitch the dataset again.',
      fields: { stack },
    });
  }
  for (const { a, b, ncc, sigmaPx, weight } of points.data) {
    const trust = weight ?? weightOfPoint(ncc ?? 1, sigmaPx ?? 0.25, points.data.length);
    numbers.push(...a, ...b, share * trust);
  }
}
