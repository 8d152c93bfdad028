import type { WebGLRenderer } from 'three';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { bytesPerVoxel } from '../../../preload/contract/space.ts';
import { gridOf, map3 } from '../../state/volume-geometry.ts';
import { levelOf } from './brick-plan.ts';
import { BrickPool } from './brick-pool.ts';
import type { Slot } from './brick-pool.ts';
import type { HeldBrick } from './brick-store.ts';

/** Bricks of one shape, and what all of them would take. */
export interface Shape {
  readonly slotSize: Vec3;
  readonly levels: readonly number[];
  readonly bricks: number;
  readonly bytesPerSlot: number;
}

/**
 * Bricks of all levels in a few 3-D textures, one for each shape of brick: single sections of an image stack don't lie in
 * slots as deep as the blocks of its coarse levels.
 */
export class BrickAtlas {
  readonly #pools: readonly BrickPool[];
  readonly #poolOf = new Map<number, BrickPool>();

  constructor(volume: Volume, capBytes: number, maxEdge: number) {
    const shapes = shapesOf(volume);
    const shares = shareOut(shapes, capBytes);
    this.#pools = shapes.map((shape, i) => {
      const pool = new BrickPool(volume.display.dtype, shape.slotSize, shares[i] ?? 1, maxEdge);
      for (const level of shape.levels) this.#poolOf.set(level, pool);
      return pool;
    });
  }

  get residentBytes(): number {
    return this.#pools.reduce((sum, pool) => sum + pool.residentBytes, 0);
  }

  /** Where the bricks of a level are. */
  poolOf(level: number): BrickPool | undefined {
    return this.#poolOf.get(level);
  }

  /** The slot of a brick, counted as used; undefined where it is not in a texture. */
  use(key: string): Slot | undefined {
    return this.#poolOf.get(levelOf(key))?.use(key);
  }

  has(key: string): boolean {
    return this.#poolOf.get(levelOf(key))?.has(key) ?? false;
  }

  /** Uploads a brick. False where every slot holds a brick that `keep` wants to stay. */
  put(renderer: WebGLRenderer, key: string, brick: HeldBrick, keep: (key: string) => boolean): boolean {
    return this.#poolOf.get(levelOf(key))?.put(renderer, key, brick, keep) ?? false;
  }

  dispose(): void {
    for (const pool of this.#pools) pool.dispose();
  }
}

/** The shapes of a volume's bricks. One that is thinner than its bricks needs slots no thicker than itself. */
export function shapesOf(volume: Volume): readonly Shape[] {
  const shapes = new Map<string, Shape>();
  volume.levels.forEach((level, index) => {
    const slotSize = map3((a) => Math.min(level.brick[a], level.size[a]));
    const name = level.brick.join();
    const before = shapes.get(name);
    const larger = before ? map3((a) => Math.max(before.slotSize[a], slotSize[a])) : slotSize;
    const parts = volume.channels.length * volume.times;
    shapes.set(name, {
      slotSize: larger,
      levels: [...(before?.levels ?? []), index],
      bricks: (before?.bricks ?? 0) + gridOf(level).reduce((product, n) => product * n, 1) * parts,
      bytesPerSlot: larger[0] * larger[1] * larger[2] * bytesPerVoxel[volume.display.dtype],
    });
  });
  return [...shapes.values()];
}

/** Slots for each shape: what needs little gets it all, and the rest is shared evenly; at least 8 each. */
export function shareOut(shapes: readonly Shape[], capBytes: number): readonly number[] {
  const slots = new Map<Shape, number>();
  let left = capBytes;
  const modestFirst = shapes.toSorted((a, b) => a.bricks * a.bytesPerSlot - b.bricks * b.bytesPerSlot);
  modestFirst.forEach((shape, i) => {
    const share = left / (modestFirst.length - i);
    const got = Math.min(shape.bricks, Math.max(8, Math.floor(share / shape.bytesPerSlot)));
    slots.set(shape, got);
    left = Math.max(0, left - got * shape.bytesPerSlot);
  });
  return shapes.map((shape) => slots.get(shape) ?? 1);
}
