import { createHash } from 'node:crypto';
import { statSync, type Stats } from 'node:fs';
import { basename, dirname } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { below, type ByteSource } from '../formats/byte-store.ts';
import { toText, type Address } from './address.ts';
import { cachedSource, type ByteCache, type NetworkState } from './cached.ts';
import { openFolderSource } from './folder.ts';
import { openGsSource } from './gs.ts';
import { openHttpSource } from './http.ts';
import type { Network } from './network.ts';
import type { RemoteSource } from './object-reader.ts';
import { openS3Source, type BucketAccess } from './s3.ts';
import { splitFile, splitPlace, type RemoteAddress } from './split-place.ts';
import { remembered, OpeningNotes, type Opening } from './opening.ts';
import { noted, Witness, witnessed } from './witness.ts';
import { openZipSource } from './zip.ts';

/**
 * How to reach a bucket, and with which key; undefined = anonymously. `endpoint`: the origin of the server that the
 * address names, or undefined where it names none (`s3://`), which is Amazon's unless the answer says otherwise.
 */
export type Credentials = (bucket: string, endpoint: string | undefined) => BucketAccess | undefined;

/** What sources need of the world. */
export interface SourceEnv {
  /** Sockets and limits, shared by all sources: see `openNetwork`. The one who makes it closes it. */
  readonly network: Network;
  /** Whether servers of this computer and of private networks may be read: the user said so for this address. */
  readonly allowPrivate: boolean;
  /** How buckets of S3 are reached, and with which keys; anonymously, at Amazon, where left out. */
  readonly credentials?: Credentials;
  /** Where what was read of servers stays. */
  readonly cache?: ByteCache | null;
  /** What opening this place read before: a server is not asked for that again before it is open. */
  readonly opening?: Opening | undefined;
  readonly clock?: () => Date;
  /** Origin of Google Cloud Storage; Google's where left out. */
  readonly gsEndpoint?: string;
}

/** A place that is open: fits `Place` of the formats. */
export interface OpenPlace {
  readonly source: ByteSource;
  /** Of the file, or '' where the whole source is the dataset. */
  readonly key: string;
  readonly kind: 'local' | 'remote';
  /** What to show and to store: has no secrets. */
  readonly text: string;
  /** 'offline' while the server can't be reached: what the cache has is still served. */
  state(): NetworkState;
  /** Called with each change of `state`; returns how to stop that. */
  onState(listener: (state: NetworkState) => void): () => void;
  /** When anything came of a server last, by `performance.now()`; -Infinity where nothing did. */
  heardAt(): number;
  /** Whether the server refused a key in a way that may mean "not yours" or "not there" (403 of a bucket). */
  denied(): boolean;
  /** Forgets what is cached and how files were known to be: the next reads ask the server. */
  forget(): void;
  /** Does work that reads past what is cached. */
  afresh<T>(work: () => Promise<T>): Promise<T>;
  /** What was read until now opened the dataset: from now on nothing of it is missing unless that is still there. */
  opened(): void;
  /** What opening read, to be kept; null where that is much, or costs nothing to read again. */
  opening(): Opening | null;
  /**
   * Where it was opened from memory: settles once its source has said that it still is what it was. Throws 'conflict'
   * (`changed`) where it is another, 'unreachable' where it is gone or does not answer.
   */
  stillIs(signal?: AbortSignal): Promise<void>;
  /** Whether it was opened from memory, and its source has not said yet that it still is what it was. */
  isUnproven(): boolean;
  /** Throws 'unreachable' and 'conflict' where what was opened is gone, or another. */
  check(signal?: AbortSignal): Promise<void>;
}

/**
 * Opens what an address names: a file is its folder's source and a key, a folder a source of its own.
 * Throws 'not-found' (a path that is not there), 'unreachable', 'unauthorized', 'forbidden', 'bad-source' (a zip).
 */
export async function openPlace(address: Address, env: SourceEnv, signal?: AbortSignal): Promise<OpenPlace> {
  const place = address.kind === 'path' ? openPath(address.path) : openRemote(address, env);
  const text = toText(address);
  const inside =
    address.inside.length === 0 && isZip(place.key) && address.format === undefined ? [''] : address.inside;
  let at: { source: ByteSource; key: string } = place;
  for (const key of inside) at = await openInside(at.source, at.key, key, signal);
  if (inside !== address.inside) at = await onlyFolder(at.source);
  return { ...place, ...at, text };
}

const isZip = (key: string): boolean => /\.(zip|ozx)$/i.test(key);

type Opened = Omit<OpenPlace, 'text'>;

/** Asks the server nothing yet. */
function openRemote(address: RemoteAddress, env: SourceEnv): Opened {
  const { folder, key } = splitPlace(address);
  const { format: _format, ...plain } = folder;
  const name = toText({ ...plain, inside: [] });
  const endpoint = endpointOf(folder, env);
  const fingerprint = createHash('sha256').update(`${name} ${endpoint}`).digest('hex').slice(0, 24);
  const server = openServer(folder, name, env);
  const memory = remembered(server, env.opening ?? []);
  const notes = new OpeningNotes();
  const witness = new Witness({ source: server, trustMs: remoteTrustMs });
  const whenAbsent = (signal: AbortSignal): Promise<void> => witness.check(signal);
  const source = cachedSource({ source: memory.source, cache: env.cache ?? null, fingerprint, whenAbsent });
  return {
    kind: 'remote',
    source: noted(source, witness, notes),
    key,
    state: () => source.state(),
    onState: (listener) => source.onState(listener),
    heardAt: () => server.heardAt(),
    denied: () => source.denied(),
    forget: () => source.forget(),
    afresh: (work) => source.afresh(work),
    opened: () => {
      for (const one of [witness, memory, notes]) one.seal();
      // The answer is there by the time that the first voxels are.
      if (memory.wasUsed()) void witness.check().catch(nothing);
    },
    opening: () => notes.opening,
    stillIs: async (signal) => {
      if (memory.wasUsed() && !witness.wasGood) await witness.check(signal);
    },
    isUnproven: () => memory.wasUsed() && !witness.wasGood,
    check: (signal) => witness.check(signal),
  };
}

/** The first bytes of a file on a server, read anew and not kept; undefined where there is none. */
export async function readRemoteFile(
  address: RemoteAddress,
  env: SourceEnv,
  mostBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { folder, key } = splitFile(address);
  if (key === '') return undefined;
  const { format: _format, ...plain } = folder;
  const server = openServer(folder, toText({ ...plain, inside: [] }), env);
  return server.get(key, { offset: 0, length: mostBytes }, signal);
}

function openServer(folder: RemoteAddress, name: string, env: SourceEnv): RemoteSource {
  const { network, allowPrivate, clock = () => new Date() } = env;
  if (folder.kind === 'http') return openHttpSource({ url: folder.url, network, allowPrivate });
  const place = { name, bucket: folder.bucket, prefix: folder.key, network, allowPrivate, clock };
  if (folder.kind === 'gs') return openGsSource({ ...place, endpoint: env.gsEndpoint });
  const access = env.credentials?.(folder.bucket, folder.endpoint) ?? {};
  return openS3Source({
    ...place,
    access: folder.endpoint === undefined ? access : { ...access, endpoint: folder.endpoint },
  });
}

/** Buckets of one name on two servers are two places. */
function endpointOf(folder: RemoteAddress, env: SourceEnv): string {
  if (folder.kind !== 's3' || folder.endpoint !== undefined) return '';
  return env.credentials?.(folder.bucket, undefined)?.endpoint ?? '';
}

function openPath(path: string): Opened {
  const found = lookAt(path);
  if (found?.isDirectory()) return openLocal(path, '');
  if (found?.isFile()) return openLocal(dirname(path), basename(path));
  throw new LamellaError('not-found', `${path} is ${found ? 'neither a file nor a folder' : 'not there'}.`, {
    hint: 'Check the spelling, and that the disk or share is connected.',
    fields: { path },
  });
}

function openLocal(folder: string, key: string): Opened {
  const source = openFolderSource(folder, basename(folder) || folder);
  const isThere = (file: string): boolean => source.sizeOf(file) !== undefined;
  const witness = new Witness({ source, trustMs: localTrustMs, isThere });
  return {
    kind: 'local',
    source: witnessed(noted(source, witness), witness),
    key,
    state: () => 'online',
    onState: () => nothing,
    heardAt: () => -Infinity,
    denied: () => false,
    forget: nothing,
    afresh: (work) => work(),
    opened: () => witness.seal(),
    opening: () => null,
    stillIs: () => Promise.resolve(),
    isUnproven: () => false,
    check: (signal) => witness.check(signal),
  };
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = { ELOOP: 'its links lead in a circle', EACCES: 'you may not', ENAMETOOLONG: 'its name is too long' }[
      code
    ];
    throw new LamellaError('bad-source', `${path} can't be looked at: ${why ?? `the system says ${code}`}.`, {
      hint: 'Check the spelling, and that you may read it and every folder above it.',
      fields: { path },
      cause: error,
    });
  }
}

const nothing = (): void => undefined;
/** How long a dataset that was found in order is believed to be: a server is asked once in a while, a disk often. */
const [remoteTrustMs, localTrustMs] = [5000, 500];

/** `inner` names a file of the zip, or a folder of it. */
async function openInside(
  source: ByteSource,
  key: string,
  inner: string,
  signal?: AbortSignal,
): Promise<{ source: ByteSource; key: string }> {
  if (key === '') {
    throw new LamellaError('not-found', `There is no zip at ${source.name}.`, {
      hint: 'Check the address: what stands before "|zip:" must be a zip file.',
      fields: { source: source.name },
    });
  }
  const zip = await openZipSource(source, key, signal);
  if (inner === '' || inner.endsWith('/')) return { source: below(zip, inner.slice(0, -1)), key: '' };
  if ((await zip.sizeOf(inner)) === undefined) return { source: below(zip, inner), key: '' };
  const slash = inner.lastIndexOf('/');
  return { source: below(zip, inner.slice(0, Math.max(slash, 0))), key: inner.slice(slash + 1) };
}

/** A zip that was named without a place in it often holds one folder, which is the dataset. */
async function onlyFolder(source: ByteSource): Promise<{ source: ByteSource; key: string }> {
  const children = (await source.children('')) ?? [];
  const [only] = children;
  if (children.length !== 1 || only === undefined) return { source, key: '' };
  return only.isFolder ? { source: below(source, only.name), key: '' } : { source, key: only.name };
}
