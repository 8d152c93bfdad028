import type { WebGLRenderer } from 'three';
import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { gridOf, map3 } from '../../state/volume-geometry.ts';
import type { Slot, Voxels } from './brick-pool.ts';
import { BrickPool } from './brick-pool.ts';
import type { VoxelKind } from './sources.ts';
import { addressOf, bytesOfKind, kindOf, pageOf, voxelsPerWord } from './sources.ts';

/** Bricks of one shape and kind, and how many of them the volumes shown have. */
export interface Shape {
  readonly name: string;
  readonly kind: VoxelKind;
  readonly slotSize: Vec3;
  readonly bricks: number;
  readonly bytesPerSlot: number;
}

/** A brick in a texture. */
export interface Resident {
  readonly level: number;
  /** Which brick, along x, y, z of its level. */
  readonly at: Vec3;
  readonly slot: Slot;
}

/**
 * Bricks of all volumes in a few 3-D textures, one for each kind of voxel and shape of brick: single sections of an image
 * stack don't lie in slots as deep as the blocks of its coarse levels. Keys are `page|level/x/y/z`: the page is the source
 * of an image, and of labels the source as one layer numbers it.
 */
export class BrickAtlas {
  readonly #capBytes: number;
  readonly #maxEdge: number;
  readonly #pools = new Map<string, BrickPool>();
  /** Names of the pools of each level of a volume. */
  readonly #poolNames = new Map<Volume, readonly string[]>();
  readonly #poolOfKey = new Map<string, BrickPool>();
  readonly #pages = new Map<string, Map<string, Resident>>();
  #version = 0;

  constructor(capBytes: number, maxEdge: number) {
    this.#capBytes = capBytes;
    this.#maxEdge = maxEdge;
  }

  /** Grows whenever a brick comes or goes. */
  get version(): number {
    return this.#version;
  }

  get residentBytes(): number {
    let bytes = 0;
    for (const pool of this.#pools.values()) bytes += pool.residentBytes;
    return bytes;
  }

  /**
   * Shares the memory among the volumes shown. Pools that serve stay as they are; the memory of volumes that are not shown
   * is taken only where it is needed. True where bricks were put out.
   */
  show(volumes: readonly Volume[]): boolean {
    this.#poolNames.clear();
    for (const volume of volumes) this.#poolNames.set(volume, namesOf(volume));
    const shapes = shapesOf(volumes);
    const shares = shareOut(shapes, this.#capBytes);
    if (this.#serves(shapes, shares)) return false;
    const before = this.#version;
    const shown = new Set(shapes.map(({ name }) => name));
    for (const name of this.#pools.keys()) if (!shown.has(name)) this.#dispose(name);
    shapes.forEach((shape, i) => this.#resize(shape, shares[i] ?? 1));
    return this.#version !== before;
  }

  #serves(shapes: readonly Shape[], shares: readonly number[]): boolean {
    let bytes = 0;
    for (const pool of this.#pools.values()) bytes += pool.slots * pool.bytesPerSlot;
    for (const [i, { name, kind, slotSize, bytesPerSlot }] of shapes.entries()) {
      const share = shares[i] ?? 1;
      const pool = this.#pools.get(name);
      if (pool && pool.slots < share * 0.9) return false;
      if (pool) continue;
      bytes += share * bytesPerSlot;
      if (bytes > this.#capBytes) return false;
      this.#pools.set(name, this.#poolFor(kind, slotSize, share));
    }
    return true;
  }

  #resize({ name, kind, slotSize }: Shape, share: number): void {
    const pool = this.#pools.get(name);
    if (pool && pool.slots >= share * 0.9 && pool.slots <= share * 1.1) return;
    this.#dispose(name);
    this.#pools.set(name, this.#poolFor(kind, slotSize, share));
  }

  #poolFor(kind: VoxelKind, slotSize: Vec3, slots: number): BrickPool {
    return new BrickPool(kind, slotSize, slots, this.#maxEdge, (key) => this.#gone(key));
  }

  #dispose(name: string): void {
    this.#pools.get(name)?.dispose();
    this.#pools.delete(name);
  }

  /** Makes the textures of the volumes shown ready; gives those that were not. */
  warm(renderer: WebGLRenderer): readonly BrickPool[] {
    const names = new Set([...this.#poolNames.values()].flat());
    return [...this.#pools].flatMap(([name, pool]) => (names.has(name) && pool.warm(renderer) ? [pool] : []));
  }

  /** Takes more memory for the volumes shown before it is needed; true where it did. */
  spread(renderer: WebGLRenderer): boolean {
    const names = new Set([...this.#poolNames.values()].flat());
    return [...this.#pools].some(([name, pool]) => names.has(name) && pool.spread(renderer));
  }

  /** Where the bricks of a level of a volume that is shown are. */
  poolOf(volume: Volume, level: number): BrickPool | undefined {
    return this.#pools.get(this.#poolNames.get(volume)?.[level] ?? '');
  }

  /** The slot of a brick, counted as used; undefined where it is not in a texture. */
  use(key: string): Slot | undefined {
    return this.#poolOfKey.get(key)?.use(key);
  }

  has(key: string): boolean {
    return this.#poolOfKey.has(key);
  }

  /** What is in the textures of a page. */
  residentOf(page: string): Iterable<Resident> {
    return this.#pages.get(page)?.values() ?? [];
  }

  /** Uploads a brick. False where every slot holds a brick that `keep` wants to stay. */
  put(
    renderer: WebGLRenderer,
    volume: Volume,
    key: string,
    brick: { readonly size: Vec3; readonly voxels: Voxels },
    keep: (key: string) => boolean,
  ): boolean {
    const address = addressOf(key);
    const pool = this.poolOf(volume, address[0]);
    const slot = pool?.put(renderer, key, brick.size, brick.voxels, keep);
    if (!pool || !slot) return false;
    this.#poolOfKey.set(key, pool);
    this.#note(key, address, slot);
    return true;
  }

  #note(key: string, [level, ...at]: BrickAddress, slot: Slot): void {
    const page = pageOf(key);
    const residents = this.#pages.get(page) ?? new Map<string, Resident>();
    this.#pages.set(page, residents);
    residents.set(key, { level, at, slot });
    this.#version += 1;
  }

  #gone(key: string): void {
    const page = pageOf(key);
    const residents = this.#pages.get(page);
    residents?.delete(key);
    if (residents?.size === 0) this.#pages.delete(page);
    this.#poolOfKey.delete(key);
    this.#version += 1;
  }

  /** Puts out every brick of some pages. */
  forget(which: (page: string) => boolean): void {
    for (const [page, residents] of this.#pages)
      if (which(page)) for (const key of residents.keys()) this.#poolOfKey.get(key)?.drop(key);
  }

  dispose(): void {
    for (const name of this.#pools.keys()) this.#dispose(name);
  }
}

/** The pool of each level of a volume. */
function namesOf(volume: Volume): readonly string[] {
  const slots = slotsOf(volume);
  return volume.levels.map(({ brick }) => poolName(kindOf(volume), slots.get(brick.join()) ?? brick));
}

const poolName = (kind: VoxelKind, slot: Vec3): string => `${kind} ${slot.join('x')}`;

/**
 * Slots for each size of brick, whole words wide. A volume that is thinner than its bricks needs slots no thicker than
 * itself.
 */
function slotsOf(volume: Volume): ReadonlyMap<string, Vec3> {
  const slots = new Map<string, Vec3>();
  const perWord = voxelsPerWord(kindOf(volume));
  for (const { brick, size } of volume.levels) {
    const before = slots.get(brick.join()) ?? ([1, 1, 1] as const);
    const [x, y, z] = map3((a) => Math.max(before[a], Math.min(brick[a], size[a])));
    slots.set(brick.join(), [Math.ceil(x / perWord) * perWord, y, z]);
  }
  return slots;
}

/** The shapes of the bricks of some volumes. */
export function shapesOf(volumes: readonly Volume[]): readonly Shape[] {
  const shapes = new Map<string, Shape>();
  for (const volume of volumes) {
    const kind = kindOf(volume);
    const slots = slotsOf(volume);
    for (const level of volume.levels) {
      const slotSize = slots.get(level.brick.join()) ?? level.brick;
      const name = poolName(kind, slotSize);
      const parts = volume.channels.length * volume.times;
      const bricks = gridOf(level).reduce((product, n) => product * n, 1) * parts;
      const bytesPerSlot = slotSize[0] * slotSize[1] * slotSize[2] * bytesOfKind[kind];
      shapes.set(name, { name, kind, slotSize, bricks: bricks + (shapes.get(name)?.bricks ?? 0), bytesPerSlot });
    }
  }
  return [...shapes.values()];
}

/** Slots for each shape: what needs little gets it all, and the rest is shared evenly; at least one each. */
export function shareOut(shapes: readonly Shape[], capBytes: number): readonly number[] {
  const slots = new Map<Shape, number>();
  let left = capBytes;
  const modestFirst = shapes.toSorted((a, b) => a.bricks * a.bytesPerSlot - b.bricks * b.bytesPerSlot);
  modestFirst.forEach((shape, i) => {
    const share = left / (modestFirst.length - i);
    const got = Math.min(shape.bricks, Math.max(1, Math.floor(share / shape.bytesPerSlot)));
    slots.set(shape, got);
    left = Math.max(0, left - got * shape.bytesPerSlot);
  });
  return shapes.map((shape) => slots.get(shape) ?? 1);
}
