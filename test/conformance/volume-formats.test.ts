import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { chunkExtent, chunksOf, planVolume, voxelsIn } from '../../main/engine/formats/pyramid.ts';
import type { VolumeFormat, VolumePlan } from '../../main/engine/formats/volume-format.ts';
import { bytesPerVoxel, type Dtype, type Vec3 } from '../../preload/contract/space.ts';
import { markCodec, memoryStore } from './memory-store.ts';
import { seededBytes } from './seeded.ts';

const sizes: readonly Vec3[] = [
  [1, 1, 1],
  [17, 1, 1],
  [1, 33, 1],
  [1, 1, 9],
  [16, 16, 4],
  [17, 31, 5],
  [64, 48, 7],
  [65, 33, 13],
];
const dtypes: readonly Dtype[] = ['uint8', 'uint16'];

function planFor(format: VolumeFormat, sizeXyz: Vec3, dtype: Dtype): VolumePlan {
  return format.adapt(
    planVolume({
      name: 'block',
      sizeXyz,
      dtype,
      voxelSizeNm: [4, 4, 40],
      chunkXyz: [16, 16, 4],
      originNm: [-64, 128, 400],
    }),
  );
}

/** A chunk in three is absent, which reads as 0. */
async function write(format: VolumeFormat, plan: VolumePlan, seed: number) {
  const store = memoryStore();
  const chunks = new Map<string, Uint8Array | undefined>();
  for (const [index, level] of plan.levels.entries()) {
    for (const xyz of chunksOf(level)) {
      const address = [index, ...xyz].join();
      const voxels = seededBytes(
        `${seed}/${address}`,
        voxelsIn(chunkExtent(level, xyz).size) * bytesPerVoxel[plan.dtype],
      );
      const absent = (xyz[0] + xyz[1] + xyz[2] + index) % 3 === 2;
      chunks.set(address, absent ? undefined : voxels);
      if (!absent)
        await store.put(
          format.chunkKey(plan, index, xyz),
          await format.encodeChunk(plan, index, xyz, voxels, markCodec),
        );
    }
  }
  for (const part of format.metadata(plan, { window: [3, 200], attributes: { title: 'T' } }))
    await store.put(part.key, part.bytes);
  return { store, chunks };
}

describe.each(volumeFormats.map((format) => [format.id, format] as const))('%s', (_id, format) => {
  const cases = sizes.flatMap((size) => dtypes.map((dtype) => [size.join('x'), dtype, size] as const));
  it.each(cases)('reads back what it wrote: %s %s', async (_name, dtype, size) => {
    const plan = planFor(format, size, dtype);
    const { store, chunks } = await write(format, plan, 7);
    const opened = await format.open(store, markCodec);
    const geometry = (p: VolumePlan) =>
      p.levels.map(({ key, sizeXyz, chunkXyz, voxelSizeNm, gridXyz }) => ({
        key,
        sizeXyz,
        chunkXyz,
        voxelSizeNm,
        gridXyz,
      }));
    expect(geometry(opened.plan)).toEqual(geometry(plan));
    expect(opened.plan.dtype).toBe(dtype);
    expect(opened.plan.originNm).toEqual(plan.originNm);
    expect(opened.notes.attributes).toEqual({ title: 'T' });
    for (const [address, voxels] of chunks) {
      const [level = 0, x = 0, y = 0, z = 0] = address.split(',').map(Number);
      expect(opened.chunkKey(level, [x, y, z])).toBe(format.chunkKey(plan, level, [x, y, z]));
      expect(await opened.readChunk(level, [x, y, z])).toEqual(voxels);
    }
  });

  it('writes the file that makes it a dataset last', () => {
    const parts = format.metadata(planFor(format, [65, 33, 13], 'uint8'), {});
    expect(parts.at(-1)?.key).toBe(format.metadataKey);
  });

  it('names an empty chunk and a chunk that is cut short', async () => {
    const plan = planFor(format, [17, 31, 5], 'uint16');
    const { store } = await write(format, plan, 1);
    const key = format.chunkKey(plan, 0, [0, 0, 0]);
    const whole = store.files.get(key);
    const opened = await format.open(store, markCodec);
    await store.put(key, new Uint8Array());
    await expect(opened.readChunk(0, [0, 0, 0])).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining(key),
    });
    await store.put(key, whole?.subarray(0, 100) ?? new Uint8Array());
    await expect(opened.readChunk(0, [0, 0, 0])).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining(key),
    });
  });

  it('says what is missing where there is no dataset', async () => {
    await expect(format.open(memoryStore('an empty folder'), markCodec)).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('an empty folder'),
    });
  });
});

describe('the list of formats', () => {
  it('holds every file of the folder that exports a VolumeFormat', () => {
    const listed = volumeFormats.map((format) => `${format.id}.ts`);
    const folder = new URL('../../main/engine/formats/', import.meta.url);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(listed));
    expect(new Set(listed).size).toBe(listed.length);
  });
});
