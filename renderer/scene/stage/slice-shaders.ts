import { shadeGlsl } from './look.ts';

/** GLSL 3.00 es. Voxels are read by texelFetch: what is shown at full resolution is the data, never a mixture of it. */

const head = /* glsl */ `
precision highp float;
precision highp int;
precision highp usampler3D;
`;

/**
 * Polygons of bricks. `position`: pixels from the middle of the pane; `aVoxel`: where that lies in the brick. `aSize`: the
 * brick's voxels, 0 for a brick that is empty all through. `uClip` maps pixels to clip space: a slice pane's own, or a
 * plane in a 3-D pane.
 */
export const sliceVertex = /* glsl */ `${head}
in vec2 position;
in vec3 aVoxel;
in vec3 aSlot;
in vec3 aSize;
uniform mat3 uClip;
uniform vec2 uShift;
uniform vec2 uBoard;
out vec3 vVoxel;
out vec2 vBoard;
flat out vec3 vSlot;
flat out vec3 vSize;

void main() {
  vVoxel = aVoxel;
  vSlot = aSlot;
  vSize = aSize;
  vBoard = position + uBoard;
  gl_Position = vec4(uClip * vec3(position - uShift, 1.0), 1.0);
}`;

/**
 * uBlend 0: colour and opacity; 1: their product; 2: 1 + a (c - 1); 3: |below - a c|. uChecker: 0 everywhere, 1 on even
 * squares of the board, 2 on odd ones.
 */
export const sliceFragment = /* glsl */ `${head}
uniform usampler3D uAtlas;
uniform bool uLabels;
uniform float uOutlinePx;
uniform int uBlend;
uniform int uChecker;
uniform float uCheckerPx;
uniform highp sampler2D uBelow;
in vec3 vVoxel;
in vec2 vBoard;
flat in vec3 vSlot;
flat in vec3 vSize;
out vec4 colour;
${shadeGlsl}

uint storedAt(vec3 place) {
  if (vSize.x == 0.0) return 0u;
  return texelFetch(uAtlas, ivec3(clamp(floor(place), vec3(0.0), vSize - 1.0) + vSlot), 0).r;
}

bool isEdge(uint label, vec3 right, vec3 down) {
  return storedAt(vVoxel + right) != label || storedAt(vVoxel - right) != label ||
    storedAt(vVoxel + down) != label || storedAt(vVoxel - down) != label;
}

void main() {
  vec3 right = dFdx(vVoxel) * uOutlinePx;
  vec3 down = dFdy(vVoxel) * uOutlinePx;
  if (uChecker > 0) {
    vec2 square = floor(vBoard / uCheckerPx);
    if (int(mod(square.x + square.y, 2.0)) != uChecker - 1) discard;
  }
  uint stored = storedAt(vVoxel);
  vec4 shaded = uLabels ? shadeLabel(stored) : shade(float(stored));
  if (uLabels && uOutlinePx > 0.0 && !isEdge(stored, right, down)) shaded.a = 0.0;
  vec3 c = shaded.rgb;
  float a = shaded.a;
  if (uBlend == 0) colour = vec4(c, a);
  else if (uBlend == 1) colour = vec4(a * c, 1.0);
  else if (uBlend == 2) colour = vec4(1.0 + a * (c - 1.0), 1.0);
  else colour = vec4(abs(texelFetch(uBelow, ivec2(gl_FragCoord.xy), 0).rgb - a * c), 1.0);
}`;
