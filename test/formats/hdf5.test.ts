// HDF5 files that h5py wrote in the layouts of Imaris and BigDataViewer, read by worker threads; and damaged ones.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { hdf5 } from '../../main/engine/formats/hdf5.ts';
import { bdvSetupsOfXml } from '../../main/engine/formats/hdf5/big-data-viewer.ts';
import { levelAt, voxelsIn, chunkExtent } from '../../main/engine/formats/pyramid.ts';
import type { OpenOptions } from '../../main/engine/formats/volume-format.ts';
import { kernelHdf5 } from '../../main/engine/jobs/kernel-hdf5.ts';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { LamellaError } from '../../preload/contract/errors.ts';
import { bytesPerVoxel } from '../../preload/contract/space.ts';
import { kernelCodec } from '../conformance/kernel-codec.ts';
import { mutateBytes } from '../kernels/mutate-bytes.ts';
import { expectCase, fixtures } from './fixtures/cases.ts';
import { memorySource } from './memory-source.ts';
import { mutate, seededRandom } from './mutate.ts';

const native = join(import.meta.dirname, '../../native-workers');
const pool = new Pool({
  workerFile: join(native, 'worker.ts'),
  kernelsFile: join(native, 'lamella-kernels.node'),
  threads: 2,
  log: () => undefined,
});
const options: OpenOptions = {
  codec: kernelCodec(),
  hdf5: kernelHdf5(pool, { lane: 'batch' }),
  scratch: () => Promise.reject(new Error('HDF5 needs no scratch folder')),
};
const { cases, bytesOf } = fixtures('hdf5');
let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'lamella-hdf5-'))));
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

function place(files: Readonly<Record<string, Uint8Array>>) {
  for (const [key, bytes] of Object.entries(files)) writeFileSync(join(folder, key), bytes);
  return { source: openFolderSource(folder, 'files'), key: Object.keys(files)[0] ?? '' };
}

const bytesNamed = (name: string): Uint8Array => {
  const [, one] = cases.find(([other]) => other === name) ?? [];
  return (one && Object.values(bytesOf(one))[0]) ?? new Uint8Array();
};

describe('what h5py wrote', () => {
  it.each(cases)('%s', async (_name, one) => {
    const at = place(bytesOf(one));
    expect(await hdf5.detect(at)).toBe(true);
    const opening = hdf5.open(at, { ...options, image: one.image });
    if (one.refused === undefined) return expectCase(await opening, one);
    return expect(opening).rejects.toMatchObject({ tag: 'bad-source', message: expect.stringContaining(one.refused) });
  });
});

describe('what can not be read', () => {
  it('is told apart: elsewhere, being written, cut short, gone', async () => {
    const file = bytesNamed('cremi');
    const remote = { source: memorySource({ 'a.h5': file }), key: 'a.h5' };
    await expect(hdf5.open(remote, options)).rejects.toMatchObject({
      tag: 'bad-source',
      hint: expect.stringContaining('Download'),
    });
    const written = Uint8Array.from(file);
    written[11] = 5;
    await expect(hdf5.open(place({ 'w.h5': written }), options)).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('being written'),
    });
    await expect(hdf5.open(place({ 'c.h5': file.slice(0, file.length / 2) }), options)).rejects.toMatchObject({
      tag: 'bad-source',
    });
    expect(await hdf5.detect(place({ 'e.h5': new Uint8Array() }))).toBe(false);
    await expect(hdf5.open(place({ 'e.h5': new Uint8Array() }), options)).rejects.toMatchObject({ tag: 'bad-source' });
    const at = place({ 'g.h5': file });
    const volume = await hdf5.open(at, options);
    rmSync(join(folder, 'g.h5'));
    const chunk = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;
    await expect(volume.readChunk(chunk)).rejects.toMatchObject({ tag: 'bad-source' });
  });

  it('names images that are not there', async () => {
    const opening = hdf5.open(place({ 'cremi.h5': bytesNamed('cremi') }), { ...options, image: 'volumes/other' });
    await expect(opening).rejects.toMatchObject({ tag: 'invalid-input', hint: expect.stringContaining('volumes/raw') });
  });

  it('changed files are opened again', async () => {
    const first = await hdf5.open(place({ 'x.h5': bytesNamed('plain-u1-little') }), options);
    const chunk = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;
    const before = await first.readChunk(chunk);
    rmSync(join(folder, 'x.h5'));
    const second = await hdf5.open(place({ 'x.h5': bytesNamed('plain-u2-big') }), options);
    expect((await second.readChunk(chunk))?.length).toBe(2 * (before?.length ?? 0));
    await expect(first.readChunk(chunk)).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('holds uint16, where the volume that was opened has uint8'),
    });
  });

  it('groups are looked at once, though links go in circles', async () => {
    place({ 'loop.h5': bytesNamed('cremi') });
    const { groups, datasets, cut } = await kernelHdf5(pool, { lane: 'batch' }).describe(join(folder, 'loop.h5'));
    expect(groups.map(({ path }) => path)).toEqual(['/', '/volumes', '/volumes/labels']);
    expect(datasets.map(({ path }) => path).toSorted()).toEqual(['/note', '/volumes/labels/ids', '/volumes/raw']);
    expect(cut).toBe(false);
  });

  // The library can't close a file that it failed on, and took what was written in its place for the same file.
  it('a sound file in the place of a damaged one is read as it is', async () => {
    const chunk = { level: 0, xyz: [0, 0, 0], channel: 0, time: 0 } as const;
    const sound = await (await hdf5.open(place({ 's.h5': bytesNamed('plain-u2-little') }), options)).readChunk(chunk);
    const damaged = Buffer.from(bytesNamed('plain-f4-little'));
    // More symbols than there are: found only after the group was opened.
    damaged[damaged.indexOf('SNOD') + 6] = 7;
    // As often as there are threads, for each to have met it.
    for (let i = 0; i < 2; i++) await expect(hdf5.open(place({ 'd.h5': damaged }), options)).rejects.toThrow();
    const at = place({ 'd.h5': bytesNamed('plain-u2-little') });
    const opening = Array.from({ length: 4 }, () => hdf5.open(at, options));
    for (const volume of await Promise.all(opening)) {
      expect(volume.plan.dtype).toBe('uint16');
      expect(await volume.readChunk(chunk)).toEqual(sound);
    }
  });
});

describe('mutations', () => {
  async function look(at: ReturnType<typeof place>, which: string): Promise<'read' | 'refused'> {
    try {
      const volume = await hdf5.open(at, options);
      const { plan } = volume;
      for (const [level, { gridXyz }] of plan.levels.entries()) {
        const xyz = [gridXyz[0] - 1, gridXyz[1] - 1, gridXyz[2] - 1] as const;
        const voxels = await volume.readChunk({ level, xyz, channel: plan.channels.length - 1, time: plan.times - 1 });
        const { size } = chunkExtent(levelAt(plan, level), xyz);
        if (voxels) expect(voxels.length, which).toBe(voxelsIn(size) * bytesPerVoxel[plan.dtype]);
      }
      return 'read';
    } catch (error) {
      if (!(error instanceof LamellaError)) throw error;
      expect(['bad-source', 'over-budget', 'worker-died']).toContain(error.tag);
      return 'refused';
    }
  }

  test('5,000 of them, in bytes', { timeout: 240_000 }, async () => {
    const random = seededRandom(21);
    const names = [
      'cremi',
      'plain-u2-little',
      'channels-first',
      'imaris',
      'bdv',
      'plain-f4-little',
      'cremi',
      'plain-u8-little',
    ];
    const counts = { read: 0, refused: 0 };
    for (let i = 0; i < 5000; i += 4) {
      const four = [0, 1, 2, 3].map(async (k) => {
        const name = names[(i + k) % names.length] ?? '';
        const at = place({ [`fuzz-${k}.h5`]: mutateBytes(bytesNamed(name), random) });
        counts[await look(at, `mutation ${i + k} of seed 21, of ${name}`)]++;
      });
      await Promise.all(four);
    }
    expect(counts.read).toBeGreaterThan(200);
    expect(counts.refused).toBeGreaterThan(200);
  });

  test('2,000 of the XML of BigDataViewer', () => {
    const xml =
      '<SpimData><SequenceDescription><ViewSetups><ViewSetup><id>0</id><name>a</name><voxelSize><unit>um</unit><size>1 1 1</size></voxelSize></ViewSetup></ViewSetups></SequenceDescription></SpimData>';
    expect(bdvSetupsOfXml(xml).get(0)).toEqual({ name: 'a', voxelNm: [1000, 1000, 1000] });
    const random = seededRandom(22);
    for (let i = 0; i < 2000; i++)
      for (const { voxelNm } of bdvSetupsOfXml(mutate(xml, random)).values())
        expect(voxelNm?.every((nm) => nm > 0)).not.toBe(false);
  });
});
