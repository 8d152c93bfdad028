import { engine } from '../engine.ts';
import { openLibraryId } from './library.ts';

export interface Thumbnail {
  readonly tile: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Grey levels, one byte a pixel, row by row. */
  readonly grey: Uint8Array;
}

/** Thumbnails of up to 256 tiles in one call. */
export async function fetchThumbnails(
  dataset: string,
  tiles: readonly number[],
  signal: AbortSignal,
): Promise<readonly Thumbnail[]> {
  const { value, bytes } = await engine().tile.thumbnails(
    { library: openLibraryId(), dataset, tiles: [...tiles] },
    { signal },
  );
  let at = 0;
  return value.thumbnails.map(({ tile, widthPx, heightPx }) => {
    const start = at;
    at += widthPx * heightPx;
    return { tile, widthPx, heightPx, grey: (bytes ?? new Uint8Array()).subarray(start, at) };
  });
}

export interface TileHistogram {
  readonly counts: readonly number[];
  readonly range: readonly [number, number];
}

export async function fetchTileHistogram(dataset: string, tile: number, signal: AbortSignal): Promise<TileHistogram> {
  const { value } = await engine().tile.histogram({ library: openLibraryId(), dataset, tile }, { signal });
  return value;
}
