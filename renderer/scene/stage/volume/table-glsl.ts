import { wordGlsl } from '../voxel-words.ts';

/** How shaders find voxels in bricks of several levels, through a page table. GLSL 3.00 es. */

export const mostPools = 3;
export const cellsAcross = 2048;
export const infosAcross = 256;

/** LEVELS: from the target on; POOLS: textures that their bricks are in (1 to 3); VOXEL_BITS: of a voxel in them. */
export const tableUniforms = /* glsl */ `
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
uniform ivec3 uGrid;
uniform vec3 uCell;
uniform vec3 uEnd;
uniform vec3 uScale[LEVELS];
uniform vec3 uOffset[LEVELS];
uniform vec3 uBrick[LEVELS];
uniform vec3 uLevelEnd[LEVELS];
uniform int uPoolOf[LEVELS];
`;

/** Places are voxel coordinates of the page table: of its target level, from its first cell on. */
export const tableLookUps = /* glsl */ `
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
