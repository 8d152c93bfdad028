// Volumes on a server: seen without it once they were seen with it, and who may name a server of this computer.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import { portPair } from '../../main/engine/port-pair.ts';
import { api } from '../../preload/contract/api.ts';
import { createClient } from '../../preload/contract/rpc.ts';
import { faultServer, type FaultServer } from '../sources/fault-server.ts';
import { resultOf } from './follow-job.ts';
import { writeSynthetic } from './synthetic-volume.ts';
import { tempFolder } from './temp-library.ts';

/** Serves a folder as it is now. */
async function served(folder: string): Promise<FaultServer> {
  const server = await faultServer();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (statSync(join(folder, name)).isFile())
      server.files.set(`/volume/${name}`, { bytes: readFileSync(join(folder, name)), version: '1' });
  return server;
}

const impatient = {
  timeouts: { connect: 300, firstByte: 300, idle: 300 },
  backoff: { baseMs: 1, capMs: 5, patienceMs: 300 },
};

function openEngine() {
  const engine = createEngine({ threads: 2, network: impatient });
  onTestFinished(() => engine.close());
  return engine;
}

test('what was seen is there without the server, also after a restart; what was not is counted, and annotating goes on', async () => {
  const folder = tempFolder();
  writeSynthetic(join(folder, 'volume'), [300, 200, 100]);
  const server = await served(join(folder, 'volume'));
  const library = join(folder, 'library');
  const source = `precomputed://${server.origin}/volume`;
  const seen: [number, number, number, number][] = [
    [0, 0, 0, 0],
    [0, 1, 1, 0],
  ];
  const unseen: [number, number, number, number][] = [[0, 4, 3, 1]];

  const first = openEngine();
  const client = first.client();
  await expect(client.volume.describe({ source })).rejects.toMatchObject({ tag: 'forbidden' });
  expect((await client.volume.describe({ source, allowPrivate: true })).value.format).toBe('precomputed');
  const { volume } = await resultOf<{ volume: string }>(
    client,
    library,
    client.volume.add({ library, source, allowPrivate: true, pyramid: 'none' }),
  );
  const count = async (from: typeof client, bricks: [number, number, number, number][]) => {
    const total = { bricks: 0, offline: 0 };
    await from.view.bricks(
      { library, volume, bricks },
      {
        signal: new AbortController().signal,
        onValue: (value) => {
          total.bricks += value.bricks;
          total.offline += value.offline;
        },
      },
    );
    return total;
  };
  await client.volume.cache({ library, clear: true });
  await client.volume.refresh({ library, volume });
  expect(await count(client, seen)).toEqual({ bricks: 2, offline: 0 });
  await first.close();
  await server.close();

  const second = openEngine().client();
  const asked = server.seen.length;
  expect(await count(second, seen)).toEqual({ bricks: 2, offline: 0 });
  expect(await count(second, [...seen, ...unseen])).toEqual({ bricks: 2, offline: 1 });
  expect(server.seen.length).toBe(asked);
  await second.annotate.add({ library, volume, kind: 'point', pointsNm: [[80, 80, 80]] });
  expect((await second.library.undo({ library })).label).not.toBeNull();
  expect((await second.view.volume({ library, volume })).value.source.kind).toBe('remote');
});

test('the window may only read from a server of this computer that the user has allowed', async () => {
  const folder = tempFolder();
  writeSynthetic(join(folder, 'volume'), [64, 64, 64]);
  const server = await served(join(folder, 'volume'));
  onTestFinished(() => server.close());
  const engine = openEngine();
  const [ours, theirs] = portPair();
  engine.connect(ours, 'window');
  const window = createClient(theirs, api);
  const source = `${server.origin}/volume`;
  const describe = () => window.volume.describe({ source, allowPrivate: true });
  await expect(describe()).rejects.toMatchObject({ tag: 'forbidden', message: expect.stringContaining('allowed') });
  await expect(window.volume.describe({ source: join(folder, 'volume') })).rejects.toMatchObject({ tag: 'forbidden' });
  engine.allowOrigin(server.origin);
  expect((await describe()).value.levels[0]?.size).toEqual([64, 64, 64]);
  await expect(
    window.volume.describe({ source: `http://127.0.0.1:${server.port + 1}/volume`, allowPrivate: true }),
  ).rejects.toMatchObject({ tag: 'forbidden' });
  engine.grant('grant:00000000-0000-4000-8000-000000000001', join(folder, 'volume'));
  const granted = await window.volume.describe({ source: 'precomputed:grant:00000000-0000-4000-8000-000000000001' });
  expect(granted.value.format).toBe('precomputed');
});
