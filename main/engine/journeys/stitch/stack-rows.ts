import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { StackSummary } from '../../../../preload/contract/library.ts';
import { type Link, linkStateSchema, type Placement } from '../../../../preload/contract/registration.ts';
import { affineSchema } from '../../../../preload/contract/space.ts';
import type { ReadHandle, WriteHandle } from '../../store/library-store.ts';
import type { MatchParameters } from './match.ts';
import type { PlacedTile } from './placements.ts';
import type { JudgedLink, StackQuality } from './verdict.ts';

/** A stack version on its way into the library. */
export interface SolvedStack {
  readonly id: string;
  readonly dataset: string;
  readonly job: string;
  readonly parameters: MatchParameters;
  readonly placed: readonly PlacedTile[];
  readonly links: readonly JudgedLink[];
  readonly quality: StackQuality;
}

/** Writes a new version of the dataset's stack, its placements and links. Does nothing where it is there already. */
export function storeStack(tx: WriteHandle, stack: SolvedStack): void {
  if (tx.get('SELECT 1 AS found FROM stack WHERE id = ?', stack.id)) return;
  const { version } = tx.get<{ version: number }>(
    'SELECT COALESCE(MAX(version), 0) + 1 AS version FROM stack WHERE dataset = ?',
    stack.dataset,
  ) ?? { version: 1 };
  const { model, ...parameters } = stack.parameters;
  const { links, dropped, rmsPx, maxPx, verdict, reasons } = stack.quality;
  tx.put('stack', {
    id: stack.id,
    dataset: stack.dataset,
    version,
    model,
    state: 'COMPLETE',
    tiles: stack.placed.length,
    links,
    dropped,
    rms_px: rmsPx,
    max_px: maxPx,
    verdict,
    reasons: JSON.stringify(reasons),
    parameters: JSON.stringify(parameters),
    job: stack.job,
    created_at: new Date().toISOString(),
    removed: 0,
  });
  tx.insertMany(
    'placement',
    stack.placed.map((p) => ({
      stack: stack.id,
      tile: p.tile,
      stack_from_tile: JSON.stringify(p.stackFromTile),
      rms_px: p.rmsPx,
      placed_by: p.placedBy,
    })),
  );
  tx.insertMany(
    'link',
    stack.links.map(({ row, link }) => ({
      stack: stack.id,
      tile_a: row.tileA,
      tile_b: row.tileB,
      section: row.section,
      ncc: row.ncc,
      peak_ratio: row.peakRatio,
      points: JSON.stringify(link.points),
      residual_px: row.residualPx,
      state: row.state,
      reason: row.reason,
    })),
  );
}

export interface StackRow {
  readonly id: string;
  readonly dataset: string;
  readonly version: number;
  readonly model: StackSummary['model'];
}

/** The row of a stack that is not removed; 'not-found' otherwise. */
export function stackRow(read: ReadHandle, id: string): StackRow {
  const row = read.get<StackRow>('SELECT id, dataset, version, model FROM stack WHERE id = ? AND removed = 0', id);
  if (row) return row;
  throw new LamellaError('not-found', `The library has no stack ${id}.`, {
    hint: 'It may have been removed: undo, or list the stacks with library info.',
    fields: { stack: id },
  });
}

export function placementsOf(read: ReadHandle, stack: string): Placement[] {
  const rows = read.all<{ tile: number; stack_from_tile: string; rms_px: number; placed_by: string }>(
    'SELECT tile, stack_from_tile, rms_px, placed_by FROM placement WHERE stack = ? ORDER BY tile',
    stack,
  );
  return rows.map((row) => ({
    tile: row.tile,
    stackFromTile: affineSchema.parse(JSON.parse(row.stack_from_tile)),
    rmsPx: row.rms_px,
    placedBy: row.placed_by === 'links' ? 'links' : 'stage',
  }));
}

export function linksOf(read: ReadHandle, stack: string): Link[] {
  const rows = read.all<{
    tile_a: number;
    tile_b: number;
    section: number;
    ncc: number;
    peak_ratio: number;
    points: number;
    residual_px: number;
    state: string;
    reason: string;
  }>(
    'SELECT tile_a, tile_b, section, ncc, peak_ratio, json_array_length(points) AS points, residual_px, state, reason FROM link WHERE stack = ? ORDER BY section, tile_a, tile_b',
    stack,
  );
  return rows.map((row) => ({
    tileA: row.tile_a,
    tileB: row.tile_b,
    section: row.section,
    ncc: row.ncc,
    peakRatio: row.peak_ratio,
    points: row.points,
    residualPx: row.residual_px,
    state: linkStateSchema.parse(row.state),
    reason: row.reason,
  }));
}
