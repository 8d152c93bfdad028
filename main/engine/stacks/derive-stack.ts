import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Row, WriteHandle } from '../store/library-store.ts';
import { storeCorrections, type TileCorrection } from './intensity-rows.ts';
import type { NewStack } from './stack-rows.ts';

/** A new version of a stack that puts its tiles where its parent does. */
export interface DerivedStack extends Pick<NewStack, 'id' | 'job' | 'madeBy' | 'parameters'> {
  readonly parent: string;
  readonly name?: string;
  /** What is said of it; that of the parent where left out. */
  readonly quality?: Pick<NewStack['quality'], 'verdict' | 'reasons'>;
  /** Its corrections of grey levels. `inherit`: those of the parent, but for the tiles and channels that these name. */
  readonly intensity: { readonly corrections: Iterable<TileCorrection>; readonly inherit: boolean };
}

/** Writes a new version with placements, shared transforms and links copied from its parent. Nothing where it is there. */
export function deriveStack(tx: WriteHandle, stack: DerivedStack): void {
  if (tx.get('SELECT 1 AS found FROM stack WHERE id = ?', stack.id)) return;
  tx.put('stack', columnsOf(tx, stack));
  for (const [table, columns] of copied) copyRows(tx, table, columns, stack);
  storeCorrections(tx, stack.id, stack.intensity.corrections);
  if (stack.intensity.inherit) copyRows(tx, 'intensity', 'tile, channel, columns, rows, gain, level_offset', stack);
}

const copied = [
  ['placement', 'tile, stack_from_tile, transforms, rms_px, placed_by, fixed'],
  ['shared_transform', 'id, spec'],
  ['link', 'tile_a, tile_b, section, section_b, ncc, peak_ratio, points, residual_px, state, reason'],
] as const;

/** Rows that are there already are kept. */
function copyRows(tx: WriteHandle, table: string, columns: string, { id, parent }: DerivedStack): void {
  tx.run(
    `INSERT OR IGNORE INTO ${table} (stack, ${columns}) SELECT ?, ${columns} FROM ${table} WHERE stack = ?`,
    id,
    parent,
  );
}

function columnsOf(tx: WriteHandle, { id, job, madeBy, parameters, parent, name, quality }: DerivedStack): Row {
  const row = tx.get<Row>('SELECT * FROM stack WHERE id = ?', parent);
  if (!row) {
    throw new LamellaError('not-found', `The library has no stack ${parent}.`, {
      hint: 'List the stacks with library info.',
      fields: { stack: parent },
    });
  }
  const next = tx.get<{ version: number }>(
    'SELECT MAX(version) + 1 AS version FROM stack WHERE dataset = ?',
    row['dataset'] ?? null,
  );
  return {
    ...row,
    id,
    job,
    parent,
    version: next?.version ?? 1,
    made_by: madeBy,
    name: name ?? row['name'] ?? '',
    parameters: JSON.stringify(parameters),
    state: 'COMPLETE',
    ...(quality && { verdict: quality.verdict, reasons: JSON.stringify(quality.reasons) }),
    created_at: new Date().toISOString(),
    removed: 0,
  };
}
