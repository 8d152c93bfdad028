import type { Texture, WebGLRenderer } from 'three';
import { BufferGeometry, DoubleSide, GLSL3, Mesh, RawShaderMaterial, Scene, Vector3 } from 'three';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Clip, Matrix34 } from '../../../../preload/contract/view-state.ts';
import type { Rgb } from '../../../ui/colour-maps.ts';
import { premultiplied, set } from './mesh-drawer.ts';
import { ShapeCamera, clipUniforms, setClips, worldFromOrigin } from './shape-camera.ts';
import { lineFragment, lineVertex } from './shape-shaders.ts';
import type { ViewFrame } from './view-frame.ts';
import { finestNm } from './view-frame.ts';

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

/** Draws lines into the current target: in 3-D with its depth, in slice panes over what is there. */
export class LineDrawer {
  readonly #camera = new ShapeCamera();
  readonly #scene = new Scene();
  readonly #mesh: Mesh;
  readonly #material = lineMaterial();
  /** Nothing: the shader makes corners of their numbers. */
  readonly #geometry = new BufferGeometry();

  constructor() {
    this.#mesh = new Mesh(this.#geometry, this.#material);
    this.#mesh.frustumCulled = false;
    this.#mesh.matrixAutoUpdate = false;
    this.#scene.matrixWorldAutoUpdate = false;
    this.#scene.add(this.#mesh);
  }

  /** Draws the first `count` lines. */
  draw(
    renderer: WebGLRenderer,
    frame: ViewFrame,
    lines: Texture,
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
      uLines: lines,
      uColour: new Vector3(r / 255, g / 255, b / 255),
      uOpacity: style.opacity,
      uWidth: style.widthPx * frame.ratio,
      uNmPerPx: finestNm(frame),
      uFadeNm: style.fadeNm ?? 0,
    });
    this.#material.uniformsNeedUpdate = true;
    this.#geometry.setDrawRange(0, count * 6);
    this.#mesh.matrixWorld.copy(worldFromOrigin(place.worldFromLayer, place.originNm));
    renderer.render(this.#scene, this.#camera);
  }

  dispose(): void {
    this.#material.dispose();
    this.#geometry.dispose();
  }
}

const lineMaterial = (): RawShaderMaterial =>
  new RawShaderMaterial({
    ...premultiplied,
    glslVersion: GLSL3,
    vertexShader: lineVertex,
    fragmentShader: lineFragment,
    side: DoubleSide,
    uniforms: {
      ...clipUniforms(),
      uLines: { value: null },
      uColour: { value: new Vector3() },
      uOpacity: { value: 1 },
      uWidth: { value: 1 },
      uNmPerPx: { value: 1 },
      uFadeNm: { value: 0 },
    },
  });
