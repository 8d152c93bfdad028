import type { Parts, RayMode } from './ray-modes.ts';
import { labelLook, lut, modeParts, skipping } from './ray-modes.ts';
import { tableLookUps, tableUniforms } from './table-glsl.ts';

/**
 * Rays through bricks of several levels. GLSL 3.00 es; one program for each mode, so that the innermost loop holds nothing
 * but what its mode needs. All rays are parallel. Places are voxel coordinates of the page table (target level, from its
 * first cell on), `t` is nm along the ray.
 *
 * Of each level, a ray is sampled where it crosses the middles of the voxels along its main axis: one sample a layer of
 * voxels, of the voxel that it falls in; more where voxels are seen larger than pixels. Where samples lie depends on nothing but the ray, so clips and bricks do not move
 * them. What is not here (cells without a brick) counts nothing.
 */
export interface RayProgram {
  readonly mode: RayMode;
  /** Levels from the target on, and textures that their bricks are in (1 to 3). */
  readonly levels: number;
  readonly pools: number;
  /** Of a voxel in the textures. */
  readonly bits: 8 | 16 | 32;
}

export const mostHalfSpaces = 7;
/** Cells that a ray passes at most. */
const mostSteps = 4096;

export const rayVertex = /* glsl */ `
precision highp float;
in vec2 position;
void main() {
  gl_Position = vec4(position * 2.0 - 1.0, 0.0, 1.0);
}`;

const uniforms = /* glsl */ `${tableUniforms}
uniform sampler2D uDepth;
uniform vec3 uOrigin;
uniform vec3 uStepX;
uniform vec3 uStepY;
uniform vec3 uRay;
uniform vec3 uInverse;
uniform vec4 uHalfSpaces[${mostHalfSpaces}];
uniform int uHalfSpaceCount;
uniform float uStartNm;
uniform float uLengthNm;
uniform vec3 uMain[LEVELS];
uniform vec3 uStep[LEVELS];
uniform float uStepNm[LEVELS];
uniform vec3 uForward;
uniform mat3 uGradient;
uniform float uOpacity;
uniform int uBlend;
uniform bool uHasDepth;
uniform sampler2D uBelow;
uniform vec2 uWindow;
out vec4 colour;
`;

/** Blends as view-state.ts says, with the blending of the GPU: 0 over, 1 additive, 2 max, 3 min and multiply, 4 difference. */
const output = /* glsl */ `
void put(vec3 c, float cover) {
  float a = uOpacity * cover;
  if (uBlend == 4) colour = vec4(abs(texelFetch(uBelow, ivec2(gl_FragCoord.xy), 0).rgb - a * c), 1.0);
  else colour = uBlend == 3 ? vec4(1.0 + a * (c - 1.0), 1.0) : vec4(a * c, uBlend == 0 ? a : uBlend == 1 ? 0.0 : 1.0);
}
`;

const span = /* glsl */ `
/** The part of the ray inside the table, the clips, and before what is opaque. */
bool spanOf(vec3 from, vec2 pixel, out vec2 part, out bool opaque) {
  vec3 a = -from * uInverse;
  vec3 b = (uEnd - from) * uInverse;
  vec3 near = min(a, b);
  vec3 far = max(a, b);
  part = vec2(max(max(near.x, near.y), near.z), min(min(far.x, far.y), far.z));
  for (int i = 0; i < uHalfSpaceCount; i++) {
    vec4 h = uHalfSpaces[i];
    float away = h.x + h.y * pixel.x + h.z * pixel.y;
    if (h.w > 0.0) part.y = min(part.y, -away / h.w);
    else if (h.w < 0.0) part.x = max(part.x, -away / h.w);
    else if (away > 0.0) return false;
  }
  float depth = uHasDepth ? texelFetch(uDepth, ivec2(pixel), 0).r : 1.0;
  opaque = depth < 1.0;
  if (opaque) part.y = min(part.y, depth * uLengthNm - uStartNm);
  return part.x < part.y;
}
`;

const march = ({ begin, brick, end }: Parts): string => /* glsl */ `
void main() {
  vec3 from = uOrigin + gl_FragCoord.x * uStepX + gl_FragCoord.y * uStepY;
  vec2 part;
  bool opaque;
  if (!spanOf(from, gl_FragCoord.xy, part, opaque)) discard;
  float t = part.x;
  ivec3 cell = clamp(ivec3(floor((from + t * uRay) / uCell)), ivec3(0), uGrid - 1);
  ivec3 way = ivec3(sign(uRay));
  vec3 ahead = vec3(max(way, 0));
  bool touched = false;
  ${begin}
  for (int i = 0; i < ${mostSteps}; i++) {
    vec3 edges = ((vec3(cell) + ahead) * uCell - from) * uInverse;
    float edge = min(min(edges.x, edges.y), edges.z);
    float until = min(edge, part.y);
    int number = numberOf(cell);
    if (number != 0 && until > t) {
      Brick b = brickOf(number);
      vec3 start = from * uScale[b.level] + uOffset[b.level];
      float rate = 1.0 / uStepNm[b.level];
      float along = dot(start, uMain[b.level]);
      int first = int(ceil(along + t * rate - 0.5));
      int n = int(ceil(along + until * rate - 0.5)) - first;
      // A ray that only cuts a corner is sampled once, in the middle of what it has.
      bool corner = n <= 0 && !touched && edge >= part.y;
      if (n > 0 || corner) {
        touched = true;
        vec3 step = uStep[b.level];
        float at = corner ? 0.5 * (part.x + part.y) * rate : float(first) + 0.5 - along;
        vec3 p = start + step * at - vec3(b.first);
        n = max(n, 1);
        ${brick}
      }
    }
    if (edge >= part.y) break;
    t = max(t, edge);
    if (edges.x <= edges.y && edges.x <= edges.z) {
      cell.x += way.x;
      if (cell.x < 0 || cell.x >= uGrid.x) break;
    } else if (edges.y <= edges.z) {
      cell.y += way.y;
      if (cell.y < 0 || cell.y >= uGrid.y) break;
    } else {
      cell.z += way.z;
      if (cell.z < 0 || cell.z >= uGrid.z) break;
    }
  }
  ${end}
}`;

/** Whether a program's voxels are labels. */
export interface RaySource extends RayProgram {
  readonly labels: boolean;
}

export function rayFragment({ mode, levels, pools, bits, labels }: RaySource): string {
  const head = `#define LEVELS ${levels}\n#define POOLS ${pools}\n#define VOXEL_BITS ${bits}\n${uniforms}${tableLookUps}${output}${labels ? labelLook : lut}`;
  const part = modeParts[mode];
  return `${head}${mode === 'translucent' ? skipping : ''}${part.declare ?? ''}${span}${march(part)}`;
}
