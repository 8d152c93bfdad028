import type { Volume } from '../../preload/contract/library.ts';

/** A thin, anisotropic volume away from the origin, with levels that halve x and y only. */
export function thinVolume(change: Partial<Volume> = {}): Volume {
  const levels = [0, 1, 2, 3].map((level) => ({
    size: [Math.ceil(2000 / 2 ** level), Math.ceil(1500 / 2 ** level), 6] as const,
    brick: [128, 128, 16] as const,
    voxelSizeNm: [4 * 2 ** level, 4 * 2 ** level, 40] as const,
    originNm: [-400, 200, 80] as const,
  }));
  return {
    id: 'volume-0a1b2c3d4e5f',
    stack: 'stack-0a1b2c3d4e5f',
    name: 'thin',
    kind: 'image',
    dtype: 'uint8',
    levels,
    channels: [{ name: '', color: null, window: [10, 240] }],
    times: 1,
    originVoxel: [-100, 50, 2],
    worldFromVolume: null,
    window: [10, 240],
    display: { dtype: 'uint8', range: [0, 255], labels: false },
    source: { kind: 'library', format: 'ome-zarr', text: 'volumes/thin' },
    favourite: false,
    openedAt: null,
    bytes: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...change,
  };
}

/** Sections in single chunks, as image stacks are: 2,000 of them, and a coarse level of 64. */
export function deepVolume(): Volume {
  const at = (step: number, z: number): Volume['levels'][number] => ({
    size: [1024 / step, 1024 / step, z],
    brick: step === 1 ? [512, 512, 1] : [64, 64, 64],
    voxelSizeNm: [10 * step, 10 * step, (10 * 2000) / z],
    originNm: [0, 0, 0],
  });
  return thinVolume({ levels: [at(1, 2000), at(16, 125)] });
}
