import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { chunkExtent, chunksOf } from '../../main/engine/formats/pyramid.ts';
import { createEngine, type Engine } from '../../main/engine/index.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import type { Job } from '../../preload/contract/job.ts';
import type { Receipt } from '../../preload/contract/publish.ts';
import type { Dtype } from '../../preload/contract/space.ts';
import { seededRandom } from '../formats/mutate.ts';
import { finishedJob } from './finished-job.ts';
import { absentChunk, makeSampleVolume, nativeCodec, newFolder, type SampleVolume } from './sample-volume.ts';

const metadata = {
  title: 'A block of nerve cord',
  creators: [{ name: 'Lovelace, Ada', orcid: '0000-0002-1825-0097' }],
  licence: 'CC-BY-4.0',
  modality: 'EM' as const,
  species: 'Drosophila melanogaster',
  voxelSizeNm: [4, 4, 40] as const,
};
type FormatId = 'precomputed' | 'ome-zarr';
const formats: readonly FormatId[] = ['precomputed', 'ome-zarr'];

const filesBelow = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile()).map((e) => relative(folder, join(e.parentPath, e.name))).toSorted() : [];
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Home {
  readonly folder: string;
  readonly sample: SampleVolume;
  readonly engine: Engine;
  readonly client: LamellaClient;
  close(): Promise<void>;
}

async function openHome(dtype: Dtype = 'uint8'): Promise<Home> {
  const { folder, remove } = newFolder();
  const sample = await makeSampleVolume(folder, { dtype });
  const engine = createEngine({ threads: 2 });
  const close = async (): Promise<void> => {
    await engine.close();
    remove();
  };
  return { folder, sample, engine, client: engine.client(), close };
}

async function publish({ client, sample }: Home, format: FormatId, out: string, given: object | string = metadata): Promise<Job> {
  const { job } = await client.publish.start({ library: sample.library, volume: sample.volume, format, metadata: given as typeof metadata, out });
  return finishedJob(client, sample.library, job);
}

const receiptOf = (job: Job): Receipt => {
  expect(job.error).toBeNull();
  return (job.result as { receipt: Receipt }).receipt;
};

async function expectSameVoxels(sample: SampleVolume, format: FormatId, out: string): Promise<void> {
  const opened = await volumeFormats.find(({ id }) => id === format)?.open(openFolderSource(out, 'published'), nativeCodec());
  expect(opened?.plan.levels.map(({ sizeXyz, voxelSizeNm }) => [sizeXyz, voxelSizeNm])).toEqual(sample.plan.levels.map(({ sizeXyz, voxelSizeNm }) => [sizeXyz, voxelSizeNm]));
  for (const [k, level] of (opened?.plan.levels ?? []).entries()) {
    for (const xyz of chunksOf(level)) {
      const { min, size } = chunkExtent(level, xyz);
      const values: number[] = [];
      for (let z = 0; z < size[2]; z++) for (let y = 0; y < size[1]; y++) for (let x = 0; x < size[0]; x++) values.push(sample.voxelAt(k, min[0] + x, min[1] + y, min[2] + z));
      const wanted = sample.plan.dtype === 'uint8' ? Uint8Array.from(values) : new Uint8Array(Uint16Array.from(values).buffer);
      const read = await opened?.readChunk(k, xyz);
      expect(Buffer.compare(read ?? new Uint8Array(wanted.length), wanted)).toBe(0);
      expect(read === undefined).toBe(format === 'ome-zarr' && [k, ...xyz].join() === absentChunk.join());
    }
  }
}

describe.each<Dtype>(['uint8', 'uint16'])('publishing a volume of %s', (dtype) => {
  let home: Home;
  beforeAll(async () => {
    home = await openHome(dtype);
  });
  afterAll(() => home.close());

  it.each(formats)('as %s: same voxels, a manifest of every file, a receipt, a row', async (format) => {
    const { client, sample, folder } = home;
    const out = join(folder, `published-${format}`);
    const request = { library: sample.library, volume: sample.volume, format, metadata, out } as const;
    const { value: plan } = await client.publish.plan(request);
    expect(plan.problems).toEqual([]);
    expect(existsSync(out)).toBe(false);

    const job = await publish(home, format, out);
    const receipt = receiptOf(job);
    expect(job.state).toBe('done');
    await expectSameVoxels(sample, format, out);
    expect(receipt).toMatchObject({ volume: sample.volume, format, out, verified: true, metadata: { ...metadata, description: '' } });
    expect(receipt.parts).toBe(plan.parts);
    expect(receipt.bytes).toBeLessThanOrEqual(plan.bytesAtMost);
    expect(plan.levels.reduce((sum, level) => sum + level.parts, 0)).toBeLessThan(plan.parts);

    const manifest = readFileSync(receipt.manifestFile);
    expect(sha256(manifest)).toBe(receipt.manifestSha256);
    const { parts } = JSON.parse(manifest.toString()) as { parts: { path: string; bytes: number; sha256: string }[] };
    expect(parts.map(({ path }) => path)).toEqual(parts.map(({ path }) => path).toSorted());
    expect(filesBelow(out)).toEqual([...parts.map(({ path }) => path), 'lamella-manifest.json', 'lamella-receipt.json'].toSorted());
    for (const part of parts) {
      const bytes = readFileSync(join(out, part.path));
      expect([bytes.byteLength, sha256(bytes)]).toEqual([part.bytes, part.sha256]);
    }
    expect(JSON.parse(readFileSync(receipt.receiptFile, 'utf8'))).toEqual({ ...receipt, out: '.', receiptFile: 'lamella-receipt.json', manifestFile: 'lamella-manifest.json' });
    const { value: info } = await client.library.info({ library: sample.library });
    expect(info.publications.find(({ id }) => id === receipt.publication)).toMatchObject({ title: metadata.title, format, manifestSha256: receipt.manifestSha256, parts: receipt.parts });
    expect(info.undo).toBe(`Publish ${metadata.title} as ${format}`);
    expect((await client.publish.verify({ library: sample.library, publication: receipt.publication })).value).toEqual({ ok: true, parts: receipt.parts, problems: [] });
  });

  it.each(formats)('as %s again elsewhere: the same manifest', async (format) => {
    const [first, second] = [receiptOf(await publish(home, format, join(home.folder, `a-${format}`))), receiptOf(await publish(home, format, join(home.folder, `b-${format}`)))];
    expect(second.manifestSha256).toBe(first.manifestSha256);
    const other = await openHome(dtype);
    const third = receiptOf(await publish(other, format, join(other.folder, 'c')));
    await other.close();
    expect(third.manifestSha256).toBe(first.manifestSha256);
  });
});

describe('publishing', () => {
  let home: Home;
  beforeAll(async () => {
    home = await openHome();
  });
  afterAll(() => home.close());
  const place = (name: string): string => join(home.folder, name);
  const planned = async (given: unknown, out = place('never')) =>
    (await home.client.publish.plan({ library: home.sample.library, volume: home.sample.volume, format: 'precomputed', metadata: given, out })).value;

  it('says how the volume was made, without naming a folder or a user', async () => {
    const out = place('methods');
    receiptOf(await publish(home, 'precomputed', out));
    const text = readFileSync(join(out, 'lamella-provenance.json'), 'utf8');
    expect(text).not.toContain('ada/');
    expect(text).not.toContain('/home');
    expect(JSON.parse(text)).toMatchObject({
      methods: expect.stringContaining('3 image tiles in 2 sections'),
      steps: [{ step: 'ingest.start', parameters: { layout: 'render:spec.json' } }, { step: 'stitch.start', kernels: { 'correlate-pair': 1 } }, { step: 'stitch.fuse' }],
      sources: { tiles: 3, files: [{ name: 'tile-1.png', sha256: '1'.repeat(64) }, {}, {}] },
    });
  });

  it('takes title and voxel size from the metadata, and warns where the volume has another', async () => {
    const out = place('other-size');
    const job = await publish(home, 'precomputed', out, { ...metadata, voxelSizeNm: [4.6, 4.6, 45] });
    expect(job.state).toBe('done-with-warnings');
    expect(job.warnings[0]?.message).toContain('4.6 x 4.6 x 45');
    const info = JSON.parse(readFileSync(join(out, 'info'), 'utf8')) as { scales: { key: string; resolution: number[]; voxel_offset: number[] }[] };
    expect(info.scales.map(({ key, resolution }) => [key, resolution])).toEqual([['4.6_4.6_45', [4.6, 4.6, 45]], ['9.2_9.2_45', [9.2, 9.2, 45]], ['18.4_18.4_45', [18.4, 18.4, 45]]]);
    expect(info.scales[0]?.voxel_offset).toEqual([-32, 64, 7]);
  });

  it('takes metadata from a file, and names the file and the field that are wrong', async () => {
    const file = place('metadata.json');
    writeFileSync(file, JSON.stringify({ ...metadata, licence: 'CC-BY' }));
    expect((await planned(file)).problems).toEqual([{ field: 'licence', message: expect.stringContaining('"CC-BY" is not an SPDX licence id') }]);
    const failed = await publish(home, 'precomputed', place('bad-metadata'), file);
    expect(failed).toMatchObject({ state: 'failed', error: { tag: 'invalid-input', message: expect.stringContaining('licence') } });
    expect(existsSync(place('bad-metadata'))).toBe(false);
    writeFileSync(file, JSON.stringify(metadata));
    expect((await planned(file)).problems).toEqual([]);
    receiptOf(await publish(home, 'precomputed', place('from-file'), file));
    writeFileSync(file, '{"title": ');
    expect((await planned(file)).problems[0]?.message).toContain('"metadata.json" can\'t be used: it is not JSON');
    expect((await planned(place('missing.json'))).problems[0]?.message).toContain('it is not there');
    expect(await publish(home, 'precomputed', place('x'), place('missing.json'))).toMatchObject({ error: { tag: 'invalid-input', message: expect.stringContaining('missing.json') } });
  });

  it('refuses a folder that holds something else, before and instead of writing', async () => {
    const out = place('holiday');
    mkdirSync(out);
    writeFileSync(join(out, 'beach.jpg'), 'sand');
    expect((await planned(metadata, out)).problems).toEqual([{ field: 'out', message: expect.stringContaining('beach.jpg') }]);
    expect(await publish(home, 'precomputed', out)).toMatchObject({ state: 'failed', error: { tag: 'conflict', message: expect.stringContaining('beach.jpg') } });
    expect(filesBelow(out)).toEqual(['beach.jpg']);

    const taken = place('taken');
    receiptOf(await publish(home, 'ome-zarr', taken));
    expect(await publish(home, 'precomputed', taken)).toMatchObject({ error: { tag: 'conflict', message: expect.stringContaining('ome-zarr') } });
    writeFileSync(join(taken, 'notes.txt'), 'mine');
    expect(await publish(home, 'ome-zarr', taken)).toMatchObject({ error: { tag: 'conflict', message: expect.stringContaining('notes.txt') } });
    expect(readFileSync(join(taken, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('refuses a folder inside the library, and a file', async () => {
    const inside = join(home.sample.library, 'volumes', 'out');
    expect((await planned(metadata, inside)).problems).toEqual([{ field: 'out', message: expect.stringContaining('inside the library') }]);
    expect(await publish(home, 'precomputed', inside)).toMatchObject({ error: { tag: 'invalid-input' } });
    writeFileSync(place('a-file'), 'x');
    expect(await publish(home, 'precomputed', place('a-file'))).toMatchObject({ state: 'failed', error: { tag: expect.stringMatching(/conflict|not-writable|bad-source/) } });
    expect(readFileSync(place('a-file'), 'utf8')).toBe('x');
  });

  it.each(formats)('finds a part that reads back differently, names it, and heals when resumed: %s', async (format) => {
    const out = place(`flipped-${format}`);
    const receipt = receiptOf(await publish(home, format, out));
    const { parts } = JSON.parse(readFileSync(receipt.manifestFile, 'utf8')) as { parts: { path: string; bytes: number }[] };
    const part = parts.find(({ path }) => path.includes('/') && !path.endsWith('.json'))?.path ?? '';
    const bytes = readFileSync(join(out, part));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(join(out, part), bytes);

    const { value } = await home.client.publish.verify({ library: home.sample.library, publication: receipt.publication });
    expect(value).toEqual({ ok: false, parts: parts.length, problems: [expect.stringContaining(part)] });
    const again = await publish(home, format, out);
    expect(again).toMatchObject({ state: 'failed', error: { tag: 'verification-failed', message: expect.stringContaining(part) } });
    expect(existsSync(join(out, 'lamella-receipt.json'))).toBe(false);
    await home.client.job.resume({ library: home.sample.library, job: again.id });
    const healed = receiptOf(await finishedJob(home.client, home.sample.library, again.id));
    expect(healed.manifestSha256).toBe(receipt.manifestSha256);
  });

  it('tells of parts that are gone, cut or added to, and of a changed manifest', async () => {
    const out = place('damaged');
    const { publication, manifestFile } = receiptOf(await publish(home, 'precomputed', out));
    const verify = async () => (await home.client.publish.verify({ library: home.sample.library, publication })).value.problems;
    const chunks = filesBelow(out).filter((path) => path.startsWith('4_4_40/'));
    rmSync(join(out, chunks[0] ?? ''));
    writeFileSync(join(out, chunks[1] ?? ''), 'short');
    appendFileSync(join(out, chunks[2] ?? ''), 'x');
    expect(await verify()).toEqual([`${chunks[0]}: it is not there`, expect.stringContaining(`${chunks[1]}: it has 5 bytes`), expect.stringContaining(`${chunks[2]}: it has more bytes`)]);
    appendFileSync(manifestFile, ' ');
    expect(await verify()).toEqual(['lamella-manifest.json: it is not the one of the receipt']);
  });

  it('never mixes: a chunk that is not what it was stops it by name', async () => {
    const other = await openHome();
    receiptOf(await publish(other, 'precomputed', join(other.folder, 'before')));
    const chunk = join(other.sample.folder, '0/c/0/0/0');
    writeFileSync(chunk, readFileSync(join(other.sample.folder, '0/c/0/1/1')));
    expect(await publish(other, 'ome-zarr', join(other.folder, 'after'))).toMatchObject({ state: 'failed', error: { tag: 'conflict', message: expect.stringContaining('0/c/0/0/0') } });
    expect(existsSync(join(other.folder, 'after', 'zarr.json'))).toBe(false);
    writeFileSync(join(other.sample.folder, '1/c/0/0/0'), 'junk');
    const fresh = await publish(other, 'ome-zarr', join(other.folder, 'third'));
    expect(fresh.state).toBe('failed');
    await other.close();
  });

  it('names a chunk that can not be read, and publishes nothing', async () => {
    const other = await openHome();
    writeFileSync(join(other.sample.folder, '0/c/1/0/0'), 'junk');
    expect(await publish(other, 'ome-zarr', join(other.folder, 'out'))).toMatchObject({ state: 'failed', error: { tag: 'bad-source', message: expect.stringContaining('0/c/1/0/0') } });
    await other.close();
  });
});

describe('a publication that is killed', () => {
  // About 650 parts in some ten units of the ledger.
  const size = { sizeXyz: [300, 260, 20], chunkXyz: [32, 32, 4] } as const;

  it.each(formats)('keeps the units that were done, and ends as one that was not killed: %s', async (format) => {
    const { folder, remove } = newFolder();
    const sample = await makeSampleVolume(folder, size);
    const file = join(folder, 'metadata.json');
    writeFileSync(file, JSON.stringify(metadata));
    const wanted = endOf(await runAndKill([sample.library, sample.volume, format, file, join(folder, 'whole')], Number.POSITIVE_INFINITY));
    const out = join(folder, 'out');
    const random = seededRandom(format.length);
    let [killed, kept] = [0, 0];
    let printed: string | null = null;
    for (let round = 0; round < 12 && printed === null; round++) {
      const before = partsBelow(out);
      printed = await runAndKill([sample.library, sample.volume, format, file, out], round < 6 ? 100 + Math.floor(random() * 150) : Number.POSITIVE_INFINITY);
      if (printed === null) killed++;
      const after = partsBelow(out);
      kept += [...before].filter(([path, inode]) => after.get(path) === inode).length;
    }
    expect(killed).toBeGreaterThan(2);
    expect(kept).toBeGreaterThan(100);
    expect(endOf(printed)).toMatchObject({ manifestSha256: wanted.manifestSha256, parts: wanted.parts, verified: true });
    expect(filesBelow(out)).toEqual(filesBelow(join(folder, 'whole')));
    await expectSameVoxels(sample, format, out);
    remove();
  });
});

function endOf(printed: string | null): Receipt {
  const { state, error, result } = JSON.parse(printed ?? '{}') as { state: string; error: unknown; result: { receipt: Receipt } };
  expect({ state, error }).toEqual({ state: 'done', error: null });
  return result.receipt;
}

/** Parts with the number of the file that holds them: one that was written anew has another. */
const partsBelow = (folder: string): Map<string, number> =>
  new Map(filesBelow(folder).filter((path) => path.includes('/') && !path.endsWith('.json')).map((path) => [path, statSync(join(folder, path)).ino]));

/** Runs the publication in a process of its own, and kills it once it has written `files` files; null = killed. */
function runAndKill(args: readonly string[], files: number): Promise<string | null> {
  const out = args.at(-1) ?? '';
  const begun = Date.now();
  const isNew = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) >= begun;
  const child = spawn(process.execPath, [join(import.meta.dirname, 'publish-child.ts'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (text: Buffer) => (printed += text.toString()));
  const timer = Number.isFinite(files)
    ? setInterval(() => {
        if (filesBelow(out).filter((path) => isNew(join(out, path))).length >= files) child.kill('SIGKILL');
      }, 3)
    : undefined;
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearInterval(timer);
      resolve(code === null ? null : printed);
    });
  });
}

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
if (!canMount) console.warn('skipped: publishing to a small disk (needs root and mount)');

describe.skipIf(!canMount)('publishing to a disk that is too small', () => {
  it('is refused by plan and start, and goes through once there is room', async () => {
    const home = await openHome();
    const disk = join(home.folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk]);
    try {
      const out = join(disk, 'out');
      const { value: plan } = await home.client.publish.plan({ library: home.sample.library, volume: home.sample.volume, format: 'precomputed', metadata, out });
      expect(plan.freeBytes).toBeLessThan(plan.bytesAtMost);
      expect(plan.problems).toEqual([{ field: 'out', message: expect.stringContaining('bytes free') }]);
      const job = await publish(home, 'precomputed', out);
      expect(job).toMatchObject({ state: 'failed', error: { tag: 'disk-full' } });
      execFileSync('mount', ['-o', 'remount,size=16m', disk]);
      await home.client.job.resume({ library: home.sample.library, job: job.id });
      receiptOf(await finishedJob(home.client, home.sample.library, job.id));
    } finally {
      execFileSync('umount', [disk]);
      await home.close();
    }
  });
});
