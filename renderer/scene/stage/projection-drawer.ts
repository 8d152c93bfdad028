import type { Data3DTexture, RawShaderMaterial, WebGLRenderer } from 'three';
import { BufferAttribute, BufferGeometry, Camera as ThreeCamera, Mesh, Scene, Vector3 } from 'three';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { map3 } from '../../state/volume-geometry.ts';
import { keyOf, wholeLevel } from './brick-plan.ts';
import type { BrickStore } from './brick-store.ts';
import type { OrbitView, PaneSize } from './geometry.ts';
import { emptyTexture, uploadBox } from './gpu-texture.ts';
import type { Camera, Look } from './messages.ts';
import type { Shaders } from './pane-material.ts';
import { paneMaterial, setUniforms } from './pane-material.ts';

const modes = { max: 0, min: 1, planes: 2 } as const;

/** A whole level in one texture, filled brick by brick. */
export class DenseLevel {
  readonly level: number;
  readonly texture: Data3DTexture;
  readonly #missing: Set<string>;

  /** `part`: which channel and time, as `partOf` names it. */
  constructor(volume: Volume, level: number, part: string) {
    this.level = level;
    const found = volume.levels[level];
    if (!found) throw new RangeError(`volume ${volume.id} has no level ${level}`);
    this.texture = emptyTexture(volume.display.dtype, found.size);
    this.#missing = new Set(wholeLevel(volume, level).map((brick) => keyOf(brick, part)));
  }

  get complete(): boolean {
    return this.#missing.size === 0;
  }

  lacks(key: string): boolean {
    return this.#missing.has(key);
  }

  /** Uploads what has arrived since, until the time is up; says whether anything was. */
  fill(renderer: WebGLRenderer, volume: Volume, store: BrickStore, until: number): boolean {
    const brick = volume.levels[this.level]?.brick;
    if (!brick) return false;
    let any = false;
    for (const key of this.#missing) {
      if (performance.now() > until) break;
      if (!store.has(key)) continue;
      const held = store.get(key);
      const [, x = 0, y = 0, z = 0] = key.split('/').map(Number);
      if (held?.voxels)
        uploadBox(renderer, this.texture, [x * brick[0], y * brick[1], z * brick[2]], held.size, held.voxels);
      this.#missing.delete(key);
      any = true;
    }
    return any;
  }

  dispose(): void {
    this.texture.dispose();
  }
}

/** Casts parallel rays through a dense level: maximum, minimum, or the planes through the cross-hair. */
export class ProjectionDrawer {
  readonly #geometry = new BufferGeometry();
  readonly #material: RawShaderMaterial;
  readonly #scene = new Scene();
  readonly #camera = new ThreeCamera();

  constructor(shaders: Shaders) {
    this.#geometry.setAttribute('position', new BufferAttribute(new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), 2));
    this.#geometry.setIndex([0, 1, 2, 2, 1, 3]);
    const vectors = ['uVoxels', 'uOrigin', 'uStepX', 'uStepY', 'uRay', 'uCross'].map(
      (name) => [name, { value: new Vector3() }] as const,
    );
    this.#material = paneMaterial(shaders, {
      ...Object.fromEntries(vectors),
      uVolume: { value: null },
      uMode: { value: 0 },
      uMostSteps: { value: 256 },
    });
    const mesh = new Mesh(this.#geometry, this.#material);
    mesh.frustumCulled = false;
    this.#scene.add(mesh);
  }

  /** `pixelRatio`: device pixels of the viewport for each CSS pixel of the pane; less than 1 while the view moves. */
  draw(
    renderer: WebGLRenderer,
    volume: Volume,
    dense: DenseLevel,
    view: OrbitView,
    camera: Camera,
    size: PaneSize,
    pixelRatio: number,
    look: Look,
    mostSteps: number,
  ): void {
    const level = volume.levels[dense.level];
    if (!level) return;
    const origin = level.originNm;
    const toVoxels = (nm: Vec3): Vec3 => map3((a) => nm[a] / level.voxelSizeNm[a]);
    const stepNm = view.nmPerPx / pixelRatio;
    const reach = Math.hypot(...map3((a) => level.size[a] * level.voxelSizeNm[a]));
    // gl_FragCoord counts from the lower left; rays start a volume's length before the middle.
    const corner = map3(
      (a) =>
        view.centreNm[a] -
        origin[a] -
        (view.right[a] * size.width * view.nmPerPx) / 2 +
        (view.down[a] * size.height * view.nmPerPx) / 2 -
        view.forward[a] * reach,
    );
    const notZero = (v: Vec3): Vec3 => map3((a) => (Math.abs(v[a]) < 1e-7 ? 1e-7 : v[a]));
    setUniforms(this.#material, look, {
      uVolume: dense.texture,
      uVoxels: new Vector3(...level.size),
      uOrigin: new Vector3(...toVoxels(corner)),
      uStepX: new Vector3(...toVoxels(map3((a) => view.right[a] * stepNm))),
      uStepY: new Vector3(...toVoxels(map3((a) => -view.down[a] * stepNm))),
      uRay: new Vector3(...notZero(toVoxels(map3((a) => view.forward[a] * reach)))),
      uCross: new Vector3(...toVoxels(map3((a) => camera.positionNm[a] - origin[a]))),
      uMode: modes[look.projection],
      uMostSteps: mostSteps,
      uLabels: volume.display.labels,
    });
    renderer.render(this.#scene, this.#camera);
  }

  dispose(): void {
    this.#geometry.dispose();
    this.#material.dispose();
  }
}
