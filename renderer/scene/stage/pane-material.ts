import type { IUniform } from 'three';
import { GLSL3, RawShaderMaterial, Vector2 } from 'three';
import type { Look } from './messages.ts';

export interface Shaders {
  readonly vertex: string;
  readonly fragment: string;
}

/** A material that draws voxels flat onto a pane, with the uniforms of the look beside its own. */
export function paneMaterial(shaders: Shaders, own: Readonly<Record<string, IUniform>>): RawShaderMaterial {
  return new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader: shaders.vertex,
    fragmentShader: shaders.fragment,
    depthTest: false,
    depthWrite: false,
    uniforms: {
      ...own,
      uWindow: { value: new Vector2() },
      uGamma: { value: 1 },
      uInverted: { value: false },
      uLabels: { value: false },
    },
  });
}

/** Sets the look and the given uniforms of a material. */
export function setUniforms(material: RawShaderMaterial, look: Look, own: Readonly<Record<string, unknown>>): void {
  const { window, gamma, inverted } = look;
  const values = { ...own, uWindow: new Vector2(...window), uGamma: gamma, uInverted: inverted };
  for (const [name, value] of Object.entries(values)) {
    const uniform = material.uniforms[name];
    if (uniform) uniform.value = value;
  }
}
