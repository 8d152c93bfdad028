// Small volumes with known voxels, as precomputed with raw chunks.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const edge = 384;
const chunk = 128;
export const deepSections = 240;

/** Writes many sections, one chunk deep each: what scrolling through needs most. `deepSections` of 384 x 384 voxels of 8 x 8 x 30 nm. */
export function writeDeepVolume(folder: string): string {
  const key = '8_8_30';
  mkdirSync(join(folder, key), { recursive: true });
  const scale = {
    key,
    size: [edge, edge, deepSections],
    resolution: [8, 8, 30],
    voxel_offset: [0, 0, 0],
    chunk_sizes: [[chunk, chunk, 1]],
    encoding: 'raw',
  };
  for (let z = 0; z < deepSections; z++)
    for (let y = 0; y < edge; y += chunk)
      for (let x = 0; x < edge; x += chunk) {
        const name = `${x}-${x + chunk}_${y}-${y + chunk}_${z}-${z + 1}`;
        writeFileSync(join(folder, key, name), sectionOf(x, y, z));
      }
  const info = { type: 'image', data_type: 'uint8', num_channels: 1, scales: [scale] };
  writeFileSync(join(folder, 'info'), JSON.stringify(info));
  return folder;
}

function sectionOf(x0: number, y0: number, z: number): Uint8Array {
  const voxels = new Uint8Array(chunk * chunk);
  for (let y = 0; y < chunk; y++)
    for (let x = 0; x < chunk; x++)
      voxels[x + chunk * y] = 128 + 60 * Math.sin((x0 + x) / 19 + z / 11) + 50 * Math.cos((y0 + y) / 23);
  return voxels;
}

/** Ids that a double does not hold: the left half, and the right half. */
export const labelIds = [2n ** 53n + 1n, 2n ** 64n - 1n] as const;

/** Writes 64 x 64 x 8 voxels of 10 nm, the left half one label and the right half another. */
export function writeLabels(folder: string): string {
  const size = [64, 64, 8] as const;
  mkdirSync(join(folder, 'full'), { recursive: true });
  const voxels = new BigUint64Array(size[0] * size[1] * size[2]);
  voxels.forEach((_, i) => (voxels[i] = i % 64 < 32 ? labelIds[0] : labelIds[1]));
  writeFileSync(join(folder, 'full', '0-64_0-64_0-8'), new Uint8Array(voxels.buffer));
  const scale = {
    key: 'full',
    size,
    resolution: [10, 10, 10],
    voxel_offset: [0, 0, 0],
    chunk_sizes: [size],
    encoding: 'raw',
  };
  const info = { type: 'segmentation', data_type: 'uint64', num_channels: 1, scales: [scale] };
  writeFileSync(join(folder, 'info'), JSON.stringify(info));
  return folder;
}

export const channelNames = ['DAPI', 'GFP', 'Cy5'] as const;
const channelSize = { t: 2, c: 3, z: 4, y: 96, x: 128 };

/** The one grey value of a channel at a time, but for the columns, which tell where they are. */
export const channelGrey = (channel: number, time: number, x: number): number =>
  20 + 60 * channel + 30 * time + Math.floor(x / 32);

/** Writes OME-Zarr 0.4 of 3 channels at 2 times, 128 x 96 x 4 voxels of 100 x 100 x 300 nm. */
export function writeChannels(folder: string): string {
  const { t, c, z, y, x } = channelSize;
  const axes = [
    { name: 't', type: 'time', unit: 'second' },
    { name: 'c', type: 'channel' },
    ...(['z', 'y', 'x'] as const).map((name) => ({ name, type: 'space', unit: 'nanometer' })),
  ];
  const scale = { type: 'scale', scale: [1, 1, 300, 100, 100] };
  const colors = ['3FB6A8', 'FF00FF', 'FFBF00'];
  const channels = channelNames.map((label, i) => ({
    label,
    color: colors[i],
    active: true,
    window: { min: 0, max: 255, start: 0, end: 255 },
  }));
  writeGroup(folder, { axes, datasets: [{ path: '0', coordinateTransformations: [scale] }] }, { omero: { channels } });
  writeArray(join(folder, '0'), [t, c, z, y, x], [1, 1, z, y, x], (key) => {
    const [time = 0, channel = 0] = key;
    return Uint8Array.from({ length: z * y * x }, (_, i) => channelGrey(channel, time, i % x));
  });
  return folder;
}

export const shiftedSize = { x: 512, y: 256, z: 4 } as const;

/** Grey of a column of the coarse level: neighbours differ. */
export const coarseGrey = (column: number): number => 40 + ((column * 37) % 200);

/**
 * Writes OME-Zarr 0.4 with a coarse level that says that the centre of its first voxel lies on that of the fine one, as
 * programs do that take every other voxel: fine voxels of 10 nm lie from -5 nm on, coarse ones of 20 nm from -10 nm on.
 */
export function writeShiftedLevels(folder: string): string {
  const { x, y, z } = shiftedSize;
  const axes = (['z', 'y', 'x'] as const).map((name) => ({ name, type: 'space', unit: 'nanometer' }));
  const datasets = [10, 20].map((nm, level) => ({
    path: String(level),
    coordinateTransformations: [
      { type: 'scale', scale: [40, nm, nm] },
      { type: 'translation', translation: [0, 0, 0] },
    ],
  }));
  writeGroup(folder, { axes, datasets }, {});
  const [fine, coarse] = [
    [z, y, x],
    [z, y / 2, x / 2],
  ] as const;
  writeArray(join(folder, '0'), fine, fine, () => new Uint8Array(z * y * x).fill(20));
  writeArray(join(folder, '1'), coarse, coarse, () =>
    Uint8Array.from({ length: (z * y * x) / 4 }, (_, i) => coarseGrey(i % (x / 2))),
  );
  return folder;
}

function writeGroup(folder: string, multiscale: object, more: object): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '.zgroup'), JSON.stringify({ zarr_format: 2 }));
  const multiscales = [{ version: '0.4', name: 'known', ...multiscale }];
  writeFileSync(join(folder, '.zattrs'), JSON.stringify({ multiscales, ...more }));
}

/** Writes an array of Zarr 2 of bytes, without compression. `chunkOf` gives the voxels of the chunk at an index. */
function writeArray(
  folder: string,
  shape: readonly number[],
  chunks: readonly number[],
  chunkOf: (index: readonly number[]) => Uint8Array,
): void {
  mkdirSync(folder, { recursive: true });
  const array = {
    zarr_format: 2,
    shape,
    chunks,
    dtype: '|u1',
    compressor: null,
    fill_value: 0,
    order: 'C',
    filters: null,
  };
  writeFileSync(join(folder, '.zarray'), JSON.stringify({ ...array, dimension_separator: '.' }));
  const grid = shape.map((size, i) => Math.ceil(size / (chunks[i] ?? 1)));
  for (let n = 0; n < grid.reduce((a, b) => a * b, 1); n++) {
    let rest = n;
    const index = grid
      .toReversed()
      .map((count) => [rest % count, (rest = Math.floor(rest / count))][0] ?? 0)
      .toReversed();
    writeFileSync(join(folder, index.join('.')), chunkOf(index));
  }
}
