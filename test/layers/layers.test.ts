// Holds the sources to the house plan: edges between rooms, exports, names, sizes, and nothing left lying about.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mayImport, mayUse, roomOf } from './house-plan.ts';
import { root, sourceFiles } from './source-files.ts';

const files = sourceFiles();
const paths = new Set(files.map(({ path }) => path));

const MAX_LINES = 300;
/** Tables and the composition root may be longer; shaders are in files of their own. */
const MAY_BE_LONG = new Set(['main/engine/index.ts', 'native-workers/tasks.ts']);
const FORBIDDEN_FOLDERS = /(^|\/)(utils?|helpers?|common|services?|types)\//;
const KEBAB_CASE = /^([a-z0-9]+(-[a-z0-9]+)*)(\.[a-z]+)?$/;

/** Where programs start; everything else must be imported from one of them. */
const ENTRIES = [
  'main/app.ts',
  'main/engine-process.ts',
  'main/cli.ts',
  'native-workers/worker.ts',
  'preload/index.ts',
  'renderer/main.tsx',
];

/** Folders whose `index.ts` lists what they hold, and what each entry of the list exports. */
const LISTED = [
  { folder: 'main/engine/formats', type: /export const \w+: (?!ShapeFormat\b)(\w*Format)\b/ },
  { folder: 'main/engine/formats/shapes', type: /export const \w+: ShapeFormat\b/ },
  { folder: 'main/engine/targets', type: /export (async )?function open\w+Target\b/ },
  { folder: 'main/engine/sources', type: /export (async )?function open\w+Source\b/ },
];

describe('imports', () => {
  test('follow the house plan', () => {
    const wrong = files.flatMap(({ path, imports }) =>
      imports
        .filter((target) => !mayImport(path, target))
        .map((target) => `${path} (${roomOf(path)}) imports ${target} (${roomOf(target)})`),
    );
    expect(wrong).toEqual([]);
  });

  test('name their file with its extension, and the file is there', () => {
    const missing = files.flatMap(({ path, imports }) =>
      imports
        .filter((target) => !existsSync(join(root, target)) || !/\.\w+$/.test(target))
        .map((target) => `${path}: ${target}`),
    );
    expect(missing).toEqual([]);
  });

  test('use only the packages that their room may', () => {
    const wrong = files.flatMap(({ path, packages }) =>
      packages.filter((name) => !mayUse(path, name)).map((name) => `${path} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test('reach every file from an entry', () => {
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      files.find((file) => file.path === path)?.imports.forEach(visit);
    };
    ENTRIES.forEach(visit);
    expect([...paths].filter((path) => !reached.has(path))).toEqual([]);
  });
});

describe('exports', () => {
  test('are named', () => {
    expect(files.filter(({ text }) => /^export default\b/m.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('come from the file that defines them', () => {
    expect(
      files.filter(({ text }) => /^export (type )?(\*|\{[^}]*\}) (as \w+ )?from\b/m.test(text)).map(({ path }) => path),
    ).toEqual([]);
  });
});

describe('files', () => {
  test('have names of the house', () => {
    const wrong = [...paths].filter((path) => {
      const name =
        path
          .split('/')
          .at(-1)
          ?.replace(/\.tsx?$/, '') ?? '';
      return FORBIDDEN_FOLDERS.test(path) || !KEBAB_CASE.test(name);
    });
    expect(wrong).toEqual([]);
  });

  test('stay readable in one sitting', () => {
    const long = files
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ path, lines }) => lines > MAX_LINES && !MAY_BE_LONG.has(path))
      .map(({ path, lines }) => `${path}: ${lines} lines`);
    expect(long).toEqual([]);
  });

  // A store asks its selector twice: an answer that is new each time is drawn without end.
  test('never make a list within a selector where there is none', () => {
    const fresh = /\buse[A-Z]\w*\(\(\w*\) => [^()]*\?\? [[{]/;
    expect(files.filter(({ text }) => fresh.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('never make markup of text, nor trust a certificate blindly', () => {
    const banned =
      /dangerouslySetInnerHTML|\binnerHTML\b|insertAdjacentHTML|rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED|\beval\(|new Function\(/;
    expect(files.filter(({ text }) => banned.test(text)).map(({ path }) => path)).toEqual([]);
  });
});

describe.each(LISTED)('$folder', ({ folder, type }) => {
  const index = `${folder}/index.ts`;

  test.skipIf(!paths.has(index))('lists every entry that it holds', () => {
    const list = readFileSync(join(root, index), 'utf8');
    const listed = files.filter(
      ({ path }) =>
        path.startsWith(`${folder}/`) && path !== index && type.test(readFileSync(join(root, path), 'utf8')),
    );
    expect(listed.length).toBeGreaterThan(0);
    const unlisted = listed.filter(({ path }) => !list.includes(`'./${path.slice(folder.length + 1)}'`));
    expect(unlisted.map(({ path }) => path)).toEqual([]);
  });
});
