import type { OpenVolume } from '../formats/volume-format.ts';
import type { Chain } from '../volumes/warped/chain.ts';
import { presenceOf, seenOnGrid } from './evaluation-grid.ts';
import { type GridEnv, gridVoxels, readGrid } from './grid-input.ts';
import { levelOfGrid } from './grid-level.ts';
import { clipped } from './level-range.ts';
import type { WorkingGrid, WorkingLevels } from './working-levels.ts';

export interface SeenThrough {
  readonly volume: OpenVolume;
  readonly mask: OpenVolume | null;
  /** From the grid to the volume. */
  readonly chain: Chain;
  readonly channel: number;
  readonly time: number;
}

/** A volume as it is seen through a chain at the voxels of a grid; those that the chain leads beyond it do not count. */
export async function readSeen(of: SeenThrough, grid: WorkingGrid, env: GridEnv): Promise<WorkingLevels> {
  const level = levelOfGrid(grid);
  const through = async (volume: OpenVolume, channel: number, time: number): Promise<ArrayLike<number>> => {
    const seen = seenOnGrid(volume, of.chain, level, env.kernels);
    const bytes = await readGrid({ volume: seen, level: 0, channel, time }, env);
    return gridVoxels(bytes, volume.plan.dtype);
  };
  const levels = clipped(Float32Array.from(await through(of.volume, of.channel, of.time)));
  const isThere = await through(presenceOf(of.volume), 0, 0);
  const isOn = of.mask && (await through(of.mask, 0, 0));
  const counts = Uint8Array.from(isThere, (there, i) => (there > 0 && (!isOn || isOn[i] !== 0) ? 1 : 0));
  return { ...grid, levels, counts };
}
