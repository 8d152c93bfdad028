import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Kernels } from '../jobs/job.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { getThumbnail, putThumbnail, type Thumbnail, thumbnailPx } from '../store/thumbnails.ts';
import { datasetRow, sectionsOf, type StoredTile, tilesOf } from '../store/tiles.ts';
import type { HandlersOf } from './call.ts';

export const tileHandlers: HandlersOf<'tile'> = {
  list: ({ library, dataset, section }, call) => {
    const { read } = call.library(library);
    datasetRow(read, dataset);
    const tiles = tilesOf(read, dataset, section).map(
      ({ path: _path, pixelSha256: _pixels, hasSpec: _spec, ...tile }) => tile,
    );
    return { value: { tiles, sections: [...sectionsOf(read, dataset)] } };
  },

  thumbnails: async ({ library, dataset, tiles }, call) => {
    const store = call.library(library);
    const byId = new Map(tilesOf(store.read, dataset).map((tile) => [tile.id, tile]));
    const asked = tiles.map((id) => byId.get(id) ?? missing(dataset, id));
    const found = await Promise.all(asked.map((tile) => thumbnailOf(store, tile, call.kernels, call.signal)));
    const thumbnails = found.map(({ widthPx, heightPx }, i) => ({ tile: tiles[i] ?? 0, widthPx, heightPx }));
    return { value: { thumbnails }, bytes: Buffer.concat(found.map(({ pixels }) => pixels)) };
  },

  histogram: ({ library, dataset, tile }, call) => {
    const { read } = call.library(library);
    const row =
      read.get<{ histogram: Uint8Array | null; histogram_range: string | null }>(
        'SELECT histogram, histogram_range FROM tile WHERE dataset = ? AND id = ?',
        dataset,
        tile,
      ) ?? missing(dataset, tile);
    if (!row.histogram || row.histogram_range === null) return { value: { counts: [], range: [0, 0] } };
    const counts = [...new Uint32Array(row.histogram.slice().buffer)];
    const [low = 0, high = 0] = JSON.parse(row.histogram_range) as number[];
    return { value: { counts, range: [low, high] } };
  },

  review: ({ library, dataset, tiles, review }, call) => {
    const store = call.library(library);
    datasetRow(store.read, dataset);
    const known = new Map(tilesOf(store.read, dataset).map((tile) => [tile.id, tile]));
    const asked = [...new Set(tiles)].map((id) => known.get(id) ?? missing(dataset, id));
    const changing = asked.filter((tile) => tile.review !== review);
    if (changing.length === 0) return { changed: 0 };
    const verb = { accepted: 'Accept', rejected: 'Reject', unreviewed: 'Clear the review of' }[review];
    const what = changing.length === 1 ? changing[0]?.fileName : `${changing.length} tiles`;
    store.edit(`${verb} ${what}`, (tx) => {
      for (const { id } of changing) {
        if (review === 'unreviewed') tx.remove('tile_review', String(id));
        else tx.put('tile_review', { id: String(id), review, at: new Date().toISOString() });
      }
    });
    return { changed: changing.length };
  },

  remove: ({ library, dataset }, call) => {
    const store = call.library(library);
    const { name } = datasetRow(store.read, dataset);
    store.edit(`Remove ${name}`, (tx) => tx.put('dataset', { id: dataset, removed: 1 }));
    return { removed: true };
  },
};

/** From the cache, else from the source through the kernel; 0 x 0 for a tile whose file cannot be read. */
async function thumbnailOf(
  store: LibraryStore,
  tile: StoredTile,
  kernels: Kernels,
  signal: AbortSignal,
): Promise<Thumbnail> {
  const nothing: Thumbnail = { widthPx: 0, heightPx: 0, pixels: new Uint8Array() };
  if (tile.sha256 === '') return nothing;
  const cached = getThumbnail(store.cache, tile.sha256);
  if (cached) return cached;
  try {
    const { header, outputs } = await kernels.run(
      'inspect-tile',
      { path: tile.path, thumbnailPx },
      { signal, lane: 'preview' },
    );
    const [widthPx, heightPx] = header.thumbnailSize;
    const made = { widthPx, heightPx, pixels: outputs[0] ?? new Uint8Array(widthPx * heightPx) };
    if (header.sha256 === tile.sha256) putThumbnail(store.cache, tile.sha256, made);
    return made;
  } catch (error) {
    if (signal.aborted) throw error;
    return nothing;
  }
}

function missing(dataset: string, tile: number): never {
  throw new LamellaError('not-found', `The dataset ${dataset} has no tile ${tile}.`, {
    hint: 'List its tiles with tile list.',
    fields: { dataset, tile },
  });
}
