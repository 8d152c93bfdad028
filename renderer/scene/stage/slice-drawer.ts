import type { RawShaderMaterial, WebGLRenderer } from 'three';
import {
  BufferAttribute,
  Camera as ThreeCamera,
  InstancedBufferGeometry,
  InstancedInterleavedBuffer,
  InterleavedBufferAttribute,
  Mesh,
  Scene,
  Vector2,
  Vector3,
} from 'three';
import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Plane } from '../../state/volume-geometry.ts';
import { levelForPlane, map3, planeAxes } from '../../state/volume-geometry.ts';
import type { BrickAtlas } from './brick-atlas.ts';
import type { BrickPool } from './brick-pool.ts';
import type { BrickRange, PlaneView } from './brick-plan.ts';
import { bricksInView, keyOf, listRange } from './brick-plan.ts';
import type { BrickStore } from './brick-store.ts';
import type { PaneSize } from './geometry.ts';
import type { Camera, Look } from './messages.ts';
import type { Shaders } from './pane-material.ts';
import { paneMaterial, setUniforms } from './pane-material.ts';

const floatsPerQuad = 14;
const mostQuads = 4096;

/** What a slice is drawn from. */
export interface SliceScene {
  readonly volume: Volume;
  /** Which channel and time, as `partOf` names it. */
  readonly part: string;
  readonly atlas: BrickAtlas;
  readonly store: BrickStore;
  readonly camera: Camera;
  readonly look: Look;
}

export interface SliceState {
  /** Whether every voxel in view is of the level that the scale asks for. */
  readonly sharp: boolean;
  /** Whether a place in view had no brick of any level to draw. */
  readonly blank: boolean;
}

/** Draws planes of a volume from the atlas: a quad for each brick, coarse ones first where finer ones are missing. */
export class SliceDrawer {
  readonly #data = new Float32Array(mostQuads * floatsPerQuad);
  readonly #buffer = new InstancedInterleavedBuffer(this.#data, floatsPerQuad);
  readonly #geometry = new InstancedBufferGeometry();
  readonly #material: RawShaderMaterial;
  readonly #scene = new Scene();
  readonly #camera = new ThreeCamera();
  #quads = 0;

  constructor(shaders: Shaders) {
    this.#geometry.setAttribute('position', new BufferAttribute(new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), 2));
    this.#geometry.setIndex([0, 2, 1, 2, 3, 1]);
    const field = (name: string, size: number, at: number): unknown =>
      this.#geometry.setAttribute(name, new InterleavedBufferAttribute(this.#buffer, size, at));
    field('aRect', 4, 0);
    field('aSlot', 3, 4);
    field('aVoxelFrom', 3, 7);
    field('aVoxelTo', 3, 10);
    field('aEmpty', 1, 13);
    this.#material = paneMaterial(shaders, {
      uAtlas: { value: null },
      uBrick: { value: new Vector3() },
      uSize: { value: new Vector2() },
      uRight: { value: new Vector3() },
      uDown: { value: new Vector3() },
    });
    const mesh = new Mesh(this.#geometry, this.#material);
    mesh.frustumCulled = false;
    this.#scene.add(mesh);
  }

  /** Draws into the current viewport. */
  draw(renderer: WebGLRenderer, scene: SliceScene, plane: Plane, size: PaneSize): SliceState {
    const { volume, camera } = scene;
    const target = levelForPlane(volume, planeAxes[plane], camera.nmPerPx);
    const view = { plane, size };
    const missing = missingBricks(scene, target, view);
    const coarsest = missing.length > 0 ? volume.levels.length - 1 : target;
    let pool = scene.atlas.poolOf(coarsest);
    this.#quads = 0;
    for (let level = coarsest; level >= target; level--) {
      const next = scene.atlas.poolOf(level);
      // One draw call for each run of levels in one texture: finer ones come over coarser ones.
      if (next !== pool) this.#render(renderer, scene, pool, plane, size);
      pool = next;
      this.#addLevel(scene, level, view);
    }
    this.#render(renderer, scene, pool, plane, size);
    return { sharp: missing.length === 0, blank: missing.some((brick) => !isCovered(scene, brick, target, view)) };
  }

  #addLevel(scene: SliceScene, level: number, view: PlaneView): void {
    const { volume, part, atlas, store, camera } = scene;
    const range = bricksInView(volume, level, view, camera);
    const found = volume.levels[level];
    if (!range || !found) return;
    for (const brick of listRange(level, range)) {
      const key = keyOf(brick, part);
      const slot = atlas.use(key);
      const empty = !slot && store.get(key)?.voxels === null;
      if ((slot || empty) && this.#quads < mostQuads)
        this.#addQuad(found, [brick[1], brick[2], brick[3]], slot ?? [0, 0, 0], empty, view, camera);
    }
  }

  /** Clips the brick to the pane, so that numbers stay small and exact at any zoom. */
  #addQuad(
    level: Volume['levels'][number],
    at: Vec3,
    slot: Vec3,
    empty: boolean,
    { plane, size }: PlaneView,
    camera: Camera,
  ): void {
    const { right, down, normal } = planeAxes[plane];
    const voxelsOf = map3((a) => Math.min(level.brick[a], level.size[a] - at[a] * level.brick[a]));
    const startNm = map3((a) => level.originNm[a] + at[a] * level.brick[a] * level.voxelSizeNm[a]);
    const from: [number, number, number] = [0, 0, 0];
    const to: [number, number, number] = [0, 0, 0];
    const rect: number[] = [];
    for (const [axis, extent] of [
      [right, size.width],
      [down, size.height],
    ] as const) {
      const pxOf = (nm: number): number => (nm - camera.positionNm[axis]) / camera.nmPerPx + extent / 2;
      const low = pxOf(startNm[axis]);
      const high = pxOf(startNm[axis] + voxelsOf[axis] * level.voxelSizeNm[axis]);
      const [clippedLow, clippedHigh] = [Math.max(low, -1), Math.min(high, extent + 1)];
      const voxelOf = (px: number): number => ((px - low) / (high - low)) * voxelsOf[axis];
      from[axis] = voxelOf(clippedLow);
      to[axis] = voxelOf(clippedHigh);
      rect.push(clippedLow, clippedHigh);
    }
    const depth = Math.floor((camera.positionNm[normal] - startNm[normal]) / level.voxelSizeNm[normal] + 1e-6);
    from[normal] = to[normal] = Math.max(0, Math.min(voxelsOf[normal] - 1, depth)) + 0.5;
    const [x0, x1, y0, y1] = rect as [number, number, number, number];
    this.#data.set([x0, y0, x1, y1, ...slot, ...from, ...to, empty ? 1 : 0], this.#quads++ * floatsPerQuad);
  }

  #render(
    renderer: WebGLRenderer,
    { volume, look }: SliceScene,
    pool: BrickPool | undefined,
    plane: Plane,
    size: PaneSize,
  ): void {
    const quads = this.#quads;
    this.#quads = 0;
    if (!pool || quads === 0) return;
    const { right, down } = planeAxes[plane];
    setUniforms(this.#material, look, {
      uAtlas: pool.texture,
      uBrick: new Vector3(...pool.slotSize),
      uSize: new Vector2(size.width, size.height),
      uRight: new Vector3(...map3((a) => Number(a === right))),
      uDown: new Vector3(...map3((a) => Number(a === down))),
      uLabels: volume.display.labels,
    });
    this.#geometry.instanceCount = quads;
    this.#buffer.needsUpdate = true;
    renderer.render(this.#scene, this.#camera);
  }

  dispose(): void {
    this.#geometry.dispose();
    this.#material.dispose();
  }
}

type Level = Volume['levels'][number];

/** Whether a brick can be drawn: it is in the texture, or empty all through. */
function isDrawable({ atlas, store, part }: SliceScene, brick: BrickAddress): boolean {
  const key = keyOf(brick, part);
  return atlas.has(key) || store.get(key)?.voxels === null;
}

function missingBricks(scene: SliceScene, level: number, view: PlaneView): readonly BrickAddress[] {
  const range = bricksInView(scene.volume, level, view, scene.camera);
  return range ? listRange(level, range).filter((brick) => !isDrawable(scene, brick)) : [];
}

/** Whether some coarser level has every brick that lies over the visible part of one that is missing. */
function isCovered(scene: SliceScene, [at, ...index]: BrickAddress, target: number, view: PlaneView): boolean {
  const { volume, camera } = scene;
  const fine = volume.levels[at];
  for (let level = volume.levels.length - 1; fine && level > target; level--) {
    const coarse = volume.levels[level];
    const range = coarse && bricksInView(volume, level, view, camera);
    if (range && listRange(level, overlap(fine, index, coarse, range)).every((brick) => isDrawable(scene, brick)))
      return true;
  }
  return false;
}

/** The part of a range of coarse bricks that lies over one fine brick, but for a hair at its faces. */
function overlap(fine: Level, index: readonly number[], coarse: Level, range: BrickRange): BrickRange {
  const place = (axis: 0 | 1 | 2, end: 0 | 1): number => {
    const nm = fine.originNm[axis] + ((index[axis] ?? 0) + end) * fine.brick[axis] * fine.voxelSizeNm[axis];
    const inward = (end === 0 ? 1 : -1) * fine.voxelSizeNm[axis];
    return Math.floor((nm + inward - coarse.originNm[axis]) / (coarse.brick[axis] * coarse.voxelSizeNm[axis]));
  };
  return {
    from: map3((a) => Math.min(range.to[a], Math.max(range.from[a], place(a, 0)))),
    to: map3((a) => Math.max(range.from[a], Math.min(range.to[a], place(a, 1)))),
  };
}
