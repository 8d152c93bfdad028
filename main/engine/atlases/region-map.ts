import type { Vec3 } from '../../../preload/contract/space.ts';
import { chunkExtent, levelAt, voxelsIn } from '../formats/pyramid.ts';
import { inOrder } from '../volumes/in-order.ts';
import { chunksOver } from '../volumes/read-box.ts';
import { pasteValues, type ValueChunks } from './value-chunks.ts';

/** A row along x of more voxels has no room in 16 bits; a slab of more is not held. */
const [mostAlongX, mostSlabVoxels] = [65_535, 2 ** 26];
const inFlight = 4;

/**
 * A level as the bytes of `preload/contract/atlas-map.ts`; null where they would be more than `mostBytes`. Slab of chunks
 * by slab of chunks, so that the engine answers others meanwhile.
 */
export async function regionMap(
  chunks: ValueChunks,
  level: number,
  mostBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const planned = levelAt(chunks.plan, level);
  const [sizeX, sizeY, sizeZ] = planned.sizeXyz;
  /** All of a level along x and y, and one chunk along z. */
  const slab: Vec3 = [sizeX, sizeY, Math.min(planned.chunkXyz[2], sizeZ)];
  const startBytes = (sizeY * sizeZ + 1) * 4;
  const room = Math.floor((mostBytes - startBytes) / 4);
  if (sizeX > mostAlongX || voxelsIn(slab) > mostSlabVoxels || room < sizeY * sizeZ) return null;
  const rowStarts = new Uint32Array(sizeY * sizeZ + 1);
  const runs = new Runs(room);
  const values = new Uint16Array(voxelsIn(slab));
  const bytes = new Uint8Array(values.buffer);
  for (let from = 0, row = 0; from < sizeZ; from += slab[2]) {
    values.fill(0);
    const depth = Math.min(slab[2], sizeZ - from);
    const read = async (xyz: Vec3): Promise<void> => {
      const found = await chunks.chunk(level, xyz, signal);
      if (found.length === 0) return;
      const { min, size } = chunkExtent(planned, xyz);
      pasteValues(found, size, { bytes, size: slab, at: [min[0], min[1], 0] });
    };
    const over = chunksOver(planned, { min: [0, 0, from], size: [sizeX, sizeY, depth] });
    for await (const _ of inOrder([...over], inFlight, signal, read));
    signal.throwIfAborted();
    for (let i = 0; i < sizeY * depth; i++) {
      rowStarts[row++] = runs.count;
      if (!runs.addRow(values, i * sizeX, sizeX)) return null;
    }
  }
  rowStarts[sizeY * sizeZ] = runs.count;
  return Buffer.concat([new Uint8Array(rowStarts.buffer), runs.bytes()]);
}

/** Value and end, value and end; up to `most` of them. */
class Runs {
  count = 0;
  readonly #most: number;
  #pairs = new Uint16Array(2 ** 14);

  constructor(most: number) {
    this.#most = most;
  }

  /** False where there is no more room. */
  addRow(values: Uint16Array, start: number, length: number): boolean {
    for (let x = 1; x <= length; x++) {
      const value = values[start + x - 1] ?? 0;
      if (x < length && values[start + x] === value) continue;
      if (this.count === this.#most) return false;
      if (2 * this.count === this.#pairs.length) this.#grow();
      this.#pairs[2 * this.count] = value;
      this.#pairs[2 * this.count + 1] = x;
      this.count += 1;
    }
    return true;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#pairs.buffer, 0, 4 * this.count);
  }

  #grow(): void {
    const larger = new Uint16Array(2 * this.#pairs.length);
    larger.set(this.#pairs);
    this.#pairs = larger;
  }
}
