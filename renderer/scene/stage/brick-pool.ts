import type { Data3DTexture, WebGLRenderer } from 'three';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { map3 } from '../../state/volume-geometry.ts';
import { copyLayers, emptyTexture, uploadBox } from './gpu-texture.ts';
import type { VoxelKind } from './sources.ts';
import { bytesOfKind, voxelsPerWord } from './sources.ts';
import { inWords } from './voxel-words.ts';

/** Voxels along x, y, z at which a brick starts in its texture. */
export type Slot = Vec3;

export type Voxels = Uint8Array | Uint16Array | Uint32Array;

/** A texture begins with about so much: drivers clear what they give. */
const firstBytes = 32 * 2 ** 20;

/**
 * Bricks of one shape in one 3-D texture, of any volume. The least recently drawn brick gives its slot to a new one. The
 * texture takes memory with the first brick, and grows in depth as more come.
 */
export class BrickPool {
  /** Another one once the pool has grown. */
  texture: Data3DTexture;
  readonly kind: VoxelKind;
  /** Voxels; along x whole words. */
  readonly slotSize: Vec3;
  readonly #perWord: number;
  /** Slots there are. */
  readonly slots: number;
  readonly bytesPerSlot: number;
  /** Slots along x, y, z there are, and those along z that the texture has by now. */
  readonly #grid: Vec3;
  #depth: number;
  #free: Slot[];
  readonly #slots = new Map<string, Slot>();
  #isWarm = false;
  readonly #gone: (key: string) => void;

  /** `gone` is told of each brick that leaves. */
  constructor(kind: VoxelKind, slotSize: Vec3, slots: number, maxEdge: number, gone: (key: string) => void) {
    this.kind = kind;
    this.#perWord = voxelsPerWord(kind);
    this.slotSize = slotSize;
    this.bytesPerSlot = slotSize[0] * slotSize[1] * slotSize[2] * bytesOfKind[kind];
    this.#gone = gone;
    this.#grid = slotGrid(slotSize, slots, Math.min(maxEdge, 2048));
    const [nx, ny, nz] = this.#grid;
    this.slots = Math.min(slots, nx * ny * nz);
    this.#depth = Math.max(1, Math.min(nz, Math.round(firstBytes / (nx * ny * this.bytesPerSlot))));
    this.texture = this.#textureOf(this.#depth);
    this.#free = this.#slotsOf(0, this.#depth);
  }

  #textureOf(depth: number): Data3DTexture {
    const slots: Vec3 = [this.#grid[0], this.#grid[1], depth];
    return emptyTexture(this.#wordsOf(map3((a) => slots[a] * this.slotSize[a])));
  }

  #wordsOf([x, y, z]: Vec3): Vec3 {
    return [Math.ceil(x / this.#perWord), y, z];
  }

  /** Slots of some layers of the grid, the first one last. */
  #slotsOf(from: number, to: number): Slot[] {
    const [nx, ny] = this.#grid;
    return slotsOf([nx, ny, this.#grid[2]], this.slotSize)
      .slice(nx * ny * from, Math.min(this.slots, nx * ny * to))
      .toReversed();
  }

  /** Takes twice the memory, where it may; bricks keep their slots. */
  #grow(renderer: WebGLRenderer): Slot | undefined {
    const depth = Math.min(this.#grid[2], 2 * this.#depth);
    if (depth === this.#depth) return undefined;
    const [before, after] = [this.texture, this.#textureOf(depth)];
    copyLayers(renderer, before, after);
    before.dispose();
    this.texture = after;
    this.#free.unshift(...this.#slotsOf(this.#depth, depth));
    this.#depth = depth;
    return this.#free.pop();
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

  /** Has the card make the texture ready while the first bricks are still on their way; true the first time. */
  warm(renderer: WebGLRenderer): boolean {
    if (this.#isWarm) return false;
    this.#isWarm = true;
    if (this.#slots.size === 0) uploadBox(renderer, this.texture, [0, 0, 0], [1, 1, 1], new Uint32Array(1));
    return true;
  }

  /** Takes more memory before it is needed, where an eighth of what there is holds bricks; true where it did. */
  spread(renderer: WebGLRenderer): boolean {
    if (this.#free.length > 7 * this.#slots.size) return false;
    const slot = this.#grow(renderer);
    if (slot) this.#free.push(slot);
    return slot !== undefined;
  }

  /** Uploads a brick; undefined where every slot holds a brick that `keep` wants to stay. */
  put(
    renderer: WebGLRenderer,
    key: string,
    size: Vec3,
    voxels: Voxels,
    keep: (key: string) => boolean,
  ): Slot | undefined {
    const slot = this.#slots.get(key) ?? this.#free.pop() ?? this.#grow(renderer) ?? this.#evict(keep);
    if (!slot) return undefined;
    uploadBox(renderer, this.texture, this.#wordsOf(slot), this.#wordsOf(size), inWords(voxels, size));
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
