import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isLamellaError } from '../../preload/contract/errors.ts';
import type { ErrorTag } from '../../preload/contract/errors.ts';
import { createEngine } from '../../main/engine/index.ts';
import { Library } from '../../main/engine/store/library.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { acquireTiles } from './acquisition.ts';
import { acquireBlocks } from './block-acquisition.ts';
import { filesOf } from './files-of-volume.ts';
import { followJob, resultOf } from './follow-job.ts';
import { canMount, smallDisk } from './small-disk.ts';
import { addJob, libraryOptions, tempFolder, tempLibrary } from './temp-library.ts';

function tagOf(work: () => unknown): ErrorTag | null {
  try {
    work();
    return null;
  } catch (error) {
    if (isLamellaError(error)) return error.tag;
    throw error;
  }
}

/** Writes until the disk is full; the file can be deleted to make room again. */
function fill(folder: string): string {
  const file = join(folder, 'filler');
  try {
    for (let i = 0; ; i++) writeFileSync(file, new Uint8Array(4096), { flag: 'a' });
  } catch {
    return file;
  }
}

describe.skipIf(!canMount())('a full disk', () => {
  test('is named, loses nothing that was saved, and is forgotten once there is room', () => {
    const { folder } = smallDisk(2 << 20);
    const library = tempLibrary(join(folder, 'library'));
    const job = addJob(library);
    const filler = fill(folder);
    const put = (i: number): number =>
      library.record((tx) =>
        tx.run('INSERT INTO unit VALUES (?, ?, ?, NULL, ?)', `key ${i}`, job, 'x'.repeat(3000), ''),
      );
    let saved = 0;
    const failed = tagOf(() => {
      for (; saved < 2000; saved++) put(saved);
    });
    expect(failed).toBe('disk-full');
    expect(library.read.get('SELECT count(*) AS n FROM unit')).toEqual({ n: saved });
    library.cache.put('brick', new Uint8Array(500_000));
    rmSync(filler);
    put(saved);
    expect(library.read.get('SELECT count(*) AS n FROM unit')).toEqual({ n: saved + 1 });
    expect(library.problems()).toEqual([]);
  });

  test('fails the making of a library by its name', () => {
    const { folder } = smallDisk(64 << 10);
    fill(folder);
    expect(tagOf(() => Library.open(libraryOptions(join(folder, 'library'))))).toBe('disk-full');
  });

  test('fails a job by its name, and the job goes on once there is room', async () => {
    const { folder } = smallDisk(4 << 20);
    const library = join(folder, 'library');
    const engine = createEngine({ threads: 2 });
    onTestFinished(() => engine.close());
    const client = engine.client();
    await client.library.open({ library });
    const filler = fill(folder);
    truncateSync(filler, statSync(filler).size - (300 << 10));
    const job = await followJob(
      client,
      library,
      client.sample.make({ library, sections: 1, rows: 2, cols: 2, tilePx: 512 }),
    );
    expect([job.state, job.error?.tag]).toEqual(['failed', 'disk-full']);
    rmSync(filler);
    const again = await followJob(
      client,
      library,
      client.job.resume({ library, job: job.id }).then(() => ({ job: job.id })),
    );
    expect(again.state).toMatch(/^done/);
  });
});

describe.skipIf(!canMount())('a disk that fills mid-fuse', () => {
  test.each(['tiles', 'blocks'] as const)('is named, and fused %s go on once there is room', async (what) => {
    const { folder } = smallDisk(8 << 20);
    const library = join(folder, 'library');
    const engine = createEngine({ threads: 2 });
    onTestFinished(() => engine.close());
    const client = engine.client();
    const source = join(tempFolder(), what);
    const start = await (what === 'tiles'
      ? derivedStack(client, library, source)
      : blockStack(client, library, source));
    const filler = fill(folder);
    truncateSync(filler, statSync(filler).size - (200 << 10));
    const job = await followJob(client, library, start());
    expect([job.state, job.error?.tag]).toEqual(['failed', 'disk-full']);
    expect(job.error?.message).toMatch(/full: ".+" was not written|no room left on the disk for .*library\.db/);
    expect(job.error?.hint).toMatch(/^Free some space/);
    // Half a volume is none: nobody takes it for one.
    expect((await client.library.info({ library })).value.volumes).toEqual([]);
    rmSync(filler);
    const resumed = client.job.resume({ library, job: job.id }).then(() => ({ job: job.id }));
    const { volume } = await resultOf<{ volume: string }>(client, library, resumed);
    const { volume: undisturbed } = await resultOf<{ volume: string }>(client, library, start());
    expect(filesOf(library, volume)).toEqual(filesOf(library, undisturbed));
    expect((await client.library.check({ library })).value).toEqual({ ok: true, problems: [] });
  });
});

type StartOfJob = () => Promise<{ readonly job: string }>;

/** Stitched, then solved again: what is fused is a version that was made of another. */
async function derivedStack(client: LamellaClient, library: string, source: string): Promise<StartOfJob> {
  acquireTiles(source, { rows: 2, cols: 2, tilePx: 400 });
  const result = <T>(started: Promise<{ readonly job: string }>): Promise<T> => resultOf<T>(client, library, started);
  const layout = 'tiles:TileConfiguration.txt';
  const { dataset } = await result<{ dataset: string }>(client.ingest.start({ library, source, layout }));
  const { stack } = await result<{ stack: string }>(client.stitch.start({ library, dataset }));
  const solved = await result<{ stack: string }>(client.solve.start({ library, stack, model: 'affine' }));
  return () => client.stitch.fuse({ library, stack: solved.stack });
}

async function blockStack(client: LamellaClient, library: string, source: string): Promise<StartOfJob> {
  acquireBlocks(source, { rows: 1, columns: 2, sizeXyz: [72, 64, 48], overlap: 24, errorVox: 2, seed: 5 });
  const result = <T>(started: Promise<{ readonly job: string }>): Promise<T> => resultOf<T>(client, library, started);
  const imported = client.block.import({ library, source, layout: 'folders', voxelSizeNm: [500, 500, 1000] });
  const { set } = await result<{ set: string }>(imported);
  const { stack } = await result<{ stack: string }>(client.block.stitch({ library, set, searchVox: [8, 8, 8] }));
  return () => client.block.fuse({ library, stack });
}

describe.skipIf(!canMount())('a read-only disk', () => {
  test('holds a library that can be read, with what lies in its log', async () => {
    const disk = smallDisk(4 << 20);
    const folder = join(disk.folder, 'library');
    const library = Library.open(libraryOptions(folder));
    addJob(library);
    library.close();
    disk.makeReadOnly();
    const engine = createEngine({ threads: 1 });
    onTestFinished(() => engine.close());
    const client = engine.client();
    expect((await client.library.info({ library: folder })).value.readOnly).toBe(true);
    expect((await client.job.list({ library: folder })).value.jobs).toHaveLength(1);
    await expect(client.library.undo({ library: folder })).rejects.toMatchObject({ tag: 'not-writable' });
    await expect(client.sample.make({ library: folder })).rejects.toMatchObject({ tag: 'not-writable' });
  });

  test('takes no new library', () => {
    const disk = smallDisk(1 << 20);
    disk.makeReadOnly();
    expect(tagOf(() => Library.open(libraryOptions(join(disk.folder, 'library'))))).toBe('not-writable');
  });
});
