import { LamellaError } from '../../../preload/contract/errors.ts';
import type { StackSummary } from '../../../preload/contract/library.ts';
import { type Link, linkStateSchema, type Placement, placementSchema } from '../../../preload/contract/registration.ts';
import { affineSchema } from '../../../preload/contract/space.ts';
import { transformListSchema, type TransformSpec, transformSpecSchema } from '../../../preload/contract/transform.ts';
import type { ReadHandle, WriteHandle } from '../store/library-store.ts';

/** A link on its way into the library: the points that both tiles show, as JSON is kept of them. */
export interface NewLink extends Link {
  readonly matches: readonly unknown[];
}

export interface StackQuality {
  readonly links: number;
  readonly dropped: number;
  readonly rmsPx: number;
  readonly maxPx: number;
  readonly verdict: StackSummary['verdict'];
  readonly reasons: readonly string[];
}

/** A stack version on its way into the library. */
export interface NewStack {
  readonly id: string;
  readonly dataset: string;
  readonly job: string;
  readonly name?: string;
  readonly madeBy: StackSummary['madeBy'];
  /** The version that it was made of. */
  readonly parent?: string;
  readonly model: StackSummary['model'];
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly placed: readonly Placement[];
  readonly links: readonly NewLink[];
  readonly quality: StackQuality;
  /** Transforms that placements refer to, by id. */
  readonly sharedTransforms?: ReadonlyMap<string, TransformSpec>;
  /** Further fields of Render's StackVersion. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export function stackColumns(tx: WriteHandle, stack: NewStack): Parameters<WriteHandle['put']>[1] {
  const { version } = tx.get<{ version: number }>(
    'SELECT COALESCE(MAX(version), 0) + 1 AS version FROM stack WHERE dataset = ?',
    stack.dataset,
  ) ?? { version: 1 };
  const { links, dropped, rmsPx, maxPx, verdict, reasons } = stack.quality;
  return {
    id: stack.id,
    dataset: stack.dataset,
    version,
    name: stack.name ?? '',
    made_by: stack.madeBy,
    parent: stack.parent ?? null,
    facts: JSON.stringify(stack.facts ?? {}),
    model: stack.model,
    state: 'COMPLETE',
    tiles: stack.placed.length,
    links,
    dropped,
    rms_px: rmsPx,
    max_px: maxPx,
    verdict,
    reasons: JSON.stringify(reasons),
    parameters: JSON.stringify(stack.parameters),
    job: stack.job,
    created_at: new Date().toISOString(),
    removed: 0,
  };
}

export const placementColumns = (stack: string, placement: Placement): Parameters<WriteHandle['put']>[1] => ({
  stack,
  tile: placement.tile,
  stack_from_tile: JSON.stringify(placement.stackFromTile),
  transforms: placement.transforms === undefined ? null : JSON.stringify(placement.transforms),
  rms_px: placement.rmsPx,
  placed_by: placement.placedBy,
  fixed: placement.fixed === true ? 1 : 0,
});

export const linkColumns = (stack: string, link: NewLink): Parameters<WriteHandle['put']>[1] => ({
  stack,
  tile_a: link.tileA,
  tile_b: link.tileB,
  section: link.section,
  section_b: link.sectionB ?? null,
  ncc: link.ncc,
  peak_ratio: link.peakRatio,
  points: JSON.stringify(link.matches),
  residual_px: link.residualPx,
  state: link.state,
  reason: link.reason,
});

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

export interface PlacementRow {
  readonly tile: number;
  readonly stack_from_tile: string;
  readonly transforms: string | null;
  readonly rms_px: number;
  readonly placed_by: string;
  readonly fixed: number;
}

const placedBySchema = placementSchema.shape.placedBy;

export function placementsOf(read: ReadHandle, stack: string): Placement[] {
  const rows = read.all<PlacementRow>(
    'SELECT tile, stack_from_tile, transforms, rms_px, placed_by, fixed FROM placement WHERE stack = ? ORDER BY tile',
    stack,
  );
  return rows.map(placementOf);
}

export const placementOf = (row: PlacementRow): Placement => ({
  tile: row.tile,
  stackFromTile: affineSchema.parse(JSON.parse(row.stack_from_tile)),
  ...(row.transforms === null ? {} : { transforms: transformListSchema.parse(JSON.parse(row.transforms)) }),
  rmsPx: row.rms_px,
  placedBy: placedBySchema.parse(row.placed_by),
  ...(row.fixed === 1 && { fixed: true }),
});

export function linksOf(read: ReadHandle, stack: string): Link[] {
  const rows = read.all<{
    tile_a: number;
    tile_b: number;
    section: number;
    section_b: number | null;
    ncc: number;
    peak_ratio: number;
    points: number;
    residual_px: number;
    state: string;
    reason: string;
  }>(
    'SELECT tile_a, tile_b, section, section_b, ncc, peak_ratio, json_array_length(points) AS points, residual_px, state, reason FROM link WHERE stack = ? ORDER BY section, tile_a, tile_b',
    stack,
  );
  return rows.map((row) => ({
    tileA: row.tile_a,
    tileB: row.tile_b,
    section: row.section,
    ...(row.section_b === null ? {} : { sectionB: row.section_b }),
    ncc: row.ncc,
    peakRatio: row.peak_ratio,
    points: row.points,
    residualPx: row.residual_px,
    state: linkStateSchema.parse(row.state),
    reason: row.reason,
  }));
}

/** The transforms that placements of a stack refer to, by id. */
export const sharedTransformsOf = (read: ReadHandle, stack: string): ReadonlyMap<string, TransformSpec> =>
  new Map(
    read
      .all<{ id: string; spec: string }>('SELECT id, spec FROM shared_transform WHERE stack = ? ORDER BY id', stack)
      .map(({ id, spec }) => [id, transformSpecSchema.parse(JSON.parse(spec))]),
  );
