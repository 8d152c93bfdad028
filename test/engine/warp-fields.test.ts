// Fields of vectors of other programs: their order, units, ends and faults. Against SimpleITK: npm run test:interop -- warps.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { WarpStep } from '../../preload/contract/warp.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

const side = 8;
const count = side ** 3;

/** NRRD of 8³ voxels of 100 nm, its corner at 0; `vectors` interleaved, micrometres of the patient's space. */
function nrrd(at: TempEngine, name: string, vectors: Float32Array, parts = 3): string {
  const path = join(at.folder, name);
  const head = [
    'NRRD0005',
    'type: float',
    'dimension: 4',
    'space: left-posterior-superior',
    `sizes: ${parts} ${side} ${side} ${side}`,
    'space directions: none (0.1,0,0) (0,0.1,0) (0,0,0.1)',
    'kinds: vector domain domain domain',
    'endian: little',
    'encoding: raw',
    'space origin: (0.05,0.05,0.05)',
    'space units: "um" "um" "um"',
  ];
  writeFileSync(path, Buffer.concat([Buffer.from(`${head.join('\n')}\n\n`), Buffer.from(vectors.buffer)]));
  return path;
}

/** Zarr v3, one chunk, parts in the order z, y, x. */
function omeZarr(at: TempEngine, parts: readonly Float32Array[]): string {
  const folder = join(at.folder, 'field.ome.zarr');
  mkdirSync(join(folder, '0', 'c', '0', '0', '0'), { recursive: true });
  const space = ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'micrometer' }));
  const axes = [{ name: 'd', type: 'displacement' }, ...space];
  const transform = { type: 'scale', scale: [1, 0.1, 0.1, 0.1], input: '0', output: 'physical' };
  const shift = { type: 'translation', translation: [0, 0.05, 0.05, 0.05] };
  const sequence = { type: 'sequence', input: '0', output: 'physical', transformations: [transform, shift] };
  const multiscale = {
    coordinateSystems: [{ name: 'physical', axes }],
    datasets: [{ path: '0', coordinateTransformations: [sequence] }],
  };
  const group = {
    zarr_format: 3,
    node_type: 'group',
    attributes: { ome: { version: '0.6', multiscales: [multiscale] } },
  };
  writeFileSync(join(folder, 'zarr.json'), JSON.stringify(group));
  const shape = [3, side, side, side];
  const array = {
    ...{ zarr_format: 3, node_type: 'array', shape, data_type: 'float32', fill_value: 0 },
    chunk_grid: { name: 'regular', configuration: { chunk_shape: shape } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    codecs: [{ name: 'bytes', configuration: { endian: 'little' } }],
  };
  writeFileSync(join(folder, '0', 'zarr.json'), JSON.stringify(array));
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part.buffer)));
  writeFileSync(join(folder, '0', 'c', '0', '0', '0', '0'), bytes);
  return folder;
}

/** Precomputed of 8³ voxels of 100 nm: voxel i is i % 251 + 1. */
async function source(at: TempEngine): Promise<string> {
  const folder = join(at.folder, 'grey');
  mkdirSync(join(folder, 'a'), { recursive: true });
  writeFileSync(
    join(folder, 'a', '0-8_0-8_0-8'),
    Uint8Array.from({ length: count }, (_, i) => (i % 251) + 1),
  );
  const scale = { key: 'a', size: [8, 8, 8], resolution: [100, 100, 100], voxel_offset: [0, 0, 0] };
  const scales = [{ ...scale, chunk_sizes: [[8, 8, 8]], encoding: 'raw' }];
  const type = { '@type': 'neuroglancer_multiscale_volume', type: 'image', data_type: 'uint8', num_channels: 1 };
  writeFileSync(join(folder, 'info'), JSON.stringify({ ...type, scales }));
  const { client, library, result } = at;
  return (await result<{ volume: string }>(client.volume.add({ library, source: folder }))).volume;
}

const field = (path: string, more: Partial<Extract<WarpStep, { type: 'field' }>> = {}): WarpStep => ({
  ...{ type: 'field', source: path, allowPrivate: false, holds: 'displacement', frame: 'auto' },
  ...{ interpolation: 'linear', inverse: false, vectorUnitNm: undefined },
  ...more,
});

async function led(at: TempEngine, steps: WarpStep[], points: Vec3[], to: 'source' | 'result' = 'source') {
  const { client, library } = at;
  const { volume } = await client.warp.create({ library, volume: await source(at), steps });
  const { value } = await client.warp.points({ library, volume: volume.id, points, to });
  return { points: value.points, volume: volume.id };
}

const close = (point: Vec3) => point.map((value) => expect.closeTo(value, 2));

test('a field of OME-Zarr 0.6 has its parts in the order of its axes, in their unit', async () => {
  const at = tempEngine();
  const parts = [0.03, 0.02, 0.01].map((value) => new Float32Array(count).fill(value));
  const found = await led(at, [field(omeZarr(at, parts))], [[400, 400, 400]]);
  expect(found.points).toEqual([close([410, 420, 430])]);
});

test('many points at once are led where each alone is, though all of the field is read for them', async () => {
  const at = tempEngine();
  // Bends from voxel to voxel; along z by a tenth of x.
  const vectors = Float32Array.from({ length: 3 * count }, (_, i) =>
    i % 3 === 2 ? 0.1 * (0.05 + 0.1 * (Math.floor(i / 3) % side)) : 0.02 * Math.sin(i * i),
  );
  const points = Array.from({ length: 300 }, (_, i): Vec3 => [(i * 37) % 811, (i * 61) % 807, (i * 89) % 803]);
  const many = await led(at, [field(nrrd(at, 'field.nrrd', vectors), { vectorUnitNm: 1000 })], points);
  const { client, library } = at;
  const alone = points.map((point) => client.warp.points({ library, volume: many.volume, points: [point] }));
  expect((await Promise.all(alone)).map(({ value }) => value.points[0])).toEqual(many.points);
  const inner = points.flatMap((point, i) => (point.every((v) => v >= 50 && v <= 750) ? [i] : []));
  expect(inner.length).toBeGreaterThan(150);
  for (const i of inner) expect(many.points[i]![2]).toBeCloseTo(points[i]![2] + points[i]![0] / 10, 3);
});

test('a field of NRRD moves what lies in it, nothing beside it, and its inverse moves it back', async () => {
  const at = tempEngine();
  // Along x by a tenth of x.
  const vectors = Float32Array.from({ length: 3 * count }, (_, i) =>
    i % 3 === 0 ? 0.1 * (0.05 + 0.1 * (Math.floor(i / 3) % side)) : 0,
  );
  const path = nrrd(at, 'field.nrrd', vectors);
  const steps = [field(path, { vectorUnitNm: 1000 })];
  const { points } = await led(at, steps, [
    [350, 400, 400],
    [2000, 0, 0],
  ]);
  expect(points).toEqual([close([385, 400, 400]), close([2000, 0, 0])]);
  const back = await led(at, steps, [[385, 400, 400]], 'result');
  expect(back.points).toEqual([close([350, 400, 400])]);
  const other = tempEngine();
  const inverse = await led(other, [field(path, { vectorUnitNm: 1000, inverse: true })], [[385, 400, 400]]);
  expect(inverse.points).toEqual([close([350, 400, 400])]);
  const box = '0:8,0:8,0:8';
  const { bytes } = await other.client.volume.cutout({ library: other.library, source: inverse.volume, box });
  // Voxel 3 of the result has its centre at 350: 350 / 1.1 = 318.2, 0.318 of a voxel left of voxel 3 of the source.
  expect(bytes?.[3]).toBe(Math.round(4 - 0.318));
});

test('what is no number leads nowhere, and what is no field is refused by name', async () => {
  const at = tempEngine();
  const holes = new Float32Array(3 * count);
  holes.fill(NaN, 0, 3 * 64 * 4);
  const { points, volume } = await led(
    at,
    [field(nrrd(at, 'holes.nrrd', holes))],
    [
      [350, 350, 150],
      [350, 350, 650],
    ],
  );
  expect(points).toEqual([null, close([350, 350, 650])]);
  const { bytes } = await at.client.volume.cutout({ library: at.library, source: volume, box: '0:8,0:8,0:8' });
  expect(bytes?.subarray(0, 64)).toEqual(new Uint8Array(64));
  expect(bytes?.[511]).toBe((511 % 251) + 1);
  const two = nrrd(at, 'two.nrrd', new Float32Array(2 * count), 2);
  await expect(led(at, [field(two)], [])).rejects.toThrow(/"two" is no field of vectors: it has 2 channels/);
  const short = nrrd(at, 'short.nrrd', new Float32Array(100));
  await expect(led(at, [field(short)], [])).rejects.toThrow(/short/);
  await expect(led(at, [field(join(at.folder, 'nothing.nrrd'))], [])).rejects.toThrow();
  await expect(led(at, [field(await source(at))], [])).rejects.toThrow(/its voxels are uint8/);
});
