import { LamellaError } from '../../../preload/contract/errors.ts';
import { bytesPerVoxel } from '../../../preload/contract/space.ts';
import { levelAt, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume, VolumeLevelPlan } from '../formats/volume-format.ts';
import { type GridEnv, gridTypes, readGrid } from './grid-input.ts';
import { levelFor } from './level-for.ts';

type Place = Pick<VolumeLevelPlan, 'sizeXyz' | 'voxelSizeNm' | 'originNm'>;

/**
 * Which voxels of a grid count: 1 where the mask, a volume of labels or levels that lies in the same space, is not 0, of
 * the voxel that holds the centre; 0 elsewhere and beyond the mask. Reads the mask's level that is as fine as the grid.
 */
export async function readMask(mask: OpenVolume, grid: Place, env: GridEnv): Promise<Uint8Array> {
  const level = levelFor(mask.plan.levels, Math.min(...grid.voxelSizeNm));
  const { sizeXyz: size, ...place } = levelAt(mask.plan, level);
  const voxels = await readGrid({ volume: mask, level, channel: 0, time: 0 }, env);
  const isSet = setVoxels(voxels, bytesPerVoxel[gridTypes[mask.plan.dtype]]);
  const [xs, ys, zs] = ([0, 1, 2] as const).map((axis) => voxelsAlong({ sizeXyz: size, ...place }, grid, axis));
  const counts = new Uint8Array(voxelsIn(grid.sizeXyz));
  let at = 0;
  for (const z of zs ?? [])
    for (const y of ys ?? []) {
      const row = (z * size[1] + y) * size[0];
      for (const x of xs ?? []) counts[at++] = x < 0 || y < 0 || z < 0 ? 0 : (isSet[row + x] ?? 0);
    }
  if (counts.includes(1)) return counts;
  const lies = [xs, ys, zs].every((along) => along?.some((voxel) => voxel >= 0));
  throw nothingLeft(
    mask.plan.name,
    lies && !isSet.includes(1) ? 'all of it is 0' : lies ? 'it is 0 there' : 'it lies elsewhere',
  );
}

const nothingLeft = (name: string, why: string): LamellaError =>
  new LamellaError('bad-source', `The mask "${name}" leaves nothing of the volume to compare: ${why}.`, {
    hint: 'Give a mask that lies where its volume does, in the same nanometres, and is not 0 where that counts.',
    fields: { mask: name },
  });

/** Where the centres of the grid's voxels lie along an axis of the mask; -1 beyond it. */
function voxelsAlong(mask: Place, grid: Place, axis: 0 | 1 | 2): Int32Array {
  return Int32Array.from({ length: grid.sizeXyz[axis] }, (_, i) => {
    const nm = grid.originNm[axis] + (i + 0.5) * grid.voxelSizeNm[axis];
    const voxel = Math.floor((nm - mask.originNm[axis]) / mask.voxelSizeNm[axis]);
    return voxel >= 0 && voxel < mask.sizeXyz[axis] ? voxel : -1;
  });
}

/** 1 for each voxel of `width` bytes that is not 0. */
function setVoxels(bytes: Uint8Array, width: number): Uint8Array {
  const set = new Uint8Array(bytes.length / width);
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) set[Math.floor(i / width)] = 1;
  return set;
}
