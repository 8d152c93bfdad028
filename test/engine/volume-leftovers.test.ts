// Conversions that were killed after their last file, before they had cleared away behind themselves; and answers that
// nobody heard.
import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { writeSynthetic } from './synthetic-volume.ts';
import { tempEngine } from './temp-engine.ts';

const marker = 'lamella-converting.json';

/** Reads a file as soon as it is there. */
async function caught(path: string, until: Promise<unknown>): Promise<string> {
  let [text, over] = ['', false];
  void until.finally(() => (over = true)).catch(() => undefined);
  while (text === '' && !over) {
    if (existsSync(path)) text = readFileSync(path, 'utf8');
    await setTimeout(1);
  }
  return text;
}

test.each([
  ['precomputed', '', ''],
  ['nrrd', '.nrrd', '.partial'],
  ['tiff', '.ome.tif', '.partial'],
])('the same %s again answers as before, and clears away what was left', async (format, ending, partial) => {
  const at = tempEngine();
  const source = join(at.folder, 'source');
  writeSynthetic(source, [150, 130, 90]);
  const out = join(at.folder, `out${ending}`);
  const left = join(`${out}${partial}`, marker);
  const convert = () =>
    at.result(at.client.volume.convert({ library: at.library, source, out, format: format as 'nrrd' }));
  const first = convert();
  const text = await caught(left, first);
  expect(JSON.parse(text)).toMatchObject({ token: expect.any(String) });
  const made = await first;
  const last = partial === '' ? join(out, 'info') : out;
  const before = statSync(last).mtimeMs;
  expect(existsSync(left)).toBe(false);

  mkdirSync(`${out}${partial}`, { recursive: true });
  writeFileSync(left, text);
  if (partial !== '') writeFileSync(join(`${out}${partial}`, 'part-0'), 'part');
  expect(await convert()).toEqual(made);
  expect(existsSync(left)).toBe(false);
  if (partial !== '') expect(existsSync(`${out}${partial}`)).toBe(false);
  expect(statSync(last).mtimeMs).toBe(before);

  if (partial !== '') {
    // Killed after the marker was deleted, and before the folder was.
    mkdirSync(`${out}${partial}`);
    expect(await convert()).toEqual(made);
    expect(existsSync(`${out}${partial}`)).toBe(false);

    // Somebody else's folder of that name is not ours to remove.
    mkdirSync(`${out}${partial}`);
    writeFileSync(join(`${out}${partial}`, 'mine'), 'mine');
    expect(await convert()).toEqual(made);
    expect(readFileSync(join(`${out}${partial}`, 'mine'), 'utf8')).toBe('mine');
  }
  appendFileSync(last, ' ');
  await expect(convert()).rejects.toMatchObject({ tag: 'conflict' });
});
