import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Clip, Matrix34 } from '../../../../preload/contract/view-state.ts';
import { applyMatrix } from '../../../state/layers.ts';
import { dot, plus } from '../../../state/rotation.ts';
import type { Box3 } from '../../../state/volume-geometry.ts';
import { map3 } from '../../../state/volume-geometry.ts';
import { tableNumbers } from './layer-table.ts';
import type { OrbitFrame } from './orbit-frame.ts';
import { turnedBy, voxelFromWorld, worldFromVoxel } from './orbit-frame.ts';
import type { PageTable } from './page-table.ts';

/** A half-space as the shader has it: what is inside has x + y·column + z·row + w·t <= 0; rows count from below. */
type HalfSpace = readonly [number, number, number, number];

export interface RayPlace {
  readonly frame: OrbitFrame;
  readonly table: PageTable;
  readonly worldFromLayer: Matrix34 | null;
  readonly clip: Clip;
  /** Samples lie at most two thirds of a pixel apart, else at most two. */
  readonly closely: boolean;
}

/**
 * The numbers of a ray program, reckoned in double precision about the middle of the table, so that they stay small in the
 * shader. Null where the layer is flat.
 */
export function rayUniforms({
  frame,
  table,
  worldFromLayer,
  clip,
  closely,
}: RayPlace): Readonly<Record<string, unknown>> | null {
  const level = table.volume.levels[table.target];
  const voxel = level && voxelFromWorld(level, worldFromLayer);
  const { levels, cells } = table;
  if (!level || !voxel) return null;
  const firstVoxel = map3((a) => table.from[a] * level.brick[a]);
  const end = map3((a) => Math.min(cells[a] * level.brick[a], level.size[a] - firstVoxel[a]));
  const middle = applyMatrix(
    worldFromVoxel(level, worldFromLayer),
    map3((a) => firstVoxel[a] + end[a] / 2),
  );
  const rays = raysThrough(frame, middle);
  const ray = notZero(turnedBy(voxel, frame.forward));
  const perLevel = levels.map(({ scale }) =>
    mainAxis(
      map3((a) => ray[a] * scale[a]),
      frame.nmPerPx,
      closely,
    ),
  );
  return {
    ...tableNumbers(table),
    uOrigin: [...map3((a) => applyMatrix(voxel, rays.corner)[a] - firstVoxel[a])],
    uStepX: [...turnedBy(voxel, rays.stepX)],
    uStepY: [...turnedBy(voxel, rays.stepY)],
    uRay: [...ray],
    uInverse: [...map3((a) => 1 / ray[a])],
    uStartNm: rays.startNm,
    uLengthNm: frame.lengthNm,
    uForward: [...frame.forward],
    // The gradient of a field goes the other way through the transposed map.
    uGradient: [0, 1, 2].flatMap((r) => [voxel[4 * r] ?? 0, voxel[4 * r + 1] ?? 0, voxel[4 * r + 2] ?? 0]),
    uMain: perLevel.flatMap(({ main }) => [...main]),
    uStep: perLevel.flatMap(({ step }) => [...step]),
    uStepNm: perLevel.map(({ stepNm }) => stepNm),
    ...halfSpaceUniforms(
      clipHalves(clip).map((half) => rays.halfSpace(...half)),
      7,
    ),
  };
}

/** Rays as functions of the pixel; `t` is 0 on the plane through `middle`, and counted in nm. */
function raysThrough(frame: OrbitFrame, middle: Vec3) {
  const { right, down, forward, nmPerPx, width, height } = frame;
  const startNm = dot(plus(middle, frame.startNm, -1), forward);
  const onPlane = plus(frame.startNm, forward, startNm);
  const corner = plus(plus(onPlane, right, (-width / 2) * nmPerPx), down, (height / 2) * nmPerPx);
  const stepX = map3((a) => right[a] * nmPerPx);
  const stepY = map3((a) => -down[a] * nmPerPx);
  const halfSpace = (n: Vec3, distanceNm: number): HalfSpace => [
    dot(n, corner) - distanceNm,
    dot(n, stepX),
    dot(n, stepY),
    dot(n, forward),
  ];
  return { startNm, corner, stepX, stepY, halfSpace };
}

const boxHalves = ({ min, max }: Box3): readonly (readonly [Vec3, number])[] =>
  ([0, 1, 2] as const).flatMap((axis) => {
    const n = map3((a) => Number(a === axis));
    const back = map3((a) => -Number(a === axis));
    return [[n, max[axis]] as const, [back, -min[axis]] as const];
  });

const clipHalves = ({ box, plane }: Clip): readonly (readonly [Vec3, number])[] => [
  ...(box ? boxHalves(box) : []),
  ...(plane ? [[plane.normal, plane.distanceNm] as const] : []),
];

function halfSpaceUniforms(halves: readonly HalfSpace[], most: number): Readonly<Record<string, unknown>> {
  const flat = halves.flatMap((half) => [...half]);
  return {
    uHalfSpaces: [...flat, ...Array.from({ length: 4 * most - flat.length }, () => 0)],
    uHalfSpaceCount: halves.length,
  };
}

/** Samples for a layer of voxels, at most. */
const mostInVoxel = 16;

/**
 * The axis along which a ray crosses most voxels, as a signed vector as long as there are samples in a voxel: one where
 * voxels are about as large as pixels, more where they are seen large. One step to the next sample, and its nm.
 */
function mainAxis(
  ray: Vec3,
  nmPerPx: number,
  closely: boolean,
): { readonly main: Vec3; readonly step: Vec3; readonly stepNm: number } {
  const sizes = map3((a) => Math.abs(ray[a]));
  const most = Math.max(...sizes);
  const axis = sizes.indexOf(most);
  const pixels = 1 / most / nmPerPx;
  const inVoxel = Math.max(1, Math.min(mostInVoxel, closely ? Math.ceil(1.5 * pixels - 0.01) : Math.floor(pixels)));
  return {
    main: map3((a) => (a === axis ? Math.sign(ray[a]) * inVoxel : 0)),
    step: map3((a) => ray[a] / most / inVoxel),
    stepNm: 1 / most / inVoxel,
  };
}

function notZero(v: Vec3): Vec3 {
  const least = 1e-8 * Math.max(...v.map(Math.abs));
  return map3((a) => (Math.abs(v[a]) < least ? least : v[a]));
}
