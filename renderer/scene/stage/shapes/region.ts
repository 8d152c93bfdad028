import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Clip, Matrix34 } from '../../../../preload/contract/view-state.ts';
import { dot } from '../../../state/rotation.ts';
import { map3 } from '../../../state/volume-geometry.ts';
import type { ViewFrame } from './view-frame.ts';

/** A convex part of space: where every `normal · x <= most`. What a pane shows, a plane, a clip: all are that. Pure. */
export interface HalfSpace {
  readonly normal: Vec3;
  readonly most: number;
}
export type Region = readonly HalfSpace[];

/** Between two planes. */
function slab(normal: Vec3, from: number, to: number): Region {
  return [
    { normal, most: to },
    { normal: map3((a) => -normal[a]), most: -from },
  ];
}

/** What a pane shows, and `marginPx` around it. */
export function regionOf(frame: ViewFrame, marginPx = 0): Region {
  const { right, down, forward, centreNm, size, nmPerPx, nearNm, farNm } = frame;
  const reach = (px: number): number => (px / 2 + marginPx) * nmPerPx;
  const around = (direction: Vec3, nm: number): Region =>
    slab(direction, dot(direction, centreNm) - nm, dot(direction, centreNm) + nm);
  const along = dot(forward, centreNm);
  return [
    ...around(right, reach(size.width)),
    ...around(down, reach(size.height)),
    ...slab(forward, along + nearNm, along + farNm),
  ];
}

export const planeRegion = (normal: Vec3, alongNm: number): Region => slab(normal, alongNm, alongNm);

export function clipRegion({ box, plane }: Clip): Region {
  const axes = [0, 1, 2] as const;
  const sides = box
    ? axes.flatMap((axis) =>
        slab(
          map3((a) => Number(a === axis)),
          box.min[axis],
          box.max[axis],
        ),
      )
    : [];
  return plane ? [...sides, { normal: plane.normal, most: plane.distanceNm }] : sides;
}

/** A region of the world as the space sees it that `worldFrom` maps to the world. */
export function throughMatrix(region: Region, worldFrom: Matrix34 | null): Region {
  if (!worldFrom) return region;
  const at = (i: number): number => worldFrom[i] ?? 0;
  return region.map(({ normal, most }) => ({
    normal: map3((a) => at(a) * normal[0] + at(4 + a) * normal[1] + at(8 + a) * normal[2]),
    most: most - (at(3) * normal[0] + at(7) * normal[1] + at(11) * normal[2]),
  }));
}

/** Whether the region may meet the box at `at` of a list of minX minY minZ maxX maxY maxZ. */
export function meetsBox(region: Region, boxes: ArrayLike<number>, at: number): boolean {
  for (const { normal, most } of region) {
    let least = 0;
    for (let a = 0; a < 3; a++) {
      const n = normal[a as 0 | 1 | 2];
      // An axis that the plane lies along says nothing, however long the box is.
      if (n !== 0) least += n * (boxes[at + (n > 0 ? a : a + 3)] ?? 0);
    }
    if (least > most) return false;
  }
  return true;
}

export const holds = (region: Region, p: Vec3): boolean => region.every(({ normal, most }) => dot(normal, p) <= most);

/** How much longer things are in the world than in the space of a layer, on average. */
export function scaleOf(worldFrom: Matrix34 | null): number {
  if (!worldFrom) return 1;
  const [a = 0, b = 0, c = 0, , d = 0, e = 0, f = 0, , g = 0, h = 0, i = 0] = worldFrom;
  return Math.cbrt(Math.abs(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g))) || 1;
}
