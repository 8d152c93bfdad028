import type { Data3DTexture, RawShaderMaterial, WebGLRenderer } from 'three';
import {
  BufferAttribute,
  BufferGeometry,
  Camera as ThreeCamera,
  GLSL3,
  Mesh,
  RawShaderMaterial as Raw,
  Scene,
  Vector3,
} from 'three';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { applyMatrix } from '../../state/layers.ts';
import { levelForProjection, map3 } from '../../state/volume-geometry.ts';
import type { SourceBricks } from './brick-plan.ts';
import { wholeLevel } from './brick-plan.ts';
import type { BrickStore } from './brick-store.ts';
import { emptyTexture, uploadBox } from './gpu-texture.ts';
import type { Graphics } from './graphics.ts';
import { lookUniforms, setLook, setUniforms } from './look.ts';
import type { Picked } from './messages.ts';
import type { OrbitPainter, OrbitScene, OrbitSurface } from './orbit.ts';
import { turnThrough } from './plane-view.ts';
import { projectionFragment, projectionVertex } from './projection-shaders.ts';
import type { DrawnLayer } from './scene-layers.ts';
import type { Source } from './sources.ts';
import { addressOf, brickKey, kindOf } from './sources.ts';

/** A projection holds a level whole: this many voxels at most. */
const mostVoxels = 16e6;
/** A strip or a moving frame should take about this long, so that the worker stays quick to answer. */
const stripMs = 45;

/** A whole level in one texture, filled brick by brick. */
class DenseLevel {
  readonly source: Source;
  readonly level: number;
  readonly texture: Data3DTexture;
  readonly #missing: Set<string>;

  constructor(source: Source, level: number, size: Vec3) {
    this.source = source;
    this.level = level;
    this.texture = emptyTexture(kindOf(source.volume), size);
    this.#missing = new Set(wholeLevel(source.volume, level).map((brick) => brickKey(source.key, brick)));
  }

  get complete(): boolean {
    return this.#missing.size === 0;
  }

  get missing(): SourceBricks {
    return { source: this.source, bricks: [...this.#missing].map(addressOf) };
  }

  /** Uploads what has arrived since; says whether anything was. */
  fill(renderer: WebGLRenderer, store: BrickStore, until: number): boolean {
    const brick = this.source.volume.levels[this.level]?.brick;
    let any = false;
    for (const key of brick ? this.#missing : []) {
      if (performance.now() > until) break;
      const held = store.has(key) ? store.get(key) : undefined;
      if (!held || !brick) continue;
      const [, ...at] = addressOf(key);
      if (held.voxels && !('indices' in held.voxels))
        uploadBox(
          renderer,
          this.texture,
          map3((a) => at[a] * brick[a]),
          held.size,
          held.voxels,
        );
      this.#missing.delete(key);
      any = true;
    }
    return any;
  }
}

/** Casts parallel rays through a whole level of the lowest image layer: its maximum, or its minimum. */
export class ProjectionPainter implements OrbitPainter {
  readonly #max3D: number;
  readonly #geometry = new BufferGeometry();
  readonly #material: RawShaderMaterial;
  readonly #scene = new Scene();
  readonly #camera = new ThreeCamera();
  #dense: DenseLevel | null = null;
  #row: number | null = null;
  #rowMs = 0.1;
  #coarse = 4;
  sharp = false;

  constructor(max3D: number) {
    this.#max3D = max3D;
    this.#geometry.setAttribute('position', new BufferAttribute(new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), 2));
    this.#geometry.setIndex([0, 1, 2, 2, 1, 3]);
    const vectors = ['uVoxels', 'uOrigin', 'uStepX', 'uStepY', 'uRay'].map(
      (name) => [name, { value: new Vector3() }] as const,
    );
    this.#material = new Raw({
      glslVersion: GLSL3,
      vertexShader: projectionVertex,
      fragmentShader: projectionFragment,
      depthTest: false,
      depthWrite: false,
      uniforms: {
        ...lookUniforms(),
        ...Object.fromEntries(vectors),
        uVolume: { value: null },
        uMinimum: { value: false },
        uMostSteps: { value: 256 },
      },
    });
    const mesh = new Mesh(this.#geometry, this.#material);
    mesh.frustumCulled = false;
    this.#scene.add(mesh);
  }

  wants(orbit: OrbitScene): readonly SourceBricks[] {
    this.#adopt(layerOf(orbit));
    return this.#dense && !this.#dense.complete ? [this.#dense.missing] : [];
  }

  #adopt(layer: DrawnLayer | undefined): void {
    if (layer?.source.key === this.#dense?.source.key) return;
    this.#dense?.texture.dispose();
    this.#dense = null;
    if (!layer) return;
    const level = levelForProjection(layer.source.volume, mostVoxels, this.#max3D);
    const found = layer.source.volume.levels[level];
    if (found) this.#dense = new DenseLevel(layer.source, level, found.size);
  }

  paint(graphics: Graphics, orbit: OrbitScene, surface: OrbitSurface, fresh: boolean): boolean {
    const layer = layerOf(orbit);
    this.#adopt(layer);
    const filled = this.#dense?.fill(graphics.renderer, orbit.store, performance.now() + 8) ?? false;
    if (fresh || filled) this.#row = 0;
    if (!layer || !this.#dense) {
      surface.begin(graphics, surface.deviceWidth, surface.deviceHeight, 0, surface.deviceHeight);
      surface.show(graphics, 0, surface.deviceHeight);
      return false;
    }
    return orbit.moving ? this.#moving(graphics, orbit, layer, surface) : this.#strip(graphics, orbit, layer, surface);
  }

  #moving(graphics: Graphics, orbit: OrbitScene, layer: DrawnLayer, surface: OrbitSurface): boolean {
    const width = Math.max(1, Math.ceil(surface.deviceWidth / this.#coarse));
    const height = Math.max(1, Math.ceil(surface.deviceHeight / this.#coarse));
    const started = performance.now();
    surface.begin(graphics, width, height, 0, height);
    this.#draw(graphics, orbit, layer, orbit.ratio / this.#coarse, 192);
    surface.stretch(graphics, width, height);
    const took = performance.now() - started;
    if (took > stripMs * 1.3) this.#coarse = Math.min(8, this.#coarse * 1.4);
    else if (took < stripMs / 3) this.#coarse = Math.max(1, this.#coarse / 1.2);
    this.#row = 0;
    return true;
  }

  #strip(graphics: Graphics, orbit: OrbitScene, layer: DrawnLayer, surface: OrbitSurface): boolean {
    const from = this.#row;
    if (from === null) return false;
    const height = surface.deviceHeight;
    const rows = Math.min(height - from, Math.max(8, Math.floor(stripMs / this.#rowMs)));
    const started = performance.now();
    surface.begin(graphics, surface.deviceWidth, height, height - from - rows, rows);
    this.#draw(graphics, orbit, layer, orbit.ratio, 768);
    surface.show(graphics, from, rows);
    this.#rowMs = Math.max(0.005, (performance.now() - started) / rows);
    this.#row = from + rows >= height ? null : from + rows;
    this.sharp = this.#row === null && this.#dense?.complete === true;
    return this.#row !== null;
  }

  #draw(
    { renderer, colourMaps }: Graphics,
    orbit: OrbitScene,
    layer: DrawnLayer,
    pixelRatio: number,
    steps: number,
  ): void {
    const level = this.#dense && layer.source.volume.levels[this.#dense.level];
    if (!level || !this.#dense || layer.layer.type !== 'image') return;
    const { view, size } = orbit;
    const reach = Math.hypot(...map3((a) => orbit.boundsNm.max[a] - orbit.boundsNm.min[a]));
    const inLayer = (direction: Vec3, nm: number): Vec3 =>
      map3((a) => (turnThrough(layer.place.layerFromWorld, direction)[a] * nm) / level.voxelSizeNm[a]);
    // gl_FragCoord counts from the lower left; rays start before all that is shown.
    const corner = map3(
      (a) =>
        view.centreNm[a] -
        (view.right[a] * size.width * view.nmPerPx) / 2 +
        (view.down[a] * size.height * view.nmPerPx) / 2 -
        view.forward[a] * reach,
    );
    const cornerNm = applyMatrix(layer.place.layerFromWorld, corner);
    const notZero = (v: Vec3): Vec3 => map3((a) => (Math.abs(v[a]) < 1e-7 ? 1e-7 : v[a]));
    setLook(this.#material, layer.look, { colourMaps, labelColours: null });
    setUniforms(this.#material, {
      uVolume: this.#dense.texture,
      uVoxels: new Vector3(...level.size),
      uOrigin: new Vector3(...map3((a) => (cornerNm[a] - level.originNm[a]) / level.voxelSizeNm[a])),
      uStepX: new Vector3(...inLayer(view.right, view.nmPerPx / pixelRatio)),
      uStepY: new Vector3(...inLayer(view.down, -view.nmPerPx / pixelRatio)),
      uRay: new Vector3(...notZero(inLayer(view.forward, reach))),
      uMinimum: layer.layer.volumeMode === 'min',
      uMostSteps: steps,
    });
    renderer.render(this.#scene, this.#camera);
  }

  pick(): Picked | null {
    return null;
  }

  dispose(): void {
    this.#dense?.texture.dispose();
    this.#geometry.dispose();
    this.#material.dispose();
  }
}

const layerOf = ({ layers }: OrbitScene): DrawnLayer | undefined =>
  layers.find(({ layer }) => layer.type === 'image' && layer.volumeMode !== 'off');
