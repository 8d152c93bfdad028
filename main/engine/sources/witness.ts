import { createHash } from 'node:crypto';
import { isLamellaError, LamellaError } from '../../../preload/contract/errors.ts';
import type { ByteRange, ByteSource } from '../formats/byte-store.ts';

/** What opening read, by which the dataset is known again. */
interface Seen {
  readonly key: string;
  readonly range: ByteRange | undefined;
  readonly sum: string;
}

/** Enough for the metadata of a dataset; what opening reads of large files beyond it is not compared. */
const mostSeen = 16;
const mostBytes = 4 << 20;

export interface WitnessOptions {
  /** Reads past any cache. */
  readonly source: Pick<ByteSource, 'name' | 'get'>;
  /** For so long, what was found in order is believed to be. */
  readonly trustMs: number;
  /** Whether a file is there: asked each time, where that costs next to nothing. */
  readonly isThere?: (key: string) => boolean;
}

/**
 * Knows what a dataset was opened from, and tells whether that is still there and as it was. Formats take a file that is
 * not there for a chunk that was never stored, all of it fill value: right in a dataset that is whole, wrong data in
 * one whose disk was pulled out, whose folder was moved, or that was written anew. So nothing is "not there" before the
 * witness was asked.
 */
export class Witness {
  readonly #options: WitnessOptions;
  #seen: Seen[] = [];
  #open = true;
  #goodAt = -Infinity;
  #checking: Promise<void> | null = null;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Notes what is read until the dataset is open. */
  note(key: string, range: ByteRange | undefined, bytes: Uint8Array | undefined): void {
    if (!this.#open || !bytes || bytes.byteLength > mostBytes) return;
    const isOther = (one: Seen): boolean =>
      one.key !== key || one.range?.offset !== range?.offset || one.range?.length !== range?.length;
    // What was read last is what it was opened from.
    const others = this.#seen.filter(isOther);
    if (others.length < mostSeen) this.#seen = [...others, { key, range, sum: sumOf(bytes) }];
  }

  /** The dataset is open. */
  seal(): void {
    this.#open = false;
  }

  /** Whether its source said once that it is what was opened. */
  get wasGood(): boolean {
    return this.#goodAt > -Infinity;
  }

  /** Throws 'unreachable' where what was opened is gone, 'conflict' where it is another, and what reading throws. */
  async check(signal?: AbortSignal): Promise<void> {
    const [first] = this.#seen;
    if (this.#open || !first) return;
    const { isThere, source, trustMs } = this.#options;
    if (isThere?.(first.key) === false) throw gone(first.key, source.name);
    if (performance.now() - this.#goodAt < trustMs) return;
    // Not the caller's signal: others wait for it too.
    this.#checking ??= this.#checkAll().finally(() => (this.#checking = null));
    await this.#checking;
    signal?.throwIfAborted();
  }

  async #checkAll(): Promise<void> {
    const began = performance.now();
    const { source } = this.#options;
    const compare = async ({ key, range, sum }: Seen): Promise<void> => {
      const bytes = await source.get(key, range).catch((error: unknown) => {
        if (!isLamellaError(error, 'bad-source') || error.fields['changed'] !== true) throw error;
        if (error.fields['gone'] === true) return undefined;
        throw changed(key, source.name);
      });
      if (!bytes) throw gone(key, source.name);
      if (sumOf(bytes) !== sum) throw changed(key, source.name);
    };
    await Promise.all(this.#seen.map(compare));
    this.#goodAt = began;
  }
}

const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const gone = (key: string, name: string): LamellaError =>
  new LamellaError('unreachable', `${name} is not there any more: its "${key}" is gone.`, {
    hint: 'Connect the disk or share, or put the folder back, and try again; if it has moved, say where to in Volumes.',
    fields: { source: name, file: key, what: 'its files are gone' },
  });

const changed = (key: string, name: string): LamellaError =>
  new LamellaError('conflict', `${name} was changed while it was open: its "${key}" is another.`, {
    hint: 'Try again to open it anew. If it holds another volume now, take this one out of the library and add it again.',
    fields: { source: name, file: key, changed: true },
  });

/** The source as formats read it: the witness knows what opening reads of it. */
export const noted = <S extends ByteSource>(source: S, ...notes: readonly Pick<Witness, 'note'>[]): S => ({
  ...source,
  get: async (key, range, signal) => {
    const bytes = await source.get(key, range, signal);
    for (const one of notes) one.note(key, range, bytes);
    return bytes;
  },
});

/** The source as formats read it: nothing is missing of it unless the witness says so. */
export const witnessed = (source: ByteSource, witness: Witness): ByteSource => ({
  ...source,
  get: async (key, range, signal) => {
    const bytes = await source.get(key, range, signal);
    if (!bytes) await witness.check(signal);
    return bytes;
  },
  sizeOf: async (key, signal) => {
    const size = await source.sizeOf(key, signal);
    if (size === undefined) await witness.check(signal);
    return size;
  },
});
