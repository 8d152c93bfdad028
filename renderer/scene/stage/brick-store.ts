import type { Brick } from '../../../preload/contract/brick.ts';
import type { Dtype, Vec3 } from '../../../preload/contract/space.ts';
import { brickKey } from './brick-plan.ts';

/** What a brick costs beside its voxels. */
const overheadBytes = 64;

/** Voxels of a brick; null stands for a brick that is empty all through. */
export interface HeldBrick {
  readonly size: readonly [number, number, number];
  readonly voxels: Uint8Array | Uint16Array | null;
  readonly bytes: number;
}

/** Bricks in memory, capped, least recently used out first: textures are filled from here, and values read. */
export class BrickStore {
  readonly #bricks = new Map<string, HeldBrick>();
  #capBytes: number;
  #bytes = 0;

  constructor(capBytes: number) {
    this.#capBytes = capBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(key: string): boolean {
    return this.#bricks.has(key);
  }

  /** Reads a brick and counts it as used. */
  get(key: string): HeldBrick | undefined {
    const brick = this.#bricks.get(key);
    if (brick) {
      this.#bricks.delete(key);
      this.#bricks.set(key, brick);
    }
    return brick;
  }

  /**
   * Copies a brick out of its batch. `keep` says which bricks must not be put out for it. False where the store is full
   * of those: it never grows over its cap.
   */
  add(key: string, brick: Brick, dtype: Dtype, keep: (key: string) => boolean): boolean {
    const bytes = brick.voxels.byteLength + overheadBytes;
    this.#drop(key);
    if (!this.#makeRoom(bytes, keep)) return false;
    const voxels = brick.voxels.byteLength === 0 ? null : typed(brick.voxels, dtype);
    this.#bricks.set(key, { size: brick.size, voxels, bytes });
    this.#bytes += bytes;
    return true;
  }

  /** Sets another cap; what is over it goes, wanted or not. */
  setCap(capBytes: number): void {
    this.#capBytes = capBytes;
    this.#makeRoom(0, () => false);
  }

  #makeRoom(bytes: number, keep: (key: string) => boolean): boolean {
    for (const old of this.#bricks.keys()) {
      if (this.#bytes + bytes <= this.#capBytes) break;
      if (!keep(old)) this.#drop(old);
    }
    return this.#bytes + bytes <= this.#capBytes;
  }

  #drop(key: string): void {
    this.#bytes -= this.#bricks.get(key)?.bytes ?? 0;
    this.#bricks.delete(key);
  }

  clear(): void {
    this.#bricks.clear();
    this.#bytes = 0;
  }
}

function typed(bytes: Uint8Array, dtype: Dtype): Uint8Array | Uint16Array {
  const copy = bytes.slice();
  return dtype === 'uint8' ? copy : new Uint16Array(copy.buffer, 0, copy.byteLength >> 1);
}

/** The value of a voxel of a level, or null where its brick is not here. `brick` is the level's brick size. */
export function valueAt(store: BrickStore, level: number, brick: Vec3, voxel: Vec3, part = ''): number | null {
  const at = [0, 1, 2].map((a) => Math.floor((voxel[a] ?? 0) / (brick[a] ?? 1))) as [number, number, number];
  const held = store.get(brickKey(level, ...at, part));
  if (!held) return null;
  if (!held.voxels) return 0;
  const [x, y, z] = [0, 1, 2].map((a) => (voxel[a] ?? 0) - (at[a] ?? 0) * (brick[a] ?? 1)) as [number, number, number];
  const [w, h, d] = held.size;
  if (x < 0 || y < 0 || z < 0 || x >= w || y >= h || z >= d) return null;
  return held.voxels[x + w * (y + h * z)] ?? null;
}
