import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tasks } from '../../native-workers/tasks.ts';
import { finishedJob } from './finished-job.ts';
import { filesBelow, formats, metadata, openHome, publish, receiptOf, type Home } from './publish-home.ts';

describe('publishing', () => {
  let home: Home;
  beforeAll(async () => {
    home = await openHome();
  });
  afterAll(() => home.close());
  const place = (name: string): string => join(home.folder, name);
  const planned = async (given: unknown, out = place('never')) =>
    (
      await home.client.publish.plan({
        library: home.sample.library,
        volume: home.sample.volume,
        format: 'precomputed',
        metadata: given,
        out,
      })
    ).value;

  it('says how the volume was made, without naming a folder or a user', async () => {
    const out = place('methods');
    receiptOf(await publish(home, 'precomputed', out));
    const text = readFileSync(join(out, 'lamella-provenance.json'), 'utf8');
    expect(text).not.toContain('ada/');
    expect(text).not.toContain('/home');
    expect(JSON.parse(text)).toMatchObject({
      methods: expect.stringContaining('3 image tiles in 2 sections'),
      steps: [
        { step: 'ingest.start', parameters: { layout: 'render:spec.json' } },
        { step: 'stitch.start', kernels: { 'correlate-pair': tasks['correlate-pair'].version } },
        { step: 'stitch.fuse' },
      ],
      sources: { tiles: 3, files: [{ name: 'tile-1.png', sha256: '1'.repeat(64) }, {}, {}] },
    });
  });

  it('takes title and voxel size from the metadata, and warns where the volume has another', async () => {
    const out = place('other-size');
    const job = await publish(home, 'precomputed', out, { ...metadata, voxelSizeNm: [4.6, 4.6, 45] });
    expect(job.state).toBe('done-with-warnings');
    expect(job.warnings[0]?.message).toContain('4.6 x 4.6 x 45');
    const info = JSON.parse(readFileSync(join(out, 'info'), 'utf8')) as {
      scales: { key: string; resolution: number[]; voxel_offset: number[] }[];
    };
    expect(info.scales.map(({ key, resolution }) => [key, resolution])).toEqual([
      ['4.6_4.6_45', [4.6, 4.6, 45]],
      ['9.2_9.2_45', [9.2, 9.2, 45]],
      ['18.4_18.4_45', [18.4, 18.4, 45]],
    ]);
    expect(info.scales[0]?.voxel_offset).toEqual([-32, 64, 7]);
  });

  it('takes metadata from a file, and names the file and the field that are wrong', async () => {
    const file = place('metadata.json');
    writeFileSync(file, JSON.stringify({ ...metadata, licence: 'CC-BY' }));
    expect((await planned(file)).problems).toEqual([
      { field: 'licence', message: expect.stringContaining('"CC-BY" is not an SPDX licence id') },
    ]);
    const failed = await publish(home, 'precomputed', place('bad-metadata'), file);
    expect(failed).toMatchObject({
      state: 'failed',
      error: { tag: 'invalid-input', message: expect.stringContaining('licence') },
    });
    expect(existsSync(place('bad-metadata'))).toBe(false);
    writeFileSync(file, JSON.stringify(metadata));
    expect((await planned(file)).problems).toEqual([]);
    receiptOf(await publish(home, 'precomputed', place('from-file'), file));
    writeFileSync(file, '{"title": ');
    expect((await planned(file)).problems[0]?.message).toContain('"metadata.json" can\'t be used: it is not JSON');
    expect((await planned(place('missing.json'))).problems[0]?.message).toContain('it is not there');
    expect(await publish(home, 'precomputed', place('x'), place('missing.json'))).toMatchObject({
      error: { tag: 'invalid-input', message: expect.stringContaining('missing.json') },
    });
  });

  it('refuses a folder that holds something else, before and instead of writing', async () => {
    const out = place('holiday');
    mkdirSync(out);
    writeFileSync(join(out, 'beach.jpg'), 'sand');
    expect((await planned(metadata, out)).problems).toEqual([
      { field: 'out', message: expect.stringContaining('beach.jpg') },
    ]);
    expect(await publish(home, 'precomputed', out)).toMatchObject({
      state: 'failed',
      error: { tag: 'conflict', message: expect.stringContaining('beach.jpg') },
    });
    expect(filesBelow(out)).toEqual(['beach.jpg']);

    const taken = place('taken');
    receiptOf(await publish(home, 'ome-zarr', taken));
    expect(await publish(home, 'precomputed', taken)).toMatchObject({
      error: { tag: 'conflict', message: expect.stringContaining('ome-zarr') },
    });
    writeFileSync(join(taken, 'notes.txt'), 'mine');
    expect(await publish(home, 'ome-zarr', taken)).toMatchObject({
      error: { tag: 'conflict', message: expect.stringContaining('notes.txt') },
    });
    expect(readFileSync(join(taken, 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('refuses a folder inside the library, and a file', async () => {
    const inside = join(home.sample.library, 'volumes', 'out');
    expect((await planned(metadata, inside)).problems).toEqual([
      { field: 'out', message: expect.stringContaining('inside the library') },
    ]);
    expect(await publish(home, 'precomputed', inside)).toMatchObject({ error: { tag: 'invalid-input' } });
    writeFileSync(place('a-file'), 'x');
    expect(await publish(home, 'precomputed', place('a-file'))).toMatchObject({
      state: 'failed',
      error: { tag: expect.stringMatching(/conflict|not-writable|bad-source/) },
    });
    expect(readFileSync(place('a-file'), 'utf8')).toBe('x');
  });

  it.each(formats)('finds a part that reads back differently, names it, and heals when resumed: %s', async (format) => {
    const out = place(`flipped-${format}`);
    const receipt = receiptOf(await publish(home, format, out));
    const { parts } = JSON.parse(readFileSync(receipt.manifestFile, 'utf8')) as {
      parts: { path: string; bytes: number }[];
    };
    const part = parts.find(({ path }) => path.includes('/') && !path.endsWith('.json'))?.path ?? '';
    flipByte(join(out, part));

    const { value } = await home.client.publish.verify({
      library: home.sample.library,
      publication: receipt.publication,
    });
    expect(value).toEqual({ ok: false, parts: parts.length, problems: [expect.stringContaining(part)] });
    const again = await publish(home, format, out);
    expect(again).toMatchObject({
      state: 'failed',
      error: { tag: 'verification-failed', message: expect.stringContaining(part) },
    });
    expect(existsSync(join(out, 'lamella-receipt.json'))).toBe(false);
    await home.client.job.resume({ library: home.sample.library, job: again.id });
    const healed = receiptOf(await finishedJob(home.client, home.sample.library, again.id));
    expect(healed.manifestSha256).toBe(receipt.manifestSha256);
  });

  it('tells of parts that are gone, cut or added to, and of a changed manifest', async () => {
    const out = place('damaged');
    const { publication, manifestFile } = receiptOf(await publish(home, 'precomputed', out));
    const verify = async () =>
      (await home.client.publish.verify({ library: home.sample.library, publication })).value.problems;
    const chunks = filesBelow(out).filter((path) => path.startsWith('4_4_40/'));
    rmSync(join(out, chunks[0] ?? ''));
    writeFileSync(join(out, chunks[1] ?? ''), 'short');
    appendFileSync(join(out, chunks[2] ?? ''), 'x');
    expect(await verify()).toEqual([
      `${chunks[0]}: it is not there`,
      expect.stringContaining(`${chunks[1]}: it has 5 bytes`),
      expect.stringContaining(`${chunks[2]}: it has more bytes`),
    ]);
    appendFileSync(manifestFile, ' ');
    expect(await verify()).toEqual(['lamella-manifest.json: it is not the one of the receipt']);
  });

  it('never mixes: a chunk that is not what it was stops it by name', async () => {
    const other = await openHome();
    receiptOf(await publish(other, 'precomputed', join(other.folder, 'before')));
    flipByte(join(other.sample.folder, '0/c/0/0/0'));
    expect(await publish(other, 'ome-zarr', join(other.folder, 'after'))).toMatchObject({
      state: 'failed',
      error: { tag: 'conflict', message: expect.stringContaining('0/c/0/0/0') },
    });
    expect(existsSync(join(other.folder, 'after', 'zarr.json'))).toBe(false);
    await other.close();
  });

  it.each(formats)('names a chunk that can not be read, or is gone, and publishes nothing: %s', async (format) => {
    const other = await openHome();
    const out = join(other.folder, 'out');
    flipByte(join(other.sample.folder, '0/c/1/0/0'));
    expect(await publish(other, format, out)).toMatchObject({
      state: 'failed',
      error: { tag: 'bad-source', message: expect.stringContaining('0/c/1/0/0') },
    });
    writeFileSync(join(other.sample.folder, '1/c/0/0/0'), 'junk');
    rmSync(join(other.sample.folder, '0/c/0/1/1'));
    const failed = await publish(other, format, out);
    expect(failed).toMatchObject({ state: 'failed', error: { tag: 'library-damaged', fields: { chunks: 2 } } });
    const { value } = await other.client.library.check({ library: other.sample.library });
    expect(value.problems).toEqual([
      expect.stringContaining('0/c/0/1/1 is gone'),
      expect.stringContaining('1/c/0/0/0 has 4 bytes'),
    ]);
    expect(filesBelow(out).filter((path) => path.endsWith('info') || path.endsWith('zarr.json'))).toEqual([]);
    await other.close();
  });
});

function flipByte(file: string): void {
  const bytes = readFileSync(file);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(file, bytes);
}

const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
if (!canMount) console.warn('skipped: publishing to a small disk (needs root and mount)');

describe.skipIf(!canMount)('publishing to a disk that is too small', () => {
  it('is refused by plan and start, and goes through once there is room', async () => {
    const home = await openHome();
    const disk = join(home.folder, 'disk');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk]);
    try {
      const out = join(disk, 'out');
      const { value: plan } = await home.client.publish.plan({
        library: home.sample.library,
        volume: home.sample.volume,
        format: 'precomputed',
        metadata,
        out,
      });
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
