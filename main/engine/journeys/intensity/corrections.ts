import { correctedBy } from '../../stacks/corrected.ts';
import type { Correction } from '../../stacks/intensity-rows.ts';

/** Levels as stored. */
export const asStored: Correction = { columns: 1, rows: 1, gain: Float32Array.of(1), offset: Float32Array.of(0) };

/** Corrections of tiles by their ids; those of `before`, or else levels as stored, where there is none. */
export class Corrections {
  readonly #byTile = new Map<number, Correction>();
  readonly #before: Corrections | null;

  constructor(before: Corrections | null = null) {
    this.#before = before;
  }

  of(tile: number): Correction {
    return this.#byTile.get(tile) ?? this.#before?.of(tile) ?? asStored;
  }

  set(tile: number, correction: Correction): void {
    this.#byTile.set(tile, correction);
  }

  /** Corrects what is corrected already. */
  follow(tile: number, next: Correction): void {
    this.#byTile.set(tile, composed(next, this.of(tile)));
  }
}

/** Gain and offset at a place of the tile, 0 to 1 along each side. */
export function gainAndOffset(correction: Correction, u: number, v: number): readonly [number, number] {
  const offset = correctedBy(correction, 0, u, v);
  return [correctedBy(correction, 1, u, v) - offset, offset];
}

/** `inner` first. Exact at the nodes of the finer grid. */
export function composed(outer: Correction, inner: Correction): Correction {
  const columns = Math.max(outer.columns, inner.columns);
  const rows = Math.max(outer.rows, inner.rows);
  const [gain, offset] = [new Float32Array(columns * rows), new Float32Array(columns * rows)];
  for (let node = 0; node < gain.length; node++) {
    const u = columns > 1 ? (node % columns) / (columns - 1) : 0.5;
    const v = rows > 1 ? Math.floor(node / columns) / (rows - 1) : 0.5;
    const [g, o] = gainAndOffset(outer, u, v);
    const [h, p] = gainAndOffset(inner, u, v);
    gain[node] = g * h;
    offset[node] = g * p + o;
  }
  return { columns, rows, gain, offset };
}
