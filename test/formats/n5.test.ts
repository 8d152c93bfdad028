import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { n5 } from '../../main/engine/formats/n5.ts';
import { planVolume } from '../../main/engine/formats/pyramid.ts';
import type { OpenOptions, OpenVolume } from '../../main/engine/formats/volume-format.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { readWhole } from '../conformance/whole-level.ts';
import { memorySource } from './memory-source.ts';

const codec = kernelCodec();
const options: OpenOptions = { codec, scratch: () => Promise.reject(new Error('nothing is unpacked')) };
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const first = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;
const refused = (what: string) => ({ tag: 'bad-source', message: expect.stringContaining(what) });

interface Header {
  readonly mode?: number;
  readonly size: readonly number[];
  readonly elements?: number;
}
/** A block as the specification words it: u16 mode, u16 axes, u32 sizes, u32 elements with mode 1, all big-endian. */
function block({ mode = 0, size, elements }: Header, data: Uint8Array): Uint8Array {
  const words = [...size, ...(mode === 1 ? [elements ?? size.reduce((a, b) => a * b, 1)] : [])];
  const head = Buffer.alloc(4 + 4 * words.length);
  head.writeUInt16BE(mode, 0);
  head.writeUInt16BE(size.length, 2);
  for (const [i, word] of words.entries()) head.writeUInt32BE(word, 4 + 4 * i);
  return new Uint8Array(Buffer.concat([head, data]));
}

/** uint16 voxels 0, 1, 2, … */
const counted = (n: number): Buffer => {
  const bytes = Buffer.alloc(n * 2);
  for (let i = 0; i < n; i++) bytes.writeUInt16BE(i, 2 * i);
  return bytes;
};
const dataset = (more: object = {}): Uint8Array =>
  json({ dimensions: [5, 4, 3], blockSize: [4, 4, 4], dataType: 'uint16', compression: { type: 'raw' }, ...more });
const open = (files: Readonly<Record<string, Uint8Array>>, image?: string): Promise<OpenVolume> =>
  n5.open({ source: memorySource(files), key: '' }, { ...options, image });
const values = (bytes: Uint8Array | undefined): readonly number[] =>
  bytes ? [...new Uint16Array(bytes.slice().buffer)] : [];
const upTo = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

describe('n5: blocks', () => {
  it('may be cut at the end or whole, with one header or the other', async () => {
    const cut = { 'attributes.json': dataset(), '0/0/0': block({ size: [4, 4, 3] }, counted(48)) };
    expect(values(await (await open(cut)).readChunk(first))).toEqual(upTo(48));
    const whole = { 'attributes.json': dataset(), '0/0/0': block({ size: [4, 4, 4], mode: 1 }, counted(64)) };
    expect(values(await (await open(whole)).readChunk(first))).toEqual(upTo(48));
    const end = { 'attributes.json': dataset(), '1/0/0': block({ size: [4, 4, 4] }, counted(64)) };
    expect(values(await (await open(end)).readChunk({ ...first, xyz: [1, 0, 0] }))).toEqual(upTo(12).map((i) => i * 4));
  });

  it.each([
    ['the file is empty', new Uint8Array()],
    ['ends inside its header', Uint8Array.of(0, 0)],
    ['ends inside its header', block({ size: [4, 4, 3] }, new Uint8Array()).subarray(0, 12)],
    ['mode 2', block({ mode: 2, size: [4, 4, 3] }, counted(48))],
    ['mode 3', block({ mode: 3, size: [4, 4, 3] }, counted(48))],
    ['2 axes', block({ size: [4, 12] }, counted(48))],
    ['more than a block', block({ size: [4, 4, 5] }, counted(80))],
    ['less than', block({ size: [4, 4, 2] }, counted(32))],
    ['47 elements', block({ mode: 1, size: [4, 4, 3], elements: 47 }, counted(47))],
    ['0/0/0', block({ size: [4, 4, 3] }, counted(47))],
    ['0/0/0', block({ size: [4, 4, 3] }, counted(49))],
  ])('are refused: %s', async (what, bytes) => {
    const volume = await open({ 'attributes.json': dataset(), '0/0/0': bytes });
    await expect(volume.readChunk(first)).rejects.toMatchObject(refused(what));
    await expect(volume.readChunk(first)).rejects.toMatchObject(refused('0/0/0'));
  });

  it('that are absent hold nothing', async () => {
    const volume = await open({ 'attributes.json': dataset() });
    expect(await volume.readChunk(first)).toBeUndefined();
    expect(await volume.locate(first)).toBeUndefined();
  });

  it('refuses a block that unpacks to more than its header says', async () => {
    const bomb = block({ size: [4, 4, 3] }, gzipSync(Buffer.alloc(2 ** 26)));
    const volume = await open({ 'attributes.json': dataset({ compression: { type: 'gzip' } }), '0/0/0': bomb });
    await expect(volume.readChunk(first)).rejects.toMatchObject(refused('0/0/0'));
  });
});

describe('n5: attributes', () => {
  it.each([
    ['compression', { compression: { type: 'jpeg' } }],
    ['dataType', { dataType: 'object' }],
    ['blockSize', { blockSize: [4, 4] }],
    ['512 MiB', { blockSize: [2 ** 20, 2 ** 20, 4] }],
    ['dimensions', { dimensions: [2 ** 60, 1, 1] }],
    ['2^53', { dimensions: [2 ** 40, 2 ** 20, 1] }],
  ])('refuses %s by name', async (what, more) => {
    await expect(open({ 'attributes.json': dataset(more) })).rejects.toMatchObject(refused(what));
  });

  it('takes sizes from n5-viewer and from Neuroglancer, and says what it assumes', async () => {
    const sides = async (more: object) => {
      const { plan, notes } = await open({ 'attributes.json': dataset(more) });
      return [plan.levels[0]?.voxelSizeNm, notes.warnings?.length];
    };
    expect(await sides({ pixelResolution: { unit: 'um', dimensions: [0.1, 0.1, 0.5] } })).toEqual([[100, 100, 500], 0]);
    expect(await sides({ pixelResolution: [0.1, 0.1, 0.5] })).toEqual([[100, 100, 500], 0]);
    expect(await sides({ resolution: [4, 4, 40] })).toEqual([[4, 4, 40], 0]);
    expect(await sides({ resolution: [4, 4, 40], units: ['nm', 'nm', 'um'] })).toEqual([[4, 4, 40_000], 0]);
    expect(await sides({})).toEqual([[1, 1, 1], 1]);
    expect(await sides({ axes: ['z', 'y', 'x'], resolution: [40, 5, 4] })).toEqual([[4, 5, 40], 0]);
  });

  it('reads axes in any order', async () => {
    const attributes = dataset({ dimensions: [2, 3, 4], blockSize: [2, 3, 4], axes: ['c', 'x', 'y'] });
    const volume = await open({ 'attributes.json': attributes, '0/0/0': block({ size: [2, 3, 4] }, counted(24)) });
    expect(volume.plan).toMatchObject({ channels: [{}, {}], levels: [{ sizeXyz: [3, 4, 1] }] });
    expect(values(await volume.readChunk({ ...first, channel: 1 }))).toEqual(upTo(12).map((i) => i * 2 + 1));
  });
});

describe('n5: containers', () => {
  const level = (factors: readonly number[], size: number) =>
    dataset({ dimensions: [size, size, 3], downsamplingFactors: factors });
  const group = (path: string): Record<string, Uint8Array> => ({
    [`${path}/s0/attributes.json`]: level([1, 1, 1], 8),
    [`${path}/s1/attributes.json`]: level([2, 2, 1], 4),
  });

  it('opens the first of several images, and any by its path, with what the groups above say', async () => {
    const files = {
      'attributes.json': json({ n5: '4.0.0', pixelResolution: { unit: 'nm', dimensions: [4, 4, 40] } }),
      ...group('c0'),
      ...group('c1'),
    };
    expect(await n5.detect({ source: memorySource(files), key: '' })).toBe(true);
    const { plan, notes } = await open(files);
    expect(plan.levels).toMatchObject([
      { key: 'c0/s0', voxelSizeNm: [4, 4, 40], stepXyz: [1, 1, 1], originNm: [0, 0, 0] },
      { key: 'c0/s1', voxelSizeNm: [8, 8, 40], stepXyz: [2, 2, 1], originNm: [0, 0, 0] },
    ]);
    expect(notes.warnings?.join()).toContain('c0, c1');
    expect((await open(files, 'c1')).plan.levels[0]?.key).toBe('c1/s0');
    expect((await open(files, 'c1/s1')).plan.levels[0]?.key).toBe('c1/s1');
    await expect(open(files, 'c2')).rejects.toMatchObject(refused('c0, c1'));
  });

  it('reads bdv.n5: factors of the setup, levels of a time point', async () => {
    const plain = (size: number) => dataset({ dimensions: [size, size, 3] });
    const files = {
      'attributes.json': json({ n5: '2.5.0' }),
      'setup00/attributes.json': json({
        downsamplingFactors: [
          [1, 1, 1],
          [2, 2, 1],
        ],
        dataType: 'uint16',
      }),
      'setup00/timepoint00000/attributes.json': json({ multiScale: true, resolution: [4, 4, 40] }),
      'setup00/timepoint00000/s0/attributes.json': plain(8),
      'setup00/timepoint00000/s1/attributes.json': plain(4),
    };
    expect(await n5.detect({ source: memorySource(files), key: '' })).toBe(true);
    const { plan } = await open(files);
    expect(plan.levels).toMatchObject([{ voxelSizeNm: [4, 4, 40] }, { voxelSizeNm: [8, 8, 40], stepXyz: [2, 2, 1] }]);
  });

  it('names levels that do not belong together', async () => {
    const files = { 's0/attributes.json': level([1, 1, 1], 8), 's1/attributes.json': dataset({ dataType: 'uint8' }) };
    await expect(open(files)).rejects.toMatchObject(refused('s1'));
  });

  it('refuses to write shards, and compressions that it does not know', () => {
    const plan = planVolume({
      name: 'v',
      dtype: 'uint8',
      sizeXyz: [9, 9, 9],
      chunkXyz: [8, 8, 8],
      voxelSizeNm: [1, 1, 1],
      originNm: [0, 0, 0],
    });
    for (const more of [{ sharded: true }, { sharded: false, encoding: 'jpeg' }])
      expect(() => n5.write?.writer(plan, { blockBytes: 1 << 20, ...more }, codec)).toThrow(
        expect.objectContaining({ tag: 'invalid-input' }),
      );
  });
});

const data = join(import.meta.dirname, '../../../shared/data/formats');
if (!existsSync(data)) console.warn('skipped: N5 of other programs (../shared/data/formats is not there)');

describe.skipIf(!existsSync(data))('N5 that other programs wrote', () => {
  it('WebKnossos: a container of one image, three channels first, gzip', async () => {
    const source = openFolderSource(join(data, 'n5'), 'n5');
    expect(await n5.detect({ source, key: '' })).toBe(true);
    const volume = await n5.open({ source, key: '' }, options);
    expect(volume.plan).toMatchObject({ dtype: 'uint32', channels: [{}, {}, {}], levels: [{ sizeXyz: [24, 24, 24] }] });
    for (const channel of [0, 1, 2]) {
      const voxels = new Uint32Array((await readWhole(volume, 0, channel)).buffer);
      expect([...voxels.subarray(0, 5)]).toEqual([0, 64, 128, 192, 0]);
      // tensorstore: the sum of each channel.
      expect(voxels.reduce((a, b) => a + b, 0)).toBe(1_762_560);
    }
  });

  it.each(['n5_viewer_multiscale_modern', 'n5_viewer_multiscale_deprecated'])('tensorstore: %s', async (name) => {
    const source = openFolderSource(join(data, 'neuroglancer/n5', name), name);
    expect(await n5.detect({ source, key: '' })).toBe(true);
    const { plan } = await n5.open({ source, key: '' }, options);
    expect(plan.levels).toMatchObject([
      { key: 's0', sizeXyz: [10, 20, 1], voxelSizeNm: [10, 20, 1] },
      { key: 's1', sizeXyz: [5, 10, 1], voxelSizeNm: [20, 40, 1], stepXyz: [2, 2, 1] },
      { key: 's2', sizeXyz: [3, 5, 1], voxelSizeNm: [40, 80, 1], stepXyz: [2, 2, 1] },
    ]);
  });
});
