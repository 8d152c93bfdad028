import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { omeZarr, openOmeZarr } from '../../main/engine/formats/ome-zarr.ts';
import { openPrecomputed, precomputed } from '../../main/engine/formats/precomputed.ts';
import { alignToLevels, planVolume } from '../../main/engine/formats/pyramid.ts';
import { decodeStored, zarrArraySchema } from '../../main/engine/formats/zarr3.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { nativeCodec } from '../engine/sample-volume.ts';
import { memoryStore } from './memory-store.ts';

const data = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'formats');
const present = existsSync(data);
if (!present) console.warn('skipped: volumes written by other programs (../shared/data/formats is not there)');

describe.skipIf(!present)('volumes that other programs wrote', () => {
  const neuroglancer = join(data, 'neuroglancer');

  it('OME-Zarr 0.5 of neuroglancer: two axes, raw chunks, three levels, origins of voxel centres', async () => {
    const folder = join(neuroglancer, 'zarr/ome_zarr/simple_0.5');
    const volume = await openOmeZarr(openFolderSource(folder, 'simple_0.5'), nativeCodec());
    expect(volume.plan).toMatchObject({ name: 'image', dtype: 'uint16', originNm: [-15, -2, -0.5] });
    expect(
      volume.plan.levels.map(({ key, sizeXyz, voxelSizeNm, stepXyz }) => ({ key, sizeXyz, voxelSizeNm, stepXyz })),
    ).toEqual([
      { key: 'scale0/image', sizeXyz: [10, 10, 1], voxelSizeNm: [30, 4, 1], stepXyz: [1, 1, 1] },
      { key: 'scale1/image', sizeXyz: [5, 5, 1], voxelSizeNm: [60, 8, 1], stepXyz: [2, 2, 1] },
      { key: 'scale2/image', sizeXyz: [2, 2, 1], voxelSizeNm: [120, 16, 1], stepXyz: [3, 3, 1] },
    ]);
    for (const level of [0, 1, 2]) {
      expect(await volume.readChunk(level, [0, 0, 0])).toEqual(
        new Uint8Array(readFileSync(join(folder, `scale${level}/image/c/0/0`))),
      );
    }
  });

  it('chunks of zstd that zarr-python wrote, and names what it does not read', async () => {
    const folder = join(neuroglancer, 'zarr/ome_zarr/all_0.6/simple/anisotropic_rotation.zarr/array');
    const array = zarrArraySchema.parse(JSON.parse(readFileSync(join(folder, 'zarr.json'), 'utf8')));
    expect(array).toMatchObject({
      dtype: 'uint8',
      shape: [27, 226, 186],
      codecs: { compressor: 'zstd', crc32c: false },
    });
    const voxels = await decodeStored(
      new Uint8Array(readFileSync(join(folder, array.chunkKey([0, 0, 0])))),
      27 * 226 * 186,
      array.codecs,
      nativeCodec(),
      1,
    );
    expect(voxels.some((value) => value > 0)).toBe(true);

    const sharded = openFolderSource(join(data, 'zarr3/color'), 'a sharded volume');
    await expect(openOmeZarr(sharded, nativeCodec())).rejects.toMatchObject({ tag: 'bad-source' });
    const arrayJson = zarrArraySchema.safeParse(
      JSON.parse(readFileSync(join(data, 'zarr3/color/1/zarr.json'), 'utf8')),
    );
    expect(arrayJson.error?.issues[0]?.message).toContain('sharding_indexed');
  });

  it('precomputed infos of neuroglancer: one channel opens, two are refused by name', async () => {
    const one = await openPrecomputed(openFolderSource(join(neuroglancer, 'precomputed/one_channel'), 'one_channel'));
    expect(one.plan.levels.map((level) => [level.key, ...level.sizeXyz])).toEqual([
      ['3_4_5', 10, 20, 30],
      ['6_8_10', 5, 10, 15],
      ['12_16_20', 3, 5, 8],
    ]);
    expect(one.chunkKey(2, [0, 0, 0])).toBe('12_16_20/0-3_0-5_0-8');
    expect(await one.readChunk(0, [0, 0, 0])).toBeUndefined();
    await expect(
      openPrecomputed(openFolderSource(join(neuroglancer, 'precomputed/two_channels'), 'two_channels')),
    ).rejects.toMatchObject({ tag: 'bad-source', message: expect.stringContaining('num_channels') });
    await expect(
      openPrecomputed(openFolderSource(join(data, 'precomputed-segmentation'), 'a segmentation')),
    ).rejects.toMatchObject({ tag: 'bad-source', message: expect.stringContaining('data_type') });
  });
});

describe('the half voxel between OME-Zarr and precomputed', () => {
  it('an OME translation is the centre of voxel 0, a voxel_offset its corner, and both read back the same', async () => {
    const plan = planVolume({
      name: 'v',
      dtype: 'uint8',
      sizeXyz: [100, 70, 5],
      chunkXyz: [32, 32, 4],
      voxelSizeNm: [4, 4, 40],
      originNm: [-64, 128, 280],
    });
    const json = (key: string, parts: readonly { key: string; bytes: Uint8Array }[]) =>
      JSON.parse(new TextDecoder().decode(parts.find((part) => part.key === key)?.bytes));
    const group = json('zarr.json', omeZarr.metadata(plan, {}));
    expect(
      group.attributes.ome.multiscales[0].datasets.map(
        (d: { coordinateTransformations: unknown }) => d.coordinateTransformations,
      ),
    ).toEqual([
      [
        { type: 'scale', scale: [40, 4, 4] },
        { type: 'translation', translation: [300, 130, -62] },
      ],
      [
        { type: 'scale', scale: [40, 8, 8] },
        { type: 'translation', translation: [300, 132, -60] },
      ],
      [
        { type: 'scale', scale: [40, 16, 16] },
        { type: 'translation', translation: [300, 136, -56] },
      ],
    ]);
    const info = json('info', precomputed.metadata(precomputed.adapt(plan), {}));
    expect(info.scales.map((s: { key: string; voxel_offset: unknown }) => [s.key, s.voxel_offset])).toEqual([
      ['4_4_40', [-16, 32, 7]],
      ['8_8_40', [-8, 16, 7]],
      ['16_16_40', [-4, 8, 7]],
    ]);
    for (const format of [omeZarr, precomputed]) {
      const store = memoryStore();
      for (const part of format.metadata(format.adapt(plan), {})) await store.put(part.key, part.bytes);
      expect((await format.open(store, nativeCodec())).plan.originNm).toEqual([-64, 128, 280]);
    }
  });

  it('places a level at the nearest whole voxel where the origin is not one, and never at -0', async () => {
    const request = {
      name: 'v',
      dtype: 'uint8',
      sizeXyz: [100, 70, 5],
      chunkXyz: [32, 32, 4],
      voxelSizeNm: [4, 4, 40],
      originNm: [-4, 12, 0],
    } as const;
    const offsets = (plan: ReturnType<typeof planVolume>) =>
      JSON.parse(new TextDecoder().decode(precomputed.metadata(precomputed.adapt(plan), {})[0]?.bytes)).scales.map(
        (s: { voxel_offset: number[] }) => s.voxel_offset,
      );
    expect(offsets(planVolume(request))).toEqual([
      [-1, 3, 0],
      [0, 2, 0],
      [0, 1, 0],
    ]);
    const aligned = alignToLevels(request, [-1, 3, 0]);
    expect(aligned).toEqual({ originVoxel: [-4, 0, 0], sizeXyz: [103, 73, 5] });
    expect(offsets(planVolume({ ...request, sizeXyz: aligned.sizeXyz, originNm: [-16, 0, 0] }))).toEqual([
      [-4, 0, 0],
      [-2, 0, 0],
      [-1, 0, 0],
    ]);
  });
});
