import type { TaskOutput } from '../../../native-workers/tasks.ts';
import type { Kernels } from '../jobs/job.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { getThumbnail, putThumbnail, type Thumbnail, type ThumbnailPx, thumbnailPx } from '../store/thumbnails.ts';

/** A file that could not be read is not tried again for so long: hundreds of them may lie in one picture. */
const lostMs = 20_000;
const lost = new WeakMap<LibraryStore, Map<string, number>>();

function lostOf(store: LibraryStore): Map<string, number> {
  const known = lost.get(store) ?? new Map<string, number>();
  lost.set(store, known);
  return known;
}

/** From the cache, else of `thumbnailPx` from the source by the kernel; 0 x 0 for a tile whose file cannot be read. */
export async function thumbnailOf(
  store: LibraryStore,
  tile: { readonly sha256: string; readonly path: string },
  kernels: Kernels,
  signal: AbortSignal,
  px: ThumbnailPx = thumbnailPx,
): Promise<Thumbnail> {
  const nothing: Thumbnail = { widthPx: 0, heightPx: 0, pixels: new Uint8Array() };
  if (tile.sha256 === '') return nothing;
  const cached = getThumbnail(store.cache, tile.sha256, px);
  if (cached) return cached;
  const looked = await lookAt(store, tile.path, kernels, signal);
  if (!looked) return nothing;
  if (looked.header.sha256 === tile.sha256) putThumbnail(store.cache, tile.sha256, looked.thumbnail);
  return looked.thumbnail;
}

/** What the kernel says of a picture, with one of `thumbnailPx`; null for a file that cannot be read. */
export async function lookAt(
  store: LibraryStore,
  path: string,
  kernels: Kernels,
  signal: AbortSignal,
): Promise<{ readonly header: TaskOutput<'inspect-tile'>; readonly thumbnail: Thumbnail } | null> {
  const gone = lostOf(store);
  if (performance.now() - (gone.get(path) ?? -Infinity) < lostMs) return null;
  try {
    const { header, outputs } = await kernels.run('inspect-tile', { path, thumbnailPx }, { signal, lane: 'preview' });
    const [widthPx, heightPx] = header.thumbnailSize;
    return { header, thumbnail: { widthPx, heightPx, pixels: outputs[0] ?? new Uint8Array(widthPx * heightPx) } };
  } catch (error) {
    if (signal.aborted) throw error;
    gone.set(path, performance.now());
    return null;
  }
}
