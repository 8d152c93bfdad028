import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { PaneSize } from './view.ts';
import type { Axis, Plane } from './volume-geometry.ts';
import { levelForPlane, map3, planeAxes } from './volume-geometry.ts';

/** A slice pane as its volume sees it: the position is in the volume's own nanometres. */
export interface SliceLook {
  readonly plane: Plane;
  readonly positionNm: Vec3;
  readonly nmPerPx: number;
  readonly size: PaneSize;
}

/** The voxels of the slice that a pane shows, one deep, as a box of the level that it is drawn from. */
export function sliceBox(
  volume: Volume,
  { plane, positionNm, nmPerPx, size }: SliceLook,
): { readonly level: number; readonly box: string } {
  const axes = planeAxes[plane];
  const level = levelForPlane(volume, axes, nmPerPx);
  const found = volume.levels[level] ?? volume.levels[0];
  if (!found) throw new RangeError(`volume ${volume.id} has no levels`);
  const half = (axis: Axis): number =>
    axis === axes.normal ? 0 : ((axis === axes.right ? size.width : size.height) / 2) * nmPerPx;
  const voxel = (axis: Axis, nm: number): number => (nm - found.originNm[axis]) / found.voxelSizeNm[axis];
  const inside = (axis: Axis, n: number): number => Math.max(0, Math.min(found.size[axis] - 1, Math.floor(n)));
  const from = map3((a) => inside(a, voxel(a, positionNm[a] - half(a))));
  const to = map3((a) => inside(a, voxel(a, positionNm[a] + half(a))) + 1);
  return { level, box: ([0, 1, 2] as const).map((a) => `${from[a]}:${to[a]}`).join(',') };
}

/** The voxel of a level that covers a position, as a box of one; null outside. */
export function voxelBox(volume: Volume, level: number, positionNm: Vec3): string | null {
  const found = volume.levels[level];
  if (!found) return null;
  const at = map3((a) => Math.floor((positionNm[a] - found.originNm[a]) / found.voxelSizeNm[a] + 1e-6));
  const inside = ([0, 1, 2] as const).every((a) => at[a] >= 0 && at[a] < found.size[a]);
  return inside ? at.map((n) => `${n}:${n + 1}`).join(',') : null;
}

/** What the slice panes show together, as a box of a level: along each axis as far as the widest of them reaches. */
export function regionInView(volume: Volume, level: number, looks: readonly SliceLook[]): string {
  const found = volume.levels[level];
  if (!found) return '';
  return ([0, 1, 2] as const)
    .map((axis) => {
      const halves = looks.flatMap(({ plane, nmPerPx, size }) => {
        const { right, down } = planeAxes[plane];
        if (axis === right) return [(size.width / 2) * nmPerPx];
        return axis === down ? [(size.height / 2) * nmPerPx] : [];
      });
      const [look] = looks;
      if (!look || halves.length === 0) return `0:${found.size[axis]}`;
      const middle = (look.positionNm[axis] - found.originNm[axis]) / found.voxelSizeNm[axis];
      const half = Math.max(...halves) / found.voxelSizeNm[axis];
      const from = Math.max(0, Math.min(found.size[axis] - 1, Math.floor(middle - half)));
      return `${from}:${Math.max(from + 1, Math.min(found.size[axis], Math.ceil(middle + half)))}`;
    })
    .join(',');
}
