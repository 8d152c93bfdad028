import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { lineageStepSchema } from '../../../preload/contract/stack.ts';
import type { ReadHandle, Row } from '../store/library-store.ts';

export type LineageStep = z.infer<typeof lineageStepSchema>;

/** Longer chains are cut: a stack whose parents go round in a circle would have no end. */
const mostSteps = 256;

interface StepRow {
  readonly id: string;
  readonly dataset: string;
  readonly version: number;
  readonly made_by: string;
  readonly parent: string | null;
  readonly parameters: string;
  readonly job: string;
  readonly created_at: string;
  readonly removed: number;
  readonly lamella_version: string | null;
  readonly kernels: string | null;
}

/** The steps that a stack version came by, itself first; steps that were removed or undone are still told. */
export function lineageOf(read: ReadHandle, stack: string): LineageStep[] {
  const steps: LineageStep[] = [];
  for (let id: string | null = stack; id !== null && steps.length < mostSteps;) {
    const row: StepRow | undefined = read.get<StepRow>(
      'SELECT s.*, j.lamella_version, j.kernels FROM stack s LEFT JOIN job j ON j.id = s.job WHERE s.id = ?',
      id,
    );
    if (!row) break;
    steps.push(stepOf(read, row));
    id = row.parent;
  }
  return steps;
}

const stepOf = (read: ReadHandle, row: StepRow): LineageStep => ({
  stack: row.id,
  version: row.version,
  madeBy: row.made_by,
  parameters: recordOf(row.parameters),
  job: row.job,
  lamella: row.lamella_version ?? '',
  kernels: recordOf(row.kernels ?? '{}'),
  createdAt: row.created_at,
  inputsSha256: inputsSha256(read, row.dataset),
  contentSha256: contentSha256(read, row.id),
  removed: row.removed === 1,
});

const recordOf = (json: string): Record<string, unknown> => JSON.parse(json) as Record<string, unknown>;

/** Of the images of a dataset: names and checksums of their files. */
export const inputsSha256 = (read: ReadHandle, dataset: string): string =>
  hashOf(read, ['SELECT name, sha256 FROM tile WHERE dataset = ? ORDER BY id'], dataset);

const contents = [
  'SELECT tile, stack_from_tile, transforms, rms_px, placed_by, fixed FROM placement WHERE stack = ? ORDER BY tile',
  'SELECT * FROM link WHERE stack = ? ORDER BY tile_a, tile_b',
  'SELECT id, spec FROM shared_transform WHERE stack = ? ORDER BY id',
  'SELECT * FROM intensity WHERE stack = ? ORDER BY tile, channel',
];

/** Of all that a stack version says of its tiles: equal where two are, to the bit. */
export const contentSha256 = (read: ReadHandle, stack: string): string => hashOf(read, contents, stack);

function hashOf(read: ReadHandle, queries: readonly string[], key: string): string {
  const hash = createHash('sha256');
  for (const sql of queries)
    for (const row of read.each<Row>(sql, key)) {
      for (const [column, value] of Object.entries(row))
        if (column !== 'stack') hash.update(value instanceof Uint8Array ? value : `${column}=${String(value)}\0`);
    }
  return hash.digest('hex');
}
