import type { VolumeMode } from '../../../../preload/contract/view-state.ts';
import { lutSteps } from './transfer-lut.ts';

/** The GLSL of each mode: what a ray keeps, what it does with the samples of a brick, and what is shown of it. */

export type RayMode = Exclude<VolumeMode, 'off'> | 'labels';

/** Labels that a ray shows through each other, at most. */
const mostLabelsSeen = 4;

export const lut = /* glsl */ `
uniform sampler2D uLut;
float windowed(float value) {
  return clamp((value - uWindow.x) * uWindow.y, 0.0, 1.0);
}
vec4 look(float w) {
  return texelFetch(uLut, ivec2(int(w * ${lutSteps - 1}.0 + 0.5), 0), 0);
}
`;

export const labelLook = /* glsl */ `
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

export interface Parts {
  readonly declare?: string;
  /** Before the ray; variables that last. */
  readonly begin: string;
  /** Runs in a brick with `n` samples from `p` on (voxels of the brick); `break` leaves the ray. */
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

/** What each mode does along a ray. */
export const modeParts: Readonly<Record<RayMode, Parts>> = {
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
/** The value at a place of the brick's level, between the middles of voxels. */
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
/** Differences over two voxels, between the middles of voxels. */
vec3 gradientAt(Brick b, vec3 p) {
  vec3 q = p - 0.5;
  ivec3 v = ivec3(floor(q));
  vec3 f = q - vec3(v);
  vec3 sum = vec3(0.0);
  for (int i = 0; i < 12; i++) {
    int axis = i >> 2;
    ivec3 along = ivec3(axis == 0, axis == 1, axis == 2);
    ivec3 o = axis == 0 ? ivec3(0, i & 1, (i >> 1) & 1) : axis == 1 ? ivec3(i & 1, 0, (i >> 1) & 1) : ivec3(i & 1, (i >> 1) & 1, 0);
    vec3 w = mix(mix(1.0 - f, f, vec3(o)), vec3(1.0), vec3(along));
    float share = dot(f, vec3(along));
    vec4 line = vec4(neighbour(b, v + o - along), neighbour(b, v + o), neighbour(b, v + o + along), neighbour(b, v + o + 2 * along));
    sum += w.x * w.y * w.z * mix(line.z - line.x, line.w - line.y, share) * vec3(along);
  }
  return sum * uScale[b.level];
}`,
    begin: 'int hit = 0; vec3 hitAt; vec3 hitStep;',
    brick: /* glsl */ `
if (windowed(float(b.most)) >= uSurfaceAt) {
  ${samples(`if (windowed(float(value)) >= uSurfaceAt) { hit = number; hitAt = p; hitStep = step; break; }`)}
}
if (hit != 0) break;`,
    // Shaded after the loop, once: a processor that draws takes every branch of it for every brick.
    end: /* glsl */ `
if (hit == 0) discard;
Brick b = brickOf(hit);
// Between the sample before and this one.
float here = smoothAt(b, hitAt);
float before = smoothAt(b, hitAt - hitStep);
float level = uWindow.x + uSurfaceAt / uWindow.y;
if (here >= level && before < level) hitAt -= hitStep * (here - level) / (here - before);
put(uSurfaceColour * lit(gradientAt(b, hitAt)), 1.0);`,
  },
  labels: {
    declare: /* glsl */ `
${light}
/** Away from the voxels of the label and of others that hide as much, among the 26 around. */
vec3 gradientOf(Brick b, ivec3 voxel, uint label) {
  vec3 sum = vec3(0.0);
  float own = look(label).a;
  for (int i = 0; i < 27; i++) {
    ivec3 o = ivec3(i % 3, (i / 3) % 3, i / 9) - 1;
    if (look(neighbour(b, voxel + o)).a >= own) sum -= vec3(o);
  }
  return sum * uScale[b.level];
}`,
    begin: /* glsl */ `
uint before = 0u;
float through = 1.0;
int met = 0;
int numbers[${mostLabelsSeen}];
ivec3 voxels[${mostLabelsSeen}];
uint labels[${mostLabelsSeen}];`,
    brick: /* glsl */ `
if (b.empty) before = 0u;
else {
  ${samples(`if (value != before) {
    before = value;
    float alpha = value == 0u ? 0.0 : look(value).a;
    if (alpha > 0.0) {
      numbers[met] = number;
      voxels[met] = clamp(ivec3(p), ivec3(0), b.last);
      labels[met] = value;
      met++;
      through *= 1.0 - alpha;
      if (through < 0.01 || met == ${mostLabelsSeen}) break;
    }
  }`)}
}
if (through < 0.01 || met == ${mostLabelsSeen}) break;`,
    end: /* glsl */ `
if (met == 0) discard;
vec3 light = vec3(0.0);
float passes = 1.0;
for (int i = 0; i < met; i++) {
  vec4 here = look(labels[i]);
  light += passes * here.a * here.rgb * lit(gradientOf(brickOf(numbers[i]), voxels[i], labels[i]));
  passes *= 1.0 - here.a;
}
put(light / (1.0 - passes), 1.0 - passes);`,
  },
};

function withEnd(part: Parts, end: string): Parts {
  return { ...part, declare: 'uniform float uEnough;', end: part.end + end };
}

/** Whether no value between two has any opacity: the sum of opacities up to each step of the window, as one texture. */
export const skipping = /* glsl */ `
uniform sampler2D uOpaqueBefore;
bool skips(uint least, uint most) {
  int from = int(windowed(float(least)) * ${lutSteps - 1}.0 + 0.5);
  int to = int(windowed(float(most)) * ${lutSteps - 1}.0 + 0.5);
  return texelFetch(uOpaqueBefore, ivec2(from, 0), 0).r == texelFetch(uOpaqueBefore, ivec2(to + 1, 0), 0).r;
}
`;
