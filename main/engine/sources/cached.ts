import { createHash, randomBytes } from 'node:crypto';
import { isLamellaError, type LamellaError } from '../../../preload/contract/errors.ts';
import type { ByteRange, ByteSource, Entry } from '../formats/byte-store.ts';
import { checkedKey } from './keys.ts';
import type { RemoteSource } from './object-reader.ts';
import { SingleFlight } from './single-flight.ts';

/** Where blobs stay from one day to the next; what `store/brick-cache.ts` is. It checks what it gives back. */
export interface ByteCache {
  get(key: string): Uint8Array | undefined;
  putSoon(key: string, bytes: Uint8Array): void;
  removeBelow?(prefix: string): void;
}

/** 'offline': the server could not be reached when it was last asked. */
export type NetworkState = 'online' | 'offline';

export interface CachedSource extends ByteSource {
  state(): NetworkState;
  onState(listener: (state: NetworkState) => void): () => void;
  denied(): boolean;
  /** What was read counts no more, and files may be others than they were. */
  forget(): void;
  /** Does work that reads past what was kept, and keeps what it reads: what was kept proved to be damaged. */
  afresh<T>(work: () => Promise<T>): Promise<T>;
}

export interface CachedOptions {
  readonly source: RemoteSource;
  /** null: only equal requests at the same time are shared. */
  readonly cache: ByteCache | null;
  /** The same for the same place, and for no other. */
  readonly fingerprint: string;
  /** After a failure, how long what is not cached fails at once instead of trying the server again. */
  readonly pauseMs?: number;
  /** Asked before it is kept that something is not there: throws where the dataset is not what it was. */
  readonly whenAbsent?: (signal: AbortSignal) => Promise<void>;
}

/**
 * Keeps every answer of a server, and that something is not there; a second opening asks the server nothing. Where it
 * can't be reached, what is kept is served. Parts of a file are kept by the version of the file, so that a version
 * never completes another. Only whole, checked answers are kept.
 */
export function cachedSource(options: CachedOptions): CachedSource {
  const kept = new Cached(options);
  return {
    name: options.source.name,
    get: (key, range, signal) => kept.get(key, range, signal),
    sizeOf: (key, signal) => kept.sizeOf(key, signal),
    list: (prefix) => kept.list(prefix),
    children: (prefix) => kept.children(prefix),
    state: () => kept.state,
    onState: (listener) => kept.onState(listener),
    denied: () => options.source.denied(),
    forget: () => kept.forget(),
    afresh: (work) => kept.afresh(work),
  };
}

/** The last byte of a blob: whether there is anything by that key. */
const [ABSENT, THERE] = [0, 1];
const maxKeptBytes = 256 << 20;
const maxKeptText = 8 << 20;
const usualPauseMs = 3000;
const believed = (): Promise<void> => Promise.resolve();

class Cached {
  readonly #source: RemoteSource;
  readonly #cache: ByteCache | null;
  readonly #root: string;
  readonly #pauseMs: number;
  readonly #flights = new SingleFlight();
  readonly #listeners = new Set<(state: NetworkState) => void>();
  /** What tells this reading of the source from those before `forget`; also when the cache lost the note of it. */
  #epoch: string;
  #failure: { readonly error: LamellaError; readonly until: number } | undefined;
  readonly #whenAbsent: NonNullable<CachedOptions['whenAbsent']>;
  #answeredAt = -Infinity;
  /** Reads under way that want nothing of what was kept. */
  #afresh = 0;

  constructor({ source, cache, fingerprint, pauseMs = usualPauseMs, whenAbsent = believed }: CachedOptions) {
    [this.#source, this.#cache, this.#root, this.#pauseMs] = [source, cache, `source/${fingerprint}/`, pauseMs];
    this.#whenAbsent = whenAbsent;
    this.#epoch = this.#storedEpoch() ?? this.#newEpoch();
  }

  get state(): NetworkState {
    return this.#failure ? 'offline' : 'online';
  }

  onState(listener: (state: NetworkState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  forget(): void {
    this.#flights.forget();
    this.#source.forgetTags();
    this.#cache?.removeBelow?.(this.#root);
    this.#epoch = this.#newEpoch();
    this.#failed(undefined);
  }

  async afresh<T>(work: () => Promise<T>): Promise<T> {
    this.#afresh += 1;
    // What is damaged says nothing of what the file is when it is well.
    this.#source.forgetTags();
    try {
      return await work();
    } finally {
      this.#afresh -= 1;
    }
  }

  async get(key: string, range: ByteRange | undefined, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    checkedKey(key, this.#source.name);
    if (range !== undefined) return this.#part(key, range, signal);
    return this.#kept(`bytes/${key}`, signal, (stop) => this.#source.get(key, undefined, stop));
  }

  async #part(key: string, range: ByteRange, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const [epoch, place] = [this.#epoch, `${range.offset}+${range.length}`];
    const tag = this.#storedText(`${this.#root}${epoch}/tag/${key}`);
    const blob = tag === undefined ? undefined : this.#blob(epoch, partName(key, tag, place));
    if (blob) return unpacked(blob);
    return this.#flights.run(`${epoch}/part/${key}@${place}`, signal, async (stop) => {
      if (tag && this.#afresh === 0 && this.#source.tagOf(key) === undefined) this.#source.expectTag(key, tag);
      const bytes = await this.#online(() => this.#source.get(key, range, stop), stop);
      const now = this.#source.tagOf(key) ?? '';
      if (now !== tag) this.#cache?.putSoon(`${this.#root}${epoch}/tag/${key}`, new TextEncoder().encode(now));
      this.#keep(epoch, partName(key, now, place), bytes);
      return bytes;
    });
  }

  async sizeOf(key: string, signal?: AbortSignal): Promise<number | undefined> {
    const bytes = await this.#kept(`size/${key}`, signal, async (stop) => text(await this.#source.sizeOf(key, stop)));
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as number);
  }

  async list(prefix: string): Promise<readonly string[]> {
    const bytes = await this.#kept(`list/${prefix}`, undefined, async () => text(await this.#source.list(prefix)));
    return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as readonly string[]) : [];
  }

  async children(prefix: string): Promise<readonly Entry[] | undefined> {
    const work = async (): Promise<Uint8Array | undefined> => text(await this.#source.children(prefix));
    const bytes = await this.#kept(`children/${prefix}`, undefined, work);
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as readonly Entry[]);
  }

  async #kept(
    what: string,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> {
    const epoch = this.#epoch;
    const blob = this.#blob(epoch, what);
    if (blob) return unpacked(blob);
    return this.#flights.run(`${epoch}/${what}`, signal, async (stop) => {
      const bytes = await this.#online(() => work(stop), stop);
      this.#keep(epoch, what, bytes);
      return bytes;
    });
  }

  #blob(epoch: string, what: string): Uint8Array | undefined {
    return this.#afresh > 0 ? undefined : this.#cache?.get(`${this.#root}${epoch}/${what}`);
  }

  #keep(epoch: string, what: string, bytes: Uint8Array | undefined): void {
    const isBytes = what.startsWith('bytes/') || what.startsWith('part/');
    if (!this.#cache || (bytes?.byteLength ?? 0) > (isBytes ? maxKeptBytes : maxKeptText)) return;
    const blob = new Uint8Array((bytes?.byteLength ?? 0) + 1);
    if (bytes) blob.set(bytes);
    blob[blob.byteLength - 1] = bytes === undefined ? ABSENT : THERE;
    this.#cache.putSoon(`${this.#root}${epoch}/${what}`, blob);
  }

  /**
   * Notes whether the server is there; while it is not, one request in a while finds out, and the others don't wait. A
   * server that has answered others in the meantime is there: only this one thing can't be had of it.
   */
  async #online<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#failure && performance.now() < this.#failure.until) throw this.#failure.error;
    const began = performance.now();
    try {
      const result = await work();
      this.#answeredAt = performance.now();
      this.#failed(undefined);
      if (result === undefined) await this.#whenAbsent(signal);
      return result;
    } catch (error) {
      if (isLamellaError(error, 'unreachable') && this.#answeredAt < began) this.#failed(error);
      else if (isLamellaError(error, 'unauthorized', 'bad-source')) this.#failed(undefined);
      throw error;
    }
  }

  #failed(error: LamellaError | undefined): void {
    const before = this.state;
    this.#failure = error && { error, until: performance.now() + this.#pauseMs };
    const now = this.state;
    if (now !== before) for (const listener of this.#listeners) listener(now);
  }

  #storedEpoch(): string | undefined {
    const stored = this.#storedText(`${this.#root}epoch`);
    return stored !== undefined && /^[0-9a-f]{12}$/.test(stored) ? stored : undefined;
  }

  #newEpoch(): string {
    const epoch = randomBytes(6).toString('hex');
    this.#cache?.putSoon(`${this.#root}epoch`, new TextEncoder().encode(epoch));
    return epoch;
  }

  #storedText(key: string): string | undefined {
    const bytes = this.#cache?.get(key);
    return bytes && new TextDecoder().decode(bytes);
  }
}

/** Parts of two versions of a file have different names. */
const partName = (key: string, tag: string, place: string): string =>
  `part/${key}@${createHash('sha256').update(tag).digest('hex').slice(0, 12)}@${place}`;

const unpacked = (blob: Uint8Array): Uint8Array | undefined =>
  blob.at(-1) === ABSENT ? undefined : blob.subarray(0, -1);

const text = (value: unknown): Uint8Array | undefined =>
  value === undefined ? undefined : new TextEncoder().encode(JSON.stringify(value));
