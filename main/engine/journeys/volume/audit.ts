import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import type { volumeProcedures } from '../../../../preload/contract/volume.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { nameOfPlace } from '../../formats/place-name.ts';
import { redacted } from '../../sources/redact.ts';
import { levelAt, voxelsIn } from '../../formats/pyramid.ts';
import type { ChunkAt, OpenVolume, VolumeLevelPlan } from '../../formats/volume-format.ts';
import { type JobEnding, type JobKind, type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { volumeById, type StoredVolume } from '../../store/volume-rows.ts';
import { isVolumeId } from '../../volumes/volume-id.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { openRef } from './open-ref.ts';

type Input = ParsedOf<typeof volumeProcedures.audit>;
type Output = OutputOf<typeof volumeProcedures.audit>;
type Problem = Output['problems'][number];

const mostProblems = 100;
/** Chunks of a unit of work. */
const unitChunks = 1024;
const chunksAtOnce = 8;

export const auditKind = (volumes: OpenVolumes): JobKind<Input, Output> => ({
  kind: 'volume.audit',
  label: ({ source }) => `Audit ${nameOfPlace(redacted(source))}`,
  run: async (job, input) => {
    if (isVolumeId(input.source)) refuseMade(volumeById(job.library.read, input.source));
    const opened = await openRef(volumes, job, input);
    try {
      return await audit(job, input, opened.volume);
    } finally {
      await opened.close();
    }
  },
});

/** Of a volume that is made when it is read nothing is stored. */
function refuseMade({ volume, warp }: StoredVolume): void {
  if (!warp) return;
  throw new LamellaError('invalid-input', `${volume.name} is made when it is read: there is nothing to audit.`, {
    hint: `Audit the volume that it is made of, ${warp.source}.`,
    fields: { volume: volume.id, source: warp.source },
  });
}

/** What was seen of some chunks of a level. */
interface Seen {
  readonly looked: number;
  readonly stored: number;
  readonly missing: number;
  readonly damaged: number;
  readonly bytes: number;
  readonly problems: readonly Problem[];
}

async function audit(job: JobRun, input: Input, volume: OpenVolume): Promise<JobEnding<Output>> {
  const { plan } = volume;
  if (input.level !== undefined) levelAt(plan, input.level);
  const levels: Output['levels'] = [];
  const problems: Problem[] = [];
  for (const [level, planned] of plan.levels.entries()) {
    if (input.level !== undefined && input.level !== level) continue;
    const chunks = voxelsIn(planned.gridXyz) * plan.channels.length * plan.times;
    const seen = await job.stage({
      name: `Looking at level ${level}`,
      unit: 'batches',
      weight: chunks,
      units: unitsOf(job, input, volume, level),
    });
    const sum = (of: (one: Seen) => number): number => seen.reduce((total, one) => total + of(one), 0);
    levels.push({
      level,
      chunks,
      looked: sum((one) => one.looked),
      stored: sum((one) => one.stored),
      missing: sum((one) => one.missing),
      damaged: sum((one) => one.damaged),
      bytes: sum((one) => one.bytes),
    });
    problems.push(...seen.flatMap((one) => one.problems));
  }
  const ok = levels.every(({ damaged }) => damaged === 0);
  return {
    label: `Audit ${plan.name}`,
    commit: () => ({ levels, problems: problems.slice(0, mostProblems), ok }),
  };
}

/** Keys are of this job: a later audit looks again. */
function unitsOf(job: JobRun, { decode, sample }: Input, volume: OpenVolume, level: number): readonly Unit<Seen>[] {
  const planned = levelAt(volume.plan, level);
  const { channels, times } = volume.plan;
  const all = voxelsIn(planned.gridXyz) * channels.length * times;
  const looked = Math.min(all, sample ?? all);
  const placeOf = (n: number): ChunkAt => chunkAt(planned, level, channels.length, Math.floor((n * all) / looked));
  return Array.from({ length: Math.ceil(looked / unitChunks) }, (_, unit): Unit<Seen> => {
    const [first, end] = [unit * unitChunks, Math.min(looked, (unit + 1) * unitChunks)];
    return {
      key: unitKey('volume-audit', 1, job.id, level, first, end),
      subject: `level ${level}, chunks ${first} to ${end - 1}`,
      run: (signal) => look(volume, { first, end, placeOf, decode }, signal),
    };
  });
}

/** The chunk by its number: x fastest, then y, z, channel, time. */
function chunkAt({ gridXyz }: VolumeLevelPlan, level: number, channels: number, n: number): ChunkAt {
  const [nx, ny, nz] = gridXyz;
  const xyz: Vec3 = [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny)) % nz];
  const image = Math.floor(n / (nx * ny * nz));
  return { level, xyz, channel: image % channels, time: Math.floor(image / channels) };
}

interface Looking {
  readonly first: number;
  readonly end: number;
  readonly placeOf: (n: number) => ChunkAt;
  readonly decode: boolean;
}

async function look(volume: OpenVolume, { first, end, placeOf, decode }: Looking, signal: AbortSignal): Promise<Seen> {
  const seen = { looked: 0, stored: 0, missing: 0, damaged: 0, bytes: 0, problems: [] as Problem[] };
  let next = first;
  const hand = async (): Promise<void> => {
    while (next < end) {
      signal.throwIfAborted();
      const at = placeOf(next++);
      seen.looked += 1;
      try {
        const found = await volume.locate(at, signal);
        if (found) {
          seen.stored += 1;
          seen.bytes += found.bytes;
        } else seen.missing += 1;
        if (found?.bytes === 0) throw emptyChunk(found.key);
        if (found && decode) await volume.readChunk(at, signal);
      } catch (error) {
        if (!(error instanceof EmptyChunk) && !isLamellaError(error, 'bad-source')) throw error;
        seen.damaged += 1;
        if (seen.problems.length < mostProblems) seen.problems.push({ key: keyOf(error, at), message: error.message });
      }
    }
  };
  await Promise.all(Array.from({ length: chunksAtOnce }, hand));
  return seen;
}

class EmptyChunk extends Error {
  readonly key: string;

  constructor(key: string) {
    super(`"${key}" is an empty file; it should hold a chunk.`);
    this.key = key;
  }
}
const emptyChunk = (key: string): EmptyChunk => new EmptyChunk(key);

function keyOf(error: Error, { level, xyz }: ChunkAt): string {
  if (error instanceof EmptyChunk) return error.key;
  const file = isLamellaError(error) ? error.fields['file'] : undefined;
  return typeof file === 'string' ? file : `level ${level}, chunk ${xyz.join(' ')}`;
}
