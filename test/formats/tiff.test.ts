// TIFFs that tifffile wrote, real ones, and what is refused.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { tiff } from '../../main/engine/formats/tiff.ts';
import type { OpenOptions } from '../../main/engine/formats/volume-format.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { readAll } from '../conformance/whole-level.ts';
import { expectCase, fixtures, sha16 } from './fixtures/cases.ts';
import { memorySource } from './memory-source.ts';

const codec = kernelCodec();
const options: OpenOptions = { codec, scratch: () => Promise.reject(new Error('TIFF needs no scratch folder')) };
const { cases, bytesOf } = fixtures('tiff');

describe('what tifffile wrote', () => {
  it.each(cases)('%s', async (_name, one) => {
    const place = { source: memorySource(bytesOf(one)), key: one.files[0]?.[0] ?? '' };
    expect(await tiff.detect(place)).toBe(true);
    await expectCase(await tiff.open(place, { ...options, image: one.image }), one);
  });
});

const data = join(import.meta.dirname, '../../../shared/data');
const has = existsSync(data);
if (!has) console.warn('Skipped: real TIFFs, since ../shared/data is not here.');
describe.skipIf(!has)('real files', () => {
  const open = (folder: string, key: string) =>
    tiff.open({ source: openFolderSource(join(data, folder), folder), key }, options);

  // Sums of the voxels as tifffile reads them.
  test.each([
    ['em-mipmaps', 'col0060_row0140_cam0.tif_level_1_mipmap.tif', [1280, 1080, 1], 'uint8', 'c5c1516ebc3a8750'],
    ['em-mipmaps', 'col0061_row0140_cam0.tif_level_3_mipmap.tif', [320, 270, 1], 'uint8', 'c1402501a4c80bc9'],
    ['light-sheet', 'signal_ch000000.tif', [627, 1116, 1], 'uint16', '64e11257f14f3602'],
    ['ssTEM-vnc/raw', '07.tif', [1024, 1024, 1], 'uint8', '3525ef7783c16847'],
    ['mouse-brain', 'downsampled.tiff', [108, 77, 135], 'uint16', '97855d605182a8f6'],
    ['mouse-brain', 'downsampled_standard.tiff', [114, 80, 132], 'uint16', 'fd0d3cf0a6809404'],
  ] as const)('%s/%s', async (folder, key, sizeXyz, dtype, sum) => {
    const volume = await open(folder, key);
    expect(volume.plan.levels[0]?.sizeXyz).toEqual(sizeXyz);
    expect(volume.plan.dtype).toBe(dtype);
    expect(sha16(await readAll(volume, 0))).toBe(sum);
  });
});
