import { LamellaError } from '../../../preload/contract/errors.ts';
import type { ReadHandle, Row, WriteHandle } from '../store/library-store.ts';

/**
 * How the grey levels of a tile are corrected, in levels as stored: corrected = gain(x, y) * level + offset(x, y). Two
 * grids of `columns` x `rows` nodes, x fastest, bilinear between; nodes lie evenly over the tile, edges included, so
 * that node i of n stands at x = width * i / (n - 1); one column is constant along x, one row along y.
 */
export interface Correction {
  readonly columns: number;
  readonly rows: number;
  readonly gain: Float32Array;
  /** Grey levels. */
  readonly offset: Float32Array;
}

export interface TileCorrection extends Correction {
  readonly tile: number;
  /** '' = the tile's own picture. */
  readonly channel: string;
}

/** Nodes of a grid along one axis; more would be pixels, not a correction. */
export const maxCorrectionNodes = 256;

/**
 * Writes the corrections of a stack version that is being made in this transaction. 'invalid-input' for a grid whose
 * arrays are not `columns` x `rows`, or with a value that is not finite.
 */
export function storeCorrections(tx: WriteHandle, stack: string, corrections: Iterable<TileCorrection>): void {
  tx.insertMany('intensity', rowsOf(stack, corrections));
}

/** Corrects the tiles of a stack version that is being made as its parent does; those that it corrects already stay. */
export function inheritCorrections(tx: WriteHandle, stack: string, parent: string): void {
  const columns = 'tile, channel, columns, rows, gain, level_offset';
  tx.run(
    `INSERT OR IGNORE INTO intensity (stack, ${columns}) SELECT ?, ${columns} FROM intensity WHERE stack = ?`,
    stack,
    parent,
  );
}

function* rowsOf(stack: string, corrections: Iterable<TileCorrection>): Generator<Row> {
  for (const correction of corrections) {
    const { tile, channel, columns, rows, gain, offset } = correction;
    const problem = problemOf(correction);
    if (problem !== null) {
      throw new LamellaError('invalid-input', `The intensity correction of tile ${tile} ${problem}.`, {
        hint: 'Estimate it again; a correction has a finite gain and offset for each node of its grid.',
        fields: { tile, channel, columns, rows },
      });
    }
    yield { stack, tile, channel, columns, rows, gain: bytesOf(gain), level_offset: bytesOf(offset) };
  }
}

function problemOf({ columns, rows, gain, offset }: Correction): string | null {
  const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1 && n <= maxCorrectionNodes;
  if (!isCount(columns) || !isCount(rows)) return `has a grid of ${columns} x ${rows} nodes`;
  const nodes = columns * rows;
  if (gain.length !== nodes || offset.length !== nodes)
    return `has ${gain.length} gains and ${offset.length} offsets for ${nodes} nodes`;
  return gain.every(Number.isFinite) && offset.every(Number.isFinite) ? null : 'has values that are not finite';
}

interface CorrectionRow {
  readonly tile: number;
  readonly columns: number;
  readonly rows: number;
  readonly gain: Uint8Array;
  readonly level_offset: Uint8Array;
}

/**
 * The corrections of one channel of a stack version, by tile; tiles without one are left as they are. `tiles`: of these
 * alone.
 */
export function correctionsOf(
  read: ReadHandle,
  stack: string,
  channel = '',
  tiles?: readonly number[],
): ReadonlyMap<number, Correction> {
  const among = tiles === undefined ? '' : 'AND tile IN (SELECT value FROM json_each(?))';
  const rows = read.all<CorrectionRow>(
    `SELECT tile, columns, rows, gain, level_offset FROM intensity WHERE stack = ? AND channel = ? ${among} ORDER BY tile`,
    stack,
    channel,
    ...(tiles === undefined ? [] : [JSON.stringify(tiles)]),
  );
  return new Map(rows.map((row) => [row.tile, correctionOf(stack, row)]));
}

function correctionOf(stack: string, { tile, columns, rows, gain, level_offset }: CorrectionRow): Correction {
  const correction = { columns, rows, gain: floatsOf(gain), offset: floatsOf(level_offset) };
  const problem = problemOf(correction);
  if (problem === null) return correction;
  throw new LamellaError('library-damaged', `The intensity correction of tile ${tile} ${problem}.`, {
    hint: 'Restore the library from a copy, or estimate the intensity of the stack again.',
    fields: { stack, tile },
  });
}

const bytesOf = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();

/** Copied, since the bytes of a row may begin anywhere; a blob that was cut is told by its length. */
const floatsOf = (bytes: Uint8Array): Float32Array =>
  new Float32Array(new Uint8Array(bytes).buffer, 0, bytes.byteLength >> 2);
