import { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { atOnce, type Steps } from '../formats/steps.ts';
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

/** The links that have points: those that are too weak have none. Links between sections count 1 / (dz + 1). */
export const storedLinksOf = (read: ReadHandle, stack: string, only?: 'all' | 'kept'): StoredLinks =>
  atOnce(storedLinkSteps(read, stack, only));

interface LinkRow {
  readonly a: number;
  readonly b: number;
  readonly section: number;
  readonly section_b: number | null;
  readonly points: string;
}

const rowsAtOnce = 256;

/** The same, in steps. By the ids of their tiles. */
export function* storedLinkSteps(read: ReadHandle, stack: string, only: 'all' | 'kept' = 'all'): Steps<StoredLinks> {
  const where = `stack = ? AND points <> '[]'${only === 'kept' ? ` AND state = 'kept'` : ''}`;
  const size = read.get<{ links: number; points: number | null }>(
    `SELECT COUNT(*) AS links, SUM(json_array_length(points)) AS points FROM link WHERE ${where}`,
    stack,
  );
  const { links, points } = { links: size?.links ?? 0, points: size?.points ?? 0 };
  const found = {
    count: links,
    tileA: new Int32Array(links),
    tileB: new Int32Array(links),
    sectionA: new Float64Array(links),
    sectionB: new Float64Array(links),
    start: new Uint32Array(links + 1),
    points: new Float64Array(points * numbersOfPoint),
  };
  let [at, link] = [0, 0];
  for (let [a, b] = [-1, -1]; ; yield) {
    const rows = read.all<LinkRow>(
      `SELECT tile_a AS a, tile_b AS b, section, section_b, points FROM link
       WHERE ${where} AND (tile_a, tile_b) > (?, ?) ORDER BY tile_a, tile_b LIMIT ?`,
      ...[stack, a, b, rowsAtOnce],
    );
    for (const row of rows) {
      const sectionB = row.section_b ?? row.section;
      [a, b] = [row.a, row.b];
      found.tileA[link] = a;
      found.tileB[link] = b;
      found.sectionA[link] = row.section;
      found.sectionB[link] = sectionB;
      at = addPoints(found.points, at, row.points, 1 / (Math.abs(sectionB - row.section) + 1), stack);
      link += 1;
      found.start[link] = at;
    }
    if (rows.length < rowsAtOnce) return found;
  }
}

/** Puts the points of a link into the table from the row `at` on; gives the row after them. */
function addPoints(table: Float64Array, at: number, json: string, share: number, stack: string): number {
  const points = z.array(pointSchema).safeParse(JSON.parse(json));
  if (!points.success) {
    throw new LamellaError('bad-source', `Points of a link of stack ${stack} cannot be read: ${json.slice(0, 80)}.`, {
      hint: 'Stitch the dataset again.',
      fields: { stack },
    });
  }
  points.data.forEach(({ a, b, ncc, sigmaPx, weight }, i) => {
    const trust = weight ?? weightOfPoint(ncc ?? 1, sigmaPx ?? 0.25, points.data.length);
    table.set([...a, ...b, share * trust], (at + i) * numbersOfPoint);
  });
  return at + points.data.length;
}
