// A volume of many sections, one chunk deep each, as precomputed with raw chunks: what scrolling through needs most.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const edge = 384;
const chunk = 128;
export const deepSections = 240;

/** Writes `deepSections` sections of 384 x 384 voxels of 8 x 8 x 30 nm; gives the folder back. */
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
