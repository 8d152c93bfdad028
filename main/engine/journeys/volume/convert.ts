import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { volumeProcedures } from '../../../../preload/contract/volume.ts';
import { DecodedChunks, nextVolumeToken } from '../../formats/decoded-chunks.ts';
import { volumeFormats } from '../../formats/index.ts';
import { nameOfPlace } from '../../formats/place-name.ts';
import { omeZarrWriter } from '../../formats/ome-writer.ts';
import { omeZarr } from '../../formats/ome-zarr.ts';
import type { OpenVolume, VolumeFormat, VolumePlan, VolumeWriter, WriteChoices } from '../../formats/volume-format.ts';
import type { JobEnding, JobKind, JobRun, Kernels } from '../../jobs/job.ts';
import { kernelCodec } from '../../jobs/kernel-codec.ts';
import { parseAddress } from '../../sources/address.ts';
import { redacted } from '../../sources/redact.ts';
import { lookAtOut, realPathOf } from '../../store/output-file.ts';
import { copyFrom, withChannels } from '../../volumes/block-sources.ts';
import type { DownsampleMethod } from '../../volumes/downsample.ts';
import { fingerprintOf } from '../../volumes/fingerprint.ts';
import { parseByteSize, shareMemory, type MemoryPlan } from '../../volumes/memory.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { partOf, planOfPart, shiftOf, type VolumePart } from '../../volumes/output-plan.ts';
import { worldFromVolume } from '../../volumes/world-from-volume.ts';
import { VolumeOutput } from '../../volumes/output.ts';
import { openUnfinished, writeLevels, type LevelsWriting } from '../../volumes/write-levels.ts';
import { openFolderSource } from '../../sources/folder.ts';
import { openFolderTarget } from '../../targets/folder.ts';
import { openRef, type OpenedRef } from './open-ref.ts';
import { withKind } from '../../volumes/volume-kind.ts';

type Input = ParsedOf<typeof volumeProcedures.convert>;
type Output = OutputOf<typeof volumeProcedures.convert>;
type Writable = VolumeFormat & Required<Pick<VolumeFormat, 'write'>>;

export const convertKind = (volumes: OpenVolumes): JobKind<Input, Output> => ({
  kind: 'volume.convert',
  label: ({ format, source }) => `Convert ${nameOfPlace(redacted(source))} to ${format}`,
  run: (job, input) => convert(volumes, job, input),
});

/** Opens, plans, writes level by level, finishes. Run again after a kill it goes on where it was. */
async function convert(volumes: OpenVolumes, job: JobRun, input: Input): Promise<JobEnding<Output>> {
  const format = writableFormat(input);
  const out = resolve(input.out);
  refusePlaces(out, input, job.library.folder);
  const memory = shareMemory(parseByteSize(input.memory), job.kernels.threads);
  const opened = await openRef(volumes, job, input);
  try {
    const volume = input.kind ? withKind(opened.volume, input.kind) : opened.volume;
    return await convertOpened({ job, input: { ...input, out }, format, memory, opened: { ...opened, volume } });
  } finally {
    await opened.close();
  }
}

interface Converting {
  readonly job: JobRun;
  readonly input: Input;
  readonly format: Writable;
  readonly memory: MemoryPlan;
  readonly opened: OpenedRef;
}

async function convertOpened(converting: Converting): Promise<JobEnding<Output>> {
  const { job, input, format, memory, opened } = converting;
  for (const message of opened.volume.notes.warnings ?? []) job.warn({ subject: opened.volume.plan.name, message });
  const part = partOf(opened.volume.plan, input);
  const choices = choicesOf(input, memory);
  const wanted = planOfPart(opened.volume.plan, part, {
    chunkXyz: choices.chunkXyz,
    onlyOne: input.levels === 'one',
  });
  const writer = format.write.writer(wanted, choices, kernelCodec(job.kernels, { lane: 'batch', signal: job.signal }));
  const shift = shiftOf(wanted, writer.plan);
  if (shift !== null) job.warn({ subject: wanted.name, message: shift });
  if (worldFromVolume(wanted) && !worldFromVolume(writer.plan))
    job.warn({
      subject: wanted.name,
      message: `Its dataset turns or mirrors it in its space, and ${format.label} as it is written does not say so: what is written lies along its own axes.`,
    });
  const fingerprint = await fingerprintOf(opened.volume, opened.source, job.signal);
  const method = methodOf(input.method, opened.volume.plan);
  const { memory: _memory, library: _library, ...what } = input;
  // A signed address is another one each time, for the same data.
  const identity = [{ ...what, source: redacted(what.source) }, fingerprint, method];
  const output = new VolumeOutput(job, input.out, format.write.as, identity);
  const done = (await output.finished()) ?? (await write(converting, { part, writer, output, wanted, method }));
  const ending = { out: input.out, format: input.format, levels: writer.plan.levels.length, ...done };
  return { label: `Convert ${wanted.name} to ${format.label}`, commit: () => ending };
}

interface Planned {
  readonly part: VolumePart;
  readonly writer: VolumeWriter;
  readonly output: VolumeOutput;
  readonly wanted: VolumePlan;
  readonly method: DownsampleMethod;
}

async function write(
  { job, format, memory, opened }: Converting,
  { part, writer, output, wanted, method }: Planned,
): Promise<{ files: number; bytes: number }> {
  const token = await output.claim();
  const writing: LevelsWriting = {
    job,
    format,
    writer,
    target: output.target,
    identity: [token],
    inFlight: memory.inFlight,
    allFiles: writer.assemble !== undefined,
    method,
    partBytes: memory.partBytes,
    mostBuffers: memory.mostBuffers,
    first: sourceOf(opened.volume, part, memory, job.kernels),
    firstName: writer.plan.levels.length > 1 ? 'Writing level 0' : 'Writing voxels',
  };
  const inTurns = writer.assemble !== undefined && writer.plan.levels.length > 1;
  const blocks = await writeLevels(inTurns ? await viaFolder(writing, wanted) : writing);
  const { attributes, storage: _storage, ...notes } = opened.volume.notes;
  return output.finish(writer, { ...notes, ...(attributes && { attributes }) }, blocks);
}

function sourceOf(volume: OpenVolume, part: VolumePart, memory: MemoryPlan, kernels: Kernels) {
  const isAll = part.channels.length === volume.plan.channels.length && part.channels.every((c, i) => c === i);
  return copyFrom(isAll ? volume : withChannels(volume, part.channels), {
    level: part.level,
    min: part.min,
    firstTime: part.firstTime,
    blockBytes: memory.blockBytes,
    chunks: { cache: new DecodedChunks(memory.cacheBytes), token: nextVolumeToken() },
    files: { kernels, lane: 'batch' },
  });
}

/**
 * A single file can't be read before all of it is there, so its levels are made in a folder beside it first, as
 * OME-Zarr, and written from there.
 */
async function viaFolder(writing: LevelsWriting, wanted: VolumePlan): Promise<LevelsWriting> {
  const { job, target } = writing;
  const choices: WriteChoices = { sharded: false, blockBytes: writing.partBytes * 2 };
  // The levels of the file: a pyramid of TIFF keeps all sections, whatever was planned.
  const plan = { ...wanted, levels: writing.writer.plan.levels };
  const writer = omeZarrWriter(plan, choices, kernelCodec(job.kernels, { lane: 'batch', signal: job.signal }));
  const folder = openFolderTarget(openFolderSource(target.pathOf('levels'), 'the levels'));
  const inFolder: LevelsWriting = {
    ...writing,
    format: omeZarr,
    writer,
    target: folder,
    identity: [...writing.identity, 'levels'],
    allFiles: false,
  };
  await writeLevels(inFolder);
  const made = await openUnfinished(inFolder);
  return { ...writing, first: copyLevels(made, writing), levelsFrom: made, firstName: 'Writing level 0' };
}

function copyLevels(volume: OpenVolume, { partBytes }: LevelsWriting): LevelsWriting['first'] {
  return copyFrom(volume, { level: 0, min: [0, 0, 0], firstTime: 0, blockBytes: partBytes * 2 });
}

function writable(format: VolumeFormat): Writable {
  const { write } = format;
  if (write) return { ...format, write };
  throw new LamellaError('invalid-input', `Lamella reads ${format.label} and does not write it.`, {
    hint: `Choose one of ${volumeFormats.flatMap((one) => (one.write ? [one.id] : [])).join(', ')}.`,
    fields: { format: format.id },
  });
}

function writableFormat({ format: id, encoding, sharded, out }: Input): Writable {
  const found = volumeFormats.find((one) => one.id === id);
  if (!found) throw new Error(`the contract names the format "${id}", and no file of formats/ has it`);
  const format = writable(found);
  const { encodings, canShard, as } = format.write;
  const refuse = (message: string, hint: string): LamellaError =>
    new LamellaError('invalid-input', message, { hint, fields: { format: id } });
  if (encoding !== undefined && !encodings.includes(encoding))
    throw refuse(`${format.label} is not written as "${encoding}".`, `Choose one of ${encodings.join(', ')}.`);
  if (sharded && !canShard) throw refuse(`${format.label} has no shards.`, 'Leave --sharded out.');
  if (as !== 'folder' && !endings(as.ending).some((ending) => out.toLowerCase().endsWith(ending)))
    throw refuse(`"${out}" is no name for ${format.label}.`, `Let it end with ${as.ending}.`);
  return format;
}

const endings = (ending: string): readonly string[] => [ending, `${ending}.gz`, `${ending}f`];

function choicesOf({ chunk, encoding, sharded, quality }: Input, { blockBytes }: MemoryPlan): WriteChoices {
  const [x, y, z] = chunk?.split(',').map(Number) ?? [];
  const chunkXyz = x !== undefined && y !== undefined && z !== undefined ? ([x, y, z] as const) : undefined;
  return { chunkXyz, encoding, sharded, quality, blockBytes };
}

const methodOf = (asked: Input['method'], { kind }: VolumePlan): DownsampleMethod =>
  asked !== 'auto' ? asked : kind === 'segmentation' ? 'mode' : 'mean';

/** Throws 'invalid-input' where writing would touch the library or the source itself. */
function refusePlaces(out: string, { source }: Input, library: string): void {
  const real = realPathOf(out);
  lookAtOut(real, out);
  if (isInside(library, real)) throw badPlace(out, 'it lies inside the library');
  const from = /^volume-[0-9a-z]+$/.test(source) ? null : localPathOf(source);
  if (from !== null && (isInside(from, real) || isInside(real, from)))
    throw badPlace(out, 'it is, holds, or lies inside what is to be converted');
}

function localPathOf(source: string): string | null {
  const address = parseAddress(source);
  if (address.kind !== 'path') return null;
  try {
    return realpathSync(address.path);
  } catch {
    return null;
  }
}

function isInside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

const badPlace = (out: string, why: string): LamellaError =>
  new LamellaError('invalid-input', `"${out}" can't be written: ${why}.`, {
    hint: 'Name another place.',
    fields: { out },
  });
