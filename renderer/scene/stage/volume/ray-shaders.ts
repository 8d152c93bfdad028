import type { Parts, RayMode } from './ray-modes.ts';
import { labelLook, lut, modeParts, skipping } from './ray-modes.ts';
import { wordGlsl } from '../voxel-words.ts';

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

export const mostPools = 3;
export const mostHalfSpaces = 7;
/** Cells that a ray passes at most. */
const mostSteps = 4096;
export const cellsAcross = 2048;
export const infosAcross = 256;

export const rayVertex = /* glsl */ `
precision highp float;
in vec2 position;
void main() {
  gl_Position = vec4(position * 2.0 - 1.0, 0.0, 1.0);
}`;

const uniforms = /* glsl */ `
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
precision highp isampler2D;
precision highp usampler3D;

uniform usampler2D uCells;
uniform isampler2D uInfo;
uniform usampler3D uPool0;
#if POOLS > 1
uniform usampler3D uPool1;
#endif
#if POOLS > 2
uniform usampler3D uPool2;
#endif
uniform sampler2D uDepth;
uniform ivec3 uGrid;
uniform vec3 uCell;
uniform vec3 uEnd;
uniform vec3 uOrigin;
uniform vec3 uStepX;
uniform vec3 uStepY;
uniform vec3 uRay;
uniform vec3 uInverse;
uniform vec4 uHalfSpaces[${mostHalfSpaces}];
uniform int uHalfSpaceCount;
uniform float uStartNm;
uniform float uLengthNm;
uniform vec3 uScale[LEVELS];
uniform vec3 uOffset[LEVELS];
uniform vec3 uBrick[LEVELS];
uniform vec3 uLevelEnd[LEVELS];
uniform vec3 uMain[LEVELS];
uniform vec3 uStep[LEVELS];
uniform float uStepNm[LEVELS];
uniform int uPoolOf[LEVELS];
uniform vec3 uForward;
uniform mat3 uGradient;
uniform float uOpacity;
uniform int uBlend;
uniform bool uHasDepth;
uniform sampler2D uBelow;
uniform vec2 uWindow;
out vec4 colour;
`;

const lookUps = /* glsl */ `
${wordGlsl}

uint wordOf(int pool, ivec3 at) {
#if POOLS == 1
  return texelFetch(uPool0, at, 0).r;
#elif POOLS == 2
  return pool == 0 ? texelFetch(uPool0, at, 0).r : texelFetch(uPool1, at, 0).r;
#else
  return pool == 0 ? texelFetch(uPool0, at, 0).r : pool == 1 ? texelFetch(uPool1, at, 0).r : texelFetch(uPool2, at, 0).r;
#endif
}

uint texel(int pool, ivec3 voxel) {
  return voxelIn(wordOf(pool, wordAt(voxel)), voxel.x);
}

int numberOf(ivec3 cell) {
  int i = cell.x + uGrid.x * (cell.y + uGrid.y * cell.z);
  return int(texelFetch(uCells, ivec2(i & ${cellsAcross - 1}, i >> ${Math.log2(cellsAcross)}), 0).r);
}

struct Brick {
  int level;
  int pool;
  bool empty;
  ivec3 slot;
  ivec3 first;
  ivec3 last;
  uint least;
  uint most;
};

Brick brickOf(int number) {
  ivec2 at = ivec2((number & ${infosAcross - 1}) * 2, number >> ${Math.log2(infosAcross)});
  ivec4 head = texelFetch(uInfo, at, 0);
  ivec4 tail = texelFetch(uInfo, at + ivec2(1, 0), 0);
  int level = head.w & 31;
  return Brick(
    level,
    uPoolOf[level],
    (head.w & 256) != 0,
    head.xyz,
    tail.xyz,
    ivec3(min(uBrick[level], uLevelEnd[level] - vec3(tail.xyz))) - 1,
    uint(tail.w) & 65535u,
    uint(tail.w) >> 16
  );
}

/** The value at a place, of whatever level is there; false where there is none. */
bool valueAt(vec3 place, out uint value) {
  value = 0u;
  vec3 inside = clamp(place, vec3(0.0), uEnd - 0.001);
  int number = numberOf(ivec3(inside / uCell));
  if (number == 0) return false;
  Brick b = brickOf(number);
  if (b.empty) return true;
  ivec3 voxel = ivec3(floor(inside * uScale[b.level] + uOffset[b.level])) - b.first;
  value = texel(b.pool, b.slot + clamp(voxel, ivec3(0), b.last));
  return true;
}

/** The value of a voxel (counted from the brick's first), of another brick where it lies beside this one. */
uint neighbour(Brick b, ivec3 voxel) {
  if (!b.empty && all(greaterThanEqual(voxel, ivec3(0))) && all(lessThanEqual(voxel, b.last)))
    return texel(b.pool, b.slot + voxel);
  uint value;
  valueAt((vec3(voxel + b.first) + 0.5 - uOffset[b.level]) / uScale[b.level], value);
  return value;
}
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

/** The planes through the cross-hair: where a ray first meets one of them inside the clips, each layer gives its colour. */
const slices = (labels: boolean): string => /* glsl */ `
uniform vec4 uPlanes[3];
uniform vec4 uBounds[6];
float along(vec4 h, vec2 pixel) {
  return -(h.x + h.y * pixel.x + h.z * pixel.y) / h.w;
}
bool outside(vec4 h, vec2 pixel, float t) {
  return h.x + h.y * pixel.x + h.z * pixel.y + h.w * t > 0.0;
}
void main() {
  vec2 pixel = gl_FragCoord.xy;
  float nearest = uLengthNm;
  for (int i = 0; i < 3; i++) {
    float t = along(uPlanes[i], pixel) ;
    if (!(t > -uStartNm && t + uStartNm < nearest)) continue;
    bool out_ = false;
    for (int k = 0; k < uHalfSpaceCount; k++) out_ = out_ || outside(uHalfSpaces[k], pixel, t);
    for (int k = 0; k < 6; k++) out_ = out_ || outside(uBounds[k], pixel, t);
    if (!out_) nearest = t + uStartNm;
  }
  if (nearest >= uLengthNm) discard;
  gl_FragDepth = nearest / uLengthNm;
  if (uOpacity < 0.0) {
    colour = vec4(0.0, 0.0, 0.0, 1.0);
    return;
  }
  // A hair on: a plane on the face of voxels shows those behind it, not now these and now those.
  vec3 place = uOrigin + pixel.x * uStepX + pixel.y * uStepY + (nearest - uStartNm) * uRay + 0.002;
  uint value;
  if (any(lessThan(place, vec3(-0.01))) || any(greaterThan(place, uEnd + 0.01)) || !valueAt(place, value)) discard;
  ${labels ? 'vec4 here = value == 0u ? vec4(0.0) : look(value); if (here.a == 0.0) discard; put(here.rgb, here.a);' : 'put(look(windowed(float(value))).rgb, 1.0);'}
}`;

/** Whether a program's voxels are labels. */
export interface RaySource extends RayProgram {
  readonly labels: boolean;
}

export function rayFragment({ mode, levels, pools, bits, labels }: RaySource): string {
  const head = `#define LEVELS ${levels}\n#define POOLS ${pools}\n#define VOXEL_BITS ${bits}\n${uniforms}${lookUps}${output}${labels ? labelLook : lut}`;
  if (mode === 'slices') return head + slices(labels);
  const part = modeParts[mode];
  return `${head}${mode === 'translucent' ? skipping : ''}${part.declare ?? ''}${span}${march(part)}`;
}
