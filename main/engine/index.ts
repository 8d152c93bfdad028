import { existsSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { api } from '../../preload/contract/api.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { proceduresOf } from '../../preload/contract/define.ts';
import { createClient } from '../../preload/contract/rpc.ts';
import type { Port } from '../../preload/contract/rpc.ts';
import { carryOut, knownKinds } from './carry.ts';
import { Grants } from './grants.ts';
import { handlersOf } from './handlers.ts';
import { OpenLibraries } from './jobs/open-libraries.ts';
import { Pool } from './jobs/pool.ts';
import type { CallerKind } from './journeys/call.ts';
import type { BrickPatience } from './journeys/view/patience.ts';
import { HeldShapes } from './journeys/shape/held-shapes.ts';
import { FilesInParts } from './journeys/figure/files-in-parts.ts';
import { LibraryAccess } from './library-access.ts';
import { portPair } from './port-pair.ts';
import { serve } from './rpc-server.ts';
import type { Credentials } from './sources/index.ts';
import { openNetwork, type NetworkOptions } from './sources/network.ts';
import { Recents } from './store/recents.ts';
import { UnfinishedFiles } from './store/unfinished-files.ts';
import { temporaryPrefix } from './targets/folder.ts';
import { OpenVolumes } from './volumes/open-volumes.ts';
import { lamellaVersion } from './version.ts';

export interface EngineOptions {
  /** Where the engine keeps what belongs to no library, such as the list of recent ones; left out = nowhere. */
  readonly folder?: string;
  /** Worker threads; one a core where left out. */
  readonly threads?: number;
  /** The entry of a worker thread; beside the built engine where left out. */
  readonly workerFile?: string;
  /** The native addon of the kernels; beside the worker's entry where left out. */
  readonly kernelsFile?: string;
  /** better-sqlite3's binding, for a runtime with Node-API below 10. */
  readonly nativeBinding?: string;
  /** Cap of each library's cache.db. */
  readonly cacheBytes?: number;
  /** A silent worker is replaced after this long. */
  readonly workerSilenceMs?: number;
  /** Timeouts and tries of what is read of servers. */
  readonly network?: NetworkOptions;
  /** How long a server may be silent about a brick that is looked at: 5 s, and given up after 15, where left out. */
  readonly patience?: BrickPatience;
  /** Keys for buckets of S3, asked for whenever one is opened; kept nowhere. Anonymous where left out. */
  readonly credentials?: Credentials;
  readonly clock?: () => Date;
  readonly log?: (line: string) => void;
}

/** The engine, in this process. */
export interface Engine {
  /** Answers calls that come through a port, until it closes: all of them, or `only` these. */
  connect(port: Port, caller: CallerKind, only?: readonly string[]): void;
  /** A trusted client within this process, over the same wire as every other. */
  client(): LamellaClient;
  /** Lets callers name `path` by `id`. */
  grant(id: string, path: string): void;
  /** Lets the window read from a server of this computer or a private network; the shell has asked the user. */
  allowOrigin(origin: string): void;
  /** Puts running jobs down, to be resumed, and closes every library. */
  close(): Promise<void>;
}

const DEFAULT_CACHE_BYTES = 4 * 2 ** 30;

/** Puts an engine together: the only place where its parts are joined. */
export function createEngine(options: EngineOptions = {}): Engine {
  const {
    nativeBinding = shippedBinding(),
    cacheBytes = DEFAULT_CACHE_BYTES,
    credentials,
    clock: now = () => new Date(),
    log = () => undefined,
  } = options;
  const pool = new Pool({
    ...workerFiles(options),
    threads: options.threads ?? coreCount(),
    silenceMs: options.workerSilenceMs,
    log,
  });
  const recents = new Recents(options.folder ? options.folder : null, log);
  const kinds = new Map();
  const libraries = new OpenLibraries({
    kernels: pool,
    kinds,
    recents,
    cacheBytes,
    nativeBinding,
    version: lamellaVersion,
    now,
    log,
  });
  const grants = new Grants();
  const access = new LibraryAccess(libraries, grants);
  const network = openNetwork({ log, clock: now, ...options.network });
  const reached = { network, ...(credentials && { credentials }) };
  const volumes = new OpenVolumes(reached, log);
  const shapes = new HeldShapes(reached, volumes);
  const files = new FilesInParts(new UnfinishedFiles(options.folder ?? null, temporaryPrefix, log));
  const handlers = handlersOf({
    access,
    recents,
    volumes,
    shapes,
    files,
    patience: options.patience,
    client: () => client(),
  });
  for (const [path, kind] of knownKinds(handlers)) kinds.set(path, kind);
  const procedures = new Map(proceduresOf(api).map(({ path, procedure }) => [path, procedure]));
  const connect: Engine['connect'] = (port, caller, only) =>
    serve(port, {
      procedures: only ? new Map([...procedures].filter(([path]) => only.includes(path))) : procedures,
      log,
      carry: (path, input, context) => carryOut({ path, input, context, caller, handlers, pool, access, grants }),
    });
  const client: Engine['client'] = () => {
    const [ours, theirs] = portPair();
    connect(ours, 'trusted');
    return createClient(theirs, api);
  };
  return {
    connect,
    client,
    grant: (id, path) => grants.grant(id, path),
    allowOrigin: (origin) => grants.allowOrigin(origin),
    close: async () => {
      await libraries.closeAll();
      await files.closeAll();
      await volumes.closeAll();
      network.close();
      await pool.close();
    },
  };
}

/** `availableParallelism` is missing before Node 18.14. */
const coreCount = (): number => (typeof availableParallelism === 'function' ? availableParallelism() : cpus().length);

/** better-sqlite3's own binary needs Node-API 10; the build leaves a recompiled one for older runtimes beside this file. */
function shippedBinding(): string | undefined {
  if (Number(process.versions['napi']) >= 10) return undefined;
  return process.env['LAMELLA_SQLITE_BINDING'] ?? join(builtFolder(), 'better_sqlite3-napi8.node');
}

/** Built: worker.cjs and the addon lie beside the entries, this code perhaps in a folder of shared chunks. */
function workerFiles({ workerFile, kernelsFile }: EngineOptions): { workerFile: string; kernelsFile: string } {
  const isBuilt = extname(import.meta.filename) === '.cjs';
  const folder = isBuilt ? builtFolder() : join(import.meta.dirname, '..', '..', 'native-workers');
  return {
    workerFile: workerFile ?? join(folder, isBuilt ? 'worker.cjs' : 'worker.ts'),
    kernelsFile: kernelsFile ?? join(folder, 'lamella-kernels.node'),
  };
}

function builtFolder(): string {
  const here = import.meta.dirname;
  return existsSync(join(here, 'worker.cjs')) ? here : dirname(here);
}
