import type { DataTexture, FramebufferTexture, WebGLRenderer } from 'three';
import {
  BufferAttribute,
  BufferGeometry,
  Camera,
  GLSL3,
  LessDepth,
  Matrix3,
  Mesh,
  NearestFilter,
  RawShaderMaterial,
  Scene,
  WebGLRenderTarget,
} from 'three';
import type { Blend } from '../../../../preload/contract/view-state.ts';
import type { PaneSize } from '../../../state/view.ts';
import { lookUniforms, setLook, setUniforms, shadeGlsl } from '../look.ts';
import type { LabelsLook } from '../look.ts';
import { blendedAs, blendings } from '../slice-material.ts';
import { blendGlsl } from '../slice-shaders.ts';

const vertex = /* glsl */ `
precision highp float;
in vec2 position;
uniform float uDepth;
void main() {
  gl_Position = vec4(position, uDepth, 1.0);
}`;

/** `uIndices`: the labels of the pane and of `uMargin` pixels around it; alpha 0 where there are no voxels. */
const fragment = /* glsl */ `
precision highp float;
precision highp int;
uniform highp sampler2D uIndices;
uniform int uMargin;
/** Nothing is thinner than this, in pixels: looking this often finds all. */
uniform int uStep;
out vec4 colour;
${shadeGlsl}
${blendGlsl}

uint labelAt(vec4 texel) {
  uvec4 bytes = uvec4(texel * 255.0 + 0.5);
  return bytes.r | (bytes.g << 8) | (bytes.b << 16);
}

bool isOther(uint label, ivec2 at) {
  return labelAt(texelFetch(uIndices, at, 0)) != label;
}

/** On all sides, whatever is thinner than the outline; slant edges get an outline as wide as straight ones. */
bool isEdge(uint label, ivec2 at) {
  for (int i = uStep; i < uMargin + uStep; i += uStep) {
    int px = min(i, uMargin);
    ivec2 step = ivec2(px, 0);
    if (isOther(label, at + step) || isOther(label, at - step) || isOther(label, at + step.yx) ||
      isOther(label, at - step.yx)) return true;
    if (uMargin == 1) continue;
    ivec2 slant = ivec2(int(floor(float(px) * 0.7071 + 0.5)));
    ivec2 other = slant * ivec2(1, -1);
    if (isOther(label, at + slant) || isOther(label, at - slant) || isOther(label, at + other) ||
      isOther(label, at - other)) return true;
  }
  return false;
}

void main() {
  ivec2 at = ivec2(gl_FragCoord.xy) + uMargin;
  vec4 texel = texelFetch(uIndices, at, 0);
  if (texel.a < 0.5) discard;
  uint label = labelAt(texel);
  vec4 shaded = shadeLabel(label);
  if (!isEdge(label, at)) shaded.a = 0.0;
  colour = blended(shaded.rgb, shaded.a);
}`;

/** How a layer's outlines are put on what lies below. */
export interface OutlineLook {
  readonly look: LabelsLook;
  readonly blend: Blend;
  /** In clip space. */
  readonly depth: number;
  readonly colourMaps: DataTexture;
  readonly labelColours: DataTexture | null;
  readonly below: FramebufferTexture | null;
  /** How wide the smallest voxels are, device pixels. */
  readonly voxelPx: number;
}

/**
 * Outlines of labels: the labels are drawn as numbers first, with a margin around the pane, then each pixel looks at those
 * beside it. So they are closed wherever bricks and levels meet.
 */
export class OutlinePass {
  #target: WebGLRenderTarget | null = null;
  readonly #materials = new Map<Blend, RawShaderMaterial>();
  readonly #geometry = new BufferGeometry();
  readonly #mesh = new Mesh(this.#geometry);
  readonly #scene = new Scene();
  readonly #camera = new Camera();

  constructor() {
    this.#geometry.setAttribute('position', new BufferAttribute(new Float32Array([-1, -1, 3, -1, -1, 3]), 2));
    this.#mesh.frustumCulled = false;
    this.#scene.add(this.#mesh);
  }

  /** What lies `marginPx` device pixels around a pane, too: changes of the matrices that map to clip space and to its pixels. */
  static around({ width, height }: PaneSize, marginPx: number): { readonly clip: Matrix3; readonly pane: Matrix3 } {
    return {
      clip: new Matrix3().makeScale(width / (width + 2 * marginPx), height / (height + 2 * marginPx)),
      pane: new Matrix3().makeTranslation(-marginPx, -marginPx),
    };
  }

  /** Has `drawLabels` draw numbers into a buffer, with depth; then outlines them in what was drawn into before. */
  draw(renderer: WebGLRenderer, size: PaneSize, marginPx: number, look: OutlineLook, drawLabels: () => void): void {
    const into = renderer.getRenderTarget();
    const target = this.#sized(size.width + 2 * marginPx, size.height + 2 * marginPx);
    const alpha = renderer.getClearAlpha();
    renderer.setRenderTarget(target);
    renderer.setClearAlpha(0);
    renderer.clear(true, true, false);
    renderer.setClearAlpha(alpha);
    drawLabels();
    renderer.setRenderTarget(into);
    const material = this.#materials.get(look.blend) ?? outlineMaterial(look.blend);
    this.#materials.set(look.blend, material);
    setLook(material, look.look, look);
    setUniforms(material, {
      uIndices: target.texture,
      uMargin: marginPx,
      uStep: stepOf(look.voxelPx, marginPx),
      uDepth: look.depth,
      uBelow: look.below,
    });
    this.#mesh.material = material;
    renderer.render(this.#scene, this.#camera);
  }

  #sized(width: number, height: number): WebGLRenderTarget {
    const before = this.#target;
    const fits = before !== null && before.width >= width && before.height >= height;
    if (!fits) before?.dispose();
    const [w, h] = [Math.max(width, before?.width ?? 0), Math.max(height, before?.height ?? 0)];
    const filters = { minFilter: NearestFilter, magFilter: NearestFilter, generateMipmaps: false } as const;
    const target = fits ? before : new WebGLRenderTarget(w, h, filters);
    target.viewport.set(0, 0, width, height);
    target.scissor.set(0, 0, width, height);
    this.#target = target;
    return target;
  }

  dispose(): void {
    this.#target?.dispose();
    this.#geometry.dispose();
    for (const material of this.#materials.values()) material.dispose();
  }
}

/** A slant plane cuts slices off voxels. */
const stepOf = (voxelPx: number, marginPx: number): number => Math.max(1, Math.min(marginPx, Math.floor(voxelPx / 2)));

const outlineMaterial = (blend: Blend): RawShaderMaterial =>
  new RawShaderMaterial({
    ...blendedAs(blend),
    glslVersion: GLSL3,
    vertexShader: vertex,
    fragmentShader: fragment,
    defines: { BLEND: blendings[blend].mode, NO_GAMMA: 1, NO_MAP: 1 },
    depthTest: true,
    depthWrite: true,
    depthFunc: LessDepth,
    uniforms: {
      ...lookUniforms(),
      uIndices: { value: null },
      uMargin: { value: 1 },
      uStep: { value: 1 },
      uDepth: { value: 0 },
      uBelow: { value: null },
    },
  });
