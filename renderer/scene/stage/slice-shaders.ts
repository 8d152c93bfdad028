import { shadeGlsl } from './look.ts';
import { wordGlsl } from './voxel-words.ts';

/** GLSL 3.00 es. Voxels are read by texelFetch: what is shown at full resolution is the data, never a mixture of it. */

const head = /* glsl */ `
precision highp float;
precision highp int;
precision highp usampler3D;
`;

/**
 * Polygons of bricks. `position`: pixels from the middle of the pane; `aOrigin`: where that middle lies among the brick's
 * voxels. `aSize`: the brick's voxels; `aSlot` is negative for a brick that is empty all through. `uClip` maps pixels to
 * clip space.
 */
export const sliceVertex = /* glsl */ `${head}
in vec2 position;
in vec3 aOrigin;
in vec3 aSlot;
in vec3 aSize;
uniform mat3 uClip;
flat out vec3 vOrigin;
flat out vec3 vSlot;
flat out vec3 vSize;

void main() {
  vOrigin = aOrigin;
  vSlot = aSlot;
  vSize = aSize;
  gl_Position = vec4(uClip * vec3(position, 1.0), 1.0);
}`;

/** What the GPU's blending makes a layer's blend of. BLEND 0: colour and opacity; 1: their product; 2: 1 + a (c - 1); 3: |below - a c|. */
export const blendGlsl = /* glsl */ `
#if BLEND == 3
uniform highp sampler2D uBelow;
#endif
vec4 blended(vec3 c, float a) {
#if BLEND == 0
  return vec4(c, a);
#elif BLEND == 1
  return vec4(a * c, 1.0);
#elif BLEND == 2
  return vec4(1.0 + a * (c - 1.0), 1.0);
#else
  return vec4(abs(texelFetch(uBelow, ivec2(gl_FragCoord.xy), 0).rgb - a * c), 1.0);
#endif
}`;

/** Whether a pixel (from the middle of the pane) lies on the squares that a layer has of the board. CHECKER: it has not all. */
export const checkerGlsl = /* glsl */ `
#ifdef CHECKER
uniform vec2 uBoard;
uniform float uCheckerPx;
uniform int uOdd;
#endif

bool isOnSquare(vec2 px) {
#ifdef CHECKER
  vec2 square = floor((px + uBoard) / uCheckerPx);
  return int(mod(square.x + square.y, 2.0)) == uOdd;
#else
  return true;
#endif
}`;

/**
 * Which voxel a pixel shows is worked out from its own middle, not from the corners of the brick: rasterizers put those on
 * a grid. `uPane` maps gl_FragCoord to pixels from the middle of the pane; a pixel is `uPerX` and `uPerY` voxels long.
 * LABELS, CHECKER: what the layer is. OUTLINES: its labels as numbers, to be outlined. uOdd: whether it is drawn on the odd squares of the board.
 */
export const sliceFragment = /* glsl */ `${head}
uniform usampler3D uAtlas;
uniform mat3 uPane;
uniform vec3 uPerX;
uniform vec3 uPerY;
flat in vec3 vOrigin;
flat in vec3 vSlot;
flat in vec3 vSize;
out vec4 colour;
${shadeGlsl}
${wordGlsl}
${blendGlsl}
${checkerGlsl}

uint storedAt(vec3 place) {
  if (vSlot.x < 0.0) return 0u;
  ivec3 voxel = ivec3(clamp(floor(place), vec3(0.0), vSize - 1.0) + vSlot);
  return voxelIn(texelFetch(uAtlas, wordAt(voxel), 0).r, voxel.x);
}

void main() {
  vec2 px = (uPane * vec3(gl_FragCoord.xy, 1.0)).xy;
  if (!isOnSquare(px)) discard;
  vec3 place = vOrigin + px.x * uPerX + px.y * uPerY;
  // Bricks overlap a little; a hair is left to both, so that rounding tears no hole between them.
  if (any(lessThan(place, vec3(-0.001))) || any(greaterThan(place, vSize + 0.001))) discard;
  uint stored = storedAt(place);
#if defined(OUTLINES)
  colour = vec4(uvec4(stored, stored >> 8, stored >> 16, 255u) & 255u) / 255.0;
#elif defined(LABELS)
  vec4 shaded = shadeLabel(stored);
  colour = blended(shaded.rgb, shaded.a);
#else
  vec4 shaded = shade(float(stored));
  colour = blended(shaded.rgb, shaded.a);
#endif
}`;
