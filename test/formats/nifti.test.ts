import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { nifti } from '../../main/engine/formats/nifti.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { memorySource } from './memory-source.ts';
import { codec, first, newScratch, open, refused, useScratch } from './unpacking.ts';

useScratch();

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

  it('has vectors on the fourth axis as channels where the header says that they are vectors', async () => {
    const header = nifti1({ dim: [4, 4, 1, 2, 3] });
    header.writeInt16LE(1007, 68);
    const { plan } = await open(nifti, 'a.nii', { 'a.nii': withVoxels(header, 48) });
    expect([plan.channels.length, plan.times]).toEqual([3, 1]);
  });

  it('stops unpacking when it is closed, and lets go of who has given up', async () => {
    const volume = await open(nifti, 'a.nii.gz', { 'a.nii.gz': gzipSync(withVoxels(nifti1(), 48)) });
    const given = AbortSignal.abort();
    await expect(volume.readChunk(first, given)).rejects.toMatchObject({ tag: 'cancelled' });
    const read = volume.readChunk(first).catch((error: unknown) => error);
    await volume.close?.();
    const ended = await read;
    if (!(ended instanceof Uint8Array)) expect(ended).toMatchObject({ tag: 'cancelled' });
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
    const folder = newScratch();
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
