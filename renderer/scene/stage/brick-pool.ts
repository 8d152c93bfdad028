import type { Data3DTexture, WebGLRenderer } from 'three';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { map3 } from '../../state/volume-geometry.ts';
import { emptyTexture, uploadBox } from './gpu-texture.ts';
import type { VoxelKind } from './sources.ts';
import { bytesOfKind } from './sources.ts';

/** Voxels along x, y, z at which a brick starts in its texture. */
export type Slot = Vec3;

export type Voxels = Uint8Array | Uint16Array | Uint32Array;

/**
 * Bricks of one shape in one 3-D texture, of any volume. The least recently drawn brick gives its slot to a new one. The
 * texture takes memory with the first brick.
 */
export class BrickPool {
  readonly texture: Data3DTexture;
  readonly kind: VoxelKind;
  readonly slotSize: Vec3;
  /** Slots there are. */
  readonly slots: number;
  readonly bytesPerSlot: number;
  readonly #free: Slot[];
  readonly #slots = new Map<string, Slot>();
  readonly #gone: (key: string) => void;

  /** `gone` is told of each brick that leaves. */
  constructor(kind: VoxelKind, slotSize: Vec3, slots: number, maxEdge: number, gone: (key: string) => void) {
    this.kind = kind;
    this.slotSize = slotSize;
    this.bytesPerSlot = slotSize[0] * slotSize[1] * slotSize[2] * bytesOfKind[kind];
    this.#gone = gone;
    const grid = slotGrid(slotSize, slots, Math.min(maxEdge, 2048));
    this.texture = emptyTexture(
      kind,
      map3((a) => grid[a] * slotSize[a]),
    );
    this.#free = slotsOf(grid, slotSize).slice(0, slots).toReversed();
    this.slots = this.#free.length;
  }

  get residentBytes(): number {
    return this.#slots.size * this.bytesPerSlot;
  }

  /** The slot of a brick, counted as used; undefined where it is not in the texture. */
  use(key: string): Slot | undefined {
    const slot = this.#slots.get(key);
    if (slot) {
      this.#slots.delete(key);
      this.#slots.set(key, slot);
    }
    return slot;
  }

  has(key: string): boolean {
    return this.#slots.has(key);
  }

  /** Uploads a brick; undefined where every slot holds a brick that `keep` wants to stay. */
  put(
    renderer: WebGLRenderer,
    key: string,
    size: Vec3,
    voxels: Voxels,
    keep: (key: string) => boolean,
  ): Slot | undefined {
    const slot = this.#slots.get(key) ?? this.#free.pop() ?? this.#evict(keep);
    if (!slot) return undefined;
    uploadBox(renderer, this.texture, slot, size, voxels);
    this.#slots.set(key, slot);
    return slot;
  }

  drop(key: string): void {
    const slot = this.#slots.get(key);
    if (!slot) return;
    this.#slots.delete(key);
    this.#free.push(slot);
    this.#gone(key);
  }

  #evict(keep: (key: string) => boolean): Slot | undefined {
    for (const [key, slot] of this.#slots) {
      if (keep(key)) continue;
      this.#slots.delete(key);
      this.#gone(key);
      return slot;
    }
    return undefined;
  }

  dispose(): void {
    this.texture.dispose();
    for (const key of this.#slots.keys()) this.#gone(key);
    this.#slots.clear();
  }
}

/** At least `wanted` slots, where they fit, in a texture no longer than `maxEdge` on any side; as a cube as it goes. */
function slotGrid(slot: Vec3, wanted: number, maxEdge: number): Vec3 {
  const most = map3((a) => Math.max(1, Math.floor(maxEdge / slot[a])));
  const edge = Math.cbrt(wanted * slot[0] * slot[1] * slot[2]);
  const nx = Math.min(most[0], Math.max(1, Math.round(edge / slot[0])));
  const nz = Math.min(most[2], Math.max(1, Math.round(edge / slot[2])));
  const ny = Math.min(most[1], Math.max(1, Math.ceil(wanted / (nx * nz))));
  return [nx, ny, Math.min(most[2], Math.max(nz, Math.ceil(wanted / (nx * ny))))];
}

function slotsOf(grid: Vec3, slot: Vec3): Slot[] {
  const all: Slot[] = [];
  for (let z = 0; z < grid[2]; z++)
    for (let y = 0; y < grid[1]; y++)
      for (let x = 0; x < grid[0]; x++) all.push([x * slot[0], y * slot[1], z * slot[2]]);
  return all;
}
