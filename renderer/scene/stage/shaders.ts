/** GLSL 3.00 es. Voxels are read by texelFetch: what is shown at full resolution is the data, never a mixture of it. */

const display = /* glsl */ `
uniform vec2 uWindow;
uniform float uGamma;
uniform bool uInverted;
uniform bool uLabels;

// The twin of labelColour in ui/colour-maps.ts.
vec3 labelColour(uint label) {
  if (label == 0u) return vec3(0.0);
  uint h = label * 2654435761u;
  h ^= h >> 15;
  h *= 2246822519u;
  h ^= h >> 13;
  float hue = float(h & 0xffffu) / 65536.0;
  float saturation = 0.45 + 0.4 * float((h >> 16) & 0xffu) / 255.0;
  float brightness = 0.72 + 0.28 * float(h >> 24) / 255.0;
  vec3 pure = clamp(abs(mod(hue * 6.0 + vec3(0.0, 4.0, 2.0), 6.0) - 3.0) - 1.0, 0.0, 1.0);
  return brightness * mix(vec3(1.0), pure, saturation);
}

vec3 display(float value) {
  if (uLabels) return labelColour(uint(value));
  float grey = clamp((value - uWindow.x) / max(uWindow.y - uWindow.x, 1e-6), 0.0, 1.0);
  grey = pow(grey, uGamma);
  return vec3(uInverted ? 1.0 - grey : grey);
}`;

const head = /* glsl */ `
precision highp float;
precision highp int;
precision highp sampler3D;
precision highp usampler3D;
`;

/** One quad for each brick: its rectangle in the pane, and the voxels at its corners. */
export const sliceVertex = /* glsl */ `${head}
in vec2 position;
in vec4 aRect;
in vec3 aSlot;
in vec3 aVoxelFrom;
in vec3 aVoxelTo;
in float aEmpty;
uniform vec2 uSize;
uniform vec3 uRight;
uniform vec3 uDown;
out vec3 vVoxel;
flat out vec3 vSlot;
flat out float vEmpty;

void main() {
  vec2 px = mix(aRect.xy, aRect.zw, position);
  vVoxel = aVoxelFrom + (aVoxelTo - aVoxelFrom) * (uRight * position.x + uDown * position.y);
  vSlot = aSlot;
  vEmpty = aEmpty;
  gl_Position = vec4(px.x / uSize.x * 2.0 - 1.0, 1.0 - px.y / uSize.y * 2.0, 0.0, 1.0);
}`;

export const sliceFragment = /* glsl */ `${head}
uniform usampler3D uAtlas;
uniform ivec3 uBrick;
in vec3 vVoxel;
flat in vec3 vSlot;
flat in float vEmpty;
out vec4 colour;
${display}

void main() {
  ivec3 voxel = clamp(ivec3(floor(vVoxel)), ivec3(0), uBrick - 1);
  uint value = vEmpty > 0.5 ? 0u : texelFetch(uAtlas, voxel + ivec3(vSlot), 0).r;
  colour = vec4(display(float(value)), 1.0);
}`;

export const projectionVertex = /* glsl */ `${head}
in vec2 position;
void main() {
  gl_Position = vec4(position * 2.0 - 1.0, 0.0, 1.0);
}`;

/**
 * Parallel rays through a whole level. uMode 0: maximum, 1: minimum, 2: the three planes through the cross-hair.
 * Labels have no order: of them, both 0 and 1 show the nearest.
 * Everything is in voxels of the level, so that anisotropic voxels come out right.
 */
export const projectionFragment = /* glsl */ `${head}
uniform usampler3D uVolume;
uniform vec3 uVoxels;
uniform vec3 uOrigin;
uniform vec3 uStepX;
uniform vec3 uStepY;
uniform vec3 uRay;
uniform vec3 uCross;
uniform int uMode;
uniform int uMostSteps;
out vec4 colour;
${display}

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

void planes(vec3 from) {
  float best = 1e30;
  vec3 hit = vec3(0.0);
  for (int axis = 0; axis < 3; axis++) {
    float t = (uCross[axis] - from[axis]) / uRay[axis];
    vec3 p = from + t * uRay;
    p[axis] = uCross[axis];
    bool inside = all(greaterThanEqual(p, vec3(-0.001))) && all(lessThanEqual(p, uVoxels + 0.001));
    if (inside && t < best) {
      best = t;
      hit = p;
    }
  }
  if (best > 1e29) discard;
  colour = vec4(display(voxelAt(hit)), 1.0);
}

void main() {
  vec3 from = uOrigin + gl_FragCoord.x * uStepX + gl_FragCoord.y * uStepY;
  if (uMode == 2) {
    planes(from);
    return;
  }
  vec2 span = boxEntry(from);
  if (span.x >= span.y) discard;
  vec3 start = from + span.x * uRay;
  vec3 along = (span.y - span.x) * uRay;
  vec3 lengths = abs(along);
  int steps = clamp(int(ceil(max(max(lengths.x, lengths.y), lengths.z))), 1, uMostSteps);
  // Of labels, the nearest that is not empty, darker the deeper it lies.
  if (uLabels) {
    for (int i = 0; i < 4096; i++) {
      if (i >= steps) break;
      float share = (float(i) + 0.5) / float(steps);
      float label = voxelAt(start + along * share);
      if (label < 0.5) continue;
      colour = vec4(display(label) * mix(1.0, 0.35, share), 1.0);
      return;
    }
    discard;
  }
  float found = uMode == 0 ? 0.0 : 65535.0;
  for (int i = 0; i < 4096; i++) {
    if (i >= steps) break;
    float value = voxelAt(start + along * ((float(i) + 0.5) / float(steps)));
    found = uMode == 0 ? max(found, value) : min(found, value);
  }
  colour = vec4(display(found), 1.0);
}`;
