import type { Volume } from '../../../../preload/contract/library.ts';
import type { Kernels } from '../../jobs/job.ts';
import { measuredPicture, type MeasuredPicture } from '../../stacks/picture-facts.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { thumbnailPx } from '../../store/thumbnails.ts';
import type { Mosaic } from './mosaic.ts';

export interface MeasureEnv {
  readonly library: LibraryStore;
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
}

/** So many tiles of a channel, evenly spread, say what it usually holds. */
const sampled = 9;

const described = new WeakMap<Mosaic, Volume>();

/**
 * The volume of a mosaic with a first contrast of each channel: the tiles' own pictures were measured when they came, of
 * the others a few are measured now. A tile far out is drawn in the usual grey of its channel until it has been read.
 */
export async function describedVolume(mosaic: Mosaic, env: MeasureEnv): Promise<Volume> {
  const before = described.get(mosaic);
  if (before) return before;
  const { volume } = mosaic;
  const others = volume.channels.slice(1).map((_, i) => windowOf(mosaic, i + 1, env));
  const windows = [volume.window, ...(await Promise.all(others))];
  const channels = volume.channels.map((one, i) => ({ ...one, window: windows[i] ?? one.window }));
  const made = { ...volume, channels };
  described.set(mosaic, made);
  return made;
}

async function windowOf(mosaic: Mosaic, channel: number, env: MeasureEnv): Promise<readonly [number, number]> {
  const { table, tilesAt } = mosaic.channel(channel);
  const step = Math.max(1, table.count / sampled);
  const numbers = Uint32Array.from({ length: Math.min(sampled, table.count) }, (_, i) => Math.floor(i * step));
  const read = tilesAt(numbers).map(({ path }) =>
    measuredPicture(env.library, path, thumbnailPx, env.kernels, env.signal),
  );
  const measured = (await Promise.all(read)).filter((one) => one !== null);
  if (measured.length === 0) return table.window;
  const [usual, low, high] = [medianOf(measured, 'mean'), medianOf(measured, 'low'), medianOf(measured, 'high')];
  table.means.forEach((mean, at) => mean === 0 && (table.means[at] = usual));
  return [low, Math.max(high, low + 1)];
}

const medianOf = (measured: readonly MeasuredPicture[], key: 'mean' | 'low' | 'high'): number =>
  measured.map((one) => one[key]).toSorted((a, b) => a - b)[measured.length >> 1] ?? 0;
