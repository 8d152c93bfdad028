import { LamellaError } from '../../../preload/contract/errors.ts';
import { datasetRow, sectionsOf, tilesOf } from '../store/tiles.ts';
import { thumbnailOf } from '../volumes/thumbnail-of.ts';
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

function missing(dataset: string, tile: number): never {
  throw new LamellaError('not-found', `The dataset ${dataset} has no tile ${tile}.`, {
    hint: 'List its tiles with tile list.',
    fields: { dataset, tile },
  });
}
