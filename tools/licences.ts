// The licences of everything that the package holds and that is not ours: what the bundles were made of, better-sqlite3
// and the crates of the kernels. Electron brings its own.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import licenceTexts from 'spdx-license-list/full.js';
import { at, mustRun, toolEnv } from './workspace.ts';

interface Component {
  readonly name: string;
  readonly licence: string;
  readonly folder: string;
}

const SOURCES = ['main/**/*.ts', 'preload/**/*.ts', 'renderer/**/*.{ts,tsx,css}', 'native-workers/*.ts'];
/** Part of the runtime, which comes with its own notices. */
const NOT_BUNDLED = new Set(['electron']);

/** Every notice, with the names of what it is for; components of the same text share it. */
export async function thirdPartyLicences(): Promise<string> {
  const components = [...bundledPackages(), ...(await crates())];
  const byText = new Map<string, string[]>();
  for (const component of components) {
    const text = noticesOf(component) || wordsOf(component);
    byText.set(text, [...(byText.get(text) ?? []), `${component.name} (${component.licence})`]);
  }
  const notices = [...byText].map(
    ([text, names]) => `${'='.repeat(80)}\n${names.join('\n')}\n${'-'.repeat(80)}\n${text}\n`,
  );
  return `Lamella holds software of others, under these licences.\n\n${notices.join('\n')}`;
}

/** Packages that the sources import, and all that those depend on. */
function bundledPackages(): readonly Component[] {
  const found = new Map<string, Component>();
  const visit = (name: string, from: string): void => {
    const folder = folderOf(name, from);
    if (folder === undefined || found.has(folder)) return;
    const { version, license, dependencies = {} } = packageIn(folder);
    found.set(folder, { name: `${name} ${version}`, licence: license ?? 'see below', folder });
    for (const dependency of Object.keys(dependencies)) visit(dependency, folder);
  };
  for (const name of importedNames()) visit(name, at());
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function importedNames(): ReadonlySet<string> {
  const specifier = /(?:from|import|@import)\s*\(?\s*['"]((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^'"]*)?['"]/g;
  const names = globSync(SOURCES, { cwd: at() }).flatMap((file) =>
    [...readFileSync(at(file), 'utf8').matchAll(specifier)].map((match) => match[1] ?? ''),
  );
  return new Set(names.filter((name) => !NOT_BUNDLED.has(name)));
}

/** Where Node finds a package: beside the one that wants it, or above; undefined for modules of Node itself. */
function folderOf(name: string, from: string): string | undefined {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  return from === at() || !from.startsWith(at()) ? undefined : folderOf(name, dirname(from));
}

interface PackageJson {
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const packageIn = (folder: string): PackageJson =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageJson;

interface CargoMetadata {
  readonly packages: ReadonlyArray<{
    readonly name: string;
    readonly version: string;
    readonly license: string | null;
    readonly source: string | null;
    readonly manifest_path: string;
  }>;
}

/** The crates that the addon is linked from, on this system. */
async function crates(): Promise<readonly Component[]> {
  const path = `${toolEnv()['PATH']}:${join(homedir(), '.cargo/bin')}`;
  const options = { cwd: at('native-workers/crate'), env: { ...toolEnv(), PATH: path } };
  const tree = ['tree', '--locked', '--package', 'binding', '--edges', 'normal', '--prefix', 'none', '--format', '{p}'];
  const linked = new Set(
    (await mustRun('cargo', tree, options)).split('\n').map((line) => line.split(' ').slice(0, 2).join(' ')),
  );
  const output = await mustRun('cargo', ['metadata', '--locked', '--format-version', '1'], options);
  const { packages } = JSON.parse(output.slice(output.indexOf('{"packages"'))) as CargoMetadata;
  return packages
    .filter(({ name, version, source }) => source !== null && linked.has(`${name} v${version}`))
    .map(({ name, version, license, manifest_path: manifest }) => ({
      name: `${name} ${version} (Rust)`,
      licence: license ?? 'see below',
      folder: dirname(manifest),
    }));
}

/** Also of the C libraries that a crate brings in a folder. */
function noticesOf({ folder }: Component): string {
  const files = globSync('{,*/}{LICEN[CS]E,Licen[cs]e,licen[cs]e,COPYING,NOTICE,UNLICENSE}*', { cwd: folder })
    .filter((file) => !/node_modules|\.(js|ts|json|rs|c|h)$/.test(file))
    .toSorted();
  // Where both are there, COPYING is the other of two licences to choose from.
  const chosen = files.filter(
    (file) => !file.endsWith('COPYING') || !files.includes(file.replace('COPYING', 'LICENSE')),
  );
  return [...new Set(chosen.map((file) => textOf(join(folder, file))))].join('\n\n');
}

/** Some name their licence and bring no text of it. */
function wordsOf({ licence }: Component): string {
  const texts = licence.split(/ OR | AND |\//).flatMap((id) => licenceTexts[id]?.licenseText?.trim() ?? []);
  return `No notice comes with these; the licence that they name reads:\n\n${texts[0] ?? licence}`;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trim();
  } catch {
    // A folder of that name.
    return '';
  }
}
