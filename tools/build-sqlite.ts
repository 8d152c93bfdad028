// better-sqlite3 ships binaries for Node-API 10. The fallback Electron has Node-API 8, so its own shipped
// source is compiled once for that, with a force-included header that avoids the one newer call it makes.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  at,
  hashOfInputs,
  mustRun,
  readStamp,
  run,
  runTool,
  runtimeHome,
  say,
  ToolError,
  withLock,
  writeStamp,
} from './workspace.ts';

const HEADER = 'tools/sqlite-napi8/boxed-references.h';
const PACKAGE = at('node_modules/better-sqlite3');
const BINDING = join(runtimeHome, 'better_sqlite3-napi8.node');
const STAMP = join(runtimeHome, 'better_sqlite3-napi8.stamp');

/** Path of the binding for runtimes whose `process.versions.napi` is below 10; compiled when absent or stale. */
export async function ensureSqliteBinding(): Promise<string> {
  const wanted = inputsHash();
  const fresh = (): boolean => existsSync(BINDING) && readStamp(STAMP) === wanted;
  if (fresh()) return BINDING;
  return withLock('sqlite', async () => {
    if (!fresh()) await compile(wanted);
    return BINDING;
  });
}

function inputsHash(): string {
  const manifest = readFileSync(join(PACKAGE, 'package.json'), 'utf8');
  return hashOfInputs([HEADER, 'tools/build-sqlite.ts'], manifest);
}

/** SQLite's compile-time options, as the package lists them for its own build. */
function sqliteDefines(): string[] {
  const list = readFileSync(join(PACKAGE, 'deps/defines.gypi'), 'utf8');
  return [...list.matchAll(/'((?:HAVE|SQLITE)_\w+(?:=[^']*)?)'/g)].map((match) => `-D${match[1]}`);
}

async function compile(wanted: string): Promise<void> {
  await requireCompiler();
  say('Compiling better-sqlite3 for Node-API 8 (once, about half a minute).');
  const work = join(runtimeHome, `sqlite-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    await compileInto(work);
    renameSync(join(work, 'binding.node'), BINDING);
    writeStamp(STAMP, wanted);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function compileInto(work: string): Promise<void> {
  const common = ['-O2', '-fPIC', '-w', '-DNDEBUG', '-fvisibility=hidden', ...sqliteDefines()];
  const includes = ['node-api-headers/include', 'node-addon-api', 'better-sqlite3/deps/sqlite3'];
  const [sqlite, addon] = [join(work, 'sqlite3.o'), join(work, 'addon.o')];
  await Promise.all([
    mustRun('cc', ['-std=c99', ...common, '-c', join(PACKAGE, 'deps/sqlite3/sqlite3.c'), '-o', sqlite]),
    mustRun('c++', [
      ...['-std=c++20', ...common, '-fvisibility-inlines-hidden', '-include', at(HEADER)],
      ...['-DNODE_GYP_MODULE_NAME=better_sqlite3', '-DNAPI_DISABLE_CPP_EXCEPTIONS'],
      '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ...includes.map((folder) => `-I${at('node_modules', folder)}`),
      ...['-c', join(PACKAGE, 'src/better_sqlite3.cpp'), '-o', addon],
    ]),
  ]);
  const link = ['-shared', '-s', '-Wl,-Bsymbolic', '-Wl,--exclude-libs,ALL', addon, sqlite, '-ldl', '-lpthread', '-lm'];
  await mustRun('c++', [...link, '-o', join(work, 'binding.node')]);
}

async function requireCompiler(): Promise<void> {
  const { code } = await run('c++', ['--version']);
  if (code !== 0) {
    throw new ToolError('A C++ compiler is needed to build SQLite for this Electron: apt-get install -y g++');
  }
}

if (import.meta.main) {
  await runTool(async () => {
    process.stdout.write(`${await ensureSqliteBinding()}\n`);
  });
}
