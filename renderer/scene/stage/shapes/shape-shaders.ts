/** Shaders of meshes and lines. View space: nm from the middle of the pane, right, up and away from the viewer. */

const clipped = /* glsl */ `
uniform vec4 uClips[7];
uniform int uClipCount;
bool isClipped(vec3 at) {
  for (int i = 0; i < 7; i++) if (i < uClipCount && dot(uClips[i].xyz, at) > uClips[i].w) return true;
  return false;
}
`;

export const meshVertex = /* glsl */ `
precision highp float;
in vec3 position;
in vec4 normal;
uniform mat4 modelViewMatrix;
uniform mat4 projectionMatrix;
uniform mat3 normalMatrix;
out vec3 vAt;
out vec3 vNormal;
void main() {
  vec4 at = modelViewMatrix * vec4(position, 1.0);
  vAt = at.xyz;
  vNormal = normalMatrix * normal.xyz;
  gl_Position = projectionMatrix * at;
}
`;

/** A lamp at the viewer; both sides of a face are lit. Colour is multiplied by its opacity. */
export const meshFragment = /* glsl */ `
precision highp float;
in vec3 vAt;
in vec3 vNormal;
uniform vec3 uColour;
uniform float uOpacity;
uniform float uSilhouette;
/** 1 where lines are drawn: they are not lit. */
uniform float uUnlit;
out vec4 colour;
${clipped}
void main() {
  if (isClipped(vAt)) discard;
  vec3 face = cross(dFdx(vAt), dFdy(vAt));
  // Where the faces around a vertex cancel out, the face itself tells.
  vec3 n = dot(vNormal, vNormal) > 1e-4 * dot(normalize(vNormal), normalize(vNormal)) ? vNormal : face;
  float facing = abs(n.z) / max(length(n), 1e-30);
  float light = mix((0.3 + 0.7 * facing) * pow(max(facing, 1e-3), uSilhouette), 1.0, uUnlit);
  colour = vec4(uColour * light * uOpacity, uOpacity);
}
`;

/** Lines as wide as they should be on the screen, in device pixels, with round ends; a line from a point to itself is a disc. */
export const lineVertex = /* glsl */ `
precision highp float;
precision highp usampler2D;
/** Two texels a line: from and width, to and colour. */
uniform usampler2D uLines;
uniform mat4 modelViewMatrix;
uniform mat4 projectionMatrix;
/** Of a device pixel. */
uniform float uNmPerPx;
uniform float uWidth;
out vec3 vAt;
out vec2 vPx;
out vec4 vColour;
flat out float vLength;
flat out float vRadius;
void main() {
  int texel = (gl_VertexID / 6) * 2;
  ivec2 place = ivec2(texel % 2048, texel / 2048);
  uvec4 start = texelFetch(uLines, place, 0);
  uvec4 end = texelFetch(uLines, place + ivec2(1, 0), 0);
  /** x: 0 at the start, 1 at the end; y: -1 and 1 at the sides. */
  int turn = gl_VertexID % 6;
  int which = turn < 3 ? turn : 6 - turn;
  vec2 corner = vec2(which & 1, (which & 2) - 1);
  float width = uintBitsToFloat(start.w);
  vec3 from = (modelViewMatrix * vec4(uintBitsToFloat(start.xyz), 1.0)).xyz;
  vec3 to = (modelViewMatrix * vec4(uintBitsToFloat(end.xyz), 1.0)).xyz;
  vec2 way = (to.xy - from.xy) / uNmPerPx;
  vLength = length(way);
  vRadius = max(0.5, 0.5 * (width < 0.0 ? -width / uNmPerPx : width * uWidth));
  vec2 ahead = vLength > 1e-4 ? way / vLength : vec2(1.0, 0.0);
  vec2 aside = vec2(-ahead.y, ahead.x);
  float reach = vRadius + 1.0;
  vPx = vec2(mix(-reach, vLength + reach, corner.x), corner.y * reach);
  vAt = vec3(from.xy + (ahead * vPx.x + aside * vPx.y) * uNmPerPx, mix(from.z, to.z, corner.x));
  vColour = vec4((uvec4(end.w) >> uvec4(0u, 8u, 16u, 24u)) & 255u) / 255.0;
  gl_Position = projectionMatrix * vec4(vAt, 1.0);
}
`;

export const lineFragment = /* glsl */ `
precision highp float;
in vec3 vAt;
in vec2 vPx;
in vec4 vColour;
flat in float vLength;
flat in float vRadius;
uniform vec3 uColour;
uniform float uOpacity;
/** Lines fade to nothing so far from the plane; 0: they do not fade, and are cut sharp. */
uniform float uFadeNm;
out vec4 colour;
${clipped}
void main() {
  if (isClipped(vAt)) discard;
  float off = length(vec2(vPx.x - clamp(vPx.x, 0.0, vLength), vPx.y));
  float alpha = clamp(vRadius + 0.5 - off, 0.0, 1.0);
  if (uFadeNm > 0.0) alpha *= clamp(1.0 - abs(vAt.z) / uFadeNm, 0.0, 1.0);
  else if (alpha < 0.5) discard;
  else alpha = 1.0;
  if (alpha <= 0.0) discard;
  alpha *= uOpacity * vColour.a;
  colour = vec4(uColour * vColour.rgb * alpha, alpha);
}
`;
