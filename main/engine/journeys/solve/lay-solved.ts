import { each, inTurns } from '../../jobs/in-turns.ts';
import type { JobRun } from '../../jobs/job.ts';
import { layStack } from '../../stacks/lay-stack.ts';
import type { NewStack } from '../../stacks/stack-rows.ts';
import type { ReadHandle, Row } from '../../store/library-store.ts';
import type { LinkFate } from './solved.ts';

/** The links are those of the parent, with what became of them. */
export async function laySolved(job: JobRun, stack: NewStack, fates: readonly LinkFate[]): Promise<void> {
  const { read } = job.library;
  const byPair = new Map<string, LinkFate>();
  await inTurns(
    each(fates, (fate) => byPair.set(keyOf(fate.tileA, fate.tileB), fate)),
    job.signal,
  );
  await layStack(job, stack, solvedLinks(read, stack, byPair));
}

const keyOf = (tileA: number, tileB: number): string => `${tileA} ${tileB}`;
const rowsAtOnce = 256;

function* solvedLinks(
  read: ReadHandle,
  { id, parent = '' }: NewStack,
  fates: ReadonlyMap<string, LinkFate>,
): Generator<Row> {
  for (let [a, b, found] = [-1, -1, rowsAtOnce]; found === rowsAtOnce;) {
    const rows = read.all<Row & { readonly tile_a: number; readonly tile_b: number }>(
      'SELECT * FROM link WHERE stack = ? AND (tile_a, tile_b) > (?, ?) ORDER BY tile_a, tile_b LIMIT ?',
      ...[parent, a, b, rowsAtOnce],
    );
    for (const row of rows) {
      [a, b] = [row.tile_a, row.tile_b];
      const fate = fates.get(keyOf(a, b));
      const now = fate && { residual_px: fate.residualPx, state: fate.kept ? 'kept' : 'outlier', reason: fate.reason };
      yield { ...row, ...now, stack: id };
    }
    found = rows.length;
  }
}
