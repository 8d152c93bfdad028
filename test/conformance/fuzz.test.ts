import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { levelAt, planVolume, voxelsIn } from '../../main/engine/formats/pyramid.ts';
import type { OpenOptions, VolumeFormat, VolumePlan } from '../../main/engine/formats/volume-format.ts';
import { zarr } from '../../main/engine/formats/zarr.ts';
import { checkMetadata } from '../../main/engine/journeys/publish/metadata.ts';
import { LamellaError, isLamellaError } from '../../preload/contract/errors.ts';
import { fuzzTimes, mutate, seededRandom } from '../formats/mutate.ts';
import { kernelCodec } from './kernel-codec.ts';
import { mutateBytes, mutateTree } from './mutate-tree.ts';
import { seededBytes } from './seeded.ts';
import { writeVolume, type Written } from './written-volume.ts';

const mutations = 2000;
/** Of a format: of the text and the tree of its metadata, and of the bytes of its chunks or its file. */
const ofMetadata = 3000 * fuzzTimes;
const ofChunks = 2000 * fuzzTimes;

const codec = kernelCodec();
let scratch = '';
beforeAll(() => void (scratch = mkdtempSync(join(tmpdir(), 'lamella-fuzz-'))));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const options: OpenOptions = { codec, scratch: async () => mkdtempSync(join(scratch, 'open-')) };

const plan = planVolume({
  name: 'v',
  dtype: 'uint16',
  sizeXyz: [40, 20, 5],
  chunkXyz: [16, 16, 4],
  voxelSizeNm: [4, 4, 40],
  originNm: [0, 0, 0],
});
const first = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;

type Writable = Required<Pick<VolumeFormat, 'write'>>;

/** Of the first type that the encoding takes. */
async function written(
  format: Writable,
  encoding: string | undefined,
  sharded: boolean,
  more: Partial<VolumePlan> = {},
): Promise<Written> {
  const choices = { encoding, sharded, chunkXyz: [16, 16, 4], blockBytes: 1 << 16 } as const;
  for (const dtype of ['uint16', 'uint8', 'uint32'] as const) {
    try {
      return await writeVolume(format, { ...plan, ...more, dtype }, choices, codec, ({ xyz }, bytes) =>
        seededBytes(`chunk ${xyz.join()}`, bytes),
      );
    } catch (error) {
      if (!isLamellaError(error, 'invalid-input')) throw error;
    }
  }
  throw new Error(`${encoding} takes no type`);
}

/** Refusals must be ours and name the source; everything else must give a plan that is sane. */
async function attempt(
  format: VolumeFormat,
  { place }: Pick<Written, 'place'>,
): Promise<Uint8Array | 'absent' | 'refused'> {
  try {
    const opened = await format.open(place, options);
    try {
      const level = levelAt(opened.plan, 0);
      expect(voxelsIn(level.chunkXyz)).toBeLessThanOrEqual(2 ** 29);
      expect([...level.originNm, ...level.voxelSizeNm].every(Number.isFinite)).toBe(true);
      return (await opened.readChunk(first)) ?? 'absent';
    } finally {
      await opened.close?.();
    }
  } catch (error) {
    if (error instanceof LamellaError && error.tag === 'bad-source') return 'refused';
    throw error;
  }
}

const decoded = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const isJson = (bytes: Uint8Array): boolean => {
  try {
    return typeof JSON.parse(decoded(bytes)) === 'object';
  } catch {
    return false;
  }
};

/** Opens and reads with each mutation of one of the files, which are put back after it. */
async function tryAll(
  format: VolumeFormat,
  made: Written,
  keys: readonly string[],
  count: number,
  mutated: (original: Uint8Array, random: () => number, i: number) => Uint8Array,
): Promise<{ readonly read: number; readonly refused: number; readonly changed: number }> {
  const whole = await attempt(format, made);
  const random = seededRandom(format.id.length);
  const counts = { read: 0, refused: 0, changed: 0 };
  for (let i = 0; i < count; i++) {
    const key = keys[i % keys.length] ?? '';
    const original = made.store.files.get(key) ?? new Uint8Array();
    made.store.files.set(key, mutated(original, random, i));
    const outcome = await attempt(format, made);
    made.store.files.set(key, original);
    if (outcome === 'refused') counts.refused++;
    else counts.read++;
    const isSame = typeof outcome !== 'string' && typeof whole !== 'string' && Buffer.compare(outcome, whole) === 0;
    if (outcome !== 'refused' && !isSame) counts.changed++;
  }
  return counts;
}

const mutatedJson = (original: Uint8Array, random: () => number, i: number): Uint8Array => {
  const tree = i % 2 === 0 && isJson(original);
  return new TextEncoder().encode(
    tree ? JSON.stringify(mutateTree(JSON.parse(decoded(original)), random)) : mutate(decoded(original), random),
  );
};

const writable = volumeFormats.filter((format): format is VolumeFormat & Writable => format.write !== undefined);

describe.each(writable.map((format) => [format.id, format] as const))('mutations of %s', (_id, format) => {
  it(`${ofMetadata} of its metadata`, async () => {
    const { encodings, as } = format.write;
    const counts = { read: 0, refused: 0 };
    for (const encoding of as === 'folder' ? encodings.slice(0, 1) : encodings) {
      const made = await written(format, encoding, false);
      const keys = as === 'folder' ? made.metadataKeys : [];
      const tried =
        keys.length > 0
          ? await tryAll(format, made, keys, ofMetadata, mutatedJson)
          : await tryAll(format, made, [made.place.key], Math.ceil(ofMetadata / encodings.length), headOf);
      counts.read += tried.read;
      counts.refused += tried.refused;
    }
    // A stack of pictures is one without what is written beside them, too.
    if (format.id !== 'image-stack') expect(counts.refused).toBeGreaterThan(ofMetadata / 10);
    expect(counts.read).toBeGreaterThan(0);
  });

  const ways = format.write.encodings.map((encoding) => [encoding, false] as const);
  const all = format.write.canShard ? [...ways, [format.write.encodings[0], true] as const] : ways;
  it.each(all)(`of its chunks: %s, sharded %s`, async (encoding, sharded) => {
    const made = await written(format, encoding, sharded);
    const opened = await format.open(made.place, options);
    const key = (await opened.locate(first))?.key ?? '';
    await opened.close?.();
    const { refused, changed } = await tryAll(format, made, [key], Math.ceil(ofChunks / all.length), mutateBytes);
    expect(refused).toBeGreaterThan(0);
    // crc32c lets no change through; other ways of storing have less to go by.
    if (format.id === 'ome-zarr' && (encoding === 'zstd' || encoding === 'gzip')) expect(changed).toBe(0);
  });
});

/** Half of the edits among the first 512 bytes, where files have their headers. */
function headOf(original: Uint8Array, random: () => number, i: number): Uint8Array {
  if (i % 2 === 0) return mutateBytes(original, random);
  const head = mutateBytes(original.subarray(0, 512), random);
  return Buffer.concat([head.subarray(0, 512), original.subarray(Math.min(512, head.byteLength))]);
}

describe('mutations of zarr', () => {
  it.each(['zstd', 'v2-blosc'])(`${ofMetadata / 2} of the metadata of an array, %s`, async (encoding) => {
    const ome = writable.find((format) => format.id === 'ome-zarr');
    if (!ome) throw new Error('no OME-Zarr');
    const unnamed = { name: '', color: null, window: null };
    const made = await written(ome, encoding, encoding === 'zstd', { channels: [unnamed, unnamed], times: 2 });
    const array = { ...made, place: { source: made.store, key: encoding === 'zstd' ? '0/zarr.json' : '0/.zarray' } };
    const counts = await tryAll(zarr, array, [array.place.key], ofMetadata / 2, mutatedJson);
    expect(counts.refused).toBeGreaterThan(ofMetadata / 20);
    expect(counts.read).toBeGreaterThan(0);
  });
});

describe('mutations of publication metadata', () => {
  const good = {
    title: 'Block',
    creators: [{ name: 'Lovelace, Ada', orcid: '0000-0002-1825-0097' }],
    licence: 'CC-BY-4.0',
    modality: 'EM',
    species: 'Mus musculus',
    voxelSizeNm: [4, 4, 40],
    description: 'x',
  };
  it(`${mutations}: a problem that names a field, or metadata`, () => {
    const random = seededRandom(5);
    expect(checkMetadata(good).problems).toEqual([]);
    for (let i = 0; i < mutations; i++) {
      const { metadata, problems } = checkMetadata(mutateTree(good, random));
      expect(metadata === null).toBe(problems.length > 0);
      for (const { field, message } of problems)
        expect(field.length > 0 && message.length > 0 && message.length < 2000).toBe(true);
    }
  });
});
