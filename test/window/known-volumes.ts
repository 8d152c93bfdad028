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
