// Large volumes to convert: raw precomputed of uint8, written chunk by chunk, the same for the same size.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Vec3 } from '../../preload/contract/space.ts';

const side = 128;

/** Grey levels that change slowly, with noise from a table: neither empty nor all alike, and cheap to make. */
export function writeSynthetic(folder: string, sizeXyz: Vec3): void {
  const scale = {
    key: '8_8_8',
    size: sizeXyz,
    resolution: [8, 8, 8],
    voxel_offset: [0, 0, 0],
    chunk_sizes: [[side, side, side]],
    encoding: 'raw',
  };
  mkdirSync(join(folder, scale.key), { recursive: true });
  const noise = Uint8Array.from({ length: 2 * side ** 3 }, (_, i) => (Math.imul(i, 0x9e3779b1) >>> 27) + (i >>> 16));
  for (let z = 0; z < sizeXyz[2]; z += side) {
    for (let y = 0; y < sizeXyz[1]; y += side) {
      for (let x = 0; x < sizeXyz[0]; x += side) {
        const end = [x, y, z].map((at, i) => Math.min(at + side, sizeXyz[i] ?? 0));
        const voxels = (end[0]! - x) * (end[1]! - y) * (end[2]! - z);
        const start = (x * 7 + y * 131 + z * 1009) % side ** 3;
        const name = `${x}-${end[0]}_${y}-${end[1]}_${z}-${end[2]}`;
        writeFileSync(join(folder, scale.key, name), noise.subarray(start, start + voxels));
      }
    }
  }
  const info = {
    '@type': 'neuroglancer_multiscale_volume',
    type: 'image',
    data_type: 'uint8',
    num_channels: 1,
    scales: [scale],
  };
  writeFileSync(join(folder, 'info'), JSON.stringify(info));
}
