import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acquireTiles } from './acquisition.ts';
import { importTiles, type TempEngine, tempEngine } from './temp-engine.ts';

async function fusedVolume(at: TempEngine): Promise<string> {
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 2, cols: 2 });
  const { dataset } = await importTiles(at, source);
  const { stack } = await at.result<{ stack: string }>(at.client.stitch.start({ library: at.library, dataset }));
  return (await at.result<{ volume: string }>(at.client.stitch.fuse({ library: at.library, stack }))).volume;
}

const volumesOf = async ({ client, library }: TempEngine): Promise<string[]> =>
  (await client.library.info({ library })).value.volumes.map(({ id }) => id);

test('a volume that is removed can be had back by undo, until its files are swept on purpose', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const volume = await fusedVolume(at);
  const folder = join(library, 'volumes', volume);
  expect(await client.volume.remove({ library, volume })).toEqual({ removed: true });
  expect(await volumesOf(at)).toEqual([]);
  await expect(client.view.volume({ library, volume })).rejects.toThrow(`no volume ${volume}`);
  expect(await client.library.sweep({ library })).toEqual({ files: 0, bytes: 0, folders: [] });
  expect((await client.library.undo({ library })).label).toMatch(/^Remove /);
  expect(await volumesOf(at)).toEqual([volume]);
  expect((await client.library.check({ library })).value.ok).toBe(true);
  expect((await client.library.sweep({ library, alsoRemoved: true })).folders).toEqual([]);

  await client.volume.remove({ library, volume });
  const planned = await client.library.sweep({ library, alsoRemoved: true, dryRun: true });
  expect(planned.folders).toEqual([volume]);
  expect([planned.files > 1, planned.bytes > 1000, existsSync(folder)]).toEqual([true, true, true]);
  expect(await client.library.sweep({ library, alsoRemoved: true })).toEqual(planned);
  expect(existsSync(folder)).toBe(false);
  await client.library.undo({ library });
  expect((await client.library.check({ library })).value.problems[0]).toContain('has no zarr.json');
});

test('what no volume has goes, and so does what an earlier sweep left; the rest stays', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const volume = await fusedVolume(at);
  const put = (name: string): void => {
    mkdirSync(join(library, 'volumes', name, 'c'), { recursive: true });
    writeFileSync(join(library, 'volumes', name, 'c', '0'), 'abc');
  };
  for (const name of ['volume-000000000000', '.swept-1', 'my-own-notes']) put(name);
  expect(await client.library.sweep({ library })).toEqual({
    files: 2,
    bytes: 6,
    folders: ['.swept-1', 'volume-000000000000'],
  });
  expect(existsSync(join(library, 'volumes', 'my-own-notes', 'c', '0'))).toBe(true);
  expect(await volumesOf(at)).toEqual([volume]);
  expect((await client.library.check({ library })).value.ok).toBe(true);
});

test('a fuse that is paused keeps its files; cancelled and swept, it makes them again', async () => {
  const at = tempEngine();
  const { client, library } = at;
  await fusedVolume(at);
  const { stacks } = (await client.library.info({ library })).value;
  const { job } = await client.stitch.fuse({ library, stack: stacks[0]?.id ?? '', name: 'second' });
  await client.job.pause({ library, job });
  const before = await client.library.sweep({ library, dryRun: true });
  expect(before.folders).toEqual([]);
  await client.job.cancel({ library, job });
  await client.library.sweep({ library });
  const { volume } = await at.result<{ volume: string }>(client.job.resume({ library, job }).then(() => ({ job })));
  expect(await volumesOf(at)).toContain(volume);
  expect((await client.library.check({ library })).value).toEqual({ ok: true, problems: [] });
});
