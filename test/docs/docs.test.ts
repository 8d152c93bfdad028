// The documents say what the product does: their links lead somewhere, their commands are commands, their codes the codes.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inputFrom, kebab, parseCommandLine, procedureOf, shapeOf } from '../../main/cli-arguments.ts';
import { api } from '../../preload/contract/api.ts';
import { exitCodeByTag } from '../../preload/contract/errors.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: root }).toSorted()];
const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

const hasImages = existsSync(join(root, 'docs', 'images'));
if (!hasImages) console.warn('skipped: images of the documents (npm run shots makes docs/images)');

interface Target {
  readonly path: string;
  readonly anchor: string | undefined;
}

/** What a page's relative links and images point at, from the repository's root. */
function targetsOf(page: string): readonly Target[] {
  const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#');
      return { path: path === '' ? page : posix.join(dirname(page), path), anchor };
    });
}

/** As GitHub makes them. */
const anchorsOf = (page: string): readonly string[] =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

/** Made by `npm run bench`, not by hand. */
const generated = new Set(['docs/benchmarks.md']);

describe('links', () => {
  it.each(pages)('of %s lead to files and headings that are there', (page) => {
    for (const { path, anchor } of targetsOf(page)) {
      if (path.startsWith('docs/images/') || generated.has(path)) continue;
      expect(existsSync(join(root, path)), `${page} points at ${path}`).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(path), `${page} points at ${path}#${anchor}`).toContain(anchor);
    }
  });

  it.skipIf(!hasImages)('every image is there', () => {
    const images = pages.flatMap(targetsOf).filter(({ path }) => path.startsWith('docs/images/'));
    expect(images.map(({ path }) => path).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

const blocksOf = (text: string): readonly string[] =>
  [...text.matchAll(/^```.*\n([\s\S]*?)^```/gm)].map(([, b = '']) => b);
const spansOf = (text: string): readonly string[] =>
  [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) =>
    span.replaceAll('\\|', '|'),
  );

/** Words as a shell splits them, without redirections and comments. */
const wordsOf = (line: string): string[] =>
  [...line.replace(/\s(?:2>|>|#|\|\s).*$/, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, a, b, c]) => a ?? b ?? c ?? '',
  );

/** Whole commands in code blocks: what follows `lamella` or `lamella --`. */
const commandsOf = (page: string): readonly string[] =>
  blocksOf(textOf(page))
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => /(?:^\$ |npm run -s )lamella(?: --)? ([a-z]+ [a-z]+.*)$/.exec(line)?.[1] ?? []);

/** Commands in running text, `ingest start --library DIR`: some of their flags may be left unsaid. */
const mentionsOf = (page: string): readonly string[] =>
  spansOf(textOf(page)).flatMap((span) => {
    const [, named = ''] = /^(?:npm run -s )?(?:lamella (?:-- )?)?([a-z]+ [a-z]+(?: --.*)?)$/.exec(span) ?? [];
    const isCommand = span.includes('lamella ') || Object.hasOwn(api, named.split(' ')[0] ?? '');
    return named !== '' && isCommand ? [named] : [];
  });

const everywhere = ['json', 'threads', 'help', 'version'];

describe('commands', () => {
  it('are found', () => {
    expect(pages.flatMap(commandsOf).length).toBeGreaterThan(20);
    expect(pages.flatMap(mentionsOf).length).toBeGreaterThan(10);
  });

  it.each(pages.flatMap((page) => commandsOf(page).map((command) => [command, page])))('%s (%s)', (command) => {
    const { domain, verb, flags } = parseCommandLine(wordsOf(command));
    expect(() => inputFrom(procedureOf(domain ?? '', verb ?? ''), flags)).not.toThrow();
  });

  it.each(pages.flatMap((page) => mentionsOf(page).map((command) => [command, page])))('%s (%s)', (command) => {
    const [domain = '', verb = ''] = command.split(' ');
    const known = [...Object.keys(shapeOf(procedureOf(domain, verb))).map(kebab), ...everywhere];
    const flags = [...command.matchAll(/--([a-z-]+)/g)].map(([, flag = '']) => flag);
    expect(flags.filter((flag) => !known.includes(flag))).toEqual([]);
  });
});

describe('docs/command-line.md', () => {
  it('has the exit code of every error', () => {
    const rows = [...textOf('docs/command-line.md').matchAll(/^\| (\d+) \| `([a-z-]+)` \|/gm)];
    expect(Object.fromEntries(rows.map(([, code, tag]) => [tag, Number(code)]))).toEqual(exitCodeByTag);
  });

  it('has the result of every verb that it lists', () => {
    const rows = [...textOf('docs/command-line.md').matchAll(/^\| `([a-z]+) ([a-z]+) --.*\| `\{(.+)\}` \|$/gm)];
    expect(rows.length).toBeGreaterThan(5);
    for (const [, domain = '', verb = '', keys = ''] of rows) {
      const { output } = procedureOf(domain, verb) as unknown as { output: { shape: object } };
      expect(keys.split(', '), `${domain} ${verb}`).toEqual(Object.keys(output.shape));
    }
  });
});
