import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { layoutTextSchema } from '../../preload/contract/dataset.ts';
import { pathRefSchema } from '../../preload/contract/reference.ts';
import { Grants, isInside } from '../../main/engine/grants.ts';
import { renameRefs, resolveLayout } from '../../main/engine/path-refs.ts';
import { tempFolder } from './temp-library.ts';

const id = 'grant:00000000-0000-4000-8000-000000000001';

/** A granted folder with a file and a folder in it, and links that lead out. */
function granted(): { grants: Grants; folder: string; outside: string } {
  const outside = tempFolder();
  const folder = join(outside, 'granted');
  mkdirSync(join(folder, 'sub'), { recursive: true });
  writeFileSync(join(folder, 'a.png'), 'a');
  writeFileSync(join(outside, 'secret'), 's');
  symlinkSync(join(outside, 'secret'), join(folder, 'link-to-file'));
  symlinkSync(outside, join(folder, 'link-to-folder'));
  symlinkSync('/proc/self', join(folder, 'link-to-proc'));
  const grants = new Grants();
  grants.grant(id, folder);
  return { grants, folder, outside };
}

function isForbidden(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    return isLamellaError(error, 'forbidden');
  }
}

describe('grants', () => {
  test('stand for what was granted and what lies in it, also what is yet to be', () => {
    const { grants, folder } = granted();
    expect(grants.resolve(id, 'window')).toBe(folder);
    expect(grants.resolve(`${id}/a.png`, 'window')).toBe(join(folder, 'a.png'));
    expect(grants.resolve(`${id}/sub/new/file.json`, 'window')).toBe(join(folder, 'sub', 'new', 'file.json'));
  });

  test.each([
    '/etc/passwd',
    'relative',
    '.',
    '',
    'file:///etc/passwd',
    '\\\\server\\share',
    '//server/share',
    'C:\\Windows',
    'grant:00000000-0000-4000-8000-000000000002',
    `${id}/../secret`,
    `${id}/sub/../../secret`,
    `${id}/`,
    `${id}//a.png`,
    `${id}/./a.png`,
    `${id}/link-to-file`,
    `${id}/link-to-folder/secret`,
    `${id}/link-to-folder`,
    `${id}/link-to-proc/environ`,
    `${id}/a\0.png`,
    `${id}\0`,
    `${id}/..\\secret`,
    `${id.toUpperCase()}`,
    ` ${id}`,
    `${id}x`,
    'grant:',
    '/proc/self/mem',
    '/dev/zero',
  ])('the window may not name %j', (ref) => {
    const { grants } = granted();
    expect(isForbidden(() => grants.resolve(ref, 'window'))).toBe(true);
  });

  test('whatever follows a grant stays inside it', () => {
    const { grants, folder } = granted();
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', 'sub', 'a.png', 'link-to-folder', '\\', '..\\..', '%2e%2e', '~'),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        try {
          expect(isInside(folder, grants.resolve([id, ...parts].join('/'), 'window'))).toBe(true);
        } catch (error) {
          expect(isLamellaError(error, 'forbidden')).toBe(true);
        }
      }),
      { numRuns: 2000, seed: 3 },
    );
  });

  test.skipIf(process.platform === 'win32')('never stand for a pipe or a device', () => {
    const { grants, folder } = granted();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(isForbidden(() => grants.resolve(`${id}/pipe`, 'window'))).toBe(true);
    const system = 'grant:00000000-0000-4000-8000-000000000003';
    grants.grant(system, '/dev/zero');
    expect(isForbidden(() => grants.resolve(system, 'window'))).toBe(true);
  });

  test('trusted callers name paths, relative to where they stand', () => {
    const { grants, folder } = granted();
    expect(grants.resolve(folder, 'trusted')).toBe(folder);
    expect(grants.resolve('x', 'trusted')).toBe(join(process.cwd(), 'x'));
    expect(isForbidden(() => grants.resolve('a\0b', 'trusted'))).toBe(true);
  });

  test('a path goes to the window as a grant, always the same', () => {
    const { grants, folder, outside } = granted();
    expect(grants.refer(folder, 'window')).toBe(id);
    const ref = grants.refer(outside, 'window');
    expect(ref).toMatch(/^grant:/);
    expect(grants.refer(outside, 'window')).toBe(ref);
    expect(grants.resolve(ref, 'window')).toBe(outside);
    expect(grants.refer(outside, 'trusted')).toBe(outside);
  });
});

describe('references in an input', () => {
  const schema = z.object({
    plain: z.string(),
    one: pathRefSchema,
    maybe: pathRefSchema.optional().describe('x'),
    many: z.array(pathRefSchema).default([]),
    either: z.union([z.object({ title: z.string() }), pathRefSchema]).describe('y'),
    layout: layoutTextSchema,
    inner: z.object({ file: pathRefSchema }).nullable(),
  });

  test('are found by their mark, wherever they are', () => {
    const seen: string[] = [];
    const input = {
      plain: 'p',
      one: 'a',
      many: ['b', 'c'],
      either: 'd',
      layout: 'tiles:e',
      inner: { file: 'f' },
      extra: 'g',
    };
    const renamed = renameRefs(schema, input, (ref, kind) => (seen.push(`${kind} ${ref}`), ref.toUpperCase()));
    expect(seen).toEqual(['path a', 'path b', 'path c', 'path d', 'layout tiles:e', 'path f']);
    expect(renamed).toEqual({
      plain: 'p',
      one: 'A',
      many: ['B', 'C'],
      either: 'D',
      layout: 'TILES:E',
      inner: { file: 'F' },
      extra: 'g',
    });
    expect(renameRefs(schema, { ...input, either: { title: 'd' }, inner: null }, (ref) => ref)).toEqual({
      ...input,
      either: { title: 'd' },
      inner: null,
    });
  });
});

describe('the file of a layout', () => {
  const resolver = (grants: Grants, caller: 'window' | 'trusted') => (ref: string) => grants.resolve(ref, caller);

  test('is looked for in the source folder first', () => {
    const { grants, folder } = granted();
    const here = resolver(grants, 'trusted');
    expect(resolveLayout('render:a.png', folder, here)).toBe(`render:${join(folder, 'a.png')}`);
    expect(resolveLayout('tiles:none.txt', folder, here)).toBe('tiles:none.txt');
    expect(resolveLayout('tiles:package.json', folder, here)).toBe(`tiles:${join(process.cwd(), 'package.json')}`);
    expect(resolveLayout('pattern:a{row}_{col}.png', folder, here)).toBe('pattern:a{row}_{col}.png');
  });

  test('is held to what the window was granted', () => {
    const { grants, folder } = granted();
    const here = resolver(grants, 'window');
    expect(resolveLayout('render:a.png', id, here)).toBe(`render:${join(folder, 'a.png')}`);
    expect(resolveLayout(`render:${id}/a.png`, id, here)).toBe(`render:${join(folder, 'a.png')}`);
    expect(resolveLayout('render:none.json', id, here)).toBe('render:none.json');
    for (const file of ['../secret', '/etc/passwd', 'link-to-file', 'sub/../../secret']) {
      expect(isForbidden(() => resolveLayout(`render:${file}`, id, here))).toBe(true);
    }
  });
});
