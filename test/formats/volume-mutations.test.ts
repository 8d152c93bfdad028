import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { n5 } from '../../main/engine/formats/n5.ts';
import { nifti } from '../../main/engine/formats/nifti.ts';
import { nrrd } from '../../main/engine/formats/nrrd.ts';
import { precomputed } from '../../main/engine/formats/precomputed.ts';
import { planVolume, voxelsIn, chunkExtent, levelAt } from '../../main/engine/formats/pyramid.ts';
import type { Place, VolumeFormat, WriteChoices } from '../../main/engine/formats/volume-format.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { bytesPerVoxel, type VoxelType } from '../../preload/contract/space.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { mutateTree } from '../conformance/mutate-tree.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { writeVolume } from '../conformance/written-volume.ts';
import { mutateBytes } from '../kernels/mutate-bytes.ts';
import { fuzzTimes, mutate, seededRandom } from './mutate.ts';

const mutations = 5000 * fuzzTimes;
const codec = kernelCodec();
let scratch = '';
beforeAll(() => void (scratch = mkdtempSync(join(tmpdir(), 'lamella-mutations-'))));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

type Writable = VolumeFormat & Required<Pick<VolumeFormat, 'write'>>;
interface Sample {
  readonly format: Writable;
  readonly encoding: string;
  readonly dtype: VoxelType;
  readonly sharded?: boolean;
}
const writable = (format: VolumeFormat): Writable => {
  if (!format.write) throw new Error(`${format.id} is not written`);
  return { ...format, write: format.write };
};
const samples: readonly Sample[] = [
  { format: writable(precomputed), encoding: 'raw', dtype: 'uint16' },
  { format: writable(precomputed), encoding: 'raw', dtype: 'uint16', sharded: true },
  { format: writable(precomputed), encoding: 'compressed_segmentation', dtype: 'uint64', sharded: true },
  { format: writable(n5), encoding: 'gzip', dtype: 'uint16' },
  { format: writable(n5), encoding: 'blosc', dtype: 'float32' },
  { format: writable(nifti), encoding: 'raw', dtype: 'int16' },
  { format: writable(nifti), encoding: 'gzip', dtype: 'uint8' },
  { format: writable(nrrd), encoding: 'raw', dtype: 'float32' },
  { format: writable(nrrd), encoding: 'gzip', dtype: 'uint64' },
];
/** Of each format, shared by its samples. */
const roundsOf = ({ format }: Sample): number =>
  Math.ceil(mutations / samples.filter((sample) => sample.format.id === format.id).length);

async function written({ format, encoding, dtype, sharded = false }: Sample) {
  const plan = planVolume({
    name: 'v',
    dtype,
    sizeXyz: [40, 20, 5],
    chunkXyz: [16, 16, 4],
    voxelSizeNm: [4, 4, 40],
    originNm: [0, 0, 0],
  });
  const choices: WriteChoices = { encoding, sharded, chunkXyz: [16, 16, 4], blockBytes: 1 << 16 };
  // Labels that repeat, so that their tables are worth reading.
  const voxels = (bytes: number): Uint8Array =>
    seededBytes('mutations', bytes).map((value, i) => (i % 8 === 0 ? value % 4 : 0));
  return writeVolume(format, plan, choices, codec, (_, bytes) => voxels(bytes));
}

/** What is read must have the voxels that the plan says; what is refused must be told as our own. */
async function attempt(format: VolumeFormat, place: Place): Promise<'read' | 'refused'> {
  const options = { codec, scratch: async () => mkdtempSync(join(scratch, 'open-')) };
  try {
    const volume = await format.open(place, options);
    try {
      const first = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;
      await volume.locate(first);
      const voxels = await volume.readChunk(first);
      const { size } = chunkExtent(levelAt(volume.plan, 0), [0, 0, 0]);
      if (voxels) expect(voxels.byteLength).toBe(voxelsIn(size) * bytesPerVoxel[volume.plan.dtype]);
      return 'read';
    } finally {
      await volume.close?.();
    }
  } catch (error) {
    if (isLamellaError(error, 'bad-source', 'disk-full')) return 'refused';
    throw error;
  }
}

const isMetadata = (key: string): boolean => key === 'info' || key.endsWith('attributes.json');

function mutated(key: string, bytes: Uint8Array, random: () => number): Uint8Array {
  if (!isMetadata(key)) {
    const isHeader = random() < 0.5;
    const head = bytes.subarray(0, 600);
    return isHeader ? Buffer.concat([mutateBytes(head, random), bytes.subarray(600)]) : mutateBytes(bytes, random);
  }
  const text = new TextDecoder().decode(bytes);
  const changed = random() < 0.5 ? mutate(text, random) : JSON.stringify(mutateTree(JSON.parse(text), random));
  return new TextEncoder().encode(changed);
}

describe('mutations of what Lamella wrote', () => {
  it.each(
    samples.map(
      (sample) => [`${sample.format.id} ${sample.encoding} ${sample.sharded ? 'sharded' : ''}`, sample] as const,
    ),
  )(
    'are read or refused by name: %s',
    async (name, sample) => {
      const { store, place } = await written(sample);
      // What says how to read, and what is read: of the other chunks nothing is asked.
      const opened = await sample.format.open(place, {
        codec,
        scratch: async () => mkdtempSync(join(scratch, 'open-')),
      });
      const chunk = await opened.locate({ level: 0, xyz: [0, 0, 0], channel: 0, time: 0 });
      await opened.close?.();
      const keys = [...store.files.keys()].filter((key) => isMetadata(key) || key === chunk?.key);
      expect(keys.length).toBeGreaterThan(0);
      const random = seededRandom(name.length * 7919);
      const counts = { read: 0, refused: 0 };
      const before = process.memoryUsage().rss;
      for (let i = 0; i < roundsOf(sample); i++) {
        const key = keys[Math.floor(random() * keys.length)] ?? '';
        const original = store.files.get(key) ?? new Uint8Array();
        const bytes = mutated(key, original, random);
        store.files.set(key, bytes);
        try {
          counts[await attempt(sample.format, place)]++;
        } catch (error) {
          throw new Error(`mutation ${i} of ${key}: ${Buffer.from(bytes.subarray(0, 300)).toString('latin1')}`, {
            cause: error,
          });
        }
        store.files.set(key, original);
      }
      expect(counts.refused, JSON.stringify(counts)).toBeGreaterThan(roundsOf(sample) / 20);
      expect(counts.read, JSON.stringify(counts)).toBeGreaterThan(0);
      expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30);
    },
    120_000,
  );
});
