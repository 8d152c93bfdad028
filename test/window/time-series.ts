// A time series with a picture of its own at each time, as OME-Zarr 0.4 without compression.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Voxels along x and y. */
const edge = 256;
const sections = 4;

/** Writes `times` times of 256 x 256 x 4 voxels of 100 x 100 x 300 nm; a band of grey goes round once in all of them. */
export function writeTimeSeries(folder: string, times: number): string {
  mkdirSync(join(folder, '0'), { recursive: true });
  const axes = [
    { name: 't', type: 'time', unit: 'second' },
    ...(['z', 'y', 'x'] as const).map((name) => ({ name, type: 'space', unit: 'nanometer' })),
  ];
  const datasets = [{ path: '0', coordinateTransformations: [{ type: 'scale', scale: [1, 300, 100, 100] }] }];
  writeFileSync(join(folder, '.zgroup'), JSON.stringify({ zarr_format: 2 }));
  writeFileSync(
    join(folder, '.zattrs'),
    JSON.stringify({ multiscales: [{ version: '0.4', name: 'times', axes, datasets }] }),
  );
  const array = {
    zarr_format: 2,
    shape: [times, sections, edge, edge],
    chunks: [1, sections, edge, edge],
    dtype: '|u1',
    compressor: null,
    fill_value: 0,
    order: 'C',
    filters: null,
    dimension_separator: '.',
  };
  writeFileSync(join(folder, '0', '.zarray'), JSON.stringify(array));
  for (let time = 0; time < times; time++) writeFileSync(join(folder, '0', `${time}.0.0.0`), pictureAt(time / times));
  return folder;
}

function pictureAt(share: number): Uint8Array {
  const voxels = new Uint8Array(sections * edge * edge);
  for (let i = 0; i < voxels.length; i++) {
    const [x, y] = [(i % edge) / edge - 0.5, (Math.floor(i / edge) % edge) / edge - 0.5];
    voxels[i] = 120 + 90 * Math.sin(2 * Math.PI * (4 * Math.hypot(x, y) + share)) + 30 * x;
  }
  return voxels;
}
