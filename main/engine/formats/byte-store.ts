/**
 * Where a format reads and writes bytes: a folder now; http, S3 or a zip later. Keys are relative, with forward
 * slashes, and never contain `..`.
 */
export interface ByteSource {
  /** What to call it in messages. */
  readonly name: string;
  /** The bytes, or undefined where there is nothing by that key. Throws LamellaError for every other failure. */
  get(key: string, range?: { readonly offset: number; readonly length: number }): Promise<Uint8Array | undefined>;
  /** Every key below a prefix, sorted. */
  list(prefix: string): Promise<readonly string[]>;
}

export interface ByteStore extends ByteSource {
  /** Durable when the promise settles: temporary name, fsync, rename. 'disk-full' and 'not-writable' as they are. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
}
