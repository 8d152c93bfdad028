// Channels, time points and ids beyond what a double holds, through adding, viewing, converting and pyramids.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { omeZarrWriter } from '../../main/engine/formats/ome-writer.ts';
import { planVolume } from '../../main/engine/formats/pyramid.ts';
import type { VolumePlan } from '../../main/engine/formats/volume-format.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { openFolderTarget } from '../../main/engine/targets/folder.ts';
import { unpackBricks } from '../../preload/contract/brick.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { indexedIds } from './indexed-ids.ts';
import { nativeCodec } from './sample-volume.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

const size: Vec3 = [90, 50, 20];
const channels = ['GFP', 'RFP'].map((name, i) => ({ name, color: ['00FF00', 'FF0000'][i] ?? null, window: null }));

/** Ids above 2^53 that differ in their lowest bit, in blocks of 8; channel and time are told apart by theirs. */
function idAt(x: number, y: number, z: number, channel: number, time: number): bigint {
  const block = BigInt((x >> 3) + 100 * (y >> 3) + 10_000 * (z >> 3));
  return 2n ** 60n + 2n * block + BigInt(channel) + 1_000_000n * BigInt(time);
}

/** Two channels at three times. */
async function writeSample(folder: string): Promise<void> {
  const { levels } = planVolume({
    name: 'cells',
    sizeXyz: size,
    dtype: 'uint64',
    voxelSizeNm: [100, 100, 300],
    chunkXyz: [64, 64, 16],
    originNm: [500, 0, -300],
  });
  const plan: VolumePlan = {
    name: 'cells',
    kind: 'image',
    dtype: 'uint64',
    channels,
    times: 3,
    secondsPerTime: 2,
    transforms: [],
    levels: levels.slice(0, 1),
  };
  const writer = omeZarrWriter(plan, { sharded: false, chunkXyz: [64, 64, 16], blockBytes: 2 ** 26 }, nativeCodec());
  expect(writer.blockXyz(0).every((n, i) => n >= (size[i] ?? 0))).toBe(true);
  const target = openFolderTarget(openFolderSource(folder, 'sample'));
  for (let time = 0; time < 3; time++) {
    const voxels = new BigUint64Array(2 * size[0] * size[1] * size[2]);
    let at = 0;
    for (let c = 0; c < 2; c++)
      for (let z = 0; z < size[2]; z++)
        for (let y = 0; y < size[1]; y++) for (let x = 0; x < size[0]; x++) voxels[at++] = idAt(x, y, z, c, time);
    await target.putAll(await writer.encodeBlock({ level: 0, xyz: [0, 0, 0], time }, new Uint8Array(voxels.buffer)));
  }
  for (const { key, bytes } of await writer.metadata({})) await target.put(key, bytes);
}

async function ids(
  { client, library }: TempEngine,
  source: string,
  where: { readonly channel: number; readonly time: number; readonly level?: number; readonly box: string },
): Promise<BigUint64Array> {
  const { bytes } = await client.volume.cutout({ library, source, ...where });
  return new BigUint64Array((bytes ?? new Uint8Array()).slice().buffer);
}

const box = '0:90,0:50,0:20';
const wrongIds = (voxels: BigUint64Array, channel: number, time: number): number => {
  let [at, wrong] = [0, 0];
  for (let z = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++)
      for (let x = 0; x < size[0]; x++) if (voxels[at++] !== idAt(x, y, z, channel, time)) wrong++;
  return wrong;
};

test('every channel and time arrives, in each format that holds them, and in those that hold one', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'cells.zarr');
  await writeSample(source);
  const convert = (format: 'ome-zarr' | 'n5' | 'precomputed' | 'nrrd', out: string, more: object) =>
    at.result(at.client.volume.convert({ library: at.library, source, format, out, method: 'mode', ...more }));
  const zarr = join(at.folder, 'out.zarr');
  await convert('ome-zarr', zarr, { chunk: '32,32,16', sharded: true });
  for (let time = 0; time < 3; time++)
    for (let channel = 0; channel < 2; channel++)
      expect(wrongIds(await ids(at, zarr, { channel, time, box }), channel, time)).toBe(0);
  const coarse = await ids(at, zarr, { channel: 1, time: 2, level: 1, box: '0:45,0:25,0:20' });
  expect(coarse[0]).toBe(idAt(0, 0, 0, 1, 2));
  expect(coarse[44]).toBe(idAt(88, 0, 0, 1, 2));
  const one = join(at.folder, 'one');
  await expect(convert('precomputed', one, {})).rejects.toMatchObject({ tag: 'invalid-input' });
  await convert('precomputed', one, { times: '1:2', channels: '1', encoding: 'compressed_segmentation' });
  expect(wrongIds(await ids(at, one, { channel: 0, time: 0, box }), 1, 1)).toBe(0);
});

test('bricks are those of the channel and time that are asked for; ids stay exact', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const source = join(at.folder, 'cells.zarr');
  await writeSample(source);
  const { volume } = await at.result<{ volume: string }>(
    client.volume.add({ library, source, kind: 'segmentation', voxelSizeNm: [50, 50, 50] }),
  );
  const { value } = await client.view.volume({ library, volume });
  expect(value).toMatchObject({ times: 3, channels: [{ name: 'GFP' }, { name: 'RFP' }], display: { labels: true } });
  expect(value.levels[0]?.originNm).toEqual([250, 0, -50]);
  const shown = async (channel: number, time: number): Promise<BigUint64Array> => {
    let ids = new BigUint64Array();
    await client.view.bricks(
      { library, volume, channel, time, bricks: [[0, 0, 0, 0]] },
      {
        signal: new AbortController().signal,
        onValue: (_, bytes) => {
          for (const brick of unpackBricks(bytes ?? new Uint8Array()))
            ids = new BigUint64Array(indexedIds(brick.voxels, brick.size[0] * brick.size[1] * brick.size[2]));
        },
      },
    );
    return ids;
  };
  const [a, b, c] = [await shown(0, 0), await shown(1, 0), await shown(0, 2)];
  const wanted = [idAt(0, 0, 0, 0, 0), idAt(0, 0, 0, 1, 0), idAt(0, 0, 0, 0, 2)];
  expect([a[0], b[0], c[0]]).toEqual(wanted);
  expect([a[7], a[8]]).toEqual([idAt(7, 0, 0, 0, 0), idAt(8, 0, 0, 0, 0)]);
  await expect(
    client.view.bricks(
      { library, volume, channel: 2, bricks: [[0, 0, 0, 0]] },
      { signal: new AbortController().signal, onValue: () => undefined },
    ),
  ).rejects.toMatchObject({ tag: 'invalid-input' });
});
