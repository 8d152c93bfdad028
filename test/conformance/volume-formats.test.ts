import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { planVolume } from '../../main/engine/formats/pyramid.ts';
import type { OpenOptions, VolumeFormat, VolumePlan, WriteChoices } from '../../main/engine/formats/volume-format.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { voxelTypeSchema, type Vec3, type VoxelType } from '../../preload/contract/space.ts';
import { kernelCodec } from './kernel-codec.ts';
import { memoryStore } from './memory-store.ts';
import { seededBytes } from './seeded.ts';
import { readAll } from './whole-level.ts';
import { writeVolume, type BlockVoxels, type Written } from './written-volume.ts';

const codec = kernelCodec();
const chunk: Vec3 = [16, 16, 4];
let scratch = '';
beforeAll(() => void (scratch = mkdtempSync(join(tmpdir(), 'lamella-formats-'))));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const options: OpenOptions = { codec, scratch: async () => mkdtempSync(join(scratch, 'open-')) };

type Writable = VolumeFormat & Required<Pick<VolumeFormat, 'write'>>;
const writable = volumeFormats.filter((format): format is Writable => format.write !== undefined);

/** What compresses with a loss: sizes and places are compared, voxels only roughly. */
const lossy = new Set(['jpeg']);

const sizes: readonly Vec3[] = [
  [1, 1, 1],
  [17, 1, 1],
  [1, 33, 1],
  [1, 1, 9],
  [16, 16, 4],
  [17, 31, 5],
  [64, 48, 7],
  [65, 33, 13],
];
/** Channels and times, the richest first: a format takes what it can hold. */
const variants = [
  [3, 2],
  [2, 1],
  [1, 2],
  [1, 1],
] as const;

interface Case {
  readonly dtype: VoxelType;
  readonly sizeXyz: Vec3;
  readonly variant: number;
}

/** Every type with a shape, every shape with a type, channels and times in turn. */
const cases: readonly Case[] = [
  ...voxelTypeSchema.options.map(
    (dtype, i) => ({ dtype, sizeXyz: sizes[(i % 3) + 5] ?? [1, 1, 1], variant: i % 4 }) as const,
  ),
  ...sizes.map(
    (sizeXyz, i) =>
      ({ dtype: (['uint8', 'uint16', 'uint64'] as const)[i % 3] ?? 'uint8', sizeXyz, variant: 3 - (i % 4) }) as const,
  ),
];

function planOf({ dtype, sizeXyz }: Case, channels: number, times: number): VolumePlan {
  const request = {
    name: 'block',
    sizeXyz,
    dtype,
    chunkXyz: [16, 16, 4],
    voxelSizeNm: [4, 4, 40],
    originNm: [-64, 128, 400],
  } as const;
  return {
    ...planVolume(request),
    kind: dtype === 'uint64' && channels === 1 ? 'segmentation' : 'image',
    channels: Array.from({ length: channels }, (_, i) => ({
      name: channels > 1 ? `channel ${i}` : '',
      color: channels > 1 ? (['FF0000', '00FF00', '0000FF'][i % 3] ?? null) : null,
      window: null,
    })),
    times,
    secondsPerTime: times > 1 ? 2.5 : null,
  };
}

/** Random, so that 64-bit ids are over 2^53; a block in three is all 0. */
const randomVoxels =
  (seed: string): BlockVoxels =>
  ({ level, xyz, time }, bytes) =>
    (xyz[0] + xyz[1] + xyz[2] + level) % 3 === 2
      ? undefined
      : seededBytes(`${seed}/${level}/${xyz.join()}/${time}`, bytes);

/** As rich a volume as the format takes; undefined where it does not take the type at all. */
async function written(format: Writable, one: Case, choices: WriteChoices): Promise<Written | undefined> {
  for (const [channels, times] of variants.slice(one.variant)) {
    try {
      return await writeVolume(
        format,
        planOf(one, channels, times),
        choices,
        codec,
        randomVoxels(`${format.id}${one.dtype}`),
      );
    } catch (error) {
      if (!isLamellaError(error, 'invalid-input')) throw error;
    }
  }
  return undefined;
}

/** What must be the same; names of files and of datasets may differ. */
const comparable = ({ levels, ...plan }: VolumePlan): unknown => ({
  ...plan,
  name: '',
  levels: levels.map((level) => ({
    ...level,
    voxelSizeNm: level.voxelSizeNm.map((nm) => Number(nm.toPrecision(6))),
    originNm: level.originNm.map((nm) => Number(nm.toPrecision(6)) + 0),
  })),
});

describe.each(writable.map((format) => [format.id, format] as const))('%s', (_id, format) => {
  const ways = format.write.encodings.flatMap((encoding) =>
    (format.write.canShard ? [false, true] : [false]).map((sharded) => [encoding, sharded] as const),
  );
  it.each(ways)('reads back what it wrote: %s, sharded %s', async (encoding, sharded) => {
    const choices = { encoding, sharded, chunkXyz: chunk, blockBytes: 1 << 17 };
    let held = 0;
    for (const one of cases) {
      const made = await written(format, one, choices);
      if (!made) continue;
      held++;
      const context = `${one.dtype} ${one.sizeXyz.join(' x ')}`;
      expect(await format.detect(made.place), context).toBe(true);
      const opened = await format.open(made.place, options);
      expect(comparable(opened.plan), context).toEqual(comparable(made.plan));
      for (const [index, truth] of made.levels.entries()) {
        const got = await readAll(opened, index);
        if (lossy.has(encoding)) expect(got.byteLength, context).toBe(truth.byteLength);
        else expect(Buffer.compare(got, truth), `${context}, level ${index}`).toBe(0);
      }
      await opened.close?.();
    }
    expect(held > 0 || (sharded && encoding.startsWith('v2-'))).toBe(true);
  });

  it('keeps what it is told of the dataset, where it has a place for it', async () => {
    const made = await written(
      format,
      { dtype: 'uint8', sizeXyz: [17, 31, 5], variant: 3 },
      { sharded: false, chunkXyz: chunk, blockBytes: 1 << 17 },
    );
    if (!made || format.write.as !== 'folder' || format.id === 'image-stack') return;
    const opened = await format.open(made.place, options);
    expect(opened.notes.attributes).toEqual({ title: 'T' });
  });

  it.runIf(format.write.as === 'folder')('is a dataset only with the last of its metadata', async () => {
    const made = await written(
      format,
      { dtype: 'uint8', sizeXyz: [65, 33, 13], variant: 3 },
      { sharded: false, chunkXyz: chunk, blockBytes: 1 << 17 },
    );
    const last = made?.metadataKeys.at(-1);
    // A folder of pictures is a stack with or without notes beside them.
    if (!made || last === undefined || format.id === 'image-stack') return;
    const bytes = made.store.files.get(last) ?? new Uint8Array();
    made.store.files.delete(last);
    expect(await format.detect(made.place)).toBe(false);
    await expect(format.open(made.place, options)).rejects.toMatchObject({ tag: 'bad-source' });
    made.store.files.set(last, bytes);
    expect(await format.detect(made.place)).toBe(true);
  });

  it.each([false, true].filter((sharded) => !sharded || format.write.canShard))(
    'tells chunks that are missing, empty and damaged apart, sharded %s',
    async (sharded) => {
      const one = { dtype: 'uint16', sizeXyz: [40, 31, 5], variant: 3 } as const;
      const made = await written(format, one, { sharded, chunkXyz: chunk, blockBytes: 1 << 17 });
      if (!made) throw new Error('uint16 is not taken');
      const first = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;
      const read = async () => {
        const opened = await format.open(made.place, options);
        try {
          return await opened.readChunk(first);
        } finally {
          await opened.close?.();
        }
      };
      const opened = await format.open(made.place, options);
      const stored = await opened.locate(first);
      await opened.close?.();
      expect(stored?.bytes).toBeGreaterThan(0);
      const key = stored?.key ?? '';
      const whole = made.store.files.get(key) ?? new Uint8Array();
      expect(whole.byteLength, key).toBeGreaterThan(0);
      const named = { tag: 'bad-source', message: expect.stringContaining(key) };
      for (const length of [0, 1, Math.floor(whole.byteLength / 2), whole.byteLength - 1]) {
        made.store.files.set(key, whole.slice(0, length));
        await expect(read(), `${length} bytes`).rejects.toMatchObject(named);
      }
      if (format.write.as !== 'folder' || format.id === 'image-stack') return;
      made.store.files.delete(key);
      expect(await read()).toBeUndefined();
    },
  );
});

describe.each(volumeFormats.map((format) => [format.id, format] as const))('%s, where there is none', (_id, format) => {
  it('is not there, and says so', async () => {
    const empty = { source: memoryStore('an empty folder'), key: '' };
    expect(await format.detect(empty)).toBe(false);
    await expect(format.open(empty, options)).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('an empty folder'),
    });
  });

  it('is not seen in files of anything', async () => {
    const store = memoryStore('a folder of anything');
    const names = [
      'zarr.json',
      '.zattrs',
      '.zarray',
      'info',
      'attributes.json',
      'a.nii',
      'a.nii.gz',
      'a.nrrd',
      'a.h5',
      'a.ims',
      'a.txt',
    ];
    for (const content of ['', '{', '[]', 'null', '{"a":1}', '\u0000\u0001\u0002', '<html>404</html>']) {
      for (const name of names) await store.put(name, new TextEncoder().encode(content));
      for (const key of ['', ...names])
        expect(await format.detect({ source: store, key }), `${content} as ${key}`).toBe(false);
    }
  });
});

describe('the list of formats', () => {
  it('holds every file of the folder that exports a VolumeFormat, and each id once', () => {
    const folder = new URL('../../main/engine/formats/', import.meta.url);
    const exporting = readdirSync(folder).filter(
      (file) =>
        file.endsWith('.ts') && /export const \w+: VolumeFormat = /.test(readFileSync(new URL(file, folder), 'utf8')),
    );
    expect(volumeFormats.map((format) => `${format.id}.ts`).toSorted()).toEqual(exporting.toSorted());
  });
});
