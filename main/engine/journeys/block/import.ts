import { basename } from 'node:path';
import type { BlockPlacement } from '../../../../preload/contract/block.ts';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import type { blockProcedures } from '../../../../preload/contract/block.ts';
import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import { type Dtype, dtypeSchema, isVoxelSizeNm, type Vec3, vec3Schema } from '../../../../preload/contract/space.ts';
import { type JobEnding, type JobRun, unitKey } from '../../jobs/job.ts';
import { type StoredBlock, storeBlockSet, storeBlockStack } from '../../stacks/block-rows.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { fingerprintOf } from '../../volumes/fingerprint.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { BlockReader } from './block-reader.ts';
import type { BlockLayout, LayoutBlock } from './block-layout.ts';
import { readBlockLayout } from './layout.ts';
import { length3, most, rms } from './numbers.ts';

export type ImportInput = ParsedOf<typeof blockProcedures.import>;
export type AgainInput = ParsedOf<typeof blockProcedures.again>;
export type ImportOutput = OutputOf<typeof blockProcedures.import>;
type NewBlock = Omit<StoredBlock, 'id'>;

/** Reads the layout, opens every channel of every block, judges, and writes set, blocks and places that came with it. */
export async function importBlocks(
  volumes: OpenVolumes,
  job: JobRun,
  input: ImportInput,
): Promise<JobEnding<ImportOutput>> {
  const layout = readBlockLayout(input.layout, input.source);
  const voxelSizeNm = voxelSizeOf(layout, input);
  const looked = await lookAtAll(job, volumes, layout);
  const blocks = layout.blocks.map((block, i) =>
    newBlock(layout, block, looked[i], stageOf(layout, block, voxelSizeNm, input.axes)),
  );
  refuseAllBad(blocks, input.source);
  for (const warning of layout.warnings) job.warn(warning);
  for (const block of blocks.filter(({ verdict }) => verdict !== 'ok'))
    job.warn({ subject: block.name, message: `${block.name}: ${block.reasons.join('; ')}.` });
  return ending(job, input, layout, voxelSizeNm, blocks);
}

function voxelSizeOf({ voxelSizeNm }: BlockLayout, input: ImportInput): Vec3 {
  const size = input.voxelSizeNm ?? voxelSizeNm;
  if (size && isVoxelSizeNm(size) && size.every((side) => side > 0)) return size;
  throw new LamellaError(
    'invalid-input',
    size
      ? `A voxel of ${size.join(' x ')} nm is no usable size.`
      : `The layout ${input.layout} does not say how large a voxel is.`,
    {
      hint: 'Give it in nanometres along x, y and z, such as --voxel-size-nm 585,585,1000.',
      fields: { field: 'voxelSizeNm' },
    },
  );
}

/** What opening a block said. Plain JSON, kept in the ledger. */
interface Looked {
  readonly sizeXyz: Vec3;
  readonly dtype: string;
  readonly fingerprint: string;
  /** Of channels that could not be opened, or are not as the first. */
  readonly bad: readonly string[];
  readonly warnings: readonly string[];
}

const nothing: Looked = { sizeXyz: [0, 0, 0], dtype: 'uint8', fingerprint: '', bad: [], warnings: [] };

async function lookAtAll(job: JobRun, volumes: OpenVolumes, layout: BlockLayout): Promise<readonly Looked[]> {
  const reader = new BlockReader(volumes, job);
  try {
    return await lookAt(job, reader, layout);
  } finally {
    await reader.close();
  }
}

function lookAt(job: JobRun, reader: BlockReader, layout: BlockLayout): Promise<readonly Looked[]> {
  return job.stage<Looked>({
    name: 'Opening blocks',
    unit: 'blocks',
    units: layout.blocks.map((block) => ({
      // Files may have changed since: looked at anew by every job.
      key: unitKey('look-at-block', 1, job.id, block.name, [...block.sources]),
      subject: block.name,
      run: () => lookAtBlock(job, reader, block),
    })),
    onFailure: (error) => {
      if (!isLamellaError(error)) throw error;
      return { ...nothing, bad: [error.message] };
    },
  });
}

async function lookAtBlock(job: JobRun, reader: BlockReader, { sources }: LayoutBlock): Promise<Looked> {
  let looked: Looked = nothing;
  for (const [channel, source] of sources) {
    try {
      looked = await reader.with(source, async ({ volume, source: files, channel: index }) => {
        const { levels, dtype, channels } = volume.plan;
        const sizeXyz = vec3Schema.parse(levels[0]?.sizeXyz);
        const fingerprint = await fingerprintOf(volume, files, job.signal);
        const isFirst = looked.fingerprint === '';
        const isSame = isFirst || (looked.dtype === dtype && looked.sizeXyz.join() === sizeXyz.join());
        const said = `${channel || 'it'} is ${sizeXyz.join(' x ')} ${dtype}`;
        const bad = [
          ...(isSame ? [] : [`${said}, the first channel ${looked.sizeXyz.join(' x ')} ${looked.dtype}`]),
          ...(index < channels.length ? [] : [`${channel || 'it'} has no channel ${index}`]),
        ];
        return {
          sizeXyz: isFirst ? sizeXyz : looked.sizeXyz,
          dtype: isFirst ? dtype : looked.dtype,
          fingerprint: `${looked.fingerprint}${fingerprint.slice(0, 16)}`,
          bad: [...looked.bad, ...bad],
          warnings: [
            ...looked.warnings,
            ...(volume.notes.warnings ?? []).filter((text) => /missing|left out/.test(text)),
          ],
        };
      });
    } catch (error) {
      if (job.signal.aborted || !isLamellaError(error)) throw error;
      looked = { ...looked, bad: [...looked.bad, error.message] };
    }
  }
  return looked;
}

function newBlock(layout: BlockLayout, block: LayoutBlock, looked: Looked = nothing, stage: Vec3): NewBlock {
  const missing = layout.channels.filter((channel) => !block.sources.has(channel));
  const dtype = dtypeSchema.safeParse(looked.dtype);
  const bad = [
    ...(block.sources.size === 0 ? ['its files were not found'] : []),
    ...looked.bad,
    ...(dtype.success ? [] : [`its voxels are ${looked.dtype}; 8 and 16 bit without sign are stitched`]),
  ];
  const odd = [
    ...(block.sources.size > 0 && missing.length > 0 ? [`it lacks ${missing.join(', ')}`] : []),
    ...looked.warnings,
    ...block.reasons,
  ];
  return {
    name: block.name,
    row: block.row,
    column: block.column,
    stage,
    sizeXyz: looked.sizeXyz,
    dtype: (dtype.data ?? 'uint8') satisfies Dtype,
    sources: layout.channels.map((channel) => block.sources.get(channel) ?? null),
    fingerprint: looked.fingerprint,
    verdict: bad.length > 0 ? 'bad' : odd.length > 0 ? 'warn' : 'ok',
    reasons: [...bad, ...odd],
  };
}

/** The stage as it lies in the pictures. */
function stageOf({ unit }: BlockLayout, { stage }: LayoutBlock, voxelSizeNm: Vec3, axes: string): Vec3 {
  const nm: Vec3 = [0, 1, 2].map((k) =>
    unit === 'nm' ? (stage[k] ?? 0) : (stage[k] ?? 0) * (voxelSizeNm[k] ?? 1),
  ) as [number, number, number];
  const turned = axes.split(',').map((axis) => {
    const value = nm['xyz'.indexOf(axis.at(-1) ?? 'x')] ?? 0;
    return axis.startsWith('-') ? -value : value;
  });
  const at = (k: 0 | 1 | 2): number => (turned[k] ?? 0) / voxelSizeNm[k] + 0;
  return [at(0), at(1), at(2)];
}

function refuseAllBad(blocks: readonly NewBlock[], source: string): void {
  if (blocks.some(({ verdict }) => verdict !== 'bad')) return;
  throw new LamellaError(
    'bad-source',
    `None of the ${blocks.length} blocks in ${source} can be used; the first: ${blocks[0]?.reasons[0] ?? ''}.`,
    { hint: 'Name the folder that holds them, or choose another layout.', fields: { source, blocks: blocks.length } },
  );
}

function ending(
  job: JobRun,
  input: ImportInput,
  layout: BlockLayout,
  voxelSizeNm: Vec3,
  blocks: readonly NewBlock[],
): JobEnding<ImportOutput> {
  const set = idOfJob('blockset', job.id);
  const name = input.name?.trim() || basename(input.source);
  const isPlaced = layout.blocks.every(({ placed }) => placed) && input.axes === 'x,y,z';
  const stack = isPlaced ? idOfJob('blockstack', job.id) : null;
  return {
    label: `Import ${blocks.length} blocks`,
    commit: (tx) => {
      const { source, layout: text } = input;
      const ids = storeBlockSet(tx, {
        ...{ id: set, name, source, layout: text, voxelSizeNm, channels: layout.channels, project: layout.project },
        ...{ job: job.id, blocks },
      });
      if (stack !== null) storeImported(tx, { stack, set, job: job.id, layout, ids });
      return { set, stack, blocks: blocks.length, warnings: [...job.warnings] };
    },
  };
}

function storeImported(
  tx: Parameters<typeof storeBlockStack>[0],
  {
    stack,
    set,
    job,
    layout,
    ids,
  }: { stack: string; set: string; job: string; layout: BlockLayout; ids: readonly number[] },
): void {
  const links = layout.links.map(({ a, b, ...link }) => ({ ...link, blockA: ids[a] ?? 0, blockB: ids[b] ?? 0 }));
  const misses = links.filter(({ state }) => state === 'kept').map(({ residual }) => length3(residual));
  const placements: BlockPlacement[] = layout.blocks.flatMap(({ placed }, i) =>
    placed ? [{ block: ids[i] ?? 0, place: placed, rmsVox: 0, placedBy: 'import' }] : [],
  );
  storeBlockStack(tx, {
    ...{ id: stack, set, job, madeBy: 'import', channel: null, parameters: {}, placements, links },
    quality: {
      links: misses.length,
      dropped: links.length - misses.length,
      rmsVox: rms(misses),
      maxVox: most(misses),
      verdict: 'pass',
      reasons: [],
    },
  });
}
