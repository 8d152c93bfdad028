export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** What lies directly below a prefix. */
export interface Entry {
  /** Without the prefix, and without a slash at its end. */
  readonly name: string;
  readonly isFolder: boolean;
}

/**
 * Where a format reads bytes: a folder, a server, a bucket, a zip. Keys are relative, with forward slashes, and never
 * contain `..`.
 */
export interface ByteSource {
  /** What to call it in messages. */
  readonly name: string;
  /**
   * The bytes, or undefined where there is nothing by that key. A range that leaves the file gives what lies inside.
   * Throws LamellaError for every other failure: 'bad-source', 'unreachable', 'forbidden', 'cancelled'.
   */
  get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Bytes of the file by that key; undefined where there is none. */
  sizeOf(key: string, signal?: AbortSignal): number | undefined | Promise<number | undefined>;
  /** Every key below a prefix, sorted. Throws 'bad-source' where the source can't list (a plain web server). */
  list(prefix: string): Promise<readonly string[]>;
  /** The entries directly below a prefix ('' or ending in a slash), sorted; undefined where the source can't list. */
  children(prefix: string): Promise<readonly Entry[] | undefined>;
  /** The path of a file on this computer; absent for sources elsewhere. For libraries that open files themselves. */
  pathOf?(key: string): string;
}

export interface ByteStore extends ByteSource {
  /** Durable when the promise settles: temporary name, fsync, rename. 'disk-full' and 'not-writable' as they are. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  delete(key: string): Promise<void>;
}

/** A part of a source as a source of its own; `prefix` is a folder's key without a slash at its end, or ''. */
export function below(source: ByteSource, prefix: string): ByteSource {
  if (prefix === '') return source;
  const inner = (key: string): string => (key === '' ? `${prefix}/` : `${prefix}/${key}`);
  return {
    name: `${source.name}/${prefix}`,
    get: (key, range, signal) => source.get(inner(key), range, signal),
    sizeOf: (key, signal) => source.sizeOf(inner(key), signal),
    list: async (key) => (await source.list(inner(key))).map((one) => one.slice(prefix.length + 1)),
    children: (key) => source.children(inner(key)),
    ...(source.pathOf && { pathOf: (key: string) => source.pathOf?.(inner(key)) ?? '' }),
  };
}
