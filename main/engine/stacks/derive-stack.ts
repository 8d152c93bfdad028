import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Row, WriteHandle } from '../store/library-store.ts';
import { inheritCorrections, storeCorrections, type TileCorrection } from './intensity-rows.ts';
import { linkColumns, type NewLink, type NewStack } from './stack-rows.ts';

/** A new version of a stack, which is in all that is not said here what its parent is. */
export interface DerivedStack extends Pick<NewStack, 'id' | 'job' | 'madeBy' | 'parameters'> {
  readonly parent: string;
  readonly name?: string;
  /** What this step is to be judged as; its parent's verdict and reasons stay beside it, and the worse verdict counts. */
  readonly judged?: Pick<NewStack['quality'], 'verdict' | 'reasons'>;
  /** Other places of tiles, with the transforms that they refer to. */
  readonly places?: Pick<NewStack, 'placed' | 'sharedTransforms'>;
  /** Links that replace those of the parent between the same tiles. */
  readonly links?: readonly NewLink[];
  /** Its corrections of grey levels. `inherit`: those of the parent, but for the tiles and channels that these name. */
  readonly intensity: { readonly corrections: Iterable<TileCorrection>; readonly inherit: boolean };
}

/** Writes a new version with placements, shared transforms and links copied from its parent. Nothing where it is there. */
export function deriveStack(tx: WriteHandle, stack: DerivedStack): void {
  if (tx.get('SELECT 1 AS found FROM stack WHERE id = ?', stack.id)) return;
  tx.put('stack', columnsOf(tx, stack));
  tx.insertMany(
    'link',
    (stack.links ?? []).map((link) => linkColumns(stack.id, link)),
  );
  for (const [table, columns] of copied) copyRows(tx, table, columns, stack);
  if (stack.places) movePlacements(tx, stack.id, stack.places);
  storeCorrections(tx, stack.id, stack.intensity.corrections);
  if (stack.intensity.inherit) inheritCorrections(tx, stack.id, stack.parent);
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

function movePlacements(
  tx: WriteHandle,
  stack: string,
  { placed, sharedTransforms = new Map() }: NonNullable<DerivedStack['places']>,
): void {
  for (const [id, spec] of sharedTransforms)
    tx.run(
      'INSERT OR REPLACE INTO shared_transform (stack, id, spec) VALUES (?, ?, ?)',
      stack,
      id,
      JSON.stringify(spec),
    );
  for (const { tile, stackFromTile, transforms } of placed)
    tx.run(
      'UPDATE placement SET stack_from_tile = ?, transforms = ? WHERE stack = ? AND tile = ?',
      JSON.stringify(stackFromTile),
      transforms === undefined ? null : JSON.stringify(transforms),
      stack,
      tile,
    );
}

function columnsOf(tx: WriteHandle, { id, job, madeBy, parameters, parent, name, judged }: DerivedStack): Row {
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
    ...(judged && worseOf(row, judged)),
    created_at: new Date().toISOString(),
    removed: 0,
  };
}

const verdicts = ['pass', 'warn', 'fail'] as const;

function worseOf(parent: Row, { verdict, reasons }: NonNullable<DerivedStack['judged']>): Row {
  const rank = verdicts.findIndex((one) => one === parent['verdict']);
  const before = JSON.parse(String(parent['reasons'])) as readonly string[];
  return {
    verdict: verdicts[Math.max(rank, verdicts.indexOf(verdict))] ?? verdict,
    reasons: JSON.stringify([...before, ...reasons]),
  };
}
