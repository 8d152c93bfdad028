// Volumes seen through maps, through the whole engine, against a resampler of a few lines.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import { fitLandmarks, mapOfFitted } from '../../main/engine/transforms/landmarks.ts';
import { unpackBricks } from '../../preload/contract/brick.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Landmark, WarpStep } from '../../preload/contract/warp.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

type Numbers = Uint8Array | Uint16Array | Float32Array | BigUint64Array;
const types = { uint8: Uint8Array, uint16: Uint16Array, float32: Float32Array, uint64: BigUint64Array } as const;

interface Made {
  readonly folder: string;
  readonly voxels: Numbers;
  readonly size: Vec3;
}

/** Precomputed of one raw chunk, voxels of 10 x 10 x 20 nm, its corner at 100, 200, 400 nm. */
function write(at: TempEngine, name: string, dtype: keyof typeof types, size: Vec3, value: (at: Vec3) => number): Made {
  const folder = join(at.folder, name);
  const voxels = new types[dtype](size[0] * size[1] * size[2]);
  let i = 0;
  for (let z = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++)
      for (let x = 0; x < size[0]; x++) {
        const level = value([x, y, z]);
        if (voxels instanceof BigUint64Array) voxels[i++] = BigInt(level) + 2n ** 60n;
        else voxels[i++] = level;
      }
  const key = '10_10_20';
  mkdirSync(join(folder, key), { recursive: true });
  const [ox, oy, oz] = [10, 20, 20];
  const [x, y, z] = size;
  writeFileSync(join(folder, key, `${ox}-${ox + x}_${oy}-${oy + y}_${oz}-${oz + z}`), new Uint8Array(voxels.buffer));
  const scale = {
    key,
    size,
    resolution: [10, 10, 20],
    voxel_offset: [ox, oy, oz],
    chunk_sizes: [size],
    encoding: 'raw',
  };
  const type = dtype === 'uint64' ? 'segmentation' : 'image';
  const info = { '@type': 'neuroglancer_multiscale_volume', type, data_type: dtype, num_channels: 1, scales: [scale] };
  writeFileSync(join(folder, 'info'), JSON.stringify(info));
  return { folder, voxels, size };
}

const voxelNm: Vec3 = [10, 10, 20];
const cornerNm: Vec3 = [100, 200, 400];
const wave = ([x, y, z]: Vec3): number =>
  Math.round(120 + 60 * Math.sin(x / 6) + 40 * Math.cos(y / 5) + 20 * Math.sin(z / 3 + x / 9));

async function add(at: TempEngine, { folder }: Made): Promise<string> {
  const { client, library, result } = at;
  return (await result<{ volume: string }>(client.volume.add({ library, source: folder }))).volume;
}

async function allOf(
  { client, library }: TempEngine,
  volume: string,
  level = 0,
): Promise<{ bytes: Uint8Array; size: Vec3 }> {
  const { levels } = (await client.view.volume({ library, volume })).value;
  const size = levels[level]!.size;
  const box = size.map((n) => `0:${n}`).join(',');
  return { bytes: (await client.volume.cutout({ library, source: volume, level, box })).bytes!, size };
}

/** What the voxels of the source's grid are, seen through a map of nanometres. */
function resampled({ voxels, size }: Made, map: (points: Float64Array) => void, nearest: boolean): number[] {
  const points: number[] = [];
  for (let z = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++)
      for (let x = 0; x < size[0]; x++) points.push(...[x, y, z].map((n, i) => cornerNm[i]! + (n + 0.5) * voxelNm[i]!));
  const led = Float64Array.from(points);
  map(led);
  const at = (n: readonly number[]): number => Number(voxels[(n[2]! * size[1] + n[1]!) * size[0] + n[0]!]);
  return Array.from({ length: led.length / 3 }, (_, p) => {
    const index = [0, 1, 2].map((i) => (led[3 * p + i]! - cornerNm[i]!) / voxelNm[i]! - 0.5);
    if (!index.every((value, i) => value >= -0.5 && value < size[i]! - 0.5)) return 0;
    if (nearest) return at(index.map((value) => Math.floor(value + 0.5)));
    let sum = 0;
    for (let corner = 0; corner < 8; corner++) {
      const place = index.map((value, i) => Math.max(0, Math.min(size[i]! - 1, value)));
      const whole = place.map((value, i) => Math.min(size[i]! - 1, Math.floor(value) + ((corner >> i) & 1)));
      const weight = place.reduce((w, value, i) => w * ((corner >> i) & 1 ? value % 1 : 1 - (value % 1)), 1);
      sum += weight * at(whole);
    }
    return sum;
  });
}

const landmark = (id: number, target: Vec3, by: Vec3): Landmark => ({
  id: String(id),
  name: '',
  target,
  source: [target[0] + by[0], target[1] + by[1], target[2] + by[2]],
  on: true,
});

/** Corners and the middle of 70 x 60 x 40 voxels, moved by some voxels each. */
const landmarks: readonly Landmark[] = [
  landmark(1, [150, 250, 450], [30, -20, 40]),
  landmark(2, [750, 250, 450], [-40, 25, 10]),
  landmark(3, [150, 750, 500], [20, 40, -30]),
  landmark(4, [750, 750, 450], [-10, -50, 20]),
  landmark(5, [200, 250, 1150], [35, 10, -60]),
  landmark(6, [700, 300, 1100], [-25, 30, -20]),
  landmark(7, [450, 500, 800], [60, -45, 50]),
  landmark(8, [150, 700, 1150], [5, 15, -45]),
];
const plate: WarpStep = { type: 'landmarks', landmarks: [...landmarks], fit: 'thin-plate', stiffness: 0 };
const plateMap = mapOfFitted(fitLandmarks({ landmarks, fit: 'thin-plate', stiffness: 0 }));
const size: Vec3 = [70, 60, 40];

const worst = (a: ArrayLike<number>, b: readonly number[]): number =>
  b.reduce((most, value, i) => Math.max(most, Math.abs(a[i]! - value)), 0);

describe('a volume seen through a thin plate', () => {
  test('has the grey levels of a resampler, in bricks, boxes and files alike', async () => {
    const at = tempEngine();
    const { client, library, result } = at;
    const made = write(at, 'grey', 'uint8', size, wave);
    const source = await add(at, made);
    const { volume, warp } = await client.warp.create({ library, volume: source, steps: [plate], name: 'straight' });
    expect(volume).toMatchObject({ name: 'straight', kind: 'image', dtype: 'uint8', source: { format: 'warp' } });
    expect(volume.levels[0]).toMatchObject({ size, voxelSizeNm: voxelNm, originNm: cornerNm });
    expect(warp).toMatchObject({ source, volume: volume.id, grid: { type: 'source' } });
    const { bytes } = await allOf(at, volume.id);
    const want = resampled(made, (points) => plateMap.applyNow(points), false);
    // Half a grey level of rounding, and 0.004 of a voxel along each axis, over which it changes by at most 20.
    expect(worst(bytes, want)).toBeLessThanOrEqual(0.5 + 3 * 0.004 * 20);
    expect(bytes.filter((value) => value > 0).length).toBeGreaterThan(100_000);
    expect(await bricksOf(at, volume)).toEqual(bytes);
    const out = join(at.folder, 'straight.nii');
    await result(client.volume.convert({ library, source: volume.id, out, format: 'nifti', levels: 'one' }));
    const box = size.map((n) => `0:${n}`).join(',');
    expect((await client.volume.cutout({ source: out, box })).bytes).toEqual(bytes);
    const { counts, voxels } = (await client.volume.histogram({ library, volume: volume.id })).value;
    expect(counts.reduce((a, b) => a + b, 0)).toBe(voxels);
    expect(voxels).toBe(bytes.filter((value) => value > 0).length);
    expect((await client.library.check({ library })).value).toEqual({ ok: true, problems: [] });
    await expect(result(client.volume.audit({ library, source: volume.id }))).rejects.toThrow(/nothing to audit/);
    await expect(result(client.volume.pyramid({ library, volume: volume.id }))).rejects.toThrow();
  });

  test.each([['uint16'], ['float32']] as const)('of %s too', async (dtype) => {
    const at = tempEngine();
    const made = write(at, dtype, dtype, size, (xyz) => wave(xyz) * 100);
    const { volume } = await at.client.warp.create({
      library: at.library,
      volume: await add(at, made),
      steps: [plate],
    });
    const { bytes } = await allOf(at, volume.id);
    const voxels = new types[dtype](bytes.slice().buffer);
    const want = resampled(made, (points) => plateMap.applyNow(points), false);
    // A slope of 1,700 a voxel, and 0.004 of a voxel.
    expect(worst(voxels, want)).toBeLessThanOrEqual(10);
  });

  test('keeps ids of labels whole, and its labels labels', async () => {
    const at = tempEngine();
    const made = write(
      at,
      'ids',
      'uint64',
      size,
      ([x, y, z]) => 1 + Math.floor(x / 7) + 100 * Math.floor(y / 9) + 10_000 * Math.floor(z / 5),
    );
    const { volume } = await at.client.warp.create({
      library: at.library,
      volume: await add(at, made),
      steps: [plate],
    });
    expect(volume).toMatchObject({ kind: 'segmentation', display: { labels: true } });
    const { bytes } = await allOf(at, volume.id);
    const ids = new BigUint64Array(bytes.slice().buffer);
    const known = new Set(made.voxels as BigUint64Array).add(0n);
    expect([...new Set(ids)].every((id) => known.has(id))).toBe(true);
    const want = resampled(made, (points) => plateMap.applyNow(points), true);
    const others = want.filter((value, i) => value !== Number(ids[i])).length;
    // Those whose places are within 0.004 of a voxel of a border.
    expect(others / want.length).toBeLessThan(0.005);
  });
});

/** All voxels of level 0, put together from its bricks. */
async function bricksOf({ client, library }: TempEngine, { id, levels }: Volume): Promise<Uint8Array> {
  const { size: whole, brick } = levels[0]!;
  const out = new Uint8Array(whole[0] * whole[1] * whole[2]);
  const grid = whole.map((n, i) => Math.ceil(n / brick[i]!));
  const bricks = Array.from({ length: grid[0]! * grid[1]! * grid[2]! }, (_, i) => {
    const x = i % grid[0]!;
    const y = Math.floor(i / grid[0]!) % grid[1]!;
    return [0, x, y, Math.floor(i / (grid[0]! * grid[1]!))] as [number, number, number, number];
  });
  await client.view.bricks(
    { library, volume: id, bricks },
    {
      signal: new AbortController().signal,
      onValue: (_value, bytes) => {
        for (const { address, size: extent, voxels } of bytes ? unpackBricks(bytes) : [])
          for (let z = 0; z < (voxels.byteLength > 0 ? extent[2] : 0); z++)
            for (let y = 0; y < extent[1]; y++) {
              const row = voxels.subarray((z * extent[1] + y) * extent[0], (z * extent[1] + y + 1) * extent[0]);
              const at = [1, 2, 3].map((i) => address[i]! * brick[i - 1]!);
              out.set(row, ((at[2]! + z) * whole[1] + at[1]! + y) * whole[0] + at[0]!);
            }
      },
    },
  );
  return out;
}

describe('landmarks', () => {
  test('that are moved draw anew, undone they draw as before, also after a restart', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const made = write(at, 'grey', 'uint8', size, wave);
    const source = await add(at, made);
    const { volume, warp } = await client.warp.create({ library, volume: source, steps: [plate] });
    const before = await bricksOf(at, volume);
    const moved = landmarks.map((one, i) => (i === 6 ? landmark(7, one.target!, [-60, 45, -50]) : one));
    const changed = await client.warp.update({ library, volume: volume.id, steps: [{ ...plate, landmarks: moved }] });
    expect(changed.warp.stamp).not.toBe(warp.stamp);
    expect(changed.volume.source.text).not.toBe(volume.source.text);
    expect(await bricksOf(at, volume)).not.toEqual(before);
    expect((await client.library.undo({ library })).label).toMatch(/^Move landmarks/);
    expect((await client.warp.get({ library, volume: volume.id })).value.warp).toEqual(warp);
    expect(await bricksOf(at, volume)).toEqual(before);
    await client.library.redo({ library });
    await at.engine.close();
    const again = createEngine({ threads: 2 });
    const other = again.client();
    const { stamp } = (await other.warp.get({ library, volume: volume.id })).value.warp;
    expect(stamp).toBe(changed.warp.stamp);
    await other.library.undo({ library });
    expect((await other.warp.get({ library, volume: volume.id })).value.warp).toEqual(warp);
    await other.library.undo({ library });
    expect((await other.warp.list({ library })).value.warps).toEqual([]);
    await other.library.redo({ library });
    expect((await other.warp.list({ library })).value.warps).toEqual([warp]);
    await again.close();
  });

  test('lead points both ways, a thousand in a moment', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const source = await add(at, write(at, 'grey', 'uint8', size, wave));
    const { volume } = await client.warp.create({ library, volume: source, steps: [plate] });
    const points = Array.from({ length: 1000 }, (_, i): Vec3 => [
      100 + (i % 10) * 70,
      200 + (i % 7) * 80,
      400 + (i % 13) * 60,
    ]);
    const there = (await client.warp.points({ library, volume: volume.id, points })).value.points;
    const want = Float64Array.from(points.flat());
    plateMap.applyNow(want);
    there.forEach((point, i) => point!.forEach((value, k) => expect(value).toBeCloseTo(want[3 * i + k]!, 6)));
    const found = there.map((point) => point!);
    const back = (await client.warp.points({ library, volume: volume.id, points: found, to: 'result' })).value.points;
    // Within a thousandth of the smallest voxel where the map leads.
    back.forEach((point, i) =>
      expect(Math.hypot(...point!.map((value, k) => value - points[i]![k]!))).toBeLessThan(0.1),
    );
  });

  test('that are wrong are refused by name, and nothing is kept', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const source = await add(at, write(at, 'grey', 'uint8', size, wave));
    const create = (steps: WarpStep[]) => client.warp.create({ library, volume: source, steps });
    const twins = [...landmarks, { ...landmarks[0]!, id: 'twin', source: [0, 0, 0] as Vec3 }];
    await expect(create([{ ...plate, landmarks: twins }])).rejects.toThrow(/1 and twin have the same place/);
    const flat = { type: 'affine' as const, frame: 'volume' as const, inverse: false };
    await expect(create([{ ...flat, matrix: Array.from({ length: 12 }, () => 0) }])).rejects.toThrow(/flattens space/);
    await expect(client.warp.get({ library, volume: source })).rejects.toThrow(/not seen through a map/);
    expect((await client.warp.list({ library })).value.warps).toEqual([]);
  });
});

describe('a warped volume', () => {
  test('of another is seen through both maps; without its source it says so', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const made = write(at, 'grey', 'uint8', size, wave);
    const source = await add(at, made);
    const shift = (x: number): WarpStep => ({
      type: 'affine',
      frame: 'volume',
      inverse: false,
      matrix: [1, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 0],
    });
    const first = await client.warp.create({ library, volume: source, steps: [shift(30)] });
    const second = await client.warp.create({ library, volume: first.volume.id, steps: [shift(-50)] });
    const { bytes } = await allOf(at, second.volume.id);
    const row = made.voxels.subarray(0, size[0]) as Uint8Array;
    // Two voxels to the left of where it was: what the first lost on its way is lost.
    expect([...bytes.subarray(0, size[0])]).toEqual([0, 0, 0, 0, 0, ...row.subarray(3, 3 + size[0] - 5)]);
    const { points } = (await client.warp.points({ library, volume: second.volume.id, points: [[0, 0, 0]] })).value;
    expect(points).toEqual([[-50, 0, 0]]);
    await client.volume.remove({ library, volume: source });
    await expect(allOf(at, first.volume.id)).rejects.toThrow(/is not in the library/);
    expect((await client.library.check({ library })).value.problems[0]).toMatch(/which was removed/);
    await client.library.undo({ library });
    expect((await allOf(at, second.volume.id)).bytes).toEqual(bytes);
  });

  test('has levels that agree with each other, and lies where its grid says', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const big: Vec3 = [150, 140, 90];
    const source = await add(
      at,
      write(
        at,
        'big',
        'uint8',
        big,
        ([x, y, z]) => 100 + Math.round(60 * Math.sin(x / 20) * Math.cos(y / 18) + 30 * Math.sin(z / 9)),
      ),
    );
    const turn: WarpStep = {
      type: 'affine',
      frame: 'volume',
      inverse: true,
      matrix: [0, -1, 0, 2000, 1, 0, 0, 0, 0, 0, 1, 0],
    };
    const { volume } = await client.warp.create({ library, volume: source, steps: [turn], grid: { type: 'around' } });
    const { points } = (
      await client.warp.points({ library, volume: volume.id, to: 'result', points: [[100, 200, 400]] })
    ).value;
    expect(points).toEqual([[1800, 100, 400]]);
    expect(volume.levels[0]).toMatchObject({ size: [140, 150, 90], originNm: [400, 100, 400] });
    expect(volume.levels.length).toBeGreaterThan(1);
    const fine = await allOf(at, volume.id, 0);
    const coarse = await allOf(at, volume.id, 1);
    let sum = 0;
    let count = 0;
    for (let z = 5; z < coarse.size[2] - 5; z++)
      for (let y = 5; y < coarse.size[1] - 5; y++)
        for (let x = 5; x < coarse.size[0] - 5; x++) {
          const zs = Math.round(volume.levels[1]!.voxelSizeNm[2] / 20);
          const own = coarse.bytes[(z * coarse.size[1] + y) * coarse.size[0] + x]!;
          const under = fine.bytes[(z * zs * fine.size[1] + y * 2) * fine.size[0] + x * 2]!;
          sum += Math.abs(own - under);
          count += 1;
        }
    expect(sum / count).toBeLessThan(4);
  });
});
