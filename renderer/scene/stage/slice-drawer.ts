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
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Plane } from '../../state/volume-geometry.ts';
import { levelForPlane, map3, originNm, planeAxes } from '../../state/volume-geometry.ts';
import type { BrickAtlas } from './brick-atlas.ts';
import { bricksInView, keyOf, levelsFor, listRange } from './brick-plan.ts';
import type { BrickStore } from './brick-store.ts';
import type { PaneSize } from './geometry.ts';
import type { Camera, Look } from './messages.ts';
import type { Shaders } from './pane-material.ts';
import { paneMaterial, setUniforms } from './pane-material.ts';

const floatsPerQuad = 14;
const mostQuads = 4096;

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

  /** Draws into the current viewport; says whether every voxel in view is of the level that the scale asks for. */
  draw(
    renderer: WebGLRenderer,
    volume: Volume,
    atlas: BrickAtlas,
    store: BrickStore,
    plane: Plane,
    camera: Camera,
    size: PaneSize,
    look: Look,
  ): boolean {
    this.#quads = 0;
    const target = levelForPlane(volume, planeAxes[plane], camera.nmPerPx);
    const view = { plane, size };
    const missing = this.#missing(volume, atlas, store, target, view, camera);
    const coarser = levelsFor(volume, plane, camera.nmPerPx).filter((level) => level !== target);
    if (missing) for (const level of coarser) this.#addLevel(volume, atlas, store, level, view, camera);
    this.#addLevel(volume, atlas, store, target, view, camera);
    this.#render(renderer, atlas, plane, size, look);
    return !missing;
  }

  #missing(
    volume: Volume,
    atlas: BrickAtlas,
    store: BrickStore,
    level: number,
    view: { readonly plane: Plane; readonly size: PaneSize },
    camera: Camera,
  ): boolean {
    const range = bricksInView(volume, level, view, camera);
    return (
      range !== null &&
      listRange(level, range).some((brick) => !atlas.has(keyOf(brick)) && store.get(keyOf(brick))?.voxels !== null)
    );
  }

  #addLevel(
    volume: Volume,
    atlas: BrickAtlas,
    store: BrickStore,
    level: number,
    view: { readonly plane: Plane; readonly size: PaneSize },
    camera: Camera,
  ): void {
    const range = bricksInView(volume, level, view, camera);
    const found = volume.levels[level];
    if (!range || !found) return;
    for (const brick of listRange(level, range)) {
      const key = keyOf(brick);
      const slot = atlas.use(key);
      const empty = !slot && store.get(key)?.voxels === null;
      if ((slot || empty) && this.#quads < mostQuads)
        this.#addQuad(volume, found, [brick[1], brick[2], brick[3]], slot ?? [0, 0, 0], empty, view, camera);
    }
  }

  /** Clips the brick to the pane, so that numbers stay small and exact at any zoom. */
  #addQuad(
    volume: Volume,
    level: Volume['levels'][number],
    at: Vec3,
    slot: Vec3,
    empty: boolean,
    { plane, size }: { readonly plane: Plane; readonly size: PaneSize },
    camera: Camera,
  ): void {
    const { right, down, normal } = planeAxes[plane];
    const origin = originNm(volume);
    const voxelsOf = map3((a) => Math.min(level.brick[a], level.size[a] - at[a] * level.brick[a]));
    const startNm = map3((a) => origin[a] + at[a] * level.brick[a] * level.voxelSizeNm[a]);
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

  #render(renderer: WebGLRenderer, atlas: BrickAtlas, plane: Plane, size: PaneSize, look: Look): void {
    const { right, down } = planeAxes[plane];
    setUniforms(this.#material, look, {
      uAtlas: atlas.texture,
      uBrick: new Vector3(...atlas.slotSize),
      uSize: new Vector2(size.width, size.height),
      uRight: new Vector3(...map3((a) => Number(a === right))),
      uDown: new Vector3(...map3((a) => Number(a === down))),
    });
    this.#geometry.instanceCount = this.#quads;
    this.#buffer.needsUpdate = true;
    if (this.#quads > 0) renderer.render(this.#scene, this.#camera);
  }

  dispose(): void {
    this.#geometry.dispose();
    this.#material.dispose();
  }
}
