import type { WebGLRenderer } from 'three';
import {
  BufferAttribute,
  BufferGeometry,
  Camera as ThreeCamera,
  DepthFormat,
  DepthTexture,
  GLSL3,
  Mesh,
  NearestFilter,
  NoBlending,
  RawShaderMaterial,
  Scene,
  UnsignedIntType,
  WebGLRenderTarget,
} from 'three';
import { rayVertex } from './ray-shaders.ts';

const copyFragment = /* glsl */ `
precision highp float;
uniform sampler2D uFrom;
out vec4 colour;
void main() {
  colour = texelFetch(uFrom, ivec2(gl_FragCoord.xy), 0);
}`;

/** What is opaque in a 3-D pane, in colour and depth: volumes are drawn over it, and their rays end at it. */
export class OpaquePass {
  #target: WebGLRenderTarget | null = null;
  readonly #geometry = new BufferGeometry();
  readonly #material = new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader: rayVertex,
    fragmentShader: copyFragment,
    depthTest: false,
    depthWrite: false,
    blending: NoBlending,
    uniforms: { uFrom: { value: null } },
  });
  readonly #scene = new Scene();
  readonly #camera = new ThreeCamera();

  constructor() {
    this.#geometry.setAttribute('position', new BufferAttribute(new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), 2));
    this.#geometry.setIndex([0, 1, 2, 2, 1, 3]);
    const mesh = new Mesh(this.#geometry, this.#material);
    mesh.frustumCulled = false;
    this.#scene.add(mesh);
  }

  get depth(): DepthTexture | null {
    return this.#target?.depthTexture ?? null;
  }

  /** Clears a picture of this size, and lets `draw` draw into it. */
  paint(renderer: WebGLRenderer, width: number, height: number, draw: () => void): void {
    const target = this.#sized(width, height);
    renderer.setRenderTarget(target);
    target.viewport.set(0, 0, width, height);
    target.scissor.set(0, 0, width, height);
    renderer.setRenderTarget(target);
    renderer.clear(true, true, false);
    draw();
    renderer.setRenderTarget(null);
  }

  /** Copies the picture to what is drawn into now. */
  copy(renderer: WebGLRenderer): void {
    const from = this.#material.uniforms['uFrom'];
    if (from) from.value = this.#target?.texture ?? null;
    renderer.render(this.#scene, this.#camera);
  }

  #sized(width: number, height: number): WebGLRenderTarget {
    const before = this.#target;
    if (before && before.width >= width && before.height >= height) return before;
    before?.dispose();
    const [w, h] = [Math.max(width, before?.width ?? 0), Math.max(height, before?.height ?? 0)];
    const depthTexture = new DepthTexture(w, h, UnsignedIntType);
    depthTexture.format = DepthFormat;
    depthTexture.minFilter = depthTexture.magFilter = NearestFilter;
    this.#target = new WebGLRenderTarget(w, h, {
      minFilter: NearestFilter,
      magFilter: NearestFilter,
      generateMipmaps: false,
      depthTexture,
    });
    return this.#target;
  }

  dispose(): void {
    this.#target?.dispose();
    this.#target?.depthTexture?.dispose();
    this.#geometry.dispose();
    this.#material.dispose();
  }
}
