import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { chunksOf, levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { BlockAt, OpenVolume, VolumeFormat, VolumeWriter } from '../formats/volume-format.ts';
import { kernelCodec } from '../jobs/kernel-codec.ts';
import { copyFrom, downsampleFrom } from './block-sources.ts';
import type { DownsampleMethod } from './downsample.ts';
import { overlay } from './overlay.ts';
import {
  blockBox,
  blockGrid,
  blockStage,
  leavesOutEmpty,
  type BlockSource,
  type BlockWriting,
  type WrittenBlock,
} from './write-blocks.ts';

export interface LevelsWriting extends BlockWriting {
  readonly format: VolumeFormat;
  readonly method: DownsampleMethod;
  /** Voxels of level 0. */
  readonly first: BlockSource;
  /** The blocks of level 0 that may hold something; all where left out. */
  readonly firstBlocks?: readonly BlockAt[] | undefined;
  readonly firstName: string;
  /** What else the bytes of a block of level 0 depend on. */
  readonly firstFacts?: (at: BlockAt) => unknown;
  readonly partBytes: number;
  /** Has all levels already: they are copied, none is made. */
  readonly levelsFrom?: OpenVolume;
}

/** More units than this are more than a job can hold in memory. */
const maxBlocks = 500_000;

/**
 * Level 0 from where it comes from, then each level from the one before, read back from what was written through the
 * format itself. Of a format that leaves empty chunks out only blocks are looked at below which something is.
 */
export async function writeLevels(writing: LevelsWriting): Promise<readonly WrittenBlock[]> {
  const { job, writer } = writing;
  const sparse = await leavesOutEmpty(writer, 0, job.signal);
  const all: WrittenBlock[] = [];
  let blocks = writing.firstBlocks ?? allBlocks(writer, 0);
  let source = writing.first;
  for (const [level] of writer.plan.levels.entries()) {
    const coarser = level > 0;
    const name = coarser ? `Making level ${level}` : writing.firstName;
    const facts = coarser ? undefined : writing.firstFacts;
    const made = await job.stage(blockStage(writing, blocks, name, source, facts));
    for (const one of made) all.push(one);
    if (level + 1 === writer.plan.levels.length) break;
    const full = new Set(blocks.filter((_, i) => !made[i]?.empty).map(keyOf));
    const below = (at: BlockAt): boolean => finerBlocks(writer, at).some((finer) => full.has(keyOf(finer)));
    const next = sparse && writing.firstBlocks ? coarserBlocks(writer, blocks, full) : allBlocks(writer, level + 1);
    blocks = sparse ? next.filter(below) : next;
    source = await coarserSource(writing, level, below);
  }
  return all;
}

/** The dataset as far as it is written, opened by its own format. */
export async function openUnfinished({
  writer,
  target,
  format,
  job,
}: Pick<LevelsWriting, 'writer' | 'target' | 'format' | 'job'>): Promise<OpenVolume> {
  const source = overlay(target, await writer.metadata({}));
  const codec = kernelCodec(job.kernels, { lane: 'batch', signal: job.signal });
  return format.open({ source, key: '' }, { codec, scratch: noScratch });
}

const noScratch = (): Promise<string> =>
  Promise.reject(new Error('a dataset that Lamella writes level by level needs no scratch folder to be read'));

async function coarserSource(
  writing: LevelsWriting,
  level: number,
  hasSomething: (at: BlockAt) => boolean,
): Promise<BlockSource> {
  const { job, method, partBytes, levelsFrom } = writing;
  if (levelsFrom)
    return copyFrom(levelsFrom, { level: level + 1, min: [0, 0, 0], firstTime: 0, blockBytes: 2 * partBytes });
  const volume = await openUnfinished(writing);
  const stepXyz = levelAt(writing.writer.plan, level + 1).stepXyz;
  const read = downsampleFrom(volume, level, { kernels: job.kernels, method, stepXyz, mostBytes: partBytes });
  return async (box, at, signal) => (hasSomething(at) ? read(box, at, signal) : null);
}

const keyOf = ({ level, xyz, time }: BlockAt): string => `${level}/${time}/${xyz.join('/')}`;

function allBlocks(writer: VolumeWriter, level: number): readonly BlockAt[] {
  const grid = blockGrid(writer, level);
  const count = voxelsIn(grid) * writer.plan.times;
  if (count > maxBlocks) throw tooMany(writer.plan.name, count);
  const blocks: BlockAt[] = [];
  const level0 = levelAt(writer.plan, level);
  for (let time = 0; time < writer.plan.times; time++)
    for (const xyz of chunksOf({ ...level0, gridXyz: grid })) blocks.push({ level, xyz, time });
  return blocks;
}

/** Blocks of the next finer level that a block is made from. */
function finerBlocks(writer: VolumeWriter, at: BlockAt): readonly BlockAt[] {
  const { min, size } = blockBox(writer, at);
  const { stepXyz } = levelAt(writer.plan, at.level);
  const block = writer.blockXyz(at.level - 1);
  const grid = blockGrid(writer, at.level - 1);
  const first = mapAxes((i) => Math.floor((min[i] * stepXyz[i]) / block[i]));
  const last = mapAxes((i) => Math.min(grid[i] - 1, Math.floor(((min[i] + size[i]) * stepXyz[i] - 1) / block[i])));
  const finer: BlockAt[] = [];
  for (let z = first[2]; z <= last[2]; z++)
    for (let y = first[1]; y <= last[1]; y++)
      for (let x = first[0]; x <= last[0]; x++) finer.push({ level: at.level - 1, xyz: [x, y, z], time: at.time });
  return finer;
}

/** Blocks of the next coarser level that lie over those that hold something; for volumes far larger than what they hold. */
function coarserBlocks(
  writer: VolumeWriter,
  blocks: readonly BlockAt[],
  full: ReadonlySet<string>,
): readonly BlockAt[] {
  const found = new Map<string, BlockAt>();
  for (const at of blocks) {
    if (!full.has(keyOf(at))) continue;
    const { min, size } = blockBox(writer, at);
    const { stepXyz } = levelAt(writer.plan, at.level + 1);
    const block = writer.blockXyz(at.level + 1);
    const place = (i: 0 | 1 | 2, voxel: number): number => Math.floor(Math.floor(voxel / stepXyz[i]) / block[i]);
    const first = mapAxes((i) => place(i, min[i]));
    const last = mapAxes((i) => place(i, min[i] + size[i] - 1));
    for (let z = first[2]; z <= last[2]; z++)
      for (let y = first[1]; y <= last[1]; y++)
        for (let x = first[0]; x <= last[0]; x++) {
          const coarser: BlockAt = { level: at.level + 1, xyz: [x, y, z], time: at.time };
          found.set(keyOf(coarser), coarser);
        }
  }
  return [...found.values()].toSorted((a, b) => a.time - b.time || inOrder(a.xyz, b.xyz));
}

const inOrder = (a: Vec3, b: Vec3): number => a[2] - b[2] || a[1] - b[1] || a[0] - b[0];

function tooMany(name: string, blocks: number): LamellaError {
  return new LamellaError('over-budget', `"${name}" is ${blocks} blocks of work; a job holds ${maxBlocks}.`, {
    hint: 'Give more memory (--memory), so that blocks are larger, or do it in parts (--box).',
    fields: { blocks, most: maxBlocks },
  });
}
