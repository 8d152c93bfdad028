import type { Volume } from '../../preload/contract/library.ts';

/** A thin, anisotropic volume away from the origin, with levels that halve x and y only. */
export function thinVolume(change: Partial<Volume> = {}): Volume {
  const levels = [0, 1, 2, 3].map((level) => ({
    size: [Math.ceil(2000 / 2 ** level), Math.ceil(1500 / 2 ** level), 6] as const,
    brick: [128, 128, 16] as const,
    voxelSizeNm: [4 * 2 ** level, 4 * 2 ** level, 40] as const,
  }));
  return {
    id: 'volume-0a1b2c3d4e5f',
    stack: 'stack-0a1b2c3d4e5f',
    name: 'thin',
    dtype: 'uint8',
    levels,
    originVoxel: [-100, 50, 2],
    window: [10, 240],
    bytes: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...change,
  } as Volume;
}
