import type { VolumeMode } from '../../../../preload/contract/view-state.ts';
import { lutSteps } from './transfer-lut.ts';

/**
 * Rays through bricks of several levels. GLSL 3.00 es; one program for each mode, so that the innermost loop holds nothing
 * but what its mode needs. All rays are parallel. Places are voxel coordinates of the page table (target level, from its
 * first cell on), `t` is nm along the ray.
 *
 * Of each level, a ray is sampled where it crosses the middles of the voxels along its main axis: one sample a layer of
 * voxels, of the voxel that it falls in; more where voxels are seen larger than pixels. Where samples lie depends on nothing but the ray, so clips and bricks do not move
 * them. What is not here (cells without a brick) counts nothing.
 */
export type RayMode = Exclude<VolumeMode, 'off'> | 'labels' | 'slices';

export interface RayProgram {
  readonly mode: RayMode;
  /** Levels from the target on, and textures that their bricks are in (1 to 3). */
  readonly levels: number;
  readonly pools: number;
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
uint texel(int pool, ivec3 at) {
#if POOLS == 1
  return texelFetch(uPool0, at, 0).r;
#elif POOLS == 2
  return pool == 0 ? texelFetch(uPool0, at, 0).r : texelFetch(uPool1, at, 0).r;
#else
  return pool == 0 ? texelFetch(uPool0, at, 0).r : pool == 1 ? texelFetch(uPool1, at, 0).r : texelFetch(uPool2, at, 0).r;
#endif
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

const lut = /* glsl */ `
uniform sampler2D uLut;
float windowed(float value) {
  return clamp((value - uWindow.x) * uWindow.y, 0.0, 1.0);
}
vec4 look(float w) {
  return texelFetch(uLut, ivec2(int(w * ${lutSteps - 1}.0 + 0.5), 0), 0);
}
`;

const labelLook = /* glsl */ `
uniform sampler2D uLabelColours;
vec4 look(uint label) {
  return texelFetch(uLabelColours, ivec2(label & 2047u, label >> 11), 0);
}
`;

/** Seen head on, a surface is bright; towards its rim it darkens to a third. */
const light = /* glsl */ `
float lit(vec3 gradient) {
  vec3 n = uGradient * gradient;
  float size = length(n);
  return 0.3 + 0.7 * (size > 0.0 ? abs(dot(n, uForward)) / size : 1.0);
}
`;

interface Parts {
  readonly declare?: string;
  /** Before the ray; variables that last. */
  readonly begin: string;
  /** Runs in a brick with `n` samples from `p` on (voxels of the brick); may `continue` to the next cell: `NEXT`. */
  readonly brick: string;
  readonly end: string;
}

/** Samples of a brick. `each` reads `value`. */
const samples = (each: string): string => /* glsl */ `
for (int k = 0; k < n; k++) {
  uint value = b.empty ? 0u : texel(b.pool, b.slot + clamp(ivec3(p), ivec3(0), b.last));
  ${each}
  p += step;
}`;

/** Where something opaque ends the ray, dark parts of a projection let it shine through. */
const projected = (dark: string): string => /* glsl */ `
if (!touched) discard;
put(look(w).rgb, opaque ? ${dark} : 1.0);`;

const extremum = (start: string, pick: string, none: string, enough: string): Parts => ({
  begin: `uint found = ${start};`,
  brick: /* glsl */ `
if (!(${none})) {
  ${samples(`found = ${pick};`)}
}
if (${enough}) break;`,
  end: `float w = windowed(float(found));`,
});

const parts: Readonly<Record<Exclude<RayMode, 'slices'>, Parts>> = {
  max: withEnd(
    extremum('0u', 'max(found, value)', 'b.empty || b.most <= found', 'float(found) >= uEnough'),
    projected('w'),
  ),
  min: withEnd(
    extremum('65535u', 'min(found, value)', 'b.least >= found', 'float(found) <= uEnough'),
    projected('1.0 - w'),
  ),
  average: {
    begin: 'float sum = 0.0; float covered = 0.0;',
    brick: /* glsl */ `
uint inBrick = 0u;
if (!b.empty) {
  ${samples('inBrick += value;')}
}
sum += float(inBrick) * uStepNm[b.level];
covered += float(n) * uStepNm[b.level];`,
    end: `float w = windowed(covered > 0.0 ? sum / covered : 0.0);${projected('w')}`,
  },
  attenuated: {
    declare: 'uniform float uFade;',
    begin: 'float best = 0.0; float weight = 1.0;',
    brick: /* glsl */ `
float most = windowed(float(b.most));
if (most > 0.0) {
  float fade = -uFade * uStepNm[b.level];
  ${samples(`float here = windowed(float(value));
  best = max(best, here * weight);
  if (here > 0.0) weight *= exp2(fade * here);`)}
}
if (weight <= best) break;`,
    end: `float w = best;${projected('w')}`,
  },
  translucent: {
    declare: 'uniform float uReferenceNm;',
    begin: 'vec3 light = vec3(0.0); float through = 1.0;',
    brick: /* glsl */ `
if (!skips(b.least, b.most)) {
  float steps = uStepNm[b.level] / uReferenceNm;
  ${samples(`vec4 here = look(windowed(float(value)));
  if (here.a < 0.0) {
    float passes = exp2(here.a * steps);
    light += through * (1.0 - passes) * here.rgb;
    through *= passes;
    if (through < 0.004) break;
  }`)}
}
if (through < 0.004) break;`,
    end: `if (through > 0.999) discard; put(light / (1.0 - through), 1.0 - through);`,
  },
  surface: {
    declare: /* glsl */ `
uniform float uSurfaceAt;
uniform vec3 uSurfaceColour;
${light}
/** The value at a place of the brick's level, between the middles of voxels, and its gradient. */
float smoothAt(Brick b, vec3 p) {
  vec3 q = p - 0.5;
  ivec3 v = ivec3(floor(q));
  vec3 f = q - vec3(v);
  float sum = 0.0;
  for (int i = 0; i < 8; i++) {
    ivec3 o = ivec3(i & 1, (i >> 1) & 1, i >> 2);
    vec3 w = mix(1.0 - f, f, vec3(o));
    sum += w.x * w.y * w.z * float(neighbour(b, v + o));
  }
  return sum;
}
vec3 gradientAt(Brick b, vec3 p) {
  vec3 q = p - 0.5;
  ivec3 v = ivec3(floor(q));
  vec3 f = q - vec3(v);
  vec3 sum = vec3(0.0);
  for (int i = 0; i < 8; i++) {
    ivec3 o = ivec3(i & 1, (i >> 1) & 1, i >> 2);
    vec3 w = mix(1.0 - f, f, vec3(o));
    ivec3 c = v + o;
    vec3 up = vec3(neighbour(b, c + ivec3(1, 0, 0)), neighbour(b, c + ivec3(0, 1, 0)), neighbour(b, c + ivec3(0, 0, 1)));
    vec3 down = vec3(neighbour(b, c - ivec3(1, 0, 0)), neighbour(b, c - ivec3(0, 1, 0)), neighbour(b, c - ivec3(0, 0, 1)));
    sum += w.x * w.y * w.z * (up - down);
  }
  return sum * uScale[b.level];
}`,
    begin: 'bool hit = false; float shade = 1.0;',
    brick: /* glsl */ `
if (windowed(float(b.most)) >= uSurfaceAt) {
  ${samples(`if (windowed(float(value)) >= uSurfaceAt) { hit = true; break; }`)}
  if (hit) {
    // Between the sample before and this one, by halves.
    float far = 0.0;
    float near = -1.0;
    if (windowed(smoothAt(b, p)) >= uSurfaceAt && windowed(smoothAt(b, p - step)) < uSurfaceAt)
      for (int i = 0; i < 5; i++) {
        float middle = 0.5 * (near + far);
        if (windowed(smoothAt(b, p + middle * step)) >= uSurfaceAt) far = middle;
        else near = middle;
      }
    shade = lit(gradientAt(b, p + far * step));
    break;
  }
}`,
    end: `if (!hit) discard; put(uSurfaceColour * shade, 1.0);`,
  },
  labels: {
    declare: /* glsl */ `
${light}
/** Away from the voxels of the same label, among the 26 around. */
vec3 gradientOf(Brick b, ivec3 voxel, uint label) {
  vec3 sum = vec3(0.0);
  for (int i = 0; i < 27; i++) {
    ivec3 o = ivec3(i % 3, (i / 3) % 3, i / 9) - 1;
    if (neighbour(b, voxel + o) == label) sum -= vec3(o);
  }
  return sum * uScale[b.level];
}`,
    begin: 'uint before = 0u; vec3 light = vec3(0.0); float through = 1.0;',
    brick: /* glsl */ `
if (b.empty) before = 0u;
else {
  ${samples(`if (value != before) {
    before = value;
    vec4 here = value == 0u ? vec4(0.0) : look(value);
    if (here.a > 0.0) {
      light += through * here.a * here.rgb * lit(gradientOf(b, clamp(ivec3(p), ivec3(0), b.last), value));
      through *= 1.0 - here.a;
      if (through < 0.01) break;
    }
  }`)}
}
if (through < 0.01) break;`,
    end: `if (through > 0.999) discard; put(light / (1.0 - through), 1.0 - through);`,
  },
};

function withEnd(part: Parts, end: string): Parts {
  return { ...part, declare: 'uniform float uEnough;', end: part.end + end };
}

/** Whether no value between two has any opacity: the sum of opacities up to each step of the window, as one texture. */
const skipping = /* glsl */ `
uniform sampler2D uOpaqueBefore;
bool skips(uint least, uint most) {
  int from = int(windowed(float(least)) * ${lutSteps - 1}.0 + 0.5);
  int to = int(windowed(float(most)) * ${lutSteps - 1}.0 + 0.5);
  return texelFetch(uOpaqueBefore, ivec2(from, 0), 0).r == texelFetch(uOpaqueBefore, ivec2(to + 1, 0), 0).r;
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
  vec3 place = uOrigin + pixel.x * uStepX + pixel.y * uStepY + (nearest - uStartNm) * uRay;
  uint value;
  if (any(lessThan(place, vec3(-0.01))) || any(greaterThan(place, uEnd + 0.01)) || !valueAt(place, value)) discard;
  ${labels ? 'vec4 here = value == 0u ? vec4(0.0) : look(value); if (here.a == 0.0) discard; put(here.rgb, here.a);' : 'put(look(windowed(float(value))).rgb, 1.0);'}
}`;

/** Whether a program's voxels are labels. */
export interface RaySource extends RayProgram {
  readonly labels: boolean;
}

export function rayFragment({ mode, levels, pools, labels }: RaySource): string {
  const head = `#define LEVELS ${levels}\n#define POOLS ${pools}\n${uniforms}${lookUps}${output}${labels ? labelLook : lut}`;
  if (mode === 'slices') return head + slices(labels);
  const part = parts[mode];
  return `${head}${mode === 'translucent' ? skipping : ''}${part.declare ?? ''}${span}${march(part)}`;
}
