import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of every file of a volume of a library (base64), by path. */
export function filesOf(library: string, volume: string): Readonly<Record<string, string>> {
  const folder = join(library, 'volumes', volume);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length), readFileSync(path).toString('base64')];
    }),
  );
}
