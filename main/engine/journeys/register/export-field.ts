import type { WarpStep } from '../../../../preload/contract/warp.ts';
import type { OmeChain } from '../../formats/ome-field-writer.ts';
import { chunksOf, levelAt } from '../../formats/pyramid.ts';
import type { VolumePlan, VolumeWriter } from '../../formats/volume-format.ts';
import type { JobRun } from '../../jobs/job.ts';
import { kernelCodec } from '../../jobs/kernel-codec.ts';
import { aroundBends, openSteps, type RegistrationRoom } from '../../registrations/chain-of.ts';
import { type ChainGrid, chainGrid, vectorsAt, withWholeOrigin } from '../../registrations/field-of-chain.ts';
import { type MemoryPlan, parseByteSize, shareMemory } from '../../volumes/memory.ts';
import { VolumeOutput, type OutputResult } from '../../volumes/output.ts';
import { type Chain, tolerancePart } from '../../volumes/warped/chain.ts';
import { blockGrid, type BlockSource, blockStage } from '../../volumes/write-blocks.ts';
import type { ExportInput, ExportOutput } from './export.ts';
import { errorUnit } from './export-error.ts';
import type { ExportPart } from './export-part.ts';
import { type FieldFormat, fieldWriter, framesOf, writtenAs } from './field-writers.ts';

type FieldInput = ExportInput & { readonly format: FieldFormat };

/** Writes a part as a field, block by block, and looks how far what was written leads beside it. */
export async function exportField(
  room: RegistrationRoom,
  job: JobRun,
  input: FieldInput,
  part: ExportPart,
): Promise<Omit<ExportOutput, 'out'>> {
  const parts = partsOf(part, input.format);
  const chain = await openSteps(room, parts.bent, part.from, part.to, 'batch');
  try {
    const memory = shareMemory(parseByteSize(input.memory), job.kernels.threads);
    const nodes = nodesOf(chain, parts, input);
    const planned = planField(job, input, part, { parts, nodes, memory });
    const { memory: _memory, library: _library, ...what } = input;
    const identity = [what, part.steps, levelAt(part.from, 0), nodes?.level];
    const output = new VolumeOutput(job, input.out, writtenAs[input.format], identity);
    const { bytes } = (await output.finished()) ?? (await write(job, planned, output, memory));
    const field = nodes && (await checked(room, job, input, { part, parts, nodes, identity }));
    return { bytes, sha256: null, field };
  } finally {
    await chain.close();
  }
}

/** What becomes one field, and which affine maps stay beside it: only OME-Zarr has a place for these. */
export interface Parts {
  readonly before: readonly WarpStep[];
  readonly bent: readonly WarpStep[];
  readonly after: readonly WarpStep[];
  /** Where vectors are wanted. */
  readonly over: VolumePlan;
}

function partsOf({ steps, from, bends }: ExportPart, format: FieldFormat): Parts {
  if (format !== 'ome-zarr') return { before: [], bent: steps, after: [], over: from };
  const parts = aroundBends(steps);
  return { ...parts, over: parts.before.length > 0 ? bends : from };
}

/** null: OME-Zarr says affine maps without a field. */
function nodesOf(chain: Chain, { bent, over }: Parts, { format, spacingUm }: FieldInput): ChainGrid | null {
  if (bent.length === 0) return null;
  const nodes = chainGrid(chain, levelAt(over, 0), spacingUm === undefined ? undefined : 1000 * spacingUm);
  return format === 'precomputed' ? withWholeOrigin(nodes) : nodes;
}

interface Planned {
  readonly writer: VolumeWriter;
  readonly source: BlockSource;
}

function planField(
  job: JobRun,
  { format, onto, out }: FieldInput,
  { from, to }: ExportPart,
  { parts, nodes, memory }: { readonly parts: Parts; readonly nodes: ChainGrid | null; readonly memory: MemoryPlan },
): Planned {
  const [result, source] = onto === 'fixed' ? ['fixed', 'moving'] : ['moving', 'fixed'];
  const affine = (steps: readonly WarpStep[]): OmeChain['steps'] =>
    steps.flatMap((step) => (step.type === 'affine' ? [{ type: 'affine', matrix: step.matrix }] : []));
  const steps: OmeChain['steps'] = [
    ...affine(parts.before),
    ...(nodes ? [{ type: 'field' as const }] : []),
    ...affine(parts.after),
  ];
  const chain: OmeChain = { from: result ?? '', to: source ?? '', steps };
  // Points are doubles, twice as large as the vectors that are made of them.
  const blockBytes = memory.blockBytes / 2;
  const packed = out.toLowerCase().endsWith('.gz');
  const codec = kernelCodec(job.kernels, { lane: 'batch', signal: job.signal });
  const writer = fieldWriter({ format, from, level: nodes?.level ?? null, chain, packed, blockBytes }, codec);
  const toleranceNm = tolerancePart * Math.min(...levelAt(to, 0).voxelSizeNm);
  const nothing: BlockSource = () => Promise.resolve(null);
  const vectors = nodes && vectorsAt(nodes, framesOf(format, from, to), { kernels: job.kernels, toleranceNm });
  return { writer, source: vectors ?? nothing };
}

async function write(
  job: JobRun,
  { writer, source }: Planned,
  output: VolumeOutput,
  { inFlight, mostBuffers }: MemoryPlan,
): Promise<OutputResult> {
  const identity = [await output.claim()];
  const allFiles = writer.assemble !== undefined;
  const writing = { job, identity, writer, target: output.target, allFiles, inFlight, mostBuffers };
  const [level] = writer.plan.levels;
  const all = level ? [...chunksOf({ ...level, gridXyz: blockGrid(writer, 0) })] : [];
  const blocks = all.map((xyz) => ({ level: 0, xyz, time: 0 }));
  const written = level ? await job.stage(blockStage(writing, blocks, 'Writing the field', source)) : [];
  return output.finish(writer, {}, written);
}

async function checked(
  room: RegistrationRoom,
  job: JobRun,
  input: FieldInput,
  of: { readonly part: ExportPart; readonly parts: Parts; readonly nodes: ChainGrid; readonly identity: unknown },
): Promise<ExportOutput['field']> {
  const units = [errorUnit(room, input, of)];
  const [error] = await job.stage({ name: 'Checking the field', unit: 'fields', units, weight: 0.1 });
  const { sizeXyz, voxelSizeNm } = of.nodes.level;
  const [x, y, z] = voxelSizeNm;
  return { size: sizeXyz, spacingUm: [x / 1000, y / 1000, z / 1000], ...(error ?? { meanErrorUm: 0, mostErrorUm: 0 }) };
}
