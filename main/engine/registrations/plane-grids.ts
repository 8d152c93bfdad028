import type { PlaneName } from '../../../preload/contract/register-planes.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { levelAt, mapAxes } from '../formats/pyramid.ts';
import type { VolumeLevelPlan, VolumePlan } from '../formats/volume-format.ts';

type Axis = 0 | 1 | 2;

/** Right, down and depth of each plane, as the window's panes have them. */
export const planeAxes: Readonly<Record<PlaneName, readonly [u: Axis, v: Axis, normal: Axis]>> = {
  xy: [0, 1, 2],
  xz: [0, 2, 1],
  yz: [1, 2, 0],
};

export const planeNames: readonly PlaneName[] = ['xy', 'xz', 'yz'];

/** A picture across a volume: one voxel thick. */
export interface PlaneGrid {
  readonly plane: PlaneName;
  readonly level: VolumeLevelPlan;
  readonly width: number;
  readonly height: number;
  readonly pixelNm: number;
}

/** Three planes of a volume through a point, of square pixels, the longest side of the volume `sidePx` of them. */
export function planeGrids(plan: VolumePlan, atNm: Vec3, sidePx: number): readonly PlaneGrid[] {
  const { originNm, sizeXyz, voxelSizeNm } = levelAt(plan, 0);
  const extent = mapAxes((i) => sizeXyz[i] * voxelSizeNm[i]);
  const pixelNm = Math.max(...extent) / sidePx;
  return planeNames.map((plane) => {
    const normal = planeAxes[plane][2];
    const size = mapAxes((i) => (i === normal ? 1 : Math.max(1, Math.round(extent[i] / pixelNm))));
    const corner = mapAxes((i) =>
      // Beyond the border there is nothing to see: the last plane instead.
      i === normal
        ? Math.min(originNm[i] + extent[i] - 1e-6 * extent[i], Math.max(originNm[i], atNm[i])) - pixelNm / 2
        : originNm[i],
    );
    const [u, v] = planeAxes[plane];
    const level: VolumeLevelPlan = {
      ...{ key: plane, sizeXyz: size, chunkXyz: size, gridXyz: [1, 1, 1], stepXyz: [1, 1, 1], originNm: corner },
      voxelSizeNm: [pixelNm, pixelNm, pixelNm],
    };
    return { plane, level, width: size[u], height: size[v], pixelNm };
  });
}

/** Points of a lattice over a plane, border to border, rows one after the other; nm. */
export interface PlaneLattice {
  readonly columns: number;
  readonly rows: number;
  readonly points: Float64Array;
  /** From a point to the next, nm. */
  readonly stepNm: number;
}

export function planeLattice({ plane, level, width, height, pixelNm }: PlaneGrid, most: number): PlaneLattice {
  const [u, v, normal] = planeAxes[plane];
  const longest = Math.max(width, height);
  const along = (px: number): number => Math.max(2, Math.round((most * px) / longest));
  const [columns, rows] = [along(width), along(height)];
  const points = new Float64Array(3 * columns * rows);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const at = 3 * (row * columns + column);
      points[at + u] = level.originNm[u] + (column / (columns - 1)) * width * pixelNm;
      points[at + v] = level.originNm[v] + (row / (rows - 1)) * height * pixelNm;
      points[at + normal] = level.originNm[normal] + pixelNm / 2;
    }
  return { columns, rows, points, stepNm: (longest * pixelNm) / most };
}
