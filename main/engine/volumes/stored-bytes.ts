import type { ByteSource } from '../formats/byte-store.ts';

/** A folder of more files than this is not counted. */
const mostFiles = 50_000;

/** Bytes of a file, or of all files below a folder; null where they can't be listed, or are too many to count. */
export async function storedBytesOf(
  place: { readonly source: ByteSource; readonly key: string; readonly kind: 'local' | 'remote' },
  signal: AbortSignal,
): Promise<number | null> {
  if (place.key !== '') return (await place.source.sizeOf(place.key, signal)) ?? null;
  if (place.kind === 'remote') return null;
  const state = { files: 0 };
  return below(place.source, '', state, signal);
}

async function below(
  source: ByteSource,
  prefix: string,
  state: { files: number },
  signal: AbortSignal,
): Promise<number | null> {
  const entries = await source.children(prefix);
  if (!entries) return null;
  let bytes = 0;
  for (const { name, isFolder } of entries) {
    signal.throwIfAborted();
    if (!isFolder && (state.files += 1) > mostFiles) return null;
    const size = isFolder
      ? await below(source, `${prefix}${name}/`, state, signal)
      : ((await source.sizeOf(`${prefix}${name}`, signal)) ?? 0);
    if (size === null) return null;
    bytes += size;
  }
  return bytes;
}
