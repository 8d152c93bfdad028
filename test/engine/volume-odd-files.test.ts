// Whatever lies in place of a chunk, reading it ends soon, with its name, and never as zeros.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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
