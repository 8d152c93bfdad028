import type { Data3DTexture, WebGLRenderer } from 'three';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { bytesPerVoxel } from '../../../preload/contract/space.ts';
import { gridOf, map3 } from '../../state/volume-geometry.ts';
import type { HeldBrick } from './brick-store.ts';
import { emptyTexture, uploadBox } from './gpu-texture.ts';

/** Voxels along x, y, z at which a brick starts in the atlas. */
export type Slot = Vec3;

/**
 * Bricks of all levels in one 3-D texture. The page table is the map from a brick's key to its slot; the least recently
 * drawn brick gives its slot to a new one.
 */
export class BrickAtlas {
  readonly texture: Data3DTexture;
  readonly slotSize: Vec3;
  readonly #free: Slot[];
  readonly #slots = new Map<string, Slot>();
  readonly #bytesPerSlot: number;
  readonly #capacity: number;

  constructor(volume: Volume, capBytes: number, maxEdge: number) {
    // A volume thinner than its bricks needs slots no thicker than itself.
    this.slotSize = map3((a) => Math.max(...volume.levels.map((level) => Math.min(level.brick[a], level.size[a]))));
    this.#bytesPerSlot = this.slotSize[0] * this.slotSize[1] * this.slotSize[2] * bytesPerVoxel[volume.display.dtype];
    const affordable = Math.max(8, Math.floor(capBytes / this.#bytesPerSlot));
    const wanted = Math.min(totalBricks(volume) * volume.channels.length * volume.times, affordable);
    const grid = slotGrid(this.slotSize, wanted, Math.min(maxEdge, 2048));
    this.texture = emptyTexture(
      volume.display.dtype,
      map3((a) => grid[a] * this.slotSize[a]),
    );
    this.#free = slotsOf(grid, this.slotSize).toReversed();
    this.#capacity = this.#free.length;
  }

  get residentBytes(): number {
    return this.#slots.size * this.#bytesPerSlot;
  }

  /** Bricks that the texture holds at most. */
  get capacity(): number {
    return this.#capacity;
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

  /** Uploads a brick. False where every slot holds a brick that `keep` wants to stay. */
  put(renderer: WebGLRenderer, key: string, brick: HeldBrick, keep: (key: string) => boolean): boolean {
    if (!brick.voxels) return true;
    const slot = this.#slots.get(key) ?? this.#free.pop() ?? this.#evict(keep);
    if (!slot) return false;
    uploadBox(renderer, this.texture, slot, brick.size, brick.voxels);
    this.#slots.set(key, slot);
    return true;
  }

  #evict(keep: (key: string) => boolean): Slot | undefined {
    for (const [key, slot] of this.#slots) {
      if (keep(key)) continue;
      this.#slots.delete(key);
      return slot;
    }
    return undefined;
  }

  dispose(): void {
    this.texture.dispose();
    this.#slots.clear();
  }
}

const totalBricks = (volume: Volume): number =>
  volume.levels.reduce((sum, level) => sum + gridOf(level).reduce((product, n) => product * n, 1), 0);

/** About `wanted` slots in a texture no longer than `maxEdge` on any side, as near to a cube as it goes. */
function slotGrid(slot: Vec3, wanted: number, maxEdge: number): Vec3 {
  const most = map3((a) => Math.max(1, Math.floor(maxEdge / slot[a])));
  const edge = Math.cbrt(wanted * slot[0] * slot[1] * slot[2]);
  const nx = Math.min(most[0], Math.max(1, Math.round(edge / slot[0])));
  const ny = Math.min(most[1], Math.max(1, Math.round(edge / slot[1])));
  return [nx, ny, Math.min(most[2], Math.max(1, Math.ceil(wanted / (nx * ny))))];
}

function slotsOf(grid: Vec3, slot: Vec3): Slot[] {
  const all: Slot[] = [];
  for (let z = 0; z < grid[2]; z++)
    for (let y = 0; y < grid[1]; y++)
      for (let x = 0; x < grid[0]; x++) all.push([x * slot[0], y * slot[1], z * slot[2]]);
  return all;
}
