// What the viewers are measured on: the volume behind a slow line, a library that knows it, Neuroglancer's page.
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { buildFor } from '../../../tools/build.ts';
import { ensureElectron } from '../../../tools/setup-electron.ts';
import { ensureEmPyramid } from './em-pyramid.ts';
import { ensureNeuroglancer } from './neuroglancer-build.ts';
import type { Outcome, Plan } from './plan.ts';
import { volumeNames } from './programs.ts';
import { ShapedServer } from './shaped-server.ts';

const root = join(import.meta.dirname, '../../..');

/** The line between: 20 ms there and back, 50 MB/s for all. */
const shape = { roundTripMs: 20, bytesPerSecond: 50e6 } as const;

export type Start = { readonly program: 'ours'; readonly cache: 'cold' | 'kept' } | { readonly program: 'theirs' };

/** Everything that stays the same from round to round. */
export class BenchStage {
  readonly #folder: string;
  readonly #executable: string;
  readonly #page: Server;
  readonly server: ShapedServer;
  readonly origin: string;
  readonly pageUrl: string;

  private constructor(folder: string, executable: string, page: Server, server: ShapedServer, origin: string) {
    [this.#folder, this.#executable, this.#page, this.server, this.origin] = [folder, executable, page, server, origin];
    this.pageUrl = `http://127.0.0.1:${(page.address() as AddressInfo).port}/index.html`;
  }

  static async open(folder: string): Promise<BenchStage> {
    const runtime = await ensureElectron();
    await buildFor(runtime);
    const volume = join(root, '.venv', 'bench-volume-1.precomputed');
    ensureEmPyramid(volume);
    const page = await servePage(await ensureNeuroglancer());
    const server = new ShapedServer(volume, shape);
    const origin = await server.up();
    await buildProbe(folder);
    writePlainApp(join(folder, 'plain'));
    await makeLibrary(join(folder, 'library.first'), volume, writeBlank(join(folder, 'blank.precomputed')), origin);
    return new BenchStage(folder, runtime.executable, page, server, origin);
  }

  async close(): Promise<void> {
    this.#page.closeAllConnections();
    this.#page.close();
    await this.server.down();
  }

  /** Where a plan's outcome goes. */
  get outcome(): string {
    return join(this.#folder, 'outcome.json');
  }

  /** Starts a program of its own, with nothing kept from before but what is asked for, and waits until it is done. */
  async run(plan: Plan, start: Start): Promise<Outcome> {
    writeFileSync(join(this.#folder, 'plan.json'), JSON.stringify(plan));
    rmSync(plan.outcome, { force: true });
    const library = join(this.#folder, 'library');
    const profile = join(this.#folder, `profile.${start.program}`);
    rmSync(profile, { recursive: true, force: true });
    if (start.program === 'ours') this.#layOut(profile, start.cache === 'cold' ? library : null);
    const app = start.program === 'ours' ? [root, '--library', library] : [join(this.#folder, 'plain')];
    this.server.reset();
    await this.#electron(profile, app);
    const outcome = JSON.parse(readFileSync(plan.outcome, 'utf8')) as Outcome & { readonly error?: string };
    if (outcome.error !== undefined) throw new Error(`${start.program}: ${outcome.error}`);
    return outcome;
  }

  /** Takes the profile of the last run as the one that each further run of ours begins with. */
  keepProfile(): void {
    rmSync(this.#firstProfile, { recursive: true, force: true });
    cpSync(join(this.#folder, 'profile.ours'), this.#firstProfile, { recursive: true });
  }

  /** The profile as it was kept, and the library as it was made, with nothing cached. */
  #layOut(profile: string, library: string | null): void {
    if (existsSync(this.#firstProfile)) cpSync(this.#firstProfile, profile, { recursive: true });
    if (library === null) return;
    rmSync(library, { recursive: true, force: true });
    cpSync(join(this.#folder, 'library.first'), library, { recursive: true });
    for (const end of ['', '-wal', '-shm']) rmSync(join(library, `cache.db${end}`), { force: true });
  }

  get #firstProfile(): string {
    return join(this.#folder, 'profile.first');
  }

  async #electron(profile: string, app: readonly string[]): Promise<void> {
    const needsScreen = process.platform === 'linux' && (process.env['DISPLAY'] ?? '') === '';
    const command = [
      ...(needsScreen ? ['xvfb-run', '-a', '-s', '-screen 0 1920x1080x24'] : []),
      this.#executable,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ...['-r', join(this.#folder, 'probe.cjs')],
      ...[app[0] ?? '', `--user-data-dir=${profile}`, ...app.slice(1)],
    ];
    const env = {
      ...process.env,
      LAMELLA_BENCH_PLAN: join(this.#folder, 'plan.json'),
      DBUS_SESSION_BUS_ADDRESS: 'disabled:',
      LANG: 'en_US.UTF-8',
    };
    const [file = '', ...args] = command;
    const child = spawn(file, args, { env, stdio: process.env['LAMELLA_BENCH_LOG'] ? 'inherit' : 'ignore' });
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(`${app[0]} ended with code ${String(code)}`);
  }
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
};

async function servePage(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    try {
      const body = readFileSync(join(folder, pathname));
      response.writeHead(200, { 'Content-Type': types[extname(pathname)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function buildProbe(outDir: string): Promise<void> {
  const { build } = await import('vite');
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: true,
      target: 'node18',
      outDir,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: {
        input: { probe: join(import.meta.dirname, 'probe.ts') },
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  });
}

/** An app that is nothing: the probe opens its window. */
function writePlainApp(folder: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'plain', main: 'main.cjs' }));
  writeFileSync(join(folder, 'main.cjs'), `require('electron').app.on('window-all-closed', () => {});\n`);
}

/** What is open before: small, and black all over. */
function writeBlank(folder: string): string {
  mkdirSync(join(folder, 'full'), { recursive: true });
  const size = [64, 64, 64];
  writeFileSync(join(folder, 'full', '0-64_0-64_0-64'), new Uint8Array(64 ** 3));
  const scale = {
    key: 'full',
    size,
    resolution: [8, 8, 8],
    voxel_offset: [0, 0, 0],
    chunk_sizes: [size],
    encoding: 'raw',
  };
  const info = { type: 'image', data_type: 'uint8', num_channels: 1, scales: [scale] };
  writeFileSync(join(folder, 'info'), JSON.stringify(info));
  return folder;
}

/** While the command line reads of it, the server here must answer. */
async function makeLibrary(library: string, volume: string, blank: string, origin: string): Promise<void> {
  const command = join(root, 'tools', 'lamella.mjs');
  for (const [name, source, ...flags] of [
    [volumeNames.far, `precomputed://${origin}`, '--allow-private'],
    [volumeNames.near, volume],
    [volumeNames.blank, blank],
  ] as const) {
    const args = ['volume', 'add', '--library', library, '--name', name, '--source', source, ...flags];
    await promisify(execFile)(process.execPath, [command, ...args]);
  }
}
