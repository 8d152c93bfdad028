// The sources as the layers test sees them: which files there are and what each imports.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  path: string;
  text: string;
  /** Relative imports, as paths from the root. */
  imports: readonly string[];
  /** Everything else that is imported: packages and Node's own modules. */
  packages: readonly string[];
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b(?:[^'";]*?\bfrom\b)?\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|new URL\(\s*'(\.[^']+)'/g;

const toPosix = (path: string): string => path.split(sep).join('/');

/** Every TypeScript file of the product (not of tests and tools). */
export function sourceFiles(): readonly SourceFile[] {
  const folders = ['preload', 'main', 'native-workers', 'renderer'];
  const patterns = folders.map((folder) => `${folder}/**/*.{ts,tsx}`);
  return globSync(patterns, { cwd: root, exclude: ['**/target/**', '**/node_modules/**'] })
    .map(toPosix)
    .filter((path) => !path.endsWith('.d.ts'))
    .toSorted()
    .map(readSource);
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const named = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  const bare = named.map((name) => name.replace(/\?.*$/, ''));
  return {
    path,
    text,
    imports: bare.filter((name) => name.startsWith('.')).map((name) => toPosix(normalize(join(dirname(path), name)))),
    packages: bare.filter((name) => !name.startsWith('.')),
  };
}
