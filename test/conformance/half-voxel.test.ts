import { describe, expect, it } from 'vitest';
import { omeZarr } from '../../main/engine/formats/ome-zarr.ts';
import { precomputed } from '../../main/engine/formats/precomputed.ts';
import { alignToLevels, planVolume } from '../../main/engine/formats/pyramid.ts';
import type { VolumeFormat, VolumePlan } from '../../main/engine/formats/volume-format.ts';
import { kernelCodec } from './kernel-codec.ts';
import { memoryStore } from './memory-store.ts';

const options = { codec: kernelCodec(), scratch: async () => '' };

describe('the half voxel between OME-Zarr and precomputed', () => {
  const request = {
    name: 'v',
    dtype: 'uint8',
    sizeXyz: [100, 70, 5],
    chunkXyz: [32, 32, 4],
    voxelSizeNm: [4, 4, 40],
    originNm: [-64, 128, 280],
  } as const;
  const written = async (format: VolumeFormat, plan: VolumePlan, encoding: string) => {
    const store = memoryStore();
    const writer = format.write?.writer(
      plan,
      { sharded: false, blockBytes: 1 << 20, encoding, chunkXyz: [32, 32, 4] },
      options.codec,
    );
    for (const part of (await writer?.metadata({})) ?? []) await store.put(part.key, part.bytes);
    const json = (key: string): unknown => JSON.parse(new TextDecoder().decode(store.files.get(key)));
    return { place: { source: store, key: '' }, json };
  };
  const offsetsOf = async (plan: VolumePlan): Promise<unknown> => {
    const info = (await written(precomputed, plan, 'raw')).json('info') as {
      scales: { key: string; voxel_offset: unknown }[];
    };
    return info.scales.map((scale) => [scale.key, scale.voxel_offset]);
  };

  it('an OME translation is the centre of voxel 0, a voxel_offset its corner, and both read back the same', async () => {
    const plan = planVolume(request);
    const places = [
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
    ];
    const datasets = places.map((coordinateTransformations, i) => ({ path: String(i), coordinateTransformations }));
    const v05 = await written(omeZarr, plan, 'zstd');
    expect(v05.json('zarr.json')).toMatchObject({
      attributes: { ome: { version: '0.5', multiscales: [{ datasets }] } },
    });
    const v04 = await written(omeZarr, plan, 'v2-blosc');
    expect(v04.json('.zattrs')).toMatchObject({ multiscales: [{ version: '0.4', datasets }] });
    expect(await offsetsOf(plan)).toEqual([
      ['4_4_40', [-16, 32, 7]],
      ['8_8_40', [-8, 16, 7]],
      ['16_16_40', [-4, 8, 7]],
    ]);
    const corners = [v05.place, v04.place].map(async (place) => (await omeZarr.open(place, options)).plan);
    const cut = (await written(precomputed, plan, 'raw')).place;
    for (const { levels } of await Promise.all([
      ...corners,
      precomputed.open(cut, options).then((volume) => volume.plan),
    ]))
      expect(levels.map((level) => level.originNm)).toEqual([request.originNm, request.originNm, request.originNm]);
  });

  it('keeps the corners of strided levels, which lie half a voxel apart', async () => {
    const plan = planVolume(request);
    const strided = {
      ...plan,
      levels: plan.levels.map((level, i) => ({
        ...level,
        originNm: [-64 - 2 * (2 ** i - 1), 128 - 2 * (2 ** i - 1), 280] as const,
      })),
    };
    const { place } = await written(omeZarr, strided, 'zstd');
    expect((await omeZarr.open(place, options)).plan.levels.map((level) => level.originNm)).toEqual(
      strided.levels.map((level) => level.originNm),
    );
  });

  it('places a level at the nearest whole voxel where the origin is not one, and never at -0', async () => {
    const odd = { ...request, originNm: [-4, 12, 0] } as const;
    expect(await offsetsOf(planVolume(odd))).toEqual([
      ['4_4_40', [-1, 3, 0]],
      ['8_8_40', [0, 2, 0]],
      ['16_16_40', [0, 1, 0]],
    ]);
    const aligned = alignToLevels(odd, [-1, 3, 0]);
    expect(aligned).toEqual({ originVoxel: [-4, 0, 0], sizeXyz: [103, 73, 5] });
    expect(await offsetsOf(planVolume({ ...odd, sizeXyz: aligned.sizeXyz, originNm: [-16, 0, 0] }))).toEqual([
      ['4_4_40', [-4, 0, 0]],
      ['8_8_40', [-2, 0, 0]],
      ['16_16_40', [-1, 0, 0]],
    ]);
  });
});
