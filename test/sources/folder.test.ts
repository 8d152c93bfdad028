import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { seededBytes } from '../conformance/seeded.ts';

let home = '';
const data = seededBytes('folder', 1000);
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'lamella-source-'));
  mkdirSync(join(home, 'a', 'deep'), { recursive: true });
  mkdirSync(join(home, 'empty'));
  writeFileSync(join(home, 'a', 'x'), data);
  writeFileSync(join(home, 'a', 'deep', 'y'), data);
  writeFileSync(join(home, 'a-2'), data);
  if (process.platform !== 'win32') {
    symlinkSync(join(home, 'a', 'x'), join(home, 'linked'));
    symlinkSync(join(home, 'a'), join(home, 'linked-folder'));
    symlinkSync(join(home, 'nowhere'), join(home, 'broken'));
    symlinkSync(home, join(home, 'empty', 'loop'));
    execFileSync('mkfifo', [join(home, 'pipe')]);
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('a folder as a source', () => {
  const source = () => openFolderSource(home, 'the folder');
  const onUnix = process.platform !== 'win32';

  it('lists what is directly below', async () => {
    const links = onUnix
      ? [
          { name: 'linked', isFolder: false },
          { name: 'linked-folder', isFolder: true },
        ]
      : [];
    expect(await source().children('')).toEqual([
      { name: 'a', isFolder: true },
      { name: 'a-2', isFolder: false },
      { name: 'empty', isFolder: true },
      ...links,
    ]);
    expect(await source().children('a/')).toEqual([
      { name: 'deep', isFolder: true },
      { name: 'x', isFolder: false },
    ]);
    expect(await source().children('none/')).toEqual([]);
    expect(await source().children('a/x/')).toEqual([]);
    await expect(async () => source().children('../')).rejects.toMatchObject({ tag: 'invalid-input' });
  });

  it('lists everything below a prefix', async () => {
    const own = ['a-2', 'a/deep/y', 'a/x'];
    expect(await source().list('')).toEqual(own);
    expect(await source().list('a')).toEqual(own);
    expect(await source().list('a/')).toEqual(['a/deep/y', 'a/x']);
    expect(await source().list('a/de')).toEqual(['a/deep/y']);
    expect(await source().list('none/')).toEqual([]);
  });

  it('reads parts, and what lies inside of parts that leave the file', async () => {
    for (const [offset, length] of [
      [0, 10],
      [990, 100],
      [1000, 5],
      [5000, 5],
      [0, 0],
      [0, 1 << 30],
      [500, 2 ** 50],
    ] as const) {
      expect(await source().get('a/x', { offset, length })).toEqual(data.slice(offset, offset + length));
    }
    await expect(source().get('a/x', { offset: -1, length: 5 })).rejects.toMatchObject({ tag: 'bad-source' });
    await expect(source().get('a/x', { offset: 2 ** 63, length: 5 })).rejects.toMatchObject({ tag: 'bad-source' });
  });

  it('stops when it is told to', async () => {
    await expect(source().get('a/x', undefined, AbortSignal.abort())).rejects.toMatchObject({ tag: 'cancelled' });
    const stop = new AbortController();
    const reading = source().get('a/x', undefined, stop.signal);
    stop.abort();
    await expect(reading).rejects.toMatchObject({ tag: 'cancelled' });
  });

  it.skipIf(!onUnix)('never waits for the other end of a pipe', async () => {
    expect(() => source().sizeOf('pipe')).toThrow('it is a pipe or a device');
    expect(
      await source()
        .get('pipe', { offset: 0, length: 4 })
        .catch((error: unknown) => error),
    ).toMatchObject({ tag: 'bad-source' });
  });

  it('takes a folder, a device or links in a circle in place of a file for damage, never for nothing', async () => {
    const wrong: [string, string][] = [['a', 'it is a folder']];
    if (onUnix) {
      symlinkSync('/dev/zero', join(home, 'zeros'));
      symlinkSync(join(home, 'ring'), join(home, 'ring'));
      wrong.push(['zeros', 'it is a pipe or a device'], ['ring', 'its links lead in a circle']);
    }
    for (const [key, why] of wrong) {
      expect(() => source().sizeOf(key)).toThrow(why);
      for (const range of [undefined, { offset: 0, length: 4 }])
        await expect(source().get(key, range)).rejects.toMatchObject({
          tag: 'bad-source',
          message: expect.stringContaining(why),
        });
    }
    expect(source().sizeOf('none')).toBeUndefined();
    expect(source().sizeOf('a/x/y')).toBeUndefined();
    for (const key of ['zeros', 'ring']) rmSync(join(home, key), { force: true });
  });

  it('does not read a file of terabytes at once', async () => {
    writeFileSync(join(home, 'huge'), '');
    truncateSync(join(home, 'huge'), 2 ** 40);
    await expect(source().get('huge')).rejects.toMatchObject({ tag: 'over-budget' });
    expect(await source().get('huge', { offset: 2 ** 39, length: 4 })).toEqual(new Uint8Array(4));
    rmSync(join(home, 'huge'));
  });
});
