// Whatever lies in place of a chunk, reading it ends soon, with its name, and never as zeros.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { finishedJob } from './finished-job.ts';
import { writeSynthetic } from './synthetic-volume.ts';
import { tempEngine } from './temp-engine.ts';

const chunk = '8_8_8/128-150_0-128_0-40';
const kinds: readonly (readonly [name: string, put: (path: string) => void])[] = [
  ['a folder', (path) => mkdirSync(path)],
  ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ['a device', (path) => symlinkSync('/dev/zero', path)],
  ['links in a circle', (path) => symlinkSync(path, path)],
];

test.skipIf(process.platform === 'win32').each(kinds)(
  '%s in place of a chunk is damage to cutouts, conversions and audits',
  async (_name, put) => {
    const at = tempEngine();
    const { client, library, result } = at;
    const source = join(at.folder, 'volume');
    writeSynthetic(source, [150, 130, 40]);
    rmSync(join(source, chunk));
    put(join(source, chunk));
    const named = { tag: 'bad-source', message: expect.stringContaining(chunk) as string };
    await expect(client.volume.cutout({ source, box: '0:150,0:130,0:40' })).rejects.toMatchObject(named);
    const out = join(at.folder, 'out');
    await expect(result(client.volume.convert({ library, source, out, format: 'n5' }))).rejects.toMatchObject(named);
    const seen = await result(client.volume.audit({ library, source }));
    expect(seen).toMatchObject({ ok: false, levels: [{ missing: 0, damaged: 1 }], problems: [{ key: chunk }] });
  },
);

test('a volume with a damaged chunk can be added and looked at, and says which', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const source = join(at.folder, 'volume');
  writeSynthetic(source, [150, 130, 40]);
  truncateSync(join(source, chunk), 0);
  const { job } = await client.volume.add({ library, source, pyramid: 'none' });
  const ended = await finishedJob(client, library, job);
  expect(ended.warnings.map(({ message }) => message).join()).toContain(chunk);
  const { volume } = ended.result as { volume: string };
  const cut = (box: string) => client.volume.cutout({ library, source: volume, box });
  expect((await cut('0:128,0:128,0:40')).value.dtype).toBe('uint8');
  await expect(cut('0:150,0:128,0:40')).rejects.toMatchObject({ tag: 'bad-source' });
  const [one] = (await client.library.info({ library })).value.volumes;
  expect(one?.window).toEqual([0, 255]);
});

test('coarse levels are not made of damage, and adding says how to do without them', async () => {
  const { client, library, folder, result } = tempEngine();
  const source = join(folder, 'volume');
  writeSynthetic(source, [260, 260, 250]);
  truncateSync(join(source, '8_8_8', '0-128_0-128_0-128'), 100);
  await expect(result(client.volume.add({ library, source }))).rejects.toMatchObject({
    tag: 'bad-source',
    message: expect.stringContaining('0-128_0-128_0-128') as string,
    hint: expect.stringContaining('--pyramid none') as string,
  });
});
