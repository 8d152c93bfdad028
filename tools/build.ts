// Builds the Rust addon and the vite targets, each only when its inputs changed. Quiet unless it works.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ensureSqliteBinding } from './build-sqlite.ts';
import type { ElectronRuntime } from './setup-electron.ts';
import {
  at,
  hashOfInputs,
  readStamp,
  run,
  runTool,
  runtimeHome,
  say,
  toolEnv,
  ToolError,
  withLock,
  writeStamp,
} from './workspace.ts';

interface Target {
  name: string;
  inputs: readonly string[];
  output: string;
  make: () => Promise<void>;
}

const CONTRACT = 'preload/contract/**/*.ts';
const RECIPE = ['tools/build.ts', 'tools/vite-targets.ts', 'package-lock.json'];
const ADDON = at('native-workers/lamella-kernels.node');

const targets: readonly Target[] = [
  {
    name: 'kernels',
    inputs: ['native-workers/crate/**/*.{rs,toml,lock}', 'tools/build.ts'],
    output: ADDON,
    make: buildKernels,
  },
  {
    name: 'main',
    inputs: ['main/**/*.{ts,sql}', 'native-workers/*.ts', 'native-workers/shapes/*.ts', CONTRACT, ...RECIPE],
    output: at('dist/main/app.cjs'),
    make: () => buildWithVite('main'),
  },
  {
    name: 'preload',
    inputs: ['preload/**/*.ts', ...RECIPE],
    output: at('dist/preload/index.cjs'),
    make: () => buildWithVite('preload'),
  },
  {
    name: 'renderer',
    inputs: ['renderer/**/*', 'assets/**/*', CONTRACT, ...RECIPE],
    output: at('dist/renderer/index.html'),
    make: () => buildWithVite('renderer'),
  },
];

const stampOf = (target: Target): string => join(runtimeHome, 'built', target.name);
const wantedStamp = (target: Target): string => hashOfInputs(target.inputs, process.version);
const isFresh = (target: Target): boolean =>
  existsSync(target.output) && readStamp(stampOf(target)) === wantedStamp(target);

/** Brings everything in dist/ and the native addon up to date. */
export async function build(wanted: readonly Target[] = targets): Promise<void> {
  if (wanted.every(isFresh) && existsSync(at('dist/main/lamella-kernels.node'))) return;
  await withLock('build', async () => {
    for (const target of wanted) await bringUpToDate(target);
    placeBeside(ADDON, 'lamella-kernels.node');
  });
}

/**
 * Also gives the engine the SQLite binding that this Electron can load. On a bare machine the kernels compile for two
 * minutes: the runtime may still be on its way.
 */
export async function buildFor(runtime: ElectronRuntime | Promise<ElectronRuntime>): Promise<void> {
  const bound = Promise.resolve(runtime).then(({ napi }) => (napi < 10 ? ensureSqliteBinding() : undefined));
  const [binding] = await Promise.all([bound, build()]);
  if (binding !== undefined) placeBeside(binding, 'better_sqlite3-napi8.node');
}

/** What the command line needs; says why and gives false when it cannot be built. */
export async function buildForCommandLine(): Promise<boolean> {
  await runTool(() => build(targets.filter(({ name }) => name === 'kernels' || name === 'main')));
  return process.exitCode === undefined;
}

async function bringUpToDate(target: Target): Promise<void> {
  if (isFresh(target)) return;
  const started = performance.now();
  await target.make();
  writeStamp(stampOf(target), wantedStamp(target));
  say(`Built ${target.name} in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
}

/** Loaded only when there is something to build: an up-to-date command line starts without vite. */
async function buildWithVite(name: 'main' | 'preload' | 'renderer'): Promise<void> {
  const [{ build: viteBuild }, { viteTargets }] = await Promise.all([import('vite'), import('./vite-targets.ts')]);
  const folder = at('dist', name);
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    if (!file.endsWith('.node')) rmSync(join(folder, file), { recursive: true });
  }
  try {
    await viteBuild(viteTargets[name]);
  } catch (error) {
    throw new ToolError(`Building ${name} failed.\n${(error as Error).message}`);
  }
}

/** Native files lie beside the code that loads them; replaced by rename, since a running app may hold the old one. */
function placeBeside(file: string, name: string): void {
  mkdirSync(at('dist/main'), { recursive: true });
  const target = at('dist/main', name);
  copyFileSync(file, `${target}.${process.pid}`);
  renameSync(`${target}.${process.pid}`, target);
}

async function buildKernels(): Promise<void> {
  const path = `${toolEnv()['PATH']}:${join(homedir(), '.cargo/bin')}`;
  const options = { cwd: at('native-workers/crate'), env: { ...process.env, PATH: path } };
  if ((await run('cargo', ['--version'], options)).code !== 0) {
    throw new ToolError(
      'Rust is needed to build the kernels. Install it, then run this again:\n  ' +
        "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y",
    );
  }
  const args = ['build', '--release', '--locked', '--package', 'binding', '--message-format=json-render-diagnostics'];
  const { code, output } = await run('cargo', args, options);
  const library = output
    .split('\n')
    .map(sharedLibrary)
    .findLast((file) => file !== undefined);
  if (code !== 0 || library === undefined) {
    throw new ToolError(`cargo build failed (exit ${code}).\n${output.replaceAll(/^\{.*\n?/gm, '')}`);
  }
  copyFileSync(library, `${ADDON}.${process.pid}`);
  renameSync(`${ADDON}.${process.pid}`, ADDON);
}

/** The shared library that a line of cargo's JSON output announces, if it does. */
function sharedLibrary(line: string): string | undefined {
  if (!line.startsWith('{"reason":"compiler-artifact"')) return undefined;
  const artifact = JSON.parse(line) as { target: { kind: string[] }; filenames: string[] };
  if (!artifact.target.kind.includes('cdylib')) return undefined;
  return artifact.filenames.find((file) => /\.(so|dylib|dll)$/.test(file));
}

if (import.meta.main) await runTool(() => build());
