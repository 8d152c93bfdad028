// The engine as the window has it: grants instead of paths, over a wire; and over restarts.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { api } from '../../preload/contract/api.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { createClient } from '../../preload/contract/rpc.ts';
import { createEngine } from '../../main/engine/index.ts';
import type { Engine } from '../../main/engine/index.ts';
import { portPair } from '../../main/engine/port-pair.ts';
import { acquireTiles } from './acquisition.ts';
import { followJob, resultOf } from './follow-job.ts';
import { tempFolder } from './temp-library.ts';

const granted = (n: number): string => `grant:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

interface Window {
  readonly engine: Engine;
  readonly client: LamellaClient;
}

function openWindow(folder: string, settings = join(folder, 'settings')): Window {
  const engine = createEngine({ threads: 2, folder: settings });
  onTestFinished(() => engine.close());
  const [ours, theirs] = portPair();
  engine.connect(ours, 'window');
  engine.grant(granted(1), join(folder, 'library'));
  engine.grant(granted(2), join(folder, 'tiles'));
  return { engine, client: createClient(theirs, api) };
}

describe('the window', () => {
  test('opens, imports, undoes and redoes with grants alone', async () => {
    const folder = tempFolder();
    acquireTiles(join(folder, 'tiles'), { rows: 2, cols: 2 });
    const { client } = openWindow(folder);
    const { library, name } = await client.library.open({ library: granted(1) });
    expect(library).toMatch(/^library-/);
    expect(name).toBe('library');
    const layout = 'tiles:TileConfiguration.txt';
    const { dataset } = await resultOf<{ dataset: string }>(
      client,
      library,
      client.ingest.start({ library, source: granted(2), layout }),
    );
    expect((await client.library.info({ library })).value.datasets).toMatchObject([
      { id: dataset, tiles: 4, sourceName: 'tiles' },
    ]);
    const { label } = await client.library.undo({ library });
    expect(label).not.toBeNull();
    expect((await client.library.info({ library })).value).toMatchObject({ datasets: [], redo: label });
    await client.library.redo({ library });
    expect((await client.library.info({ library })).value.datasets).toHaveLength(1);
    const { entries } = (await client.library.history({ library })).value;
    expect(entries).toMatchObject([{ label, undone: false }]);
  });

  test('gets a grant for the folder that a job made, and can import from it', async () => {
    const { client } = openWindow(tempFolder());
    const { library } = await client.library.open({ library: granted(1) });
    const made = await resultOf<{ source: string; layout: string }>(
      client,
      library,
      client.sample.make({ library, sections: 1, rows: 2, cols: 2, tilePx: 128 }),
    );
    expect(made.source).toMatch(/^grant:/);
    const imported = await resultOf<{ tiles: number }>(
      client,
      library,
      client.ingest.start({ library, source: made.source, layout: made.layout }),
    );
    expect(imported.tiles).toBe(4);
  });

  test('finds its library again by its id after the engine was started anew, and its job goes on by itself', async () => {
    const folder = tempFolder();
    const first = openWindow(folder);
    const { library } = await first.client.library.open({ library: granted(1) });
    const { job } = await first.client.sample.make({ library, sections: 16, tilePx: 256 });
    await first.client.job.list({ library });
    await first.engine.close();
    const second = openWindow(folder);
    expect((await second.client.home.recent({})).value.libraries).toMatchObject([{ library, present: true }]);
    const ended = await followJob(second.client, library, Promise.resolve({ job }));
    expect(ended.state).toMatch(/^done/);
    expect(await second.client.home.forget({ library })).toEqual({ forgotten: true });
    expect((await second.client.home.recent({})).value.libraries).toEqual([]);
  });

  test('opens nothing that is not there by asking about it', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'library'));
    const { client } = openWindow(folder);
    await expect(client.library.info({ library: granted(1) })).rejects.toMatchObject({ tag: 'not-found' });
    await expect(client.library.open({ library: granted(1), create: false })).rejects.toMatchObject({
      tag: 'not-found',
    });
  });
});

describe('a job', () => {
  test('can be paused, resumed and cancelled over the wire', async () => {
    const { client } = openWindow(tempFolder());
    const { library } = await client.library.open({ library: granted(1) });
    const { job } = await client.sample.make({ library, sections: 32, tilePx: 256 });
    expect(await client.job.pause({ library, job })).toMatchObject({ state: 'paused' });
    expect(await client.job.resume({ library, job })).toMatchObject({ state: 'queued' });
    expect(await client.job.cancel({ library, job })).toMatchObject({
      state: 'cancelled',
      error: { tag: 'cancelled' },
    });
    await expect(client.job.pause({ library, job })).rejects.toMatchObject({ tag: 'conflict' });
    await expect(client.job.cancel({ library, job: 'job-none' })).rejects.toMatchObject({ tag: 'not-found' });
  });

  test('goes on in a library that is closed and opened again', async () => {
    const { client } = openWindow(tempFolder());
    const { library } = await client.library.open({ library: granted(1) });
    const { job } = await client.sample.make({ library, sections: 16, tilePx: 256 });
    expect(await client.library.close({ library })).toEqual({ closed: true });
    expect(await client.library.close({ library })).toEqual({ closed: false });
    await client.library.open({ library: granted(1) });
    expect((await followJob(client, library, Promise.resolve({ job }))).state).toMatch(/^done/);
  });
});

test('a client whose engine closed its port is told so', async () => {
  const engine = createEngine({ threads: 1 });
  const [ours, theirs] = portPair();
  engine.connect(ours, 'trusted');
  const client = createClient(theirs, api);
  await client.home.recent({});
  ours.close();
  await expect(client.home.recent({})).rejects.toMatchObject({ tag: 'worker-died' });
  await engine.close();
});

test('the port of the thread that draws answers for bricks, and for nothing else', async () => {
  const folder = tempFolder();
  const { engine, client } = openWindow(folder);
  const { library } = await client.library.open({ library: granted(1) });
  const [ours, theirs] = portPair();
  engine.connect(ours, 'window', ['view.bricks']);
  const drawing = createClient(theirs, api);
  const none = { tag: 'not-found', message: expect.stringMatching(/^There is no procedure/) as unknown };
  await expect(drawing.home.recent({})).rejects.toMatchObject(none);
  await expect(drawing.library.close({ library })).rejects.toMatchObject(none);
  const { signal } = new AbortController();
  const volume = 'volume-000000000000';
  const bricks = drawing.view.bricks({ library, volume, bricks: [[0, 0, 0, 0]] }, { signal, onValue: () => undefined });
  await expect(bricks).rejects.toMatchObject({ message: expect.stringContaining(volume) as unknown });
  expect(await client.library.close({ library })).toEqual({ closed: true });
});
