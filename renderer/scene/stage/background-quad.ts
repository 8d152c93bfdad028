import type { WebGLRenderer } from 'three';
import {
  BufferAttribute,
  BufferGeometry,
  Camera,
  GLSL3,
  LessEqualDepth,
  Mesh,
  RawShaderMaterial,
  Scene,
  Vector3,
} from 'three';

const vertex = /* glsl */ `
in vec2 position;
void main() {
  gl_Position = vec4(position, 1.0, 1.0);
}`;

const fragment = /* glsl */ `
precision highp float;
uniform vec3 uColour;
out vec4 colour;
void main() {
  colour = vec4(uColour, 1.0);
}`;

/** Colours what no layer reached: layers blend onto black, so that dark data stays dark, and the rest is the pane's own. */
export class BackgroundQuad {
  readonly #geometry = new BufferGeometry();
  readonly #material: RawShaderMaterial;
  readonly #scene = new Scene();
  readonly #camera = new Camera();

  constructor(rgb: readonly [number, number, number]) {
    this.#geometry.setAttribute('position', new BufferAttribute(new Float32Array([-1, -1, 3, -1, -1, 3]), 2));
    this.#material = new RawShaderMaterial({
      glslVersion: GLSL3,
      vertexShader: vertex,
      fragmentShader: fragment,
      depthTest: true,
      depthWrite: false,
      depthFunc: LessEqualDepth,
      uniforms: { uColour: { value: new Vector3(...rgb) } },
    });
    const mesh = new Mesh(this.#geometry, this.#material);
    mesh.frustumCulled = false;
    this.#scene.add(mesh);
  }

  /** Into a target whose depth is 1 where nothing was drawn. */
  draw(renderer: WebGLRenderer): void {
    renderer.render(this.#scene, this.#camera);
  }

  dispose(): void {
    this.#geometry.dispose();
    this.#material.dispose();
  }
}
