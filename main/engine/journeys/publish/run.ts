import { basename } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import type { publishProcedures, Metadata, Part, Receipt } from '../../../../preload/contract/publish.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { toJsonBytes } from '../../formats/checked-json.ts';
import type { MetadataPart } from '../../formats/volume-format.ts';
import type { JobEnding, JobRun, Unit } from '../../jobs/job.ts';
import { kernelCodec } from '../../jobs/kernel-codec.ts';
import { openFolderSource } from '../../sources/folder.ts';
import { targets, type PublishTarget } from '../../targets/index.ts';
import { claimFolder, manifestKey, provenanceKey, receiptKey, refuseInsideLibrary, releaseFolder } from './folder.ts';
import { manifestBytes, verificationFailed, verifyUnit } from './manifest.ts';
import { metadataOf } from './metadata.ts';
import { hashUnit, sha256Of, writeUnit } from './parts.ts';
import { chunkPlaces, groupsOf, planPublication, type PublishPlan } from './plan.ts';
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
export async function runPublication(job: JobRun, input: Input): Promise<JobEnding<Output>> {
  refuseInsideLibrary(input.out, job.library.folder);
  const metadata = await metadataOf(input.metadata);
  const codec = kernelCodec(job.kernels, { lane: 'batch', signal: job.signal });
  const plan = await planPublication(job.library, input.volume, input.format, metadata, codec);
  warnOfVoxelSize(job, plan, metadata);
  const target = targets[input.target](openFolderSource(input.out, basename(input.out)));
  const run: Run = { job, input, metadata, plan, target };
  const files = await metadataFiles(run);
  await claimFolder(
    target,
    { volume: input.volume, format: input.format },
    new Set([...plan.parts, ...files].map((part) => ('path' in part ? part.path : part.key))),
  );
  await refuseIfFull(plan, target);
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

async function refuseIfFull({ parts, bytes }: PublishPlan, target: PublishTarget): Promise<void> {
  const there = parts.reduce((sum, part) => sum + Math.min(part.bytes, target.sizeOf(part.path) ?? 0), 0);
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

async function writeParts({ job, input, plan, target }: Run): Promise<readonly Part[]> {
  const hashed = await job.stage({
    name: 'Hashing bricks',
    unit: 'batches',
    weight: 1,
    units: groupsOf(chunkPlaces(plan.opened)).map((group) => hashUnit(plan.stored.volume.id, plan.opened, group)),
  });
  const hashes = new Map(hashed.flat());
  const codec = kernelCodec(job.kernels, { lane: 'batch', signal: job.signal });
  const written = await job.stage({
    name: 'Writing parts',
    unit: 'batches',
    weight: 2,
    units: groupsOf(plan.parts).map((group) => writeUnit(plan, group, hashes, target, input.out, codec)),
  });
  return written.flat();
}

/** Provenance first, the file that makes it a dataset last. */
async function metadataFiles({ job, metadata, plan }: Run): Promise<readonly MetadataPart[]> {
  const { volume, job: volumeJob } = plan.stored;
  const provenance = provenanceOf(job.library.read, volume, volumeJob, plan.plan, metadata);
  const attributes = { ...metadata, provenance: provenanceKey, manifest: manifestKey };
  const own = plan.format.metadata(plan.plan, { window: volume.window, attributes });
  // Copied chunks are decoded by the description that they were written with.
  const levels = plan.copies ? await Promise.all(own.map((part) => asInVolume(plan, part))) : own;
  return [{ key: provenanceKey, bytes: toJsonBytes(provenance) }, ...levels];
}

async function asInVolume({ format, source }: PublishPlan, part: MetadataPart): Promise<MetadataPart> {
  if (part.key === format.metadataKey) return part;
  return { key: part.key, bytes: (await source.get(part.key)) ?? part.bytes };
}

/** Never taken from the ledger: these few files are written by every run. */
async function writeMetadata({ job, target }: Run, files: readonly MetadataPart[]): Promise<readonly Part[]> {
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
  const groups = groupsOf(parts.map((part) => ({ ...part, level: 0, xyz: [0, 0, 0] as const })));
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
