import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { openFolderTarget, temporaryPrefix } from '../../main/engine/targets/folder.ts';
import { targets } from '../../main/engine/targets/index.ts';
import { seededBytes } from './seeded.ts';

let home = '';
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'lamella-folder-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const storeAt = (folder: string) => openFolderTarget(openFolderSource(folder, 'the folder'));

describe('a folder', () => {
  it('keeps what many puts at once give it, and leaves no temporary file', async () => {
    const folder = join(home, 'many', 'deep');
    const store = storeAt(folder);
    const keys = Array.from({ length: 200 }, (_, i) => `${i % 3}/c/${i % 7}/${i}`);
    await Promise.all(keys.map((key) => store.put(key, seededBytes(key, 1 + ((key.length * 97) % 5000)))));
    expect(await store.list('')).toEqual(keys.toSorted());
    expect(await store.list('1/')).toEqual(keys.filter((key) => key.startsWith('1/')).toSorted());
    for (const key of keys) expect(await store.get(key)).toEqual(seededBytes(key, 1 + ((key.length * 97) % 5000)));
    expect((await store.list('')).some((key) => key.includes(temporaryPrefix))).toBe(false);
  });

  it('replaces, deletes, measures, and reads a range', async () => {
    const store = storeAt(join(home, 'one'));
    await store.put('a/b', Uint8Array.of(1, 2, 3));
    await store.put('a/b', Uint8Array.of(4, 5, 6, 7));
    expect(store.sizeOf('a/b')).toBe(4);
    expect(await store.get('a/b', { offset: 1, length: 2 })).toEqual(Uint8Array.of(5, 6));
    expect(await store.get('a/b', { offset: 3, length: 100 })).toEqual(Uint8Array.of(7));
    expect(await store.get('a/b', { offset: 9, length: 1 })).toEqual(new Uint8Array());
    await store.delete('a/b');
    await store.delete('a/b');
    expect(await store.get('a/b')).toBeUndefined();
    expect(store.sizeOf('a/b')).toBeUndefined();
    expect(await store.freeBytes()).toBeGreaterThan(0);
  });

  it('takes bytes of shared memory', async () => {
    const store = storeAt(join(home, 'shared'));
    const shared = new Uint8Array(new SharedArrayBuffer(9)).fill(7);
    await store.put('x', shared);
    expect(await store.get('x')).toEqual(new Uint8Array(9).fill(7));
  });

  const forbidden = [
    '',
    '..',
    '../x',
    'a/../b',
    '/etc/passwd',
    'a//b',
    'a/',
    './a',
    'C:x',
    'a\\b',
    'a\0b',
    'con',
    'a/NUL.txt',
    'lpt1',
    'a./b',
    'b ',
    'a\nb',
    'x?',
    'y*',
    `${'k'.repeat(1100)}`,
  ];
  it.each(forbidden)('refuses the name %j', async (key) => {
    const store = storeAt(join(home, 'names'));
    await expect(store.put(key, Uint8Array.of(1))).rejects.toMatchObject({ tag: 'invalid-input' });
    await expect(async () => store.get(key)).rejects.toMatchObject({ tag: 'invalid-input' });
  });

  it('does not write through a link that leads out of it', async () => {
    const [folder, outside] = [join(home, 'linked'), join(home, 'outside')];
    mkdirSync(folder);
    mkdirSync(outside);
    symlinkSync(outside, join(folder, 'a'));
    await expect(storeAt(folder).put('a/b', Uint8Array.of(1))).rejects.toMatchObject({
      tag: 'conflict',
      message: expect.stringContaining('"a"'),
    });
    expect(readdirSync(outside)).toEqual([]);
  });

  it('says what is in the way: a file where a folder must be, a folder where a file must be', async () => {
    const folder = join(home, 'in-the-way');
    mkdirSync(join(folder, 'dir'), { recursive: true });
    writeFileSync(join(folder, 'file'), 'x');
    await expect(storeAt(folder).put('file/a', Uint8Array.of(1))).rejects.toMatchObject({ tag: 'conflict' });
    await expect(storeAt(folder).put('dir', Uint8Array.of(1))).rejects.toMatchObject({ tag: 'not-writable' });
    await expect(storeAt(folder).get('dir')).rejects.toMatchObject({ tag: 'bad-source' });
    expect(await storeAt(folder).get('file/a')).toBeUndefined();
  });

  it('finds nothing in a folder that is not there', async () => {
    const store = openFolderSource(join(home, 'nowhere'), 'nowhere');
    expect(await store.list('')).toEqual([]);
    expect(await store.get('a')).toBeUndefined();
  });
});

const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
if (!canMount) console.warn('skipped: full and read-only disks (needs root and mount)');

describe.skipIf(!canMount)('a disk', () => {
  const onDisk = async (options: string, work: (folder: string) => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(join(home, 'disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
    try {
      await work(folder);
    } finally {
      execFileSync('umount', [folder]);
    }
  };

  it('that is full is named, and what was written stays', () =>
    onDisk('size=256k', async (folder) => {
      const store = storeAt(join(folder, 'out'));
      await store.put('small', seededBytes('small', 1000));
      await expect(store.put('large', seededBytes('large', 600_000))).rejects.toMatchObject({
        tag: 'disk-full',
        message: expect.stringContaining('"large"'),
      });
      expect(readdirSync(join(folder, 'out'))).toEqual(['small']);
      expect(new Uint8Array(readFileSync(join(folder, 'out', 'small')))).toEqual(seededBytes('small', 1000));
    }));

  it('that is read-only is named', () =>
    onDisk('ro', async (folder) => {
      await expect(storeAt(folder).put('a', Uint8Array.of(1))).rejects.toMatchObject({
        tag: 'not-writable',
        message: expect.stringContaining('read-only'),
      });
    }));
});

describe('the list of targets', () => {
  it('holds every file of the folder', () => {
    const files = readdirSync(new URL('../../main/engine/targets/', import.meta.url)).filter(
      (file) => file !== 'index.ts',
    );
    expect(Object.keys(targets).map((id) => `${id}.ts`)).toEqual(files);
  });
});
