import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { unpackBricks, type Brick, type BrickAddress } from '../../preload/contract/brick.ts';
import type { Dtype, Vec3 } from '../../preload/contract/space.ts';
import { absentChunk, makeSampleVolume, newFolder, type SampleVolume } from './sample-volume.ts';

interface Streamed {
  readonly bricks: Brick[];
  readonly frames: number[];
  fromCache: number;
}

async function streamed(
  client: LamellaClient,
  sample: SampleVolume,
  bricks: readonly BrickAddress[],
  signal = new AbortController().signal,
): Promise<Streamed> {
  const seen: Streamed = { bricks: [], frames: [], fromCache: 0 };
  await client.view.bricks(
    { library: sample.library, volume: sample.volume, bricks: [...bricks] },
    {
      signal,
      onValue: (value, bytes) => {
        const batch = unpackBricks(bytes ?? new Uint8Array());
        expect(batch.length).toBe(value.bricks);
        seen.bricks.push(...batch);
        seen.frames.push(bytes?.byteLength ?? 0);
        seen.fromCache += value.fromCache;
      },
    },
  );
  return seen;
}

function expected(sample: SampleVolume, level: number, min: Vec3, max: Vec3): Uint8Array {
  const values: number[] = [];
  for (let z = min[2]; z < max[2]; z++)
    for (let y = min[1]; y < max[1]; y++)
      for (let x = min[0]; x < max[0]; x++) values.push(sample.voxelAt(level, x, y, z));
  return sample.plan.dtype === 'uint8' ? Uint8Array.from(values) : new Uint8Array(Uint16Array.from(values).buffer);
}

const allBricks = ({ plan }: SampleVolume): BrickAddress[] =>
  plan.levels
    .flatMap((level, k) => {
      const list: BrickAddress[] = [];
      for (let z = 0; z < level.gridXyz[2]; z++)
        for (let y = 0; y < level.gridXyz[1]; y++) for (let x = 0; x < level.gridXyz[0]; x++) list.push([k, x, y, z]);
      return list;
    })
    .toReversed();

describe.each<Dtype>(['uint8', 'uint16'])('a volume of %s', (dtype) => {
  const home = newFolder();
  let engine: Engine;
  let client: LamellaClient;
  let sample: SampleVolume;
  beforeAll(async () => {
    sample = await makeSampleVolume(home.folder, { dtype });
    engine = createEngine({ threads: 2 });
    client = engine.client();
  });
  afterAll(async () => {
    await engine.close();
    home.remove();
  });
  const cutout = (box: string, level = 0, out?: string) =>
    client.volume.cutout({
      library: sample.library,
      source: sample.volume,
      box,
      level,
      ...(out === undefined ? {} : { out }),
    });

  it('is described', async () => {
    const { value } = await client.view.volume({ library: sample.library, volume: sample.volume });
    expect(value).toMatchObject({ id: sample.volume, dtype, originVoxel: [-32, 64, 7], window: [5, 200] });
    expect(value.levels.map((level) => level.size)).toEqual(sample.plan.levels.map((level) => level.sizeXyz));
  });

  it('streams every brick in the order asked for, bit for bit, then from the cache', async () => {
    const wanted = allBricks(sample);
    for (const round of ['files', 'cache'] as const) {
      const { bricks, fromCache } = await streamed(client, sample, wanted);
      expect(bricks.map((brick) => brick.address)).toEqual(wanted);
      expect(fromCache).toBe(round === 'cache' ? wanted.length : 0);
      for (const {
        address: [level, x, y, z],
        size,
        voxels,
      } of bricks) {
        const { chunkXyz } = sample.plan.levels[level] ?? { chunkXyz: [0, 0, 0] as const };
        const min: Vec3 = [x * chunkXyz[0], y * chunkXyz[1], z * chunkXyz[2]];
        const content = expected(sample, level, min, [min[0] + size[0], min[1] + size[1], min[2] + size[2]]);
        const isAbsent = [level, x, y, z].join() === absentChunk.join();
        expect(Buffer.compare(voxels, isAbsent ? new Uint8Array() : content)).toBe(0);
      }
    }
  });

  it('sends the first brick at once, and the others in frames', async () => {
    const wanted = Array.from({ length: 200 }, (_, i): BrickAddress => [0, i % 2 === 0 ? 0 : 2, 0, 0]);
    const { frames, bricks } = await streamed(client, sample, wanted);
    expect(bricks.length).toBe(200);
    expect(unpackedCount(frames[0] ?? 0, dtype)).toBe(1);
    for (const frame of frames.slice(1, -1)) expect(frame).toBeGreaterThanOrEqual(2 ** 18);
    expect(Math.max(...frames)).toBeLessThan(2 ** 21);
  });

  it('stops when the stream is cancelled', async () => {
    const abort = new AbortController();
    let seen = 0;
    const wanted = Array.from({ length: 4000 }, (): BrickAddress => [0, 0, 0, 0]);
    await client.view.bricks(
      { library: sample.library, volume: sample.volume, bricks: wanted },
      {
        signal: abort.signal,
        onValue: ({ bricks }) => {
          seen += bricks;
          abort.abort();
        },
      },
    );
    expect(seen).toBeLessThan(1000);
  });

  it('names a brick that is not there', async () => {
    await expect(streamed(client, sample, [[0, 99, 0, 0]])).rejects.toMatchObject({
      tag: 'invalid-input',
      message: expect.stringContaining('99, 0, 0'),
    });
    await expect(streamed(client, sample, [[9, 0, 0, 0]])).rejects.toMatchObject({
      tag: 'invalid-input',
      message: expect.stringContaining('level 9'),
    });
    await expect(streamed(client, { ...sample, volume: 'volume-nowhere' }, [[0, 0, 0, 0]])).rejects.toMatchObject({
      tag: 'not-found',
    });
  });

  const boxes: readonly (readonly [Vec3, Vec3])[] = [
    [
      [0, 0, 0],
      [150, 130, 11],
    ],
    [
      [63, 63, 7],
      [66, 65, 9],
    ],
    [
      [149, 129, 10],
      [150, 130, 11],
    ],
    [
      [60, 3, 2],
      [131, 90, 10],
    ],
  ];
  it.each(boxes)('cuts out %j to %j', async (min, max) => {
    const { value, bytes } = await cutout(`${min[0]}:${max[0]},${min[1]}:${max[1]},${min[2]}:${max[2]}`);
    const content = expected(sample, 0, min, max);
    expect(value.shapeZyx).toEqual([max[2] - min[2], max[1] - min[1], max[0] - min[0]]);
    expect(Buffer.compare(bytes ?? new Uint8Array(), content)).toBe(0);
    expect(value.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(value.file).toBeNull();
  });

  it('cuts out of a coarse level, into a .npy file', async () => {
    const size = sample.plan.levels[1]?.sizeXyz ?? [0, 0, 0];
    const out = join(home.folder, `cut-${dtype}.npy`);
    writeFileSync(out, 'an older file');
    const { value } = await cutout(`0:${size[0]},0:${size[1]},0:${size[2]}`, 1, out);
    const file = readFileSync(out);
    const start = 10 + file.readUInt16LE(8);
    expect(file.subarray(0, 8)).toEqual(Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]));
    expect(start % 64).toBe(0);
    expect(file.subarray(10, start).toString()).toMatch(
      `{'descr': '${dtype === 'uint8' ? '|u1' : '<u2'}', 'fortran_order': False, 'shape': (${size.toReversed().join(', ')}), }`,
    );
    expect(Buffer.compare(file.subarray(start), expected(sample, 1, [0, 0, 0], size))).toBe(0);
    expect(value.file).toBe(out);
  });

  it.each([
    ['0:151,0:10,0:1', 'along x'],
    ['0:10,-1:10,0:1', 'along y'],
    ['0:10,0:10,11:12', 'along z'],
    ['5:5,0:10,0:1', 'along x'],
    ['7:5,0:10,0:1', '0:150,0:130,0:11'],
  ])('says what is wrong with the box %s', async (box, says) => {
    await expect(cutout(box)).rejects.toMatchObject({
      tag: 'invalid-input',
      message: expect.stringContaining(says),
      hint: expect.stringContaining('0:150,0:130,0:11'),
    });
  });

  it('refuses a file in a folder that is not there, and a level that is not there', async () => {
    await expect(cutout('0:1,0:1,0:1', 0, join(home.folder, 'no', 'where.npy'))).rejects.toMatchObject({
      tag: 'not-found',
    });
    await expect(cutout('0:1,0:1,0:1', 7)).rejects.toMatchObject({ tag: 'invalid-input' });
  });
});

const unpackedCount = (bytes: number, dtype: Dtype): number => bytes / (32 + 64 * 64 * 8 * (dtype === 'uint8' ? 1 : 2));

describe('a volume with a damaged chunk', () => {
  it('gives the other bricks, then names the chunk', async () => {
    const home = newFolder();
    const sample = await makeSampleVolume(home.folder);
    truncateSync(join(sample.folder, '0/c/0/0/0'), 100);
    writeFileSync(join(sample.folder, '0/c/0/1/1'), '');
    const engine = createEngine({ threads: 2 });
    const client = engine.client();
    const got: Brick[] = [];
    const ask = (bricks: BrickAddress[]) =>
      client.view.bricks(
        { library: sample.library, volume: sample.volume, bricks },
        {
          signal: new AbortController().signal,
          onValue: (_, bytes) => got.push(...unpackBricks(bytes ?? new Uint8Array())),
        },
      );
    await expect(
      ask([
        [0, 0, 0, 0],
        [0, 2, 2, 1],
      ]),
    ).rejects.toMatchObject({ tag: 'bad-source', message: expect.stringContaining('0/c/0/0/0') });
    expect(got.map((brick) => brick.address)).toEqual([[0, 2, 2, 1]]);
    await expect(ask([[0, 1, 1, 0]])).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('empty'),
    });
    await expect(
      client.volume.cutout({ library: sample.library, source: sample.volume, box: '0:10,0:10,0:1' }),
    ).rejects.toMatchObject({ tag: 'bad-source', message: expect.stringContaining('0/c/0/0/0') });
    await engine.close();
    home.remove();
  });
});

describe('a cutout of more than 2 GiB', () => {
  it('is refused before anything is read', async () => {
    const home = newFolder();
    const sample = await makeSampleVolume(home.folder, { sizeXyz: [16, 16, 4], chunkXyz: [16, 16, 4] });
    const arrayFile = join(sample.folder, '0/zarr.json');
    writeFileSync(
      arrayFile,
      readFileSync(arrayFile, 'utf8').replace(/"shape": \[[^\]]*\]/, '"shape": [4000, 4000, 4000]'),
    );
    const engine = createEngine({ threads: 1 });
    await expect(
      engine.client().volume.cutout({ library: sample.library, source: sample.volume, box: '0:4000,0:4000,0:200' }),
    ).rejects.toMatchObject({ tag: 'over-budget', message: expect.stringContaining('3.0 GiB') });
    await engine.close();
    home.remove();
  });
});
