import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nifti } from '../../main/engine/formats/nifti.ts';
import { nrrd } from '../../main/engine/formats/nrrd.ts';
import { planVolume } from '../../main/engine/formats/pyramid.ts';
import { crc32Of, joinCrc32 } from '../../main/engine/formats/raw-file/crc32.ts';
import type { OpenVolume, VolumeFormat, VolumePlan } from '../../main/engine/formats/volume-format.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import type { VoxelType } from '../../preload/contract/space.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { readAll } from '../conformance/whole-level.ts';
import { writeVolume } from '../conformance/written-volume.ts';
import { memorySource } from './memory-source.ts';
import { seededRandom } from './mutate.ts';

const codec = kernelCodec();
let scratch = '';
beforeAll(() => void (scratch = mkdtempSync(join(tmpdir(), 'lamella-raw-'))));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const options = { codec, scratch: async () => mkdtempSync(join(scratch, 'open-')) };
const refused = (what: string) => ({ tag: 'bad-source', message: expect.stringContaining(what) });
const open = (format: VolumeFormat, key: string, files: Readonly<Record<string, Uint8Array>>): Promise<OpenVolume> =>
  format.open({ source: memorySource(files), key }, options);
const hashOf = async (volume: OpenVolume): Promise<string> => {
  const hash = createHash('sha256')
    .update(await readAll(volume, 0))
    .digest('hex');
  await volume.close?.();
  return hash.slice(0, 16);
};
const first = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;

describe('crc32', () => {
  it('equals zlib, and joins runs of any length', () => {
    const random = seededRandom(3);
    for (let round = 0; round < 200; round++) {
      const bytes = seededBytes(`crc${round}`, Math.floor(random() * 3000));
      const cut = Math.floor(random() * (bytes.byteLength + 1));
      const [a, b] = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect(crc32Of(bytes)).toBe(crc32(bytes));
      expect(joinCrc32(crc32Of(a), crc32Of(b), b.byteLength)).toBe(crc32(bytes));
    }
  });
});

interface HeaderOf {
  readonly dim?: readonly number[];
  readonly datatype?: number;
  readonly pixdim?: readonly number[];
  readonly units?: number;
  readonly magic?: string;
  readonly big?: boolean;
  readonly scale?: readonly [number, number];
  readonly qform?: readonly number[];
  readonly srow?: readonly number[];
  readonly voxOffset?: number;
}

/** A header of NIfTI-1 from the offsets of nifti1.h. */
function nifti1(given: HeaderOf = {}): Buffer {
  const { dim = [3, 4, 3, 2], datatype = 4, pixdim = [1, 2, 3, 4, 1], units = 2, magic = 'n+1', big = false } = given;
  const out = Buffer.alloc(352);
  const i16 = (value: number, at: number) => (big ? out.writeInt16BE(value, at) : out.writeInt16LE(value, at));
  const f32 = (value: number, at: number) => (big ? out.writeFloatBE(value, at) : out.writeFloatLE(value, at));
  if (big) out.writeInt32BE(348, 0);
  else out.writeInt32LE(348, 0);
  for (const [i, value] of dim.entries()) i16(value, 40 + 2 * i);
  i16(datatype, 70);
  for (const [i, value] of pixdim.entries()) f32(value, 76 + 4 * i);
  f32(given.voxOffset ?? (magic === 'n+1' ? 352 : 0), 108);
  for (const [i, value] of (given.scale ?? [0, 0]).entries()) f32(value, 112 + 4 * i);
  out[123] = units;
  if (given.qform) i16(1, 252);
  for (const [i, value] of (given.qform ?? []).entries()) f32(value, 256 + 4 * i);
  if (given.srow) i16(2, 254);
  for (const [i, value] of (given.srow ?? []).entries()) f32(value, 280 + 4 * i);
  out.write(magic, 344, 'latin1');
  return out;
}
const withVoxels = (header: Buffer, bytes: number): Uint8Array =>
  new Uint8Array(Buffer.concat([header, seededBytes('voxels', bytes)]));
const voxels = seededBytes('voxels', 48);

describe('nifti', () => {
  it('reads either byte order, a pair of files and a packed file alike', async () => {
    const swapped = Buffer.from(voxels).swap16();
    const cases: readonly (readonly [string, Readonly<Record<string, Uint8Array>>])[] = [
      ['a.nii', { 'a.nii': withVoxels(nifti1(), 48) }],
      ['a.nii', { 'a.nii': new Uint8Array(Buffer.concat([nifti1({ big: true }), swapped])) }],
      ['a.hdr', { 'a.hdr': nifti1({ magic: 'ni1' }), 'a.img': voxels }],
      ['a.img', { 'a.hdr': nifti1({ magic: 'ni1' }), 'a.img': voxels }],
      ['a.img.gz', { 'a.hdr': nifti1({ magic: 'ni1' }), 'a.img.gz': gzipSync(voxels) }],
      ['a.hdr', { 'a.hdr': nifti1({ magic: '' }), 'a.img': voxels }],
      ['a.nii.gz', { 'a.nii.gz': gzipSync(withVoxels(nifti1(), 48)) }],
      ['a.nii.gz', { 'a.nii.gz': Buffer.concat([gzipSync(nifti1()), gzipSync(voxels)]) }],
    ];
    for (const [key, files] of cases) {
      expect(await nifti.detect({ source: memorySource(files), key }), key).toBe(true);
      const volume = await open(nifti, key, files);
      expect(volume.plan).toMatchObject({
        name: 'a',
        dtype: 'int16',
        levels: [{ sizeXyz: [4, 3, 2], voxelSizeNm: [2e6, 3e6, 4e6], originNm: [0, 0, 0] }],
      });
      expect(Buffer.compare((await volume.readChunk(first)) ?? Buffer.of(), voxels), key).toBe(0);
      await volume.close?.();
    }
  });

  it.each([
    [2, 'uint8'],
    [4, 'int16'],
    [8, 'int32'],
    [16, 'float32'],
    [64, 'float64'],
    [256, 'int8'],
    [512, 'uint16'],
    [768, 'uint32'],
    [1024, 'int64'],
    [1280, 'uint64'],
  ] as const)('reads datatype %i as %s', async (datatype, dtype) => {
    const volume = await open(nifti, 'a.nii', { 'a.nii': withVoxels(nifti1({ datatype, dim: [3, 2, 1, 1] }), 16) });
    expect(volume.plan.dtype).toBe(dtype);
  });

  it.each([1, 32, 1536, 1792, 2048, 99])('refuses datatype %i by its number', async (datatype) => {
    const file = { 'a.nii': withVoxels(nifti1({ datatype }), 999) };
    await expect(open(nifti, 'a.nii', file)).rejects.toMatchObject(refused(`datatype ${datatype}`));
  });

  it('has colours that lie together as channels, and the fifth axis too', async () => {
    const rgb = await open(nifti, 'a.nii', { 'a.nii': withVoxels(nifti1({ datatype: 128, dim: [3, 4, 2, 2] }), 48) });
    expect(rgb.plan).toMatchObject({ dtype: 'uint8', channels: [{}, {}, {}] });
    const green = await rgb.readChunk({ ...first, channel: 1 });
    expect([...(green ?? [])]).toEqual([...voxels].filter((_, i) => i % 3 === 1));
    const five = await open(nifti, 'a.nii', {
      'a.nii': withVoxels(nifti1({ dim: [5, 2, 2, 1, 3, 2], pixdim: [1, 1, 1, 1, 500], units: 2 | 16 }), 48),
    });
    expect(five.plan).toMatchObject({ times: 3, secondsPerTime: 0.5, channels: [{}, {}] });
    const last = await five.readChunk({ ...first, channel: 1, time: 2 });
    expect(Buffer.compare(last ?? Buffer.of(), voxels.subarray(40))).toBe(0);
  });

  it('keeps values as they are stored, and says what they mean', async () => {
    const { notes } = await open(nifti, 'a.nii', { 'a.nii': withVoxels(nifti1({ scale: [2, -1] }), 48) });
    expect(notes.attributes).toEqual({ scl_slope: 2, scl_inter: -1 });
    expect(notes.warnings?.join()).toContain('2 times');
    const plain = await open(nifti, 'a.nii', { 'a.nii': withVoxels(nifti1({ scale: [1, 0] }), 48) });
    expect([plain.notes.attributes, plain.notes.warnings]).toEqual([{}, []]);
  });

  it('has the origin half a voxel before the centre of voxel 0 where the space lies the same way', async () => {
    const srow = [2, 0, 0, 10, 0, 3, 0, -20, 0, 0, 4, 30];
    const { plan } = await open(nifti, 'a.nii', { 'a.nii': withVoxels(nifti1({ srow }), 48) });
    expect(plan.levels[0]?.originNm).toEqual([9e6, -21.5e6, 28e6]);
    expect(plan.transforms).toEqual([
      { space: 'aligned', kind: 'affine', matrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] },
    ]);
  });

  it('gives a turned space as a transform of the volume, from the sform or the qform', async () => {
    // x to the left: index i is at 10 - 2 i mm.
    const srow = [-2, 0, 0, 10, 0, 3, 0, 0, 0, 0, 4, 0];
    const quaternion = [0, 1, 0, 10, 0, 0];
    const half = { matrix: [-1, 0, 0, 11e6, 0, 1, 0, -1.5e6, 0, 0, 1, -2e6] };
    const byRows = await open(nifti, 'a.nii', { 'a.nii': withVoxels(nifti1({ srow }), 48) });
    expect(byRows.plan).toMatchObject({
      levels: [{ originNm: [0, 0, 0] }],
      transforms: [{ space: 'aligned', ...half }],
    });
    // Half a turn about y flips x and z; pixdim[0] = -1 flips z back.
    const header = nifti1({ qform: quaternion, pixdim: [-1, 2, 3, 4, 1] });
    const byTurn = await open(nifti, 'a.nii', { 'a.nii': withVoxels(header, 48) });
    expect(byTurn.plan).toMatchObject({ transforms: [{ space: 'scanner', ...half }] });
  });

  it.each([
    ['700', withVoxels(nifti1({ dim: [3, 10, 10, 10] }), 48)],
    ['axes', withVoxels(nifti1({ dim: [3, 4, -3, 2] }), 48)],
    ['axes', withVoxels(nifti1({ dim: [0, 4, 3, 2] }), 48)],
    ['up to five', withVoxels(nifti1({ dim: [6, 1, 1, 1, 1, 1, 2] }), 48)],
    ['byte -5', withVoxels(nifti1({ voxOffset: -5 }), 48)],
    ['does not begin', seededBytes('noise', 400)],
    ['does not begin', withVoxels(nifti1({ magic: 'xyz' }), 48)],
  ])('refuses by name: %s', async (what, bytes) => {
    await expect(open(nifti, 'a.nii', { 'a.nii': bytes })).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringMatching(what === '700' ? /2352/ : new RegExp(what)),
    });
  });

  it('refuses a bomb from its header, and unpacks nothing', async () => {
    const huge = nifti1({ dim: [4, 32_767, 32_767, 32_767, 32_767] });
    const none = { codec, scratch: () => Promise.reject(new Error('nothing may be unpacked')) };
    for (const [key, bytes] of [
      ['a.nii', new Uint8Array(huge)],
      ['a.nii.gz', gzipSync(Buffer.concat([huge, Buffer.alloc(2 ** 20)]))],
    ] as const) {
      const place = { source: memorySource({ [key]: bytes }), key };
      await expect(nifti.open(place, none)).rejects.toMatchObject({ tag: 'bad-source' });
    }
  });

  it('unpacks no more than its header needs, and names a file that is cut short or damaged', async () => {
    const folder = mkdtempSync(join(scratch, 'one-'));
    const own = { codec, scratch: async () => folder };
    const long = gzipSync(Buffer.concat([withVoxels(nifti1(), 48), Buffer.alloc(2 ** 24)]));
    const volume = await nifti.open({ source: memorySource({ 'a.nii.gz': long }), key: 'a.nii.gz' }, own);
    expect(Buffer.compare((await volume.readChunk(first)) ?? Buffer.of(), voxels)).toBe(0);
    await volume.close?.();
    expect(readdirSync(folder)).toEqual([]);

    const packed = gzipSync(withVoxels(nifti1(), 48), { level: 0 });
    const flipped = Buffer.from(packed);
    flipped[packed.length - 20] = (flipped[packed.length - 20] ?? 0) ^ 1;
    for (const bytes of [packed.subarray(0, -30), flipped]) {
      const read = open(nifti, 'a.nii.gz', { 'a.nii.gz': bytes }).then((damaged) => damaged.readChunk(first));
      await expect(read).rejects.toMatchObject(refused('a.nii.gz'));
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
