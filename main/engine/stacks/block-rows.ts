import { z } from 'zod';
import {
  blockAxisSchema,
  type Block,
  type BlockLink,
  blockLinkSchema,
  type BlockPlacement,
  blockPlacementSchema,
  blockSchema,
  type BlockSet,
  blockSetSchema,
  type BlockStack,
  blockStackSchema,
} from '../../../preload/contract/block.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { ReadHandle, Row, WriteHandle } from '../store/library-store.ts';

/** A block with what tells its voxels again. */
export type StoredBlock = Block & { readonly fingerprint: string };

export interface StoredBlockSet {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly layout: string;
  readonly voxelSizeNm: Vec3;
  readonly channels: readonly string[];
  /** The text of the layout's file. */
  readonly project: string | null;
  readonly createdAt: string;
}

/** A version on its way into the library. */
export interface NewBlockStack {
  readonly id: string;
  readonly set: string;
  readonly madeBy: BlockStack['madeBy'];
  readonly channel: number | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly quality: Pick<BlockStack, 'links' | 'dropped' | 'rmsVox' | 'maxVox' | 'verdict' | 'reasons'>;
  readonly placements: readonly BlockPlacement[];
  readonly links: readonly BlockLink[];
  readonly job: string;
}

const json = (value: unknown): string => JSON.stringify(value);

export interface NewBlockSet extends Omit<StoredBlockSet, 'createdAt'> {
  readonly job: string;
  readonly blocks: readonly Omit<StoredBlock, 'id'>[];
}

/** Writes a set and its blocks; the ids of these, in their order. */
export function storeBlockSet(tx: WriteHandle, set: NewBlockSet): readonly number[] {
  tx.put('block_set', {
    id: set.id,
    name: set.name,
    source: set.source,
    layout: set.layout,
    voxel_size_nm: json(set.voxelSizeNm),
    channels: json(set.channels),
    project: set.project,
    job: set.job,
    created_at: new Date().toISOString(),
    removed: 0,
  });
  tx.insertMany(
    'block',
    set.blocks.map((block) => ({
      block_set: set.id,
      name: block.name,
      grid_row: block.row,
      grid_column: block.column,
      stage: json(block.stage),
      size: json(block.sizeXyz),
      dtype: block.dtype,
      sources: json(block.sources),
      fingerprint: block.fingerprint,
      verdict: block.verdict,
      reasons: json(block.reasons),
    })),
  );
  const ids = new Map(blocksOf(tx, set.id).map(({ name, id }) => [name, id]));
  return set.blocks.map(({ name }) => ids.get(name) ?? 0);
}

/** Writes a new version; does nothing where it is there already. */
export function storeBlockStack(tx: WriteHandle, stack: NewBlockStack): void {
  if (tx.get('SELECT 1 AS found FROM block_stack WHERE id = ?', stack.id)) return;
  tx.put('block_stack', stackColumns(tx, stack));
  tx.insertMany(
    'block_placement',
    stack.placements.map(({ block, place, rmsVox, placedBy }) => ({
      block_stack: stack.id,
      block,
      place: json(place),
      rms_vox: rmsVox,
      placed_by: placedBy,
    })),
  );
  tx.insertMany(
    'block_link',
    stack.links.map((link) => linkColumns(stack.id, link)),
  );
}

function stackColumns(tx: ReadHandle, { id, set, quality, ...stack }: NewBlockStack): Row {
  const last = tx.get<{ version: number }>(
    'SELECT COALESCE(MAX(version), 0) AS version FROM block_stack WHERE block_set = ?',
    set,
  );
  return {
    id,
    block_set: set,
    version: (last?.version ?? 0) + 1,
    made_by: stack.madeBy,
    parent: null,
    channel: stack.channel,
    blocks: stack.placements.length,
    links: quality.links,
    dropped: quality.dropped,
    rms_vox: quality.rmsVox,
    max_vox: quality.maxVox,
    verdict: quality.verdict,
    reasons: json(quality.reasons),
    parameters: json(stack.parameters),
    job: stack.job,
    created_at: new Date().toISOString(),
    removed: 0,
  };
}

const linkColumns = (stack: string, link: BlockLink): Row => ({
  block_stack: stack,
  block_a: link.blockA,
  block_b: link.blockB,
  shift: json(link.shift),
  sigma: json(link.sigma),
  ncc: link.ncc,
  peak_ratio: link.peakRatio,
  axes: json(link.axes),
  slabs: link.slabs,
  residual: json(link.residual),
  state: link.state,
  reason: link.reason,
});

type Columns = Readonly<Record<string, string | number | null>>;
const parsed = (row: Columns, key: string): unknown => JSON.parse(String(row[key]));

/** Throws 'not-found' where there is no such set, or it was removed. */
export function blockSetRow(read: ReadHandle, id: string): StoredBlockSet {
  const row = read.get<Columns>('SELECT * FROM block_set WHERE id = ? AND removed = 0', id);
  if (!row) throw noSuch(id, 'set of blocks');
  return {
    id,
    name: String(row['name']),
    source: String(row['source']),
    layout: String(row['layout']),
    voxelSizeNm: blockSetSchema.shape.voxelSizeNm.parse(parsed(row, 'voxel_size_nm')),
    channels: z.array(z.string()).parse(parsed(row, 'channels')),
    project: row['project'] === null ? null : String(row['project']),
    createdAt: String(row['created_at']),
  };
}

export function blocksOf(read: ReadHandle, set: string): readonly StoredBlock[] {
  const rows = read.all<Columns>('SELECT * FROM block WHERE block_set = ? ORDER BY id', set);
  return rows.map((row) => ({
    ...blockSchema.parse({
      id: row['id'],
      name: row['name'],
      row: row['grid_row'],
      column: row['grid_column'],
      stage: parsed(row, 'stage'),
      sizeXyz: parsed(row, 'size'),
      dtype: row['dtype'],
      sources: parsed(row, 'sources'),
      verdict: row['verdict'],
      reasons: parsed(row, 'reasons'),
    }),
    fingerprint: String(row['fingerprint']),
  }));
}

const stackOf = (row: Columns): BlockStack =>
  blockStackSchema.parse({
    id: row['id'],
    set: row['block_set'],
    version: row['version'],
    madeBy: row['made_by'],
    channel: row['channel'],
    blocks: row['blocks'],
    links: row['links'],
    dropped: row['dropped'],
    rmsVox: row['rms_vox'],
    maxVox: row['max_vox'],
    verdict: row['verdict'],
    reasons: parsed(row, 'reasons'),
    createdAt: row['created_at'],
  });

/** Throws 'not-found' where there is no such version, or it or its set was removed. */
export function blockStackRow(read: ReadHandle, id: string): BlockStack {
  const row = read.get<Columns>('SELECT * FROM block_stack WHERE id = ? AND removed = 0', id);
  if (!row) throw noSuch(id, 'version of blocks');
  blockSetRow(read, String(row['block_set']));
  return stackOf(row);
}

export function blockSets(read: ReadHandle): BlockSet[] {
  const sets = read.all<{ id: string; blocks: number }>(
    'SELECT s.id, (SELECT COUNT(*) FROM block b WHERE b.block_set = s.id) AS blocks FROM block_set s WHERE removed = 0 ORDER BY created_at DESC, rowid DESC',
  );
  return sets.map(({ id, blocks }) => {
    const { name, layout, voxelSizeNm, channels, createdAt } = blockSetRow(read, id);
    const stacks = read.all<Columns>(
      'SELECT * FROM block_stack WHERE block_set = ? AND removed = 0 ORDER BY version DESC',
      id,
    );
    return { id, name, layout, voxelSizeNm, channels: [...channels], blocks, createdAt, stacks: stacks.map(stackOf) };
  });
}

export function blockPlacements(read: ReadHandle, stack: string): BlockPlacement[] {
  const rows = read.all<Columns>('SELECT * FROM block_placement WHERE block_stack = ? ORDER BY block', stack);
  return rows.map((row) =>
    blockPlacementSchema.parse({
      block: row['block'],
      place: parsed(row, 'place'),
      rmsVox: row['rms_vox'],
      placedBy: row['placed_by'],
    }),
  );
}

export function blockLinks(read: ReadHandle, stack: string): BlockLink[] {
  const rows = read.all<Columns>('SELECT * FROM block_link WHERE block_stack = ? ORDER BY block_a, block_b', stack);
  return rows.map((row) =>
    blockLinkSchema.parse({
      blockA: row['block_a'],
      blockB: row['block_b'],
      shift: parsed(row, 'shift'),
      sigma: parsed(row, 'sigma'),
      ncc: row['ncc'],
      peakRatio: row['peak_ratio'],
      axes: z.array(blockAxisSchema).parse(parsed(row, 'axes')),
      slabs: row['slabs'],
      residual: parsed(row, 'residual'),
      state: row['state'],
      reason: row['reason'],
    }),
  );
}

const noSuch = (id: string, what: string): LamellaError =>
  new LamellaError('not-found', `The library has no ${what} ${id}.`, {
    hint: 'It may have been removed: undo, or list them with block list.',
    fields: { id },
  });
