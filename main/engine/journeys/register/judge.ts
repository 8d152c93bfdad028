import type { TaskOutput } from '../../../../native-workers/tasks.ts';
import type { AffineNumbers, Registration } from '../../../../preload/contract/register.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes } from '../../formats/pyramid.ts';
import type { VolumeLevelPlan } from '../../formats/volume-format.ts';
import { percent } from '../../registrations/judge-evaluation.ts';
import { type Affine3, affineEntry, affineMap } from '../../transforms/affine3.ts';
import type { AffineInput } from './affine.ts';

/** A body that is stretched by more than this, or less, has more likely voxels of another size than it says. */
const [leastStretch, mostStretch] = [0.75, 1.35];
/** Of the moving volume, that noise is stretched to fill the fixed one with: a few voxels always fit somewhere. */
const leastSeen = 0.1;
/** Of a smaller part that was searched for, another may look the same. */
const mostlySeen = 0.5;

/** By how much a map stretches space along x, y, z of what it is applied to. */
export const stretchOf = (map: Affine3): Vec3 =>
  mapAxes((axis) => Math.hypot(...[0, 1, 2].map((row) => affineEntry(map, row, axis))));

/** The size that voxels would have to have for a body not to be stretched; null where it hardly is. */
export function fittingVoxelSizeNm(stretch: Vec3, voxelSizeNm: Vec3): Vec3 | null {
  if (stretch.every((by) => by >= leastStretch && by <= mostStretch)) return null;
  return mapAxes((i) => Number((voxelSizeNm[i] * stretch[i]).toPrecision(3)));
}

type Box = Pick<VolumeLevelPlan, 'sizeXyz' | 'voxelSizeNm' | 'originNm'>;

/** Along each edge of the moving volume, where it is looked whither it leads. */
const probes = 24;

/** Share of the moving volume that lies inside of the fixed one. */
export function seenShare(fixedFromMoving: Affine3, fixed: Box, moving: Box): number {
  const points = Float64Array.from({ length: 3 * probes ** 3 }, (_, i) => {
    const axis = (i % 3) as 0 | 1 | 2;
    const step = Math.floor(i / 3 / probes ** axis) % probes;
    return moving.originNm[axis] + ((step + 0.5) / probes) * moving.sizeXyz[axis] * moving.voxelSizeNm[axis];
  });
  affineMap(fixedFromMoving).applyNow(points);
  let inside = 0;
  for (let at = 0; at < points.length; at += 3) {
    const lies = (axis: 0 | 1 | 2): boolean => {
      const voxel = (points[at + axis]! - fixed.originNm[axis]) / fixed.voxelSizeNm[axis];
      return voxel >= 0 && voxel < fixed.sizeXyz[axis];
    };
    if (lies(0) && lies(1) && lies(2)) inside += 1;
  }
  return inside / probes ** 3;
}

type Judged = Pick<Registration, 'verdict' | 'reasons'>;

/** As the kernel says it where axes were to lie as they are, and do not. */
const turned = 'another orientation fits better';
const withTurn = (why: string, axes: readonly string[]): string =>
  `${why}: ${axes.join(' ')} of the moving volume along x, y, z of the fixed (register again with --orientations axes24)`;

/** The verdict of the kernel; also mirror images, voxels of another size than they say, and what only noise explains. */
export function judgeAffine(
  { verdict, reasons: told, mirrored, runnerUp, best }: TaskOutput<'register-affine'>,
  { fittingVoxelSizeNm: fitting, stretchXyz, seen }: Pick<AffineNumbers, 'fittingVoxelSizeNm' | 'stretchXyz' | 'seen'>,
  orientations: AffineInput['orientations'],
): Judged {
  const reasons = told.map((why) => (why === turned && runnerUp ? withTurn(why, runnerUp.axes) : why));
  const stretched = `stretched by ${stretchXyz.map((by) => by.toFixed(2)).join(', ')} along its x, y, z`;
  const isFound = runnerUp !== null && seen < mostlySeen;
  if (fitting && seen < leastSeen) {
    const part = `only ${percent(seen)} of the moving volume is seen, ${stretched}: any volume can be made to fit so`;
    return { verdict: 'fail', reasons: [part, ...reasons] };
  }
  const lies = best.axes.join(' ');
  const more = [
    ...(isFound
      ? [
          `only ${percent(seen)} of the moving volume lies in the fixed one, and nothing but its levels says that it is this part: look at it, or begin from --landmarks`,
        ]
      : []),
    ...(orientations === 'as-is' && lies !== '+x +y +z'
      ? [`axes were said to lie as they are, and do not: ${lies} of the moving volume lie along x, y, z of the fixed`]
      : []),
    ...(mirrored ? ['the moving volume fits as its mirror image: check which side of it is left'] : []),
    ...(fitting
      ? [
          `the moving volume had to be ${stretched}: its voxels may be ${fitting.join(' x ')} nm (add it again with --voxel-size-nm ${fitting.join(',')} if they are)`,
        ]
      : []),
  ];
  return { verdict: verdict === 'pass' && more.length > 0 ? 'warn' : verdict, reasons: [...reasons, ...more] };
}
