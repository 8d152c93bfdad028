import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Axis, PaneId } from './volume-geometry.ts';
import { levelForPlane, map3, planeAxes } from './volume-geometry.ts';

interface Look {
  readonly positionNm: Vec3;
  readonly nmPerPx: number;
  readonly activePane: PaneId;
  readonly paneSizes: Partial<Record<PaneId, { readonly width: number; readonly height: number }>>;
}

/** The voxels of the slice that the active pane shows, one deep, as a box of the level that it is drawn from. */
export function sliceBox(
  volume: Volume,
  { positionNm, nmPerPx, activePane, paneSizes }: Look,
): { readonly level: number; readonly box: string } {
  const plane = activePane === '3d' ? 'xy' : activePane;
  const axes = planeAxes[plane];
  const level = levelForPlane(volume, axes, nmPerPx);
  const found = volume.levels[level] ?? volume.levels[0];
  if (!found) throw new RangeError(`volume ${volume.id} has no levels`);
  const size = paneSizes[plane] ?? paneSizes.xy ?? { width: 512, height: 512 };
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

/** What the slice panes show together, as a box of a level: across as XY shows it, and as deep as the others do. */
export function regionInView(volume: Volume, level: number, { positionNm, nmPerPx, paneSizes }: Look): string {
  const found = volume.levels[level];
  if (!found) return '';
  const deep = paneSizes.xz?.height ?? paneSizes.yz?.height;
  const reachPx = [paneSizes.xy?.width ?? paneSizes.xz?.width, paneSizes.xy?.height ?? paneSizes.yz?.width, deep];
  return ([0, 1, 2] as const)
    .map((axis) => {
      const px = reachPx[axis];
      if (px === undefined) return `0:${found.size[axis]}`;
      const middle = (positionNm[axis] - found.originNm[axis]) / found.voxelSizeNm[axis];
      const half = (px / 2) * (nmPerPx / found.voxelSizeNm[axis]);
      const from = Math.max(0, Math.min(found.size[axis] - 1, Math.floor(middle - half)));
      return `${from}:${Math.max(from + 1, Math.min(found.size[axis], Math.ceil(middle + half)))}`;
    })
    .join(',');
}
