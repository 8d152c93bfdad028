import type { BufferGeometry, WebGLRenderer } from 'three';
import {
  BufferAttribute,
  DoubleSide,
  GLSL3,
  InstancedBufferAttribute,
  InstancedBufferGeometry,
  InstancedInterleavedBuffer,
  InterleavedBufferAttribute,
  Mesh,
  RawShaderMaterial,
  Scene,
  Vector3,
} from 'three';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Clip, Matrix34 } from '../../../../preload/contract/view-state.ts';
import type { Rgb } from '../../../ui/colour-maps.ts';
import { premultiplied, set } from './mesh-drawer.ts';
import { ShapeCamera, clipUniforms, setClips, worldFromOrigin } from './shape-camera.ts';
import { lineFragment, lineVertex } from './shape-shaders.ts';
import type { ViewFrame } from './view-frame.ts';

/** Lines as the GPU takes them: a quad each. */
export interface LineData {
  /** x y z of from and to, nm from the origin that they are drawn at. */
  readonly ends: Float32Array<ArrayBuffer>;
  /** Of each line, r g b a; null: white. */
  readonly colours: Uint8Array<ArrayBuffer> | null;
  /** Of each line, times the style's width in pixels, or (negative) nm; null: 1. */
  readonly widths: Float32Array<ArrayBuffer> | null;
}

export interface LineStyle {
  readonly colour: Rgb;
  readonly opacity: number;
  readonly widthPx: number;
  /** Null where they are cut sharp and hide what is behind them; else how far from the plane they end, nm. */
  readonly fadeNm: number | null;
  readonly clip: Clip | null;
}

export interface LinePlace {
  readonly worldFromLayer: Matrix34 | null;
  readonly originNm: Vec3;
}

/** One for all instances: it is not stepped on. */
const forAll = 2 ** 30;

export function lineGeometry({ ends, colours, widths }: LineData): BufferGeometry {
  const geometry = new InstancedBufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(new Float32Array([0, -1, 1, -1, 0, 1, 1, 1]), 2));
  geometry.setIndex([0, 1, 2, 2, 1, 3]);
  const buffer = new InstancedInterleavedBuffer(ends, 6);
  geometry.setAttribute('aFrom', new InterleavedBufferAttribute(buffer, 3, 0));
  geometry.setAttribute('aTo', new InterleavedBufferAttribute(buffer, 3, 3));
  geometry.setAttribute(
    'aColour',
    colours
      ? new InstancedBufferAttribute(colours, 4, true)
      : new InstancedBufferAttribute(new Uint8Array([255, 255, 255, 255]), 4, true, forAll),
  );
  geometry.setAttribute(
    'aWidth',
    widths
      ? new InstancedBufferAttribute(widths, 1)
      : new InstancedBufferAttribute(new Float32Array([1]), 1, false, forAll),
  );
  geometry.instanceCount = ends.length / 6;
  return geometry;
}

/** Draws lines into the current target: in 3-D with its depth, in slice panes over what is there. */
export class LineDrawer {
  readonly #camera = new ShapeCamera();
  readonly #scene = new Scene();
  readonly #mesh: Mesh;
  readonly #material: RawShaderMaterial;

  constructor() {
    this.#material = new RawShaderMaterial({
      ...premultiplied,
      glslVersion: GLSL3,
      vertexShader: lineVertex,
      fragmentShader: lineFragment,
      side: DoubleSide,
      uniforms: {
        ...clipUniforms(),
        uColour: { value: new Vector3() },
        uOpacity: { value: 1 },
        uWidth: { value: 1 },
        uNmPerPx: { value: 1 },
        uFadeNm: { value: 0 },
      },
    });
    this.#mesh = new Mesh(undefined, this.#material);
    this.#mesh.frustumCulled = false;
    this.#mesh.matrixAutoUpdate = false;
    this.#scene.matrixWorldAutoUpdate = false;
    this.#scene.add(this.#mesh);
  }

  /** Draws the first `count` lines. */
  draw(
    renderer: WebGLRenderer,
    frame: ViewFrame,
    geometry: BufferGeometry,
    count: number,
    place: LinePlace,
    style: LineStyle,
  ): void {
    this.#camera.follow(frame);
    const flat = style.fadeNm !== null;
    this.#material.depthTest = !flat;
    this.#material.depthWrite = !flat;
    const { uniforms } = this.#material;
    setClips(uniforms, style.clip, frame);
    const [r, g, b] = style.colour;
    set(uniforms, {
      uColour: new Vector3(r / 255, g / 255, b / 255),
      uOpacity: style.opacity,
      uWidth: style.widthPx,
      uNmPerPx: frame.nmPerPx,
      uFadeNm: style.fadeNm ?? 0,
    });
    this.#material.uniformsNeedUpdate = true;
    (geometry as InstancedBufferGeometry).instanceCount = count;
    this.#mesh.geometry = geometry;
    this.#mesh.matrixWorld.copy(worldFromOrigin(place.worldFromLayer, place.originNm));
    renderer.render(this.#scene, this.#camera);
  }

  dispose(): void {
    this.#material.dispose();
  }
}
