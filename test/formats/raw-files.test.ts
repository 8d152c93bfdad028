import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { nifti } from '../../main/engine/formats/nifti.ts';
import { nrrd } from '../../main/engine/formats/nrrd.ts';
import { planVolume } from '../../main/engine/formats/pyramid.ts';
import { joinCrc32 } from '../../main/engine/formats/raw-file/crc32.ts';
import { crc32Of, ownCrc32Of } from '../../native-workers/crc32.ts';
import type { VolumePlan } from '../../main/engine/formats/volume-format.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import type { VoxelType } from '../../preload/contract/space.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { writeVolume } from '../conformance/written-volume.ts';
import { seededRandom } from './mutate.ts';
import { codec, first, hashOf, open, options, useScratch } from './unpacking.ts';

useScratch();

describe('crc32', () => {
  it('equals zlib, and joins runs of any length', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 200; round++) {
      const bytes = seededBytes(`crc${round}`, Math.floor(random() * 3000));
      const cut = Math.floor(random() * (bytes.byteLength + 1));
      const [a, b] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect([crc32Of(bytes), ownCrc32Of(bytes)]).toEqual([crc32(bytes), crc32(bytes)]);
      expect(joinCrc32(crc32Of(a), crc32Of(b), b.byteLength)).toBe(crc32(bytes));
    }
  });
});

const plan = (dtype: VoxelType, more: Partial<VolumePlan> = {}): VolumePlan => ({
  ...planVolume({
    name: 'v',
    dtype,
    sizeXyz: [41, 23, 9],
    chunkXyz: [16, 16, 4],
    voxelSizeNm: [4, 4, 40],
    originNm: [-64, 128, 400],
  }),
  ...more,
});
const channel = { name: '', color: null, window: null };

describe('one file of raw voxels', () => {
  it.each([nifti, nrrd].map((format) => [format.id, format] as const))(
    '%s: writes one member of gzip, of blocks of any size, that other readers take whole',
    async (_id, format) => {
      const write = format.write ?? (undefined as never);
      const rich = plan('uint16', { channels: [channel, channel], times: 3, secondsPerTime: 2 });
      for (const blockBytes of [200, 5000, 1 << 20]) {
        const made = async (encoding: string) => {
          const choices = { encoding, sharded: false, blockBytes };
          const seeded = (at: object, bytes: number) => seededBytes(JSON.stringify(at), bytes);
          const { place, levels } = await writeVolume({ write }, rich, choices, codec, seeded);
          return {
            bytes: (await place.source.get(place.key)) ?? new Uint8Array(),
            truth: levels[0] ?? new Uint8Array(),
          };
        };
        const [raw, packed] = [await made('raw'), await made('gzip')];
        const start = format.id === 'nifti' ? 0 : Buffer.from(packed.bytes).indexOf('\n\n') + 2;
        const whole = gunzipSync(packed.bytes.subarray(start));
        expect(Buffer.compare(raw.bytes.subarray(-raw.truth.byteLength), whole.subarray(-raw.truth.byteLength))).toBe(
          0,
        );
        // Another gzip member would begin with these bytes after the first had ended.
        expect(
          Buffer.from(packed.bytes.subarray(start + 2)).indexOf(Buffer.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255)),
        ).toBe(-1);
      }
    },
  );

  it('NIfTI keeps the transform of what it was converted from, and takes long axes as NIfTI-2', async () => {
    const turned = { space: 'mni', kind: 'affine', matrix: [-1, 0, 0, 500, 0, 1, 0, 0, 0, 0, 1, 0] };
    const write = nifti.write ?? (undefined as never);
    const choices = { sharded: false, blockBytes: 1 << 20 };
    const { place } = await writeVolume(
      { write },
      plan('uint8', { transforms: [turned] }),
      choices,
      codec,
      () => undefined,
    );
    const opened = await nifti.open(place, options);
    // -(x + origin) + 500, whatever the origin has become.
    const [transform] = opened.plan.transforms;
    expect(transform?.space).toBe('mni');
    const origin = opened.plan.levels[0]?.originNm ?? [1, 1, 1];
    const at = (x: number) => (transform?.matrix?.[0] ?? 0) * (x + origin[0]) + (transform?.matrix?.[3] ?? 0);
    expect(at(0)).toBeCloseTo(564, 3);
    expect(at(4)).toBeCloseTo(560, 3);

    const levels = planVolume({
      name: 'v',
      dtype: 'uint8',
      sizeXyz: [40_000, 2, 1],
      chunkXyz: [64, 64, 64],
      voxelSizeNm: [4, 4, 40],
      originNm: [0, 0, 0],
    }).levels;
    const long = await writeVolume({ write }, plan('uint8', { levels }), choices, codec, () => undefined);
    const reopened = await nifti.open(long.place, options);
    expect(reopened.notes.storage).toContain('NIfTI-2');
    expect(reopened.plan.levels[0]).toMatchObject({
      sizeXyz: [40_000, 2, 1],
      voxelSizeNm: [4, 4, 40],
      originNm: [0, 0, 0],
    });
  });

  it('reads sections of over 32 MiB by rows', async () => {
    const header = Buffer.from('NRRD0004\ntype: uint8\ndimension: 3\nsizes: 8192 8192 2\nencoding: raw\n\n');
    const bytes = new Uint8Array(header.byteLength + 2 ** 27);
    bytes.set(header);
    bytes[header.byteLength + 2 ** 26 + 8192 * 600 + 5] = 9;
    const volume = await open(nrrd, 'a.nrrd', { 'a.nrrd': bytes });
    expect(volume.plan.levels[0]).toMatchObject({ chunkXyz: [8192, 512, 1], gridXyz: [1, 16, 2] });
    const rows = await volume.readChunk({ ...first, xyz: [0, 1, 1] });
    expect(rows?.[8192 * 88 + 5]).toBe(9);
  });
});

const data = join(import.meta.dirname, '../../../shared/data');
if (!existsSync(data)) console.warn('skipped: NIfTI and NRRD of other programs (../shared/data is not there)');

describe.skipIf(!existsSync(data))('NIfTI and NRRD that other programs wrote', () => {
  const atlas = join(data, 'atlas');
  const brains = join(data, 'formats/neuroglancer/nifti');

  // Of nibabel and pynrrd: the voxels as they are stored, x fastest, little-endian.
  it.each([
    [nifti, brains, 'standard.nii', '1077a96d75abfcc8'],
    [nifti, brains, 'standard.nii.gz', '1077a96d75abfcc8'],
    [nifti, brains, 'example_nifti2.nii.gz', 'fadeb3ec74c7bdf7'],
    [nrrd, atlas, 'annotation_100.nrrd', '88040b377b14dda1'],
    [nrrd, atlas, 'annotation_200.nrrd', '52dfaefd91c43b7a'],
    [nrrd, atlas, 'average_template_100.nrrd', '3e0c90fcd3706990'],
    [nrrd, atlas, 'average_template_200.nrrd', '2fde80b12ea48722'],
  ] as const)('$id: %s%s/%s', async (format, folder, key, hash) => {
    const place = { source: openFolderSource(folder, 'a folder'), key };
    expect(await format.detect(place)).toBe(true);
    expect(await hashOf(await format.open(place, options))).toBe(hash);
  });

  it('a NIfTI-2 of two times lies where nibabel has it', async () => {
    const place = { source: openFolderSource(brains, 'brains'), key: 'example_nifti2.nii.gz' };
    const { plan: read } = await nifti.open(place, options);
    expect(read).toMatchObject({ times: 2, secondsPerTime: 2000, dtype: 'int16' });
    const matrix = read.transforms[0]?.matrix ?? [];
    // nibabel: affine @ [3, 5, 7, 1], in mm.
    const side = read.levels[0]?.voxelSizeNm ?? [1, 1, 1];
    const centre = [3.5, 5.5, 7.5].map((index, i) => index * (side[i] ?? 1));
    const mm = [0, 1, 2].map(
      (row) =>
        [0, 1, 2].reduce((sum, i) => sum + (matrix[row * 4 + i] ?? 0) * (centre[i] ?? 0), matrix[row * 4 + 3] ?? 0) /
        1e6,
    );
    for (const [i, wanted] of [111.8551025390625, -28.34308255, 9.56481218].entries())
      expect(mm[i]).toBeCloseTo(wanted, 4);
  });

  it('an atlas says no unit: its lengths of 100 are micrometres', async () => {
    const { plan: read, notes } = await nrrd.open(
      { source: openFolderSource(atlas, 'atlas'), key: 'annotation_100.nrrd' },
      options,
    );
    expect(read).toMatchObject({
      transforms: [{ space: 'left-posterior-superior' }],
      levels: [{ voxelSizeNm: [1e5, 1e5, 1e5], originNm: [-5e4, -5e4, -5e4] }],
    });
    expect(notes.warnings?.join()).toContain('um');
  });
});
