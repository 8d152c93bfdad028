import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadKernels, runTask } from '../../native-workers/load.ts';
import { cancelWords } from '../../native-workers/tasks.ts';
import { type ChunkCodecSpec, type DecodeVoxels, decodeVoxelsSchema } from '../../native-workers/voxel-tasks.ts';

const kernels = loadKernels(join(import.meta.dirname, '../../native-workers/lamella-kernels.node'));

/** What fixtures/make_voxel_codecs.py writes with numcodecs, imagecodecs, tifffile, Pillow and Python's own codecs. */
const casesSchema = z.array(
  z.object({
    name: z.string(),
    header: decodeVoxelsSchema,
    stored: z.base64(),
    sha256: z.string().length(32).optional(),
    near: z.number().optional(),
    voxels: z.base64().optional(),
  }),
);
const cases = casesSchema.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/voxel-codecs.json'), 'utf8')),
);

const cancelOf = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(4 * cancelWords.length));

function decode(header: DecodeVoxels, stored: Uint8Array): Uint8Array {
  const ran = runTask(kernels, 'decode-voxels', header, [stored], cancelOf());
  const voxels = ran.outputs[0] ?? new Uint8Array();
  expect(ran.header.bytes).toBe(voxels.length);
  return voxels;
}

const hashOf = (voxels: Uint8Array): string => createHash('sha256').update(voxels).digest('hex').slice(0, 32);

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'base64');

describe('chunks written by other programs', () => {
  test.each(cases.filter(({ near }) => near === undefined))('$name', ({ header, stored, sha256 }) => {
    expect(hashOf(decode(header, bytesOf(stored)))).toBe(sha256);
  });

  test.each(cases.filter(({ near }) => near !== undefined))('$name, nearly', ({ header, stored, near, voxels }) => {
    const want = bytesOf(voxels ?? '');
    const got = decode(header, bytesOf(stored));
    expect(got.length).toBe(want.length);
    expect(Math.max(...got.map((v, i) => Math.abs(v - (want[i] ?? 0))))).toBeLessThanOrEqual(near ?? 0);
  });

  test.each(cases)('$name, in parts', ({ header, stored }) => {
    const whole = decode(header, bytesOf(stored));
    const [x, y, z, c, t] = header.shape;
    const [at, size] = [x >> 1, x - (x >> 1)];
    const crop = { at: [at, 0, 0, 0, 0], size: [size, y, z, c, t] } as const;
    const part = decode({ ...header, crop }, bytesOf(stored));
    const element = whole.length / (x * y * z * c * t);
    const rows = Array.from({ length: y * z * c * t }, (_, row) =>
      whole.subarray((row * x + at) * element, (row * x + x) * element),
    );
    expect(Buffer.compare(part, Buffer.concat(rows))).toBe(0);
  });

  test.each(cases)('$name, cut short or too long, is refused or whole', ({ header, stored }) => {
    const whole = bytesOf(stored);
    const [x, ...rest] = header.shape;
    for (const bytes of [whole.subarray(0, whole.length >> 1), whole.subarray(0, 3), new Uint8Array()])
      expect(() => decode(header, bytes)).toThrow(/stored chunk/);
    expect(() => decode({ ...header, shape: [x + 1, ...rest] }, whole)).toThrow(/stored chunk/);
  });
});

describe('blocks', () => {
  const size = [50, 20, 6, 1, 1] as const;
  const voxels = Uint8Array.from({ length: 50 * 20 * 6 * 2 }, (_, i) => (i * i) >> 7);
  const kinds: readonly (readonly ChunkCodecSpec[])[] = [
    [],
    [{ name: 'zstd', level: 3 }, { name: 'crc32c' }],
    [{ name: 'blosc', cname: 'lz4', shuffle: 'bitshuffle', typesize: 2 }],
    [{ name: 'blosc', cname: 'zstd', typesize: 2 }],
    [{ name: 'gzip' }],
    [{ name: 'lz4-blocks' }],
    [{ name: 'png' }],
  ];

  test.each(kinds.map((codecs) => ({ codecs, names: codecs.map(({ name }) => name).join() || 'nothing' })))(
    'come back from chunks stored with $names',
    ({ codecs }) => {
      const header = { dtype: 'uint16', size, chunk: [32, 16, 4, 1, 1], edges: 'pad', fill: 3, codecs } as const;
      const ran = runTask(kernels, 'encode-block', header, [voxels], cancelOf());
      expect(ran.header.chunks.map(({ at }) => at.slice(0, 3).join())).toEqual([
        ...['0,0,0', '1,0,0', '0,1,0', '1,1,0'],
        ...['0,0,1', '1,0,1', '0,1,1', '1,1,1'],
      ]);
      const last = ran.outputs[0]?.subarray(-(ran.header.chunks[7]?.bytes ?? 0)) ?? new Uint8Array();
      const back = decode({ dtype: 'uint16', shape: [32, 16, 4, 1, 1], codecs: [...codecs] }, last);
      // The last chunk begins at 32, 16, 4; 18 x 4 x 2 of its voxels are in the block.
      const from = ((4 * 20 + 16) * 50 + 32) * 2;
      expect([...back.subarray(0, 38)]).toEqual([...voxels.subarray(from, from + 36), 3, 0]);
    },
  );
});
