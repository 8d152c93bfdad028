import { shadeGlsl } from '../look.ts';
import { blendGlsl, checkerGlsl } from '../slice-shaders.ts';
import { tableLookUps, tableUniforms } from './table-glsl.ts';

/** Slices inside a 3-D pane. GLSL 3.00 es. What a layer shows at a pixel is what its slice pane shows there. */

/** The same for all layers, so that each of them meets the same depths. */
export const planeVertex = /* glsl */ `
precision highp float;
in vec3 position;
void main() {
  gl_Position = vec4(position, 1.0);
}`;

/**
 * A layer on one plane: its voxels from the page table, of the finest level that is here. `uPane` maps gl_FragCoord to
 * pixels from the middle of the pane; a pixel is `uPerX` and `uPerY` voxels long. COVER: black where the layer has voxels;
 * else as in slice panes.
 */
export const planeFragment = /* glsl */ `
${tableUniforms}
uniform mat3 uPane;
uniform vec3 uAt;
uniform vec3 uPerX;
uniform vec3 uPerY;
out vec4 colour;
${tableLookUps}
${shadeGlsl}
${blendGlsl}
${checkerGlsl}

bool isIn(vec3 place) {
  return !any(lessThan(place, vec3(-0.001))) && !any(greaterThan(place, uEnd + 0.001));
}

#ifdef OUTLINES
uniform float uOutlinePx;
/** Looks as far as the outline is wide, at each voxel on the way. */
uniform int uOutlineSteps;
bool isOther(uint label, vec3 place) {
  uint there = 0u;
  if (isIn(place)) valueAt(place, there);
  return there != label;
}
bool isEdge(uint label, vec3 place) {
  for (int i = 1; i <= uOutlineSteps; i++) {
    float px = uOutlinePx * float(i) / float(uOutlineSteps);
    vec3 right = uPerX * px;
    vec3 down = uPerY * px;
    if (isOther(label, place + right) || isOther(label, place - right) || isOther(label, place + down) ||
      isOther(label, place - down)) return true;
  }
  return false;
}
#endif

void main() {
  vec2 px = (uPane * vec3(gl_FragCoord.xy, 1.0)).xy;
  if (!isOnSquare(px)) discard;
  vec3 place = uAt + px.x * uPerX + px.y * uPerY;
  uint stored;
  if (!isIn(place) || !valueAt(place, stored)) discard;
#ifdef COVER
  colour = vec4(0.0, 0.0, 0.0, 1.0);
#else
#ifdef LABELS
  vec4 shaded = shadeLabel(stored);
#ifdef OUTLINES
  if (!isEdge(stored, place)) shaded.a = 0.0;
#endif
#else
  vec4 shaded = shade(float(stored));
#endif
  colour = blended(shaded.rgb, shaded.a);
#endif
}`;
