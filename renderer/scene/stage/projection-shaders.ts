import { shadeGlsl } from './look.ts';

const head = /* glsl */ `
precision highp float;
precision highp int;
precision highp usampler3D;
`;

export const projectionVertex = /* glsl */ `${head}
in vec2 position;
void main() {
  gl_Position = vec4(position * 2.0 - 1.0, 0.0, 1.0);
}`;

/** Parallel rays through a whole level, in its voxels, so that anisotropic voxels come out right. */
export const projectionFragment = /* glsl */ `${head}
uniform usampler3D uVolume;
uniform vec3 uVoxels;
uniform vec3 uOrigin;
uniform vec3 uStepX;
uniform vec3 uStepY;
uniform vec3 uRay;
uniform bool uMinimum;
uniform int uMostSteps;
out vec4 colour;
${shadeGlsl}

float voxelAt(vec3 p) {
  return float(texelFetch(uVolume, clamp(ivec3(floor(p)), ivec3(0), ivec3(uVoxels) - 1), 0).r);
}

vec2 boxEntry(vec3 from) {
  vec3 a = -from / uRay;
  vec3 b = (uVoxels - from) / uRay;
  vec3 near = min(a, b);
  vec3 far = max(a, b);
  return vec2(max(max(near.x, near.y), near.z), min(min(far.x, far.y), far.z));
}

void main() {
  vec3 from = uOrigin + gl_FragCoord.x * uStepX + gl_FragCoord.y * uStepY;
  vec2 span = boxEntry(from);
  if (span.x >= span.y) discard;
  vec3 start = from + span.x * uRay;
  vec3 along = (span.y - span.x) * uRay;
  vec3 lengths = abs(along);
  int steps = clamp(int(ceil(max(max(lengths.x, lengths.y), lengths.z))), 1, uMostSteps);
  float found = uMinimum ? 65535.0 : 0.0;
  for (int i = 0; i < 4096; i++) {
    if (i >= steps) break;
    float value = voxelAt(start + along * ((float(i) + 0.5) / float(steps)));
    found = uMinimum ? min(found, value) : max(found, value);
  }
  colour = vec4(shade(found).rgb, 1.0);
}`;
