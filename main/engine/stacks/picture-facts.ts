import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { z } from 'zod';
import { dtypeSchema } from '../../../preload/contract/space.ts';
import type { Kernels } from '../jobs/job.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { getThumbnail, putThumbnail, type Thumbnail, type ThumbnailPx } from '../store/thumbnails.ts';
import { lookAt } from '../volumes/thumbnail-of.ts';

const factsSchema = z.object({
  sha256: z.string(),
  dtype: dtypeSchema,
  mean: z.number(),
  /** 0.1 % and 99.9 % grey levels. */
  low: z.number(),
  high: z.number(),
});

/** What a picture holds that was not measured when its tile came: one of a further channel, or a mask. */
export type PictureFacts = z.infer<typeof factsSchema>;

export interface MeasuredPicture extends PictureFacts {
  readonly thumbnail: Thumbnail;
}

/** Measured when it is first looked at, and again once its file is another; null for one that cannot be read. */
export async function measuredPicture(
  library: LibraryStore,
  path: string,
  px: ThumbnailPx,
  kernels: Kernels,
  signal: AbortSignal,
): Promise<MeasuredPicture | null> {
  const { cache } = library;
  const key = await keyOf(path);
  if (key === null) return null;
  const facts = factsIn(cache.get(key));
  const kept = facts && getThumbnail(cache, facts.sha256, px);
  if (facts && kept) return { ...facts, thumbnail: kept };
  const looked = await lookAt(library, path, kernels, signal);
  if (!looked) return null;
  const { sha256, dtype, mean, percentiles } = looked.header;
  const made: PictureFacts = { sha256, dtype, mean, low: percentiles[0], high: percentiles[2] };
  putThumbnail(cache, sha256, looked.thumbnail);
  cache.putSoon(key, Buffer.from(JSON.stringify(made)));
  return { ...made, thumbnail: looked.thumbnail };
}

async function keyOf(path: string): Promise<string | null> {
  try {
    const { size, mtimeMs } = await stat(path);
    const hash = createHash('sha256').update(JSON.stringify([path, size, mtimeMs]));
    return `picture/v1/${hash.digest('hex').slice(0, 40)}`;
  } catch {
    return null;
  }
}

function factsIn(blob: Uint8Array | undefined): PictureFacts | null {
  if (!blob) return null;
  try {
    return factsSchema.safeParse(JSON.parse(Buffer.from(blob).toString('utf8'))).data ?? null;
  } catch {
    return null;
  }
}
