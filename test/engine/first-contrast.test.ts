// The contrast that a volume is first shown with: what there is fills it, whatever the file says, pads or hides in a corner.
import { writeFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Volume } from '../../preload/contract/library.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

const count = 40 * 40 * 40;

type Numbers = Uint16Array | Int16Array | Uint32Array | Float32Array | Float64Array | Uint8Array;
const typeOf = (values: Numbers): string =>
  ({ Uint8Array: 'uchar', Uint16Array: 'ushort', Int16Array: 'short', Uint32Array: 'uint' })[values.constructor.name] ??
  (values instanceof Float32Array ? 'float' : 'double');

function writeNrrd(folder: string, values: Numbers): string {
  const file = join(folder, 'values.nrrd');
  const header = `NRRD0004\ntype: ${typeOf(values)}\ndimension: 3\nsizes: 40 40 40\nspacings: 1 1 1\nendian: little\nencoding: raw\n\n`;
  writeFileSync(file, Buffer.concat([Buffer.from(header), Buffer.from(values.buffer)]));
  return file;
}

async function added({ client, library, result }: TempEngine, source: string): Promise<Volume> {
  const { volume } = await result<{ volume: string }>(client.volume.add({ library, source, kind: 'image' }));
  return (await client.view.volume({ library, volume })).value;
}

const spread = (i: number, low: number, high: number): number => low + ((i * 7919) % 1000) * ((high - low) / 999);

interface Case {
  readonly name: string;
  readonly values: Numbers;
  /** Where the window begins and ends, within 2 % of its length. */
  readonly window: readonly [number, number];
}

const cases: readonly Case[] = [
  {
    name: 'float32 with one voxel of the least number there is',
    values: Float32Array.from({ length: count }, (_, i) => (i === 77 ? -3.4e38 : spread(i, 5, 9))),
    window: [5, 9],
  },
  {
    name: 'float64 with voxels of ±1e308, NaN and infinities',
    values: Float64Array.from(
      { length: count },
      (_, i) => [1e308, -1e308, Number.NaN, Infinity, -Infinity][i] ?? spread(i, -0.25, 0.75),
    ),
    window: [-0.25, 0.75],
  },
  {
    name: 'float32 with a third of -1e20 for no data',
    values: Float32Array.from({ length: count }, (_, i) => (i % 3 === 0 ? -1e20 : spread(i, 100, 300))),
    window: [100, 300],
  },
  {
    name: 'float32 of 1000 to 1200 in zeros',
    values: Float32Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 0 : spread(i, 1000, 1200))),
    window: [1000, 1200],
  },
  {
    name: 'int16 with a third of -32768 for no data',
    values: Int16Array.from({ length: count }, (_, i) => (i % 3 === 0 ? -32_768 : spread(i, -100, 400))),
    window: [-100, 400],
  },
  {
    name: 'uint32 with one hot voxel',
    values: Uint32Array.from({ length: count }, (_, i) => (i === 5 ? 4_000_000_000 : spread(i, 200, 900))),
    window: [200, 900],
  },
  {
    name: 'uint16 in zeros with hot voxels',
    values: Uint16Array.from({ length: count }, (_, i) => (i % 2 ? 0 : i % 5000 === 0 ? 65_535 : spread(i, 90, 500))),
    window: [90, 500],
  },
  {
    name: 'a mask of 0 and 255',
    values: Uint8Array.from({ length: count }, (_, i) => (i % 9 ? 0 : 255)),
    window: [0, 255],
  },
  { name: 'all 700', values: new Uint16Array(count).fill(700), window: [0, 1400] },
  { name: 'all -2.5', values: new Float32Array(count).fill(-2.5), window: [-5, 0] },
  { name: 'all zero', values: new Float32Array(count), window: [0, 1] },
  { name: 'all NaN', values: new Float32Array(count).fill(Number.NaN), window: [0, 1] },
  { name: 'all infinite', values: new Float64Array(count).fill(Infinity), window: [0, 1] },
];

test.each(cases)('$name opens with what is in it', async ({ values, window }) => {
  const at = tempEngine();
  const volume = await added(at, writeNrrd(at.folder, values));
  const [low = 0, high = 0] = volume.channels[0]?.window ?? [];
  const most = 0.02 * (window[1] - window[0]);
  expect(Math.abs(low - window[0]), `${low} for ${window[0]}`).toBeLessThanOrEqual(most);
  expect(Math.abs(high - window[1]), `${high} for ${window[1]}`).toBeLessThanOrEqual(most);
  // Bricks have grey levels enough within it.
  const { range, dtype } = volume.display;
  const levels = ((high - low) / (range[1] - range[0])) * (dtype === 'uint8' ? 255 : 65_535);
  const isExact = /^u?int(8|16)$/.test(volume.dtype);
  if (!isExact && new Set(values.slice(0, 100)).size > 2) expect(levels).toBeGreaterThan(1000);
  const { value } = await at.client.volume.histogram({ library: at.library, volume: volume.id });
  expect(value.counts.reduce((sum, n) => sum + n, 0) + value.left).toBe(count);
});

const data = join(import.meta.dirname, '..', '..', '..', 'shared', 'data');

describe.skipIf(!existsSync(data))('real pictures, which say or keep a window of their own', () => {
  test.each([
    ['light-sheet/signal_ch000000.tif', 500, 900],
    ['light-sheet/background_ch010000.tif', 400, 700],
    ['mouse-brain/downsampled.tiff', 3000, 4000],
    ['formats/neuroglancer/nifti/example_nifti2.nii.gz', 650, 750],
  ])('%s', async (file, least, most) => {
    const at = tempEngine();
    const volume = await added(at, join(data, file));
    const high = volume.channels[0]?.window[1] ?? 0;
    expect(high).toBeGreaterThan(least);
    expect(high).toBeLessThan(most);
  });
});
if (!existsSync(data)) console.log('Skipped: real pictures are looked for in ../shared/data.');
