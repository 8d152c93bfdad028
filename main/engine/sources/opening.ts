import { z } from 'zod';
import type { ByteRange, ByteSource } from '../formats/byte-store.ts';

/**
 * What was read to open a dataset: its metadata. Kept in the library, so that a dataset on a server opens at once, while
 * the server is asked whether it is still what it was: see `OpenPlace.stillIs`.
 */
export const openingSchema = z
  .array(
    z.object({
      key: z.string().max(4096),
      range: z.tuple([z.number().int().min(0), z.number().int().min(0)]).nullable(),
      /** Base 64; null: there was nothing by that key. */
      bytes: z.string().nullable(),
    }),
  )
  .max(64);
export type Opening = z.infer<typeof openingSchema>;
type Read = Opening[number];

/** More than the metadata of a dataset takes: what reads so much is opened from its source each time. */
const [mostReads, mostBytes] = [64, 2 ** 18];

/** Notes what a dataset is opened from. */
export class OpeningNotes {
  #reads: Read[] | null = [];
  #bytes = 0;
  #open = true;

  note(key: string, range: ByteRange | undefined, bytes: Uint8Array | undefined): void {
    if (!this.#open || !this.#reads || this.#reads.some(isRead(key, range))) return;
    this.#bytes += bytes?.byteLength ?? 0;
    const at = range ? ([range.offset, range.length] as [number, number]) : null;
    const kept = bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') : null;
    if (this.#reads.length >= mostReads || this.#bytes > mostBytes) this.#reads = null;
    else this.#reads.push({ key, range: at, bytes: kept });
  }

  seal(): void {
    this.#open = false;
  }

  /** null where it was more than is kept. */
  get opening(): Opening | null {
    return this.#reads;
  }
}

/** A source of which is known what opening reads of it. */
export interface RememberedSource<S extends ByteSource> {
  readonly source: S;
  /** Whether anything came from memory. */
  wasUsed(): boolean;
  /** From now on all is read of the source itself. */
  seal(): void;
}

export function remembered<S extends ByteSource>(source: S, opening: Opening): RememberedSource<S> {
  let [used, open] = [false, true];
  const get: ByteSource['get'] = async (key, range, signal) => {
    const known = open ? opening.find(isRead(key, range)) : undefined;
    if (!known) return source.get(key, range, signal);
    used = true;
    return known.bytes === null ? undefined : new Uint8Array(Buffer.from(known.bytes, 'base64'));
  };
  return { source: { ...source, get }, wasUsed: () => used, seal: () => void (open = false) };
}

const isRead =
  (key: string, range: ByteRange | undefined) =>
  (one: Read): boolean =>
    one.key === key && (range ? one.range?.[0] === range.offset && one.range[1] === range.length : one.range === null);
