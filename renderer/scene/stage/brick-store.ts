import type { Brick } from '../../../preload/contract/brick.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { map3 } from '../../state/volume-geometry.ts';
import type { IndexedBrick } from './labels/indexed-brick.ts';
import { labelAt, parseIndexedBrick } from './labels/indexed-brick.ts';
import type { Source, VoxelKind } from './sources.ts';
import { brickKey } from './sources.ts';

/** What a brick costs beside its voxels. */
const overheadBytes = 64;

/** Voxels of a brick; null stands for a brick that is empty all through. */
export interface HeldBrick {
  readonly size: readonly [number, number, number];
  readonly voxels: Uint8Array | Uint16Array | IndexedBrick | null;
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

  get capBytes(): number {
    return this.#capBytes;
  }

  has(key: string): boolean {
    return this.#bricks.has(key);
  }

  /** Whether a brick is known to be empty all through. */
  isEmpty(key: string): boolean {
    return this.#bricks.get(key)?.voxels === null;
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
   * of those: it never grows over its cap. Throws RangeError where a brick of labels does not hold what it says.
   */
  add(key: string, brick: Brick, kind: VoxelKind, keep: (key: string) => boolean): boolean {
    const bytes = brick.voxels.byteLength + overheadBytes;
    this.#drop(key);
    if (!this.#makeRoom(bytes, keep)) return false;
    const voxels = brick.voxels.byteLength === 0 ? null : typed(brick, kind);
    this.#bricks.set(key, { size: brick.size, voxels, bytes });
    this.#bytes += bytes;
    return true;
  }

  /** Sets another cap; what is over it goes, wanted or not. */
  setCap(capBytes: number): void {
    this.#capBytes = capBytes;
    this.#makeRoom(0, () => false);
  }

  /** Lets bricks go. */
  forget(which: (key: string) => boolean): void {
    for (const key of this.#bricks.keys()) if (which(key)) this.#drop(key);
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
}

function typed({ voxels, size }: Brick, kind: VoxelKind): Uint8Array | Uint16Array | IndexedBrick {
  const copy = voxels.slice();
  if (kind === 'labels') return parseIndexedBrick(copy, size[0] * size[1] * size[2]);
  return kind === 'uint8' ? copy : new Uint16Array(copy.buffer, 0, copy.byteLength >> 1);
}

/** A stored grey value, or the decimal id of a label. */
export type StoredValue = number | string;

/** What a brick holds at a voxel; null outside of it. */
export function voxelOf({ size, voxels }: HeldBrick, kind: VoxelKind, [x, y, z]: Vec3): StoredValue | null {
  const [w, h, d] = size;
  if (x < 0 || y < 0 || z < 0 || x >= w || y >= h || z >= d) return null;
  if (!voxels) return kind === 'labels' ? '0' : 0;
  return 'indices' in voxels ? labelAt(voxels, size, [x, y, z]) : (voxels[x + w * (y + h * z)] ?? null);
}

/** The value of a voxel of a level, or null where its brick is not here. */
export function valueAt(
  store: BrickStore,
  source: Source,
  kind: VoxelKind,
  level: number,
  voxel: Vec3,
): StoredValue | null {
  const brick = source.volume.levels[level]?.brick;
  if (!brick) return null;
  const at = map3((a) => Math.floor(voxel[a] / brick[a]));
  const held = store.get(brickKey(source.key, [level, ...at]));
  if (!held) return null;
  return voxelOf(
    held,
    kind,
    map3((a) => voxel[a] - at[a] * brick[a]),
  );
}
