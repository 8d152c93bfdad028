import { basename } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import type { publishProcedures, Metadata, Part, Receipt } from '../../../../preload/contract/publish.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { toJsonBytes } from '../../formats/checked-json.ts';
import { omeZarr } from '../../formats/ome-zarr.ts';
import type { OpenVolume, Part as FilePart } from '../../formats/volume-format.ts';
import type { JobEnding, JobRun, Unit } from '../../jobs/job.ts';
import { kernelCodec } from '../../jobs/kernel-codec.ts';
import { openFolderSource } from '../../sources/folder.ts';
import { targets, type PublishTarget } from '../../targets/index.ts';
import { withPlan } from '../../volumes/levels-in-library.ts';
import { stampOf } from '../../store/warp-rows.ts';
import type { OpenedVolume, OpenVolumes } from '../../volumes/open-volumes.ts';
import { claimFolder, manifestKey, provenanceKey, receiptKey, refuseInsideLibrary, releaseFolder } from './folder.ts';
import { manifestBytes, verificationFailed, verifyUnit } from './manifest.ts';
import { metadataOf } from './metadata.ts';
import {
  blockUnits,
  copyUnits,
  groupsOf,
  hashUnits,
  sha256Of,
  verified,
  type FileHashes,
  type Writing,
} from './parts.ts';
import { planPublication, type PublishPlan } from './plan.ts';
import { provenanceOf } from './provenance.ts';

type Input = ParsedOf<typeof publishProcedures.start>;
type Output = OutputOf<typeof publishProcedures.start>;

/** What the stages of one run share. */
interface Run {
  readonly job: JobRun;
  readonly input: Input;
  readonly metadata: Metadata;
  readonly plan: PublishPlan;
  readonly target: PublishTarget;
}

/**
 * Hash the volume, write the parts, write the metadata with the file that makes it a dataset last, write the manifest,
 * read everything back, leave a receipt. Run again after a kill it skips the parts that are there, and checks them all.
 */
export async function runPublication(volumes: OpenVolumes, job: JobRun, input: Input): Promise<JobEnding<Output>> {
  refuseInsideLibrary(input.out, job.library.folder);
  const metadata = await metadataOf(input.metadata);
  const opened = await volumes.ofJob(job.library, input.volume, job.kernels, job.signal);
  try {
    return await publishOpened(job, input, metadata, opened);
  } finally {
    await opened.close();
  }
}

async function publishOpened(
  job: JobRun,
  input: Input,
  metadata: Metadata,
  opened: OpenedVolume,
): Promise<JobEnding<Output>> {
  const codec = kernelCodec(job.kernels, { lane: 'batch', signal: job.signal });
  const plan = await planPublication(job.library, opened, input.format, metadata, codec);
  warnOfVoxelSize(job, plan, metadata);
  const target = targets[input.target](openFolderSource(input.out, basename(input.out)));
  const run: Run = { job, input, metadata, plan, target };
  const files = await metadataFiles(run);
  await claimFolder(target, { volume: input.volume, format: input.format }, plan.isPlanned);
  await refuseIfFull(run);
  const parts = [...(await writeParts(run)), ...(await writeMetadata(run, files))];
  const manifest = manifestBytes(parts);
  await target.put(manifestKey, manifest);
  await readBack(run, [...parts, { path: manifestKey, bytes: manifest.byteLength, sha256: sha256Of(manifest) }]);
  return leaveReceipt(run, parts, sha256Of(manifest));
}

function warnOfVoxelSize(job: JobRun, plan: PublishPlan, { voxelSizeNm }: Metadata): void {
  const own = plan.stored.volume.levels[0]?.voxelSizeNm ?? voxelSizeNm;
  if (own.every((nm, i) => nm === voxelSizeNm[i])) return;
  job.warn({
    subject: plan.stored.volume.name,
    message: `The metadata gives a voxel size of ${voxelSizeNm.join(' x ')} nm, the volume has ${own.join(' x ')} nm; the metadata's was published.`,
    hint: 'Correct voxelSizeNm and publish again where that is wrong.',
  });
}

async function refuseIfFull({ plan: { bytes, isPlanned }, target }: Run): Promise<void> {
  const written = (await target.list('')).filter(isPlanned);
  const there = written.reduce((sum, key) => sum + (target.sizeOf(key) ?? 0), 0);
  const free = await target.freeBytes();
  if (free === null || free >= bytes - there) return;
  throw new LamellaError(
    'disk-full',
    `The disk of "${target.name}" has ${free} bytes free, and the dataset needs ${bytes - there}.`,
    {
      hint: 'Free some space, or publish to another disk; nothing was written yet.',
      fields: { free, needed: bytes - there },
    },
  );
}

async function writeParts(run: Run): Promise<readonly Part[]> {
  const { job, input, plan, target } = run;
  const hashed = await job.stage({ name: 'Hashing bricks', unit: 'batches', weight: 1, units: hashUnits(plan) });
  const hashes: FileHashes = new Map(hashed.flat());
  const { source, warp, volume } = plan.stored;
  const fingerprint = source?.fingerprint ?? (warp ? stampOf(warp, volume.levels) : '');
  const made = sha256Of(new TextEncoder().encode(JSON.stringify([...hashes, fingerprint])));
  const writing: Writing = { plan, target, out: input.out, made };
  const units = plan.copies
    ? copyUnits(writing, verified(plan.source ?? target, hashes), hashes)
    : await encodedUnits(run, writing, hashes);
  return (await job.stage({ name: 'Writing parts', unit: 'batches', weight: 2, units })).flat();
}

async function encodedUnits(
  { job, plan }: Run,
  writing: Writing,
  hashes: FileHashes,
): Promise<readonly Unit<readonly Part[]>[]> {
  const from = plan.source ? await verifiedVolume(job, plan, verified(plan.source, hashes)) : plan.opened;
  return plan.writer.plan.levels.flatMap((_, level) => blockUnits(writing, from, level));
}

/** The volume of the library again, from files that are what they were. */
async function verifiedVolume(
  { kernels, signal }: JobRun,
  { opened }: PublishPlan,
  source: ReturnType<typeof verified>,
): Promise<OpenVolume> {
  const codec = kernelCodec(kernels, { lane: 'batch', signal });
  const scratch = (): Promise<string> => Promise.reject(new Error('OME-Zarr needs no scratch folder'));
  return withPlan(await omeZarr.open({ source, key: '' }, { codec, scratch }), opened.plan);
}

/** Provenance first, the file that makes it a dataset last. */
async function metadataFiles({ job, metadata, plan }: Run): Promise<readonly FilePart[]> {
  const { stored, writer } = plan;
  const provenance = provenanceOf(job.library.read, stored, writer.plan, metadata);
  const attributes = { ...metadata, provenance: provenanceKey, manifest: manifestKey };
  const own = await writer.metadata({ attributes });
  // Copied chunks are decoded by the description that they were written with.
  const levels = plan.copies
    ? await Promise.all(own.map((part, i) => asInVolume(plan, part, i === own.length - 1)))
    : own;
  return [{ key: provenanceKey, bytes: toJsonBytes(provenance) }, ...levels];
}

async function asInVolume({ source }: PublishPlan, part: FilePart, isLast: boolean): Promise<FilePart> {
  return isLast ? part : { key: part.key, bytes: (await source?.get(part.key)) ?? part.bytes };
}

/** Never taken from the ledger: these few files are written by every run. */
async function writeMetadata({ job, target }: Run, files: readonly FilePart[]): Promise<readonly Part[]> {
  const write = async (): Promise<readonly Part[]> => {
    const parts: Part[] = [];
    for (const { key, bytes } of files) {
      await target.put(key, bytes);
      parts.push({ path: key, bytes: bytes.byteLength, sha256: sha256Of(bytes) });
    }
    return parts;
  };
  const unit: Unit<readonly Part[]> = { key: `metadata-${randomUUID()}`, subject: 'metadata', run: write };
  return (await job.stage({ name: 'Writing metadata', unit: 'files', weight: 0.1, units: [unit] })).flat();
}

async function readBack({ job, input, plan, target }: Run, parts: readonly Part[]): Promise<void> {
  // A source of its own, so that nothing the writer remembers is asked.
  const fresh = openFolderSource(input.out, basename(input.out));
  const groups = groupsOf(parts);
  const bad = await job.stage({
    name: 'Reading every part back',
    unit: 'batches',
    weight: 1,
    units: groups.map((group) => verifyUnit(fresh, group)),
  });
  const wrong = bad.flat();
  if (wrong.length === 0) return;
  for (const { path } of wrong) await target.delete(path);
  throw verificationFailed(plan.stored.volume.name, wrong);
}

async function leaveReceipt(
  { job, input, metadata, plan, target }: Run,
  parts: readonly Part[],
  manifestSha256: string,
): Promise<JobEnding<Output>> {
  const at = new Date().toISOString();
  const version =
    job.library.read.get<{ lamella_version: string }>('SELECT lamella_version FROM job WHERE id = ?', job.id)
      ?.lamella_version ?? '';
  const receipt: Receipt = {
    publication: `publication-${randomBytes(6).toString('hex')}`,
    volume: input.volume,
    format: input.format,
    target: input.target,
    out: input.out,
    receiptFile: target.pathOf(receiptKey),
    manifestFile: target.pathOf(manifestKey),
    manifestSha256,
    parts: parts.length,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    metadata,
    verified: true,
    verifiedAt: at,
    lamellaVersion: version,
  };
  // The copy beside the data travels with it, so it names no folder of this machine.
  await target.put(
    receiptKey,
    toJsonBytes({ ...receipt, out: '.', receiptFile: receiptKey, manifestFile: manifestKey }),
  );
  await releaseFolder(target);
  return {
    label: `Publish ${metadata.title} as ${plan.format.id}`,
    commit: (tx) => {
      tx.put('publication', {
        id: receipt.publication,
        volume: input.volume,
        target: input.target,
        format: input.format,
        out: input.out,
        receipt: JSON.stringify(receipt),
        job: job.id,
        created_at: at,
        removed: 0,
      });
      return { receipt };
    },
  };
}
