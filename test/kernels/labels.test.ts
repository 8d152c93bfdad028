import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadKernels, runTask } from '../../native-workers/load.ts';
import { cancelWords, type TaskInput, type TaskName, type TaskOutput } from '../../native-workers/tasks.ts';
import { indexedIds } from '../engine/indexed-ids.ts';

const kernels = loadKernels(join(import.meta.dirname, '../../native-workers/lamella-kernels.node'));
const shared = join(import.meta.dirname, '../../../shared/data');
const segmentation = join(shared, 'segmentation');
const compressoFolder = join(shared, 'formats/precomputed-segmentation/32_32_40');
const missing = !existsSync(segmentation) || !existsSync(compressoFolder);
if (missing) console.log('skipped: the real labels in ../shared/data are not there');

function run<T extends TaskName>(
  task: T,
  header: TaskInput<T>,
  input: Uint8Array,
): { readonly header: TaskOutput<T>; readonly bytes: Uint8Array } {
  const cancel = new Int32Array(new SharedArrayBuffer(4 * cancelWords.length));
  const ran = runTask(kernels, task, header, [input], cancel);
  return { header: ran.header, bytes: ran.outputs[0] ?? new Uint8Array() };
}

const codecs: TaskInput<'decode-voxels'>['codecs'] = [{ name: 'compressed_segmentation' }];
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const idsOf = (bytes: Uint8Array): BigUint64Array => new BigUint64Array(Uint8Array.from(bytes).buffer);

/** The label of most voxels of each 2x2x2 block of a 64^3 volume, the first on a tie: by counting. */
function modesOf(ids: BigUint64Array): BigUint64Array {
  return BigUint64Array.from({ length: 32 ** 3 }, (_, i) => {
    const corner = 2 * ((i >> 10) * 4096 + ((i >> 5) & 31) * 64 + (i & 31));
    const counts = new Map<bigint, number>();
    for (const step of [0, 1, 64, 65, 4096, 4097, 4160, 4161]) {
      const id = ids[corner + step] ?? 0n;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    return [...counts].find(([, count]) => count === most)?.[0] ?? 0n;
  });
}

describe.skipIf(missing)('real labels', () => {
  const names = ['64x64x64-raw-uint64-segmentation.dat', 'cx-64x64x64-sample1.dat.gz', 'fib19-64x64x64-sample1.dat.gz'];
  const volumes = missing
    ? []
    : names.map((name) => {
        const bytes = readFileSync(join(segmentation, name));
        return { name, bytes: new Uint8Array(name.endsWith('.gz') ? gunzipSync(bytes) : bytes) };
      });

  test.each(volumes)('$name comes back from compressed_segmentation, far smaller', ({ bytes }) => {
    const size = [64, 64, 64, 1, 1] as const;
    const encoded = run('encode-block', { dtype: 'uint64', size, chunk: size, edges: 'cut', codecs }, bytes);
    expect(encoded.bytes.byteLength).toBeLessThan(bytes.byteLength / 20);
    const decoded = run('decode-voxels', { dtype: 'uint64', shape: size, codecs }, encoded.bytes);
    expect(sha256(decoded.bytes)).toBe(sha256(bytes));
  });

  test.each(volumes)('$name keeps its ids when it is made coarser', ({ bytes }) => {
    const header = { dtype: 'uint64', sizeXyz: [64, 64, 64], factorXyz: [2, 2, 2], method: 'mode' } as const;
    const coarse = run('downsample-voxels', header, bytes);
    expect(coarse.header.sizeXyz).toEqual([32, 32, 32]);
    expect(idsOf(coarse.bytes)).toEqual(modesOf(idsOf(bytes)));
  });

  test('the extremes of real labels leave 0 out', () => {
    const [first] = volumes;
    const bytes = first?.bytes ?? new Uint8Array();
    const ids = [...idsOf(bytes)].filter((id) => id !== 0n);
    const { header } = run('voxel-histogram', { dtype: 'uint64', ignore: 0 }, bytes);
    expect(header.count).toBe(ids.length);
    const least = ids.reduce((a, b) => (a < b ? a : b));
    const most = ids.reduce((a, b) => (a > b ? a : b));
    expect(header.extremes).toEqual([Number(least), Number(most)]);
  });

  test.each(volumes)('$name is indexed with every id as it is', ({ bytes }) => {
    const ids = idsOf(bytes);
    const { header, bytes: brick } = run('index-labels', { dtype: 'uint64' }, bytes);
    expect(header.ids).toBe(new Set(ids).size);
    expect(brick.byteLength).toBeLessThan(bytes.byteLength / 3);
    expect(indexedIds(brick, ids.length)).toEqual(ids);
  });

  // SHA-256 of what PyPI's compresso 3.3.3 decodes, x fastest.
  test.each([
    ['0-256_0-256_0-64', '768d19f28d1b221bd285fe8f2b7a1e1f5a23cb72a92e8fa4cec720163941dadf'],
    ['0-256_0-256_64-128', '09b253156eeb6b63340a8eb3518852e00bffe4920ecf48a18cc861a7c4dc4ffe'],
    ['0-256_0-256_256-320', 'f3f9030ee81cb5a0a83e1fbfa5144c6e92e736193a6c778482d1575d1fbc17ca'],
    ['0-256_0-256_448-512', '190388ed937cc69d1d010c85ca6b1a6c4b5d16bf1f8abcef957a604809898ade'],
  ])('compresso chunk %s is read as its own library reads it', (name, wanted) => {
    const stored = gunzipSync(readFileSync(join(compressoFolder, `${name}.gz`)));
    const header = { dtype: 'uint32', shape: [256, 256, 64, 1, 1], codecs: [{ name: 'compresso' }] } as const;
    expect(sha256(run('decode-voxels', { ...header, codecs: [...header.codecs] }, stored).bytes)).toBe(wanted);
  });
});

describe('bricks of labels', () => {
  test('have their ids in the order of their first voxel; signs are extended', () => {
    const { bytes } = run(
      'index-labels',
      { dtype: 'int16' },
      new Uint8Array(Int16Array.of(7, -1, 7, 0, -32_768).buffer),
    );
    expect([...indexedIds(bytes, 5)]).toEqual([7n, 2n ** 64n - 1n, 7n, 0n, 2n ** 64n - 32_768n]);
    expect([...bytes.subarray(-5)]).toEqual([0, 1, 0, 2, 3]);
  });

  test('of background are empty, of fractions refused', () => {
    expect(run('index-labels', { dtype: 'uint64' }, new Uint8Array(512)).bytes.byteLength).toBe(0);
    expect(() => run('index-labels', { dtype: 'float32' }, new Uint8Array(4))).toThrow(/whole numbers/);
    expect(() => run('index-labels', { dtype: 'uint32' }, new Uint8Array(5))).toThrow(/5 bytes/);
  });

  const types = { uint8: 1, int8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4, uint64: 8, int64: 8 } as const;
  test('of any bytes and any type come back', () => {
    const dtypes = fc.constantFrom(...(Object.keys(types) as (keyof typeof types)[]));
    const runs = fc.array(fc.tuple(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.integer({ min: 1, max: 300 })));
    fc.assert(
      fc.property(dtypes, runs, (dtype, parts) => {
        const labels = parts.flatMap(([label, length]) => Array.from({ length }, () => label.slice(0, types[dtype])));
        const voxels = Uint8Array.from(Buffer.concat(labels));
        const { bytes } = run('index-labels', { dtype }, voxels);
        const wanted = labels.map((label) => wide(label, dtype.startsWith('i')));
        expect([...indexedIds(bytes, labels.length)]).toEqual(wanted);
        expect(bytes.byteLength === 0).toBe(wanted.every((id) => id === 0n));
      }),
      { numRuns: 200 },
    );
  });
});

/** A label of little-endian bytes as 64 bits. */
function wide(label: Uint8Array, signed: boolean): bigint {
  const value = label.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return BigInt.asUintN(64, signed ? BigInt.asIntN(8 * label.length, value) : value);
}

describe('chunks of labels that are damaged', () => {
  test.each(['compressed_segmentation', 'compresso'] as const)('%s is refused', (name) => {
    const header: TaskInput<'decode-voxels'> = { dtype: 'uint32', shape: [8, 8, 8, 1, 1], codecs: [{ name }] };
    expect(() => run('decode-voxels', header, new Uint8Array(100).fill(0xee))).toThrow(/cannot be read/);
  });
});
