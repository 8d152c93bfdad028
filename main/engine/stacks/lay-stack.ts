import { type Laying, layRows } from '../jobs/lay-rows.ts';
import type { Row, WriteHandle } from '../store/library-store.ts';
import { inheritCorrections } from './intensity-rows.ts';
import { linkColumns, type NewStack, placementColumns, stackColumns } from './stack-rows.ts';

/**
 * Writes a new version, its placements and links, hidden until `showStack`, while the engine goes on answering. What a
 * run that was killed left of it is written anew; nothing is done where it is there and shown. Grey levels are corrected
 * as in its parent. `links`: rows of links that are not those of the version itself.
 */
export async function layStack(job: Laying, stack: NewStack, links?: Iterable<Row>): Promise<void> {
  const { library } = job;
  const before = library.read.get<{ version: number; removed: number }>(
    'SELECT version, removed FROM stack WHERE id = ?',
    stack.id,
  );
  if (before?.removed === 0) return;
  library.record((tx) => {
    for (const table of ['placement', 'link', 'shared_transform', 'intensity'])
      if (before) tx.run(`DELETE FROM ${table} WHERE stack = ?`, stack.id);
    tx.put('stack', { ...stackColumns(tx, stack), ...(before && { version: before.version }), removed: 1 });
  });
  await layRows(
    job,
    'placement',
    mapped(stack.placed, (placement) => placementColumns(stack.id, placement)),
  );
  await layRows(job, 'link', links ?? mapped(stack.links, (link) => linkColumns(stack.id, link)));
  const shared = mapped(stack.sharedTransforms ?? [], ([id, spec]) => ({
    ...{ stack: stack.id, id },
    spec: JSON.stringify(spec),
  }));
  await layRows(job, 'shared_transform', shared);
  const { parent } = stack;
  if (parent !== undefined) library.record((tx) => inheritCorrections(tx, stack.id, parent));
}

/** Shows a version that was laid; undoing hides it again. */
export const showStack = (tx: WriteHandle, id: string): void => tx.put('stack', { id, removed: 0 });

function* mapped<T, R>(things: Iterable<T>, work: (thing: T) => R): Generator<R> {
  for (const thing of things) yield work(thing);
}
