// Folders of pictures as volumes.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { imageStack } from '../../main/engine/formats/image-stack.ts';
import { jpegHeader, pngHeader } from '../../main/engine/formats/image-stack/picture-header.ts';
import { stackFiles } from '../../main/engine/formats/image-stack/stack-files.ts';
import { tiff } from '../../main/engine/formats/tiff.ts';
import type { OpenOptions } from '../../main/engine/formats/volume-format.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { LamellaError } from '../../preload/contract/errors.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { readAll, readWhole } from '../conformance/whole-level.ts';
import { mutateBytes } from '../kernels/mutate-bytes.ts';
import { fixtures, sha16 } from './fixtures/cases.ts';
import { memorySource } from './memory-source.ts';
import { seededRandom, fuzzTimes } from './mutate.ts';

const codec = kernelCodec();
const options: OpenOptions = { codec, scratch: () => Promise.reject(new Error('stacks need no scratch folder')) };
const open = (files: Readonly<Record<string, Uint8Array>>) =>
  imageStack.open({ source: memorySource(files), key: '' }, options);

async function picture(
  value: number,
  width = 5,
  height = 4,
  channels = 1,
  dtype: 'uint8' | 'uint16' = 'uint8',
): Promise<Uint8Array> {
  const size = [width, height, 1, channels, 1] as const;
  const voxels = Uint8Array.from(
    { length: width * height * channels * (dtype === 'uint8' ? 1 : 2) },
    (_, i) => value + i,
  );
  const [one] = await codec.encode(
    { dtype, size, chunk: size, edges: 'cut', fill: 0, codecs: [{ name: 'png' }] },
    voxels,
  );
  return one?.bytes ?? new Uint8Array();
}

const named = (names: readonly string[]) => stackFiles(names.map((name) => ({ name, isFolder: false })));

describe('names', () => {
  it('are sorted by their numbers, and what is missing is told', () => {
    expect(named(['s10.png', 's9.png', 's1.png', 'S2.png'])?.names).toEqual(['s1.png', 'S2.png', 's9.png', 's10.png']);
    expect(named(['s10.png', 's9.png', 's7.png'])?.warnings.join()).toContain(
      'Between the first and the last picture 1 number is missing (8)',
    );
    expect(named(['a_1_x_003.tif', 'a_1_x_004.tif'])?.warnings).toEqual([]);
    expect(named(['z0.png', 'z1.png', 'mask.png'])?.warnings.join()).toContain('1 picture has a name of another kind');
    expect(named(['one.png', 'notes.txt'])).toBeUndefined();
    expect(named([`z0.png`, `z${'9'.repeat(300)}.png`])?.warnings.join().length).toBeLessThan(500);
  });

  it('of a stack that is still being written are none, until its last file is there', () => {
    const begun = ['z00000.png', 'z00001.png', 'lamella-converting.json'];
    expect(named(begun)).toBeUndefined();
    expect(named([...begun, 'lamella-stack.json'])?.sizeZ).toBe(2);
  });

  it('may tell channels and times', () => {
    const all = [0, 1].flatMap((t) => [5, 6, 7].flatMap((z) => [1, 2].map((c) => `x_t${t}_c${c}_z00${z}.tif`)));
    const files = named(all.toReversed());
    expect([files?.sizeZ, files?.sizeC, files?.sizeT]).toEqual([3, 2, 2]);
    expect(files?.names.slice(0, 3)).toEqual(['x_t0_c1_z005.tif', 'x_t0_c2_z005.tif', 'x_t0_c1_z006.tif']);
    const odd = named(all.slice(1));
    expect([odd?.sizeZ, odd?.sizeC]).toEqual([11, 1]);
    expect(odd?.warnings.join()).toContain('not complete');
  });
});

describe('stacks', () => {
  it('of PNG: sections in order, colours as channels, no voxel size', async () => {
    const volume = await open({ 'b2.png': await picture(50, 5, 4, 3), 'b10.png': await picture(90, 5, 4, 3) });
    expect(volume.plan.levels[0]).toMatchObject({ sizeXyz: [5, 4, 2], chunkXyz: [5, 4, 1], voxelSizeNm: [1, 1, 1] });
    expect(volume.plan.channels.map(({ name }) => name)).toEqual(['red', 'green', 'blue']);
    expect(volume.notes.warnings?.join()).toContain('not known how large');
    expect(Array.from((await readWhole(volume, 0, 2)).slice(18, 22))).toEqual([50 + 58, 50 + 59, 90 + 40, 90 + 41]);
  });

  it('of 16 bit', async () => {
    const volume = await open({
      '1.png': await picture(1, 3, 2, 1, 'uint16'),
      '2.png': await picture(2, 3, 2, 1, 'uint16'),
    });
    expect(volume.plan.dtype).toBe('uint16');
    expect([...(await readAll(volume, 0)).slice(0, 4)]).toEqual([1, 2, 3, 4]);
  });

  it('of JPEG and of TIFF', async () => {
    const { cases, bytesOf } = fixtures('tiff');
    const [, one] = cases.find(([name]) => name === 'rgb-contig-lzw-tiles') ?? [];
    const file = (one && Object.values(bytesOf(one))[0]) ?? new Uint8Array();
    const volume = await open({ '1.tif': file, '2.tif': file });
    expect(volume.plan.levels[0]?.sizeXyz).toEqual([56, 40, 2]);
    const alone = await tiff.open({ source: memorySource({ 'x.tif': file }), key: 'x.tif' }, options);
    expect(Buffer.compare((await readWhole(volume, 0, 1)).slice(56 * 40), await readWhole(alone, 0, 1))).toBe(0);
    const size = [16, 16, 1, 1, 1] as const;
    const [jpeg] = await codec.encode(
      { dtype: 'uint8', size, chunk: size, edges: 'cut', fill: 0, codecs: [{ name: 'jpeg' }] },
      new Uint8Array(256).fill(77),
    );
    const grey = await open({ 'a1.jpg': jpeg?.bytes ?? file, 'a2.jpeg': jpeg?.bytes ?? file }).catch(
      (error: unknown) => error,
    );
    expect(grey).toMatchObject({ tag: 'bad-source' });
    const both = await open({ 'a1.jpg': jpeg?.bytes ?? file, 'a2.jpg': jpeg?.bytes ?? file });
    expect((await readAll(both, 0)).every((value) => Math.abs(value - 77) < 3)).toBe(true);
  });

  it('refuse pictures that differ, are damaged, or of many pages', async () => {
    const good = await picture(1);
    await expect(open({ '1.png': good, '2.png': await picture(1, 6) })).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('"2.png"'),
    });
    await expect(open({ '1.png': good, '2.png': new Uint8Array() })).rejects.toMatchObject({
      message: expect.stringContaining('empty'),
    });
    const cut = await open({ '1.png': good, '2.png': good.slice(0, good.length - 20) });
    await expect(readAll(cut, 0)).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('2.png'),
    });
    const { cases, bytesOf } = fixtures('tiff');
    const [, one] = cases.find(([name]) => name === 'uint8-little') ?? [];
    const pages = (one && Object.values(bytesOf(one))[0]) ?? good;
    await expect(open({ '1.tif': pages, '2.tif': pages })).rejects.toMatchObject({
      message: expect.stringContaining('several pages'),
    });
  });

  test('bombs are refused from the header', async () => {
    const bomb = Uint8Array.from(await picture(1));
    new DataView(bomb.buffer).setUint32(16, 0x7fffffff);
    new DataView(bomb.buffer).setUint32(20, 0x7fffffff);
    await expect(open({ '1.png': bomb, '2.png': bomb })).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('512 MiB'),
    });
    expect(pngHeader(bomb.slice(0, 20))).toBeUndefined();
    expect(jpegHeader(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0))).toBeUndefined();
  });

  test('5,000 mutations', async () => {
    const random = seededRandom(31);
    const files = [await picture(3, 9, 7, 3), await picture(3, 9, 7, 1, 'uint16')];
    const size = [16, 9, 1, 3, 1] as const;
    const encoded = await codec.encode(
      { dtype: 'uint8', size, chunk: size, edges: 'cut', fill: 0, codecs: [{ name: 'jpeg' }] },
      new Uint8Array(432).fill(9),
    );
    files.push(encoded[0]?.bytes ?? new Uint8Array());
    const counts = { read: 0, refused: 0 };
    for (let i = 0; i < 5000 * fuzzTimes; i++) {
      const file = files[i % 3] ?? new Uint8Array();
      const ending = i % 3 === 2 ? 'jpg' : 'png';
      try {
        const volume = await open({ [`1.${ending}`]: mutateBytes(file, random), [`2.${ending}`]: file });
        await volume.readChunk({ level: 0, xyz: [0, 0, 0], channel: 0, time: 0 });
        counts.read++;
      } catch (error) {
        if (!(error instanceof LamellaError)) throw new Error(`mutation ${i}`, { cause: error });
        expect(['bad-source', 'over-budget']).toContain(error.tag);
        counts.refused++;
      }
    }
    expect(counts.read).toBeGreaterThan(100);
    expect(counts.refused).toBeGreaterThan(500);
  });
});

const data = join(import.meta.dirname, '../../../shared/data/ssTEM-vnc');
const has = existsSync(data);
if (!has) console.warn('Skipped: real stacks, since ../shared/data is not here.');
describe.skipIf(!has)('ten sections of a nerve cord', () => {
  const folder = (name: string) =>
    imageStack.open({ source: openFolderSource(join(data, name), name), key: '' }, options);

  it('as TIFF: each section is what its file is', async () => {
    const volume = await folder('raw');
    expect(volume.plan.levels[0]?.sizeXyz).toEqual([1024, 1024, 10]);
    const whole = await readAll(volume, 0);
    // As tifffile reads 07.tif.
    expect(sha16(whole.slice(7 * 2 ** 20, 8 * 2 ** 20))).toBe('3525ef7783c16847');
  });

  it('as PNG of 8 bit and of 1 bit', async () => {
    const labels = await folder('labels');
    expect(labels.plan).toMatchObject({ dtype: 'uint8', levels: [{ sizeXyz: [1024, 1024, 10] }] });
    const membranes = await folder('membranes');
    expect(membranes.notes.warnings?.join()).toContain('1 bit to a pixel');
    const values = new Set(await readWhole(membranes, 0));
    expect([...values].toSorted((a, b) => a - b)).toEqual([0, 255]);
  });
});
