import { describe, expect, it } from 'vitest';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { levelAt, planVolume, voxelsIn } from '../../main/engine/formats/pyramid.ts';
import type { VolumeFormat } from '../../main/engine/formats/volume-format.ts';
import { checkMetadata } from '../../main/engine/journeys/publish/metadata.ts';
import { LamellaError } from '../../preload/contract/errors.ts';
import { nativeCodec } from '../engine/sample-volume.ts';
import { mutate, seededRandom } from '../formats/mutate.ts';
import { memoryStore } from './memory-store.ts';
import { seededBytes } from './seeded.ts';

const mutations = 2000;
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);
const codec = nativeCodec();

const plan = planVolume({
  name: 'v',
  dtype: 'uint16',
  sizeXyz: [40, 20, 5],
  chunkXyz: [16, 16, 4],
  voxelSizeNm: [4, 4, 40],
  originNm: [0, 0, 0],
});

async function written(format: VolumeFormat) {
  const store = memoryStore();
  const adapted = format.adapt(plan);
  const voxels = seededBytes('chunk', voxelsIn([16, 16, 4]) * 2);
  await store.put(
    format.chunkKey(adapted, 0, [0, 0, 0]),
    await format.encodeChunk(adapted, 0, [0, 0, 0], voxels, codec),
  );
  for (const part of format.metadata(adapted, { attributes: { title: 'T' } })) await store.put(part.key, part.bytes);
  return { store, chunkKey: format.chunkKey(adapted, 0, [0, 0, 0]), voxels };
}

/** Changes one value, or one key, somewhere in the tree: the text stays JSON, so the schemas are reached. */
function mutateTree(value: unknown, random: () => number): unknown {
  const pick = (n: number): number => Math.floor(random() * n);
  const odd: readonly unknown[] = [
    null,
    -1,
    0,
    1e308,
    2 ** 31,
    2 ** 53,
    0.5,
    '',
    '..',
    '../../etc/passwd',
    'a/../b',
    '/x',
    'zstd',
    'blosc',
    [],
    {},
    [1, 2, 3],
    [1e9, 1e9, 1e9],
    true,
    'x'.repeat(5000),
    { name: 'sharding_indexed' },
  ];
  if (Array.isArray(value) && value.length > 0 && pick(4) > 0) {
    const at = pick(value.length);
    return pick(8) === 0 ? value.toSpliced(at, 1) : value.with(at, mutateTree(value[at], random));
  }
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0 && pick(5) > 0) {
    const keys = Object.keys(value);
    const key = keys[pick(keys.length)] ?? '';
    const { [key]: old, ...rest } = value as Record<string, unknown>;
    if (pick(10) === 0) return rest;
    return { ...rest, [pick(20) === 0 ? '__proto__x' : key]: mutateTree(old, random) };
  }
  return odd[pick(odd.length)];
}

/** Refusals must be ours; everything else must give a plan that is sane. */
async function attempt(work: () => Promise<unknown>): Promise<'read' | 'refused'> {
  try {
    await work();
    return 'read';
  } catch (error) {
    if (error instanceof LamellaError && error.tag === 'bad-source') return 'refused';
    throw error;
  }
}

describe.each(volumeFormats.map((format) => [format.id, format] as const))('mutations of %s', (id, format) => {
  it(`metadata: ${mutations} of its text and ${mutations} of its tree`, async () => {
    const { store } = await written(format);
    const metadataKeys = format
      .metadata(format.adapt(plan), {})
      .map(({ key }) => key)
      .filter((key) => key === format.metadataKey || key.startsWith('0/'));
    const random = seededRandom(id.length);
    const counts = { read: 0, refused: 0 };
    for (let i = 0; i < mutations * 2; i++) {
      const key = metadataKeys[i % metadataKeys.length] ?? '';
      const original = store.files.get(key) ?? new Uint8Array();
      const mutated =
        i < mutations ? mutate(text(original), random) : JSON.stringify(mutateTree(JSON.parse(text(original)), random));
      store.files.set(key, new TextEncoder().encode(mutated));
      const outcome = await attempt(async () => {
        const opened = await format.open(store, codec);
        expect(voxelsIn(levelAt(opened.plan, 0).chunkXyz)).toBeLessThanOrEqual(2 ** 29);
        expect([...opened.plan.originNm, ...levelAt(opened.plan, 0).voxelSizeNm].every(Number.isFinite)).toBe(true);
        await opened.readChunk(0, [0, 0, 0]);
      });
      counts[outcome]++;
      store.files.set(key, original);
    }
    expect(counts.refused).toBeGreaterThan(mutations / 2);
    expect(counts.read).toBeGreaterThan(0);
  });

  it(`chunks: ${mutations}`, async () => {
    const { store, chunkKey, voxels } = await written(format);
    const original = store.files.get(chunkKey) ?? new Uint8Array();
    const opened = await format.open(store, codec);
    const random = seededRandom(99);
    for (let i = 0; i < mutations; i++) {
      store.files.set(chunkKey, mutateBytes(original, random));
      const outcome = await attempt(() => opened.readChunk(0, [0, 0, 0]));
      // crc32c lets no change through; raw chunks have nothing but their length to go by.
      if (outcome === 'read' && id === 'ome-zarr') expect(await opened.readChunk(0, [0, 0, 0])).toEqual(voxels);
    }
  });
});

function mutateBytes(bytes: Uint8Array, random: () => number): Uint8Array {
  const pick = (n: number): number => Math.floor(random() * n);
  const kind = pick(4);
  if (kind === 0) return bytes.slice(0, pick(bytes.length));
  if (kind === 1) return Uint8Array.from([...bytes, ...seededBytes(String(pick(1000)), 1 + pick(300))]);
  const out = bytes.slice();
  for (let n = 1 + pick(4); n > 0; n--) out[kind === 2 ? pick(24) : pick(out.length)] = pick(256);
  return out;
}

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
