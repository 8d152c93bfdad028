// A careless --out must destroy nothing.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { acquireTiles } from './acquisition.ts';
import { importTiles, tempEngine } from './temp-engine.ts';

test('exports replace their own kind of file and nothing else', async () => {
  const at = tempEngine();
  const { client, library, folder } = at;
  const source = join(folder, 'tiles');
  acquireTiles(source, { rows: 1, cols: 2 });
  const { dataset } = await importTiles(at, source);
  const { stack } = await at.result<{ stack: string }>(client.stitch.start({ library, dataset }));
  const { volume } = await at.result<{ volume: string }>(client.stitch.fuse({ library, stack }));
  const cutout = (out: string): Promise<unknown> =>
    client.volume.cutout({ library, source: volume, box: '0:8,0:8,0:1', level: 0, out });
  const refused = async (out: string, tag: string, text: RegExp): Promise<void> => {
    const bytes = statSync(out).isFile() ? readFileSync(out) : null;
    await expect(cutout(out)).rejects.toMatchObject({ tag, message: expect.stringMatching(text) as string });
    if (bytes) expect(readFileSync(out)).toEqual(bytes);
  };

  await cutout(join(folder, 'cut.npy'));
  await cutout(join(folder, 'cut.npy'));
  writeFileSync(join(folder, 'thesis.docx'), 'years of work');
  mkdirSync(join(folder, 'folder.npy'));
  execFileSync('mkfifo', [join(folder, 'pipe.npy')]);
  symlinkSync(join(library, 'library.db'), join(folder, 'link.npy'));
  await refused(join(library, 'library.db'), 'invalid-input', /inside the library/);
  await refused(join(folder, 'link.npy'), 'invalid-input', /inside the library/);
  await refused(join(source, 'TileConfiguration.txt'), 'conflict', /sources/);
  await refused(join(folder, 'thesis.docx'), 'conflict', /another kind/);
  await refused(join(folder, 'folder.npy'), 'conflict', /folder/);
  await refused(join(folder, 'pipe.npy'), 'conflict', /no ordinary file/);
  expect(statSync(join(folder, 'pipe.npy')).isFIFO()).toBe(true);

  const looped = join(folder, 'loop.npy');
  symlinkSync(looped, looped);
  for (const out of [looped, join(folder, `${'a'.repeat(300)}.npy`)])
    await expect(cutout(out)).rejects.toMatchObject({
      tag: 'not-writable',
      message: expect.stringContaining(out) as string,
    });

  const csv = client.annotate.export({ library, volume, out: join(folder, 'thesis.docx') });
  await expect(csv).rejects.toMatchObject({ tag: 'conflict' });
  const specs = client.stitch.export({ library, stack, format: 'render', out: join(folder, 'thesis.docx') });
  await expect(specs).rejects.toMatchObject({ tag: 'conflict' });
  expect(readFileSync(join(folder, 'thesis.docx'), 'utf8')).toBe('years of work');
});
