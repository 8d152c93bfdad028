import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { nrrd } from '../../main/engine/formats/nrrd.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { memorySource } from './memory-source.ts';
import { codec, first, open, refused, useScratch } from './unpacking.ts';

useScratch();

const voxels = seededBytes('voxels', 48);

const nrrdFile = (lines: readonly string[], data: Uint8Array = new Uint8Array()): Uint8Array =>
  new Uint8Array(Buffer.concat([Buffer.from(`NRRD0005\n${lines.join('\n')}\n\n`), data]));
const plainLines = [
  'type: short',
  'dimension: 3',
  'sizes: 4 3 2',
  'endian: little',
  'encoding: raw',
  'spacings: 2 3 4',
  'units: "um" "um" "um"',
];
const lines = (more: Readonly<Record<string, string>>): readonly string[] => [
  ...plainLines.filter((line) => !(line.slice(0, line.indexOf(':')) in more)),
  ...Object.entries(more).map(([name, value]) => `${name}: ${value}`),
];

describe('nrrd', () => {
  it('reads raw, gzip, bzip2, text and hex, skipped lines and bytes, and a file beside the header alike', async () => {
    const numbers = [...new Int16Array(voxels.slice().buffer)].join(' ');
    const bzip2 = await codec.encode(
      { dtype: 'uint8', size: [48, 1, 1, 1, 1], chunk: [48, 1, 1, 1, 1], edges: 'cut', codecs: [{ name: 'bzip2' }] },
      voxels,
    );
    const big = new Uint8Array(Buffer.from(voxels).swap16());
    const cases: readonly (readonly [string, Readonly<Record<string, Uint8Array>>])[] = [
      ['a.nrrd', { 'a.nrrd': nrrdFile(plainLines, voxels) }],
      ['a.nrrd', { 'a.nrrd': nrrdFile(lines({ endian: 'big' }), big) }],
      ['a.nrrd', { 'a.nrrd': nrrdFile(lines({ encoding: 'gzip' }), gzipSync(voxels)) }],
      [
        'a.nrrd',
        {
          'a.nrrd': nrrdFile(
            lines({ encoding: 'gz', 'byte skip': '5' }),
            gzipSync(Buffer.concat([Buffer.alloc(5), voxels])),
          ),
        },
      ],
      ['a.nrrd', { 'a.nrrd': nrrdFile(lines({ encoding: 'bzip2' }), bzip2[0]?.bytes) }],
      ['a.nrrd', { 'a.nrrd': nrrdFile(lines({ encoding: 'ascii' }), Buffer.from(numbers)) }],
      ['a.nrrd', { 'a.nrrd': nrrdFile(lines({ encoding: 'hex' }), Buffer.from(Buffer.from(voxels).toString('hex'))) }],
      ['b/a.nhdr', { 'b/a.nhdr': nrrdFile(lines({ 'data file': './a.raw' })), 'b/a.raw': voxels }],
      ['a.nhdr', { 'a.nhdr': nrrdFile([...plainLines, 'data file: LIST', 'a.raw']), 'a.raw': voxels }],
      [
        'a.nhdr',
        {
          'a.nhdr': nrrdFile(lines({ 'data file': 'a.raw', 'byte skip': '-1' })),
          'a.raw': Buffer.concat([Buffer.alloc(9), voxels]),
        },
      ],
      [
        'a.nhdr',
        {
          'a.nhdr': nrrdFile(lines({ 'data file': 'a.raw', 'line skip': '2', 'byte skip': '1' })),
          'a.raw': Buffer.concat([Buffer.from('x\ny\nz'), voxels]),
        },
      ],
    ];
    for (const [key, files] of cases) {
      const context = Buffer.from(files[key] ?? '')
        .toString('latin1')
        .slice(0, 200);
      expect(await nrrd.detect({ source: memorySource(files), key }), context).toBe(true);
      const volume = await open(nrrd, key, files);
      expect(volume.plan.levels, context).toMatchObject([{ sizeXyz: [4, 3, 2], voxelSizeNm: [2000, 3000, 4000] }]);
      expect(Buffer.compare((await volume.readChunk(first)) ?? Buffer.of(), voxels), context).toBe(0);
      await volume.close?.();
    }
  });

  it.each([
    ['type', { type: 'block' }],
    ['sizes', { sizes: '4 3' }],
    ['sizes', { sizes: '4 0 2' }],
    ['too many', { sizes: '1000000000000000 3 2' }],
    ['its header says', { sizes: '40 30 2' }],
    ['endian', { endian: 'middle' }],
    ['encoding', { encoding: 'zstd' }],
    ['several files', { 'data file': 'a%03d.raw 0 9 1' }],
    ['2 files', { 'data file': 'LIST\na.raw\nb.raw' }],
    ['leads out', { 'data file': '../a.raw' }],
    ['no such file', { 'data file': 'b.raw' }],
    ['byte skip', { 'byte skip': '-2' }],
    ['line skip', { 'line skip': '1000' }],
    ['unpack to', { encoding: 'gzip', sizes: '100000 100000 100' }],
    ['numbers', { encoding: 'ascii' }],
  ])('refuses by name: %s', async (what, more) => {
    const files = { 'a.nrrd': nrrdFile(lines(more), voxels) };
    const failed = open(nrrd, 'a.nrrd', files).then((volume) => volume.readChunk(first));
    await expect(failed).rejects.toMatchObject(refused(what));
  });

  it('tells axes of colours, lists and time from those of space', async () => {
    const axes = async (more: Readonly<Record<string, string>>) => {
      const { plan: read } = await open(nrrd, 'a.nrrd', {
        'a.nrrd': nrrdFile(lines({ dimension: '4', units: '', spacings: '', ...more }), new Uint8Array(999)),
      });
      return [...(read.levels[0]?.sizeXyz ?? []), read.channels.length, read.times];
    };
    expect(await axes({ sizes: '3 4 5 2', kinds: 'RGB-color domain domain domain' })).toEqual([4, 5, 2, 3, 1]);
    expect(await axes({ sizes: '4 5 2 3', kinds: 'domain domain domain time' })).toEqual([4, 5, 2, 1, 3]);
    expect(await axes({ sizes: '4 5 2 3', kinds: 'domain domain domain list' })).toEqual([4, 5, 2, 3, 1]);
    expect(await axes({ sizes: '4 3 5 2', 'space directions': '(1,0,0) none (0,1,0) (0,0,1)' })).toEqual([
      4, 5, 2, 3, 1,
    ]);
    expect(await axes({ sizes: '3 4 5 2' })).toEqual([4, 5, 2, 3, 1]);
  });
});
