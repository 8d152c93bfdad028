import type { Blending, BlendingDstFactor, BlendingEquation, BlendingSrcFactor, IUniform } from 'three';
import {
  AddEquation,
  CustomBlending,
  DoubleSide,
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
  /** BLEND of the shader. */
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

const sliceUniforms = (): Record<string, IUniform> => ({
  ...lookUniforms(),
  uClip: { value: new Matrix3() },
  uPane: { value: new Matrix3() },
  uPerX: { value: new Vector3() },
  uPerY: { value: new Vector3() },
  uAtlas: { value: null },
  uBoard: { value: new Vector2() },
  uOdd: { value: 0 },
  uCheckerPx: { value: 64 },
  uBelow: { value: null },
});

/** What a shader is made for. */
export interface SliceKind {
  readonly blend: Blend;
  readonly labels: boolean;
  /** Of a voxel in the texture. */
  readonly bits: 8 | 16 | 32;
  readonly outlines: boolean;
  readonly checker: boolean;
  readonly gamma: boolean;
  readonly mapped: boolean;
}

export function definesOf({
  blend,
  labels,
  bits,
  outlines,
  checker,
  gamma,
  mapped,
}: SliceKind): Record<string, number> {
  return {
    BLEND: blendings[blend].mode,
    VOXEL_BITS: bits,
    ...(labels && { LABELS: 1 }),
    ...(outlines && { OUTLINES: 1 }),
    ...(checker && { CHECKER: 1 }),
    ...(!gamma && { NO_GAMMA: 1 }),
    ...(!mapped && { NO_MAP: 1 }),
  };
}

/** Settings of a material that blends as a layer does; what is below is opaque, and stays so. */
export function blendedAs(blend: Blend) {
  const { blending, equation, source, below } = blendings[blend];
  return {
    transparent: true,
    blending,
    blendEquation: equation,
    blendSrc: source,
    blendDst: below,
    blendEquationAlpha: AddEquation,
    blendSrcAlpha: ZeroFactor,
    blendDstAlpha: OneFactor,
  };
}

/** Draws polygons of bricks: of a layer, what is drawn first stays. */
export function sliceMaterial(kind: SliceKind): RawShaderMaterial {
  return new RawShaderMaterial({
    ...blendedAs(kind.blend),
    // Numbers are not mixed.
    ...(kind.outlines && { blending: NoBlending }),
    glslVersion: GLSL3,
    vertexShader: sliceVertex,
    fragmentShader: sliceFragment,
    defines: definesOf(kind),
    side: DoubleSide,
    depthTest: true,
    depthWrite: true,
    depthFunc: LessDepth,
    uniforms: sliceUniforms(),
  });
}
