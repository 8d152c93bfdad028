import { statSync } from 'node:fs';
import { z } from 'zod';
import type { LibraryStore, ReadHandle } from './library-store.ts';

/** What a unit of fusing leaves in the ledger. */
const writtenSchema = z.object({ chunks: z.array(z.object({ key: z.string(), bytes: z.number() })) });

/**
 * The chunks that the job which made a volume wrote, by key, with their bytes. Chunks that are all 0 are not written, so
 * only this record tells an empty chunk from a lost one. Empty where the ledger has nothing of that job.
 */
function recordedChunks(read: ReadHandle, job: string): ReadonlyMap<string, number> {
  const chunks = new Map<string, number>();
  for (const { output } of read.each<{ output: string }>('SELECT output FROM unit WHERE job = ?', job)) {
    const written = writtenSchema.safeParse(JSON.parse(output));
    for (const { key, bytes } of written.data?.chunks ?? []) chunks.set(key, bytes);
  }
  return chunks;
}

export interface WrittenVolume {
  readonly folder: string;
  readonly job: string;
  /** Of all its chunks. */
  readonly bytes: number;
}

/**
 * Chunks of a volume that are not as they were written: each by its key and what is wrong. Where tiles were reviewed
 * while fusing was paused the ledger has regions of both states; then the bytes do not add up and nothing can be said.
 */
export function chunkProblems(library: LibraryStore, { folder, job, bytes: total }: WrittenVolume): readonly string[] {
  const recorded = recordedChunks(library.read, job);
  if ([...recorded.values()].reduce((sum, bytes) => sum + bytes, 0) !== total) return [];
  const problems: string[] = [];
  for (const [key, bytes] of recorded) {
    const found = statSync(library.pathOf(...folder.split('/'), ...key.split('/')), { throwIfNoEntry: false });
    if (!found) problems.push(`${key} is gone`);
    else if (found.size !== bytes) problems.push(`${key} has ${found.size} bytes, not ${bytes}`);
  }
  return problems;
}
