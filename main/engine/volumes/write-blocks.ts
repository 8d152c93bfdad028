import { bytesPerVoxel, type Vec3 } from '../../../preload/contract/space.ts';
import { gridOf, levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { BlockAt, Part, VolumePlan, VolumeWriter } from '../formats/volume-format.ts';
import { type JobRun, unitKey, type Stage, type Unit } from '../jobs/job.ts';
import type { FolderTarget } from '../targets/folder.ts';
import { reclaim } from './reclaim.ts';
import { isAllZero, type BlockBox } from './read-box.ts';

/** Writes blocks of voxels through a format's writer; what its units share. */
export interface BlockWriting {
  readonly job: JobRun;
  /** Names what is written and where: part of the key of every unit. */
  readonly identity: readonly unknown[];
  readonly writer: VolumeWriter;
  readonly target: FolderTarget;
  readonly inFlight: number;
  /** Buffers may take up so much before those that nobody holds are collected. */
  readonly mostBuffers: number;
  /** Remember every file, not only the first and last of a block: for datasets whose files are told one by one. */
  readonly allFiles: boolean;
}

/** What a block left behind. Plain JSON, kept in the ledger. */
export interface WrittenBlock {
  /** Its files: all, or the first and the last. */
  readonly chunks: readonly { readonly key: string; readonly bytes: number }[];
  readonly files: number;
  readonly bytes: number;
  /** All its voxels are 0. */
  readonly empty: boolean;
}

/** Where the voxels of a block come from; null = all are 0. */
export type BlockSource = (box: BlockBox, at: BlockAt, signal: AbortSignal) => Promise<Uint8Array | null>;

/** The box of voxels of a block, cut at the far edge of the level. */
export function blockBox(writer: VolumeWriter, { level, xyz, time }: BlockAt): BlockBox {
  const { sizeXyz } = levelAt(writer.plan, level);
  const block = writer.blockXyz(level);
  const min = mapAxes((i) => xyz[i] * block[i]);
  return { level, min, size: mapAxes((i) => Math.min(block[i], sizeXyz[i] - min[i])), time };
}

export const blockGrid = (writer: Pick<VolumeWriter, 'plan' | 'blockXyz'>, level: number): Vec3 =>
  gridOf(levelAt(writer.plan, level).sizeXyz, writer.blockXyz(level));

/** The stage that writes some blocks of a level. `facts`: what else the bytes of a block depend on. */
export function blockStage(
  writing: BlockWriting,
  blocks: readonly BlockAt[],
  name: string,
  source: BlockSource,
  facts: (at: BlockAt) => unknown = () => null,
): Stage<WrittenBlock> {
  const voxels = blocks.reduce((sum, at) => sum + voxelsIn(blockBox(writing.writer, at).size), 0);
  return {
    name,
    unit: 'blocks',
    units: blocks.map((at) => blockUnit(writing, at, source, facts(at))),
    inFlight: writing.inFlight,
    weight: Math.max(1, voxels) / 2 ** 20,
  };
}

function blockUnit(writing: BlockWriting, at: BlockAt, source: BlockSource, facts: unknown): Unit<WrittenBlock> {
  const { writer, target } = writing;
  const box = blockBox(writer, at);
  return {
    key: unitKey('write-block', 1, writing.identity, at.level, box.min, box.size, at.time, facts),
    subject: `level ${at.level}, block ${at.xyz.join(' ')}`,
    run: (signal) => writeBlock(writing, at, box, source, signal),
    stillThere: ({ chunks }) => chunks.every(({ key, bytes }) => target.sizeOf(key) === bytes),
  };
}

async function writeBlock(
  { writer, target, allFiles, mostBuffers }: BlockWriting,
  at: BlockAt,
  box: BlockBox,
  source: BlockSource,
  signal: AbortSignal,
): Promise<WrittenBlock> {
  reclaim(mostBuffers);
  const read = await source(box, at, signal);
  reclaim(mostBuffers);
  const empty = !read || isAllZero(read);
  const parts = await writer.encodeBlock(at, read ?? emptyBlock(writer.plan, box), signal);
  await target.putAll(parts);
  return { ...summaryOf(parts, allFiles), empty };
}

const emptyBlock = ({ dtype, channels }: VolumePlan, { size }: BlockBox): Uint8Array =>
  new Uint8Array(voxelsIn(size) * bytesPerVoxel[dtype] * channels.length);

function summaryOf(parts: readonly Part[], allFiles: boolean): Omit<WrittenBlock, 'empty'> {
  const chunks = parts.map(({ key, bytes }) => ({ key, bytes: bytes.byteLength }));
  return {
    chunks: allFiles || chunks.length < 3 ? chunks : [chunks[0]!, chunks.at(-1)!],
    files: chunks.length,
    bytes: chunks.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Whether the writer leaves blocks out that are all 0: then a level is made from where something is. */
export async function leavesOutEmpty(writer: VolumeWriter, level: number, signal: AbortSignal): Promise<boolean> {
  const at: BlockAt = { level, xyz: [0, 0, 0], time: 0 };
  return (await writer.encodeBlock(at, emptyBlock(writer.plan, blockBox(writer, at)), signal)).length === 0;
}
