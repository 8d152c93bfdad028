import type { Blending, BlendingDstFactor, BlendingEquation, BlendingSrcFactor, IUniform } from 'three';
import {
  AddEquation,
  CustomBlending,
  DstColorFactor,
  GLSL3,
  LessDepth,
  Matrix3,
  MaxEquation,
  MinEquation,
  NoBlending,
  OneFactor,
  OneMinusSrcAlphaFactor,
  RawShaderMaterial,
  SrcAlphaFactor,
  Vector2,
  Vector3,
  ZeroFactor,
} from 'three';
import type { Blend } from '../../../preload/contract/view-state.ts';
import { lookUniforms } from './look.ts';
import { sliceFragment, sliceVertex } from './slice-shaders.ts';

interface Blended {
  /** `uBlend` of the shader. */
  readonly mode: 0 | 1 | 2 | 3;
  readonly blending: Blending;
  readonly equation: BlendingEquation;
  readonly source: BlendingSrcFactor;
  readonly below: BlendingDstFactor;
}

const custom = (
  mode: Blended['mode'],
  equation: BlendingEquation,
  source: BlendingSrcFactor,
  below: BlendingDstFactor,
): Blended => ({ mode, blending: CustomBlending, equation, source, below });

/** How blendSchema's formulas are done; what is below is opaque, and stays so. */
export const blendings: Readonly<Record<Blend, Blended>> = {
  over: custom(0, AddEquation, SrcAlphaFactor, OneMinusSrcAlphaFactor),
  additive: custom(0, AddEquation, SrcAlphaFactor, OneFactor),
  max: custom(1, MaxEquation, OneFactor, OneFactor),
  min: custom(2, MinEquation, OneFactor, OneFactor),
  multiply: custom(2, AddEquation, DstColorFactor, ZeroFactor),
  difference: { ...custom(3, AddEquation, OneFactor, ZeroFactor), blending: NoBlending },
};

export function setBlend(material: RawShaderMaterial, blend: Blend): number {
  const { mode, blending, equation, source, below } = blendings[blend];
  material.blending = blending;
  material.blendEquation = equation;
  material.blendSrc = source;
  material.blendDst = below;
  material.blendEquationAlpha = AddEquation;
  material.blendSrcAlpha = ZeroFactor;
  material.blendDstAlpha = OneFactor;
  return mode;
}

const sliceUniforms = (): Record<string, IUniform> => ({
  ...lookUniforms(),
  uClip: { value: new Matrix3() },
  uBoard: { value: new Vector2() },
  uPane: { value: new Matrix3() },
  uPerX: { value: new Vector3() },
  uPerY: { value: new Vector3() },
  uAtlas: { value: null },
  uLabels: { value: false },
  uOutlinePx: { value: 0 },
  uBlend: { value: 0 },
  uChecker: { value: 0 },
  uCheckerPx: { value: 64 },
  uBelow: { value: null },
});

/** Draws polygons of bricks: of a layer, what is drawn first stays. */
export const sliceMaterial = (): RawShaderMaterial =>
  new RawShaderMaterial({
    glslVersion: GLSL3,
    vertexShader: sliceVertex,
    fragmentShader: sliceFragment,
    depthTest: true,
    depthWrite: true,
    depthFunc: LessDepth,
    transparent: true,
    uniforms: sliceUniforms(),
  });
