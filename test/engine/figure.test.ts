import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import { canMount, smallDisk } from './small-disk.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');
const temporaries = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.startsWith('.lamella-part-'));

/** An engine, and a folder that figures may be written to. */
function workplace(): TempEngine & { readonly place: string } {
  const at = tempEngine();
  const place = join(at.folder, 'figures');
  mkdirSync(place);
  return { ...at, place };
}

test('parts come in any order, and the file is there whole or not at all', async () => {
  const { client, place } = workplace();
  const out = join(place, 'figure.png');
  const { file } = await client.figure.begin({ out });
  await Promise.all([
    client.figure.write({ file, at: 4, base64: base64('efgh') }),
    client.figure.write({ file, at: 0, base64: base64('abcd') }),
  ]);
  expect(existsSync(out)).toBe(false);
  expect(await client.figure.write({ file, at: 8, base64: base64('ijk') })).toEqual({ bytes: 11 });
  expect(await client.figure.finish({ file })).toEqual({
    bytes: 11,
    sha256: createHash('sha256').update('abcdefghijk').digest('hex'),
    name: 'figure.png',
  });
  expect(readFileSync(out, 'utf8')).toBe('abcdefghijk');
  expect(temporaries(place)).toEqual([]);
});

test('a header may be written again at the end, and a file that is there is replaced', async () => {
  const { client, place } = workplace();
  const out = join(place, 'movie.webm');
  writeFileSync(out, 'of before');
  const { file } = await client.figure.begin({ out });
  await client.figure.write({ file, at: 0, base64: base64('????body') });
  await client.figure.write({ file, at: 0, base64: base64('HEAD') });
  expect(readFileSync(out, 'utf8')).toBe('of before');
  await client.figure.finish({ file });
  expect(readFileSync(out, 'utf8')).toBe('HEADbody');
});

test('a file that was discarded leaves nothing, and what is there stays', async () => {
  const { client, place } = workplace();
  const out = join(place, 'figure.svg');
  writeFileSync(out, 'of before');
  const { file } = await client.figure.begin({ out });
  await client.figure.write({ file, at: 0, base64: base64('new') });
  expect(await client.figure.finish({ file, discard: true })).toEqual({ bytes: 0, sha256: '', name: 'figure.svg' });
  expect(readdirSync(place)).toEqual(['figure.svg']);
  expect(readFileSync(out, 'utf8')).toBe('of before');
});

test('a file with a hole is not made', async () => {
  const { client, place } = workplace();
  const { file } = await client.figure.begin({ out: join(place, 'figure.tif') });
  await client.figure.write({ file, at: 0, base64: base64('abcd') });
  await client.figure.write({ file, at: 6, base64: base64('gh') });
  await expect(client.figure.finish({ file })).rejects.toMatchObject({
    tag: 'conflict',
    message: expect.stringContaining('bytes 4 to 5') as string,
  });
  const empty = await client.figure.begin({ out: join(place, 'figure.tif') });
  await expect(client.figure.finish(empty)).rejects.toMatchObject({ tag: 'conflict' });
  expect(readdirSync(place)).toEqual([]);
});

test('what was asked in the wrong order, or of nothing, is refused by name', async () => {
  const { client, place, library } = workplace();
  await client.library.open({ library });
  const gone = { tag: 'not-found', message: expect.stringContaining('file-gone') as string };
  await expect(client.figure.write({ file: 'file-gone', at: 0, base64: '' })).rejects.toMatchObject(gone);
  await expect(client.figure.finish({ file: 'file-gone' })).rejects.toMatchObject(gone);
  const { file } = await client.figure.begin({ out: join(place, 'a.png') });
  await expect(client.figure.write({ file, at: 0, base64: 'not base64!' })).rejects.toMatchObject({
    tag: 'invalid-input',
  });
  await client.figure.write({ file, at: 0, base64: base64('a') });
  await client.figure.finish({ file });
  await expect(client.figure.write({ file, at: 0, base64: '' })).rejects.toMatchObject({ tag: 'not-found' });

  const refused = async (out: string, tag: string): Promise<void> => {
    await expect(client.figure.begin({ out })).rejects.toMatchObject({ tag });
  };
  await refused(join(place, 'thesis.docx'), 'invalid-input');
  await refused(join(place, 'nowhere', 'a.png'), 'not-found');
  await refused(join(library, 'volumes', 'a.png'), 'invalid-input');
  mkdirSync(join(place, 'folder.png'));
  await refused(join(place, 'folder.png'), 'conflict');
});

test('no more than 16 files are begun at a time', async () => {
  const { client, place } = workplace();
  for (let i = 0; i < 16; i += 1) await client.figure.begin({ out: join(place, `${i}.png`) });
  await expect(client.figure.begin({ out: join(place, 'one-more.png') })).rejects.toMatchObject({ tag: 'over-budget' });
});

test.skipIf(!canMount())('a disk that is full is said, and the file can be discarded', async () => {
  const { client } = workplace();
  const { folder } = smallDisk(2 << 20);
  const { file } = await client.figure.begin({ out: join(folder, 'a.png') });
  await expect(client.figure.write({ file, at: 0, base64: base64(new Uint8Array(4 << 20)) })).rejects.toMatchObject({
    tag: 'disk-full',
    message: expect.stringContaining('a.png') as string,
  });
  await client.figure.finish({ file, discard: true });
  expect(temporaries(folder)).toEqual([]);
});

test('what was not finished goes when the engine closes', async () => {
  const place = mkdtempSync(join(tmpdir(), 'lamella-test-'));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const engine = createEngine({ threads: 1 });
  const client = engine.client();
  const { file } = await client.figure.begin({ out: join(place, 'a.png') });
  await client.figure.write({ file, at: 0, base64: base64('abc') });
  expect(temporaries(place)).toHaveLength(1);
  await engine.close();
  expect(readdirSync(place)).toEqual([]);
});

test('what a killed engine left goes when the next one starts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [settings, place] = [join(folder, 'settings'), join(folder, 'figures')];
  mkdirSync(place);
  const script = join(import.meta.dirname, 'begin-figure-process.ts');
  expect(() => execFileSync(process.execPath, [script, settings, join(place, 'a.png')], { stdio: 'ignore' })).toThrow();
  expect(temporaries(place)).toHaveLength(1);
  writeFileSync(join(place, '.lamella-part-of-another'), 'not noted');

  const engine = createEngine({ threads: 1, folder: settings });
  onTestFinished(() => engine.close());
  expect(readdirSync(place)).toEqual(['.lamella-part-of-another']);
});

test('text files are read, and what is no text is refused by name', async () => {
  const { client, place } = workplace();
  const state = join(place, 'state.json');
  writeFileSync(state, '{"title":"µm"}');
  expect((await client.figure.read({ file: state })).value).toEqual({ text: '{"title":"µm"}', bytes: 15 });
  writeFileSync(join(place, 'picture.json'), new Uint8Array([0x89, 0x50, 0xff, 0xfe]));
  const refused = async (name: string, tag: string, text: string): Promise<void> => {
    const message = expect.stringContaining(text) as string;
    await expect(client.figure.read({ file: join(place, name) })).rejects.toMatchObject({ tag, message });
  };
  await refused('picture.json', 'bad-source', 'picture.json');
  await refused('gone.json', 'not-found', 'gone.json');
  await refused('.', 'bad-source', 'figures');
  writeFileSync(join(place, 'large.json'), new Uint8Array((32 << 20) + 1));
  await refused('large.json', 'bad-source', 'the most');
});
