import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Put in by the build, from package.json. */
declare const __APP_VERSION__: string | undefined;

/** The version of Lamella that is running, also from the sources as they lie. */
export const lamellaVersion: string = typeof __APP_VERSION__ === 'string' ? __APP_VERSION__ : fromPackage();

function fromPackage(): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
