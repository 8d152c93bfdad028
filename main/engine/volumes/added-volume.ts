import type { ParsedOf } from '../../../preload/contract/define.ts';
import { LamellaError, isLamellaError } from '../../../preload/contract/errors.ts';
import { isVoxelSizeNm } from '../../../preload/contract/space.ts';
import type { volumeProcedures } from '../../../preload/contract/volume.ts';
import { mapAxes } from '../formats/pyramid.ts';
import { isUnsized, saysNoSize } from '../formats/unsized.ts';
import type { OpenVolume, VolumePlan } from '../formats/volume-format.ts';
import type { JobRun } from '../jobs/job.ts';
import type { WriteHandle } from '../store/library-store.ts';
import { putOpening } from './openings.ts';
import { volumeRow, type VolumeSource } from '../store/volume-rows.ts';
import { appearanceOf, appearanceUncounted, type Appearance } from './appearance.ts';
import { volumeLevels } from './bricks-of.ts';
import { lacksCoarseLevels, makeCoarseLevels, type CoarseLevels } from './coarse-levels.ts';
import { fingerprintOf } from './fingerprint.ts';
import { withCoarseLevels, withPlan, withVoxelSize } from './levels-in-library.ts';
import { parseByteSize, shareMemory } from './memory.ts';
import type { OpenedPlace } from './open-place.ts';
import { openFolderVolume, type OpenVolumes } from './open-volumes.ts';
import { storedBytesOf } from './stored-bytes.ts';
import { worldFromVolume } from './world-from-volume.ts';
import { refuseSecret } from './refuse-secret.ts';
import { checkKind } from './volume-kind.ts';

/** What a volume is added from: see `volume.add`. */
export type AddRequest = Pick<
  ParsedOf<typeof volumeProcedures.add>,
  'source' | 'image' | 'name' | 'kind' | 'voxelSizeNm' | 'pyramid' | 'allowPrivate'
>;

/** A volume on its way into a library: `put` leaves its row. */
export interface AddedVolume {
  readonly name: string;
  put(tx: WriteHandle): void;
}

const usualMemory = parseByteSize('2GB');

/** Opens, makes the coarse levels that are lacking, counts, and says where it lies. Copies nothing. */
export async function addedVolume(
  volumes: OpenVolumes,
  job: JobRun,
  id: string,
  input: AddRequest,
): Promise<AddedVolume> {
  const { library, kernels, signal } = job;
  refuseSecret(input.source);
  const at = await volumes.at({
    ref: input.source,
    image: input.image,
    allowPrivate: input.allowPrivate,
    kind: input.kind,
    kernels,
    lane: 'batch',
    cache: library.cache,
    signal,
  });
  try {
    const plan = planOf(at.volume.plan, input);
    const warnings = at.volume.notes.warnings ?? [];
    for (const message of warnings)
      if (message !== saysNoSize || !input.voxelSizeNm) job.warn({ subject: plan.name, message });
    return await remembered(job, id, input, at, withPlan(at.volume, plan));
  } finally {
    await at.close();
  }
}

async function remembered(
  job: JobRun,
  id: string,
  input: AddRequest,
  at: OpenedPlace,
  fine: OpenVolume,
): Promise<AddedVolume> {
  const { library, kernels, signal } = job;
  const folder = `volumes/${id}`;
  const fingerprint = await fingerprintOf(at.plain, at.place.source, signal);
  const coarse = await coarseLevels(job, input, fine, folder);
  const has = coarse.levels.length > 0;
  const volume = has ? withCoarseLevels(fine, await openFolderVolume(library, folder, fine.plan.name, kernels)) : fine;
  const look = await lookOf(job, volume);
  const stored = await storedBytesOf(at.place, signal);
  const source: VolumeSource = {
    kind: at.place.kind,
    address: at.place.text,
    format: at.format.id,
    image: input.image ?? null,
    fingerprint,
    allowPrivate: input.allowPrivate,
    voxelSizeNm: input.voxelSizeNm ?? null,
    unsized: input.voxelSizeNm === undefined && isUnsized(at.volume),
    levels: fine.plan.levels.length,
    worldFromVolume: worldFromVolume(fine.plan),
  };
  const opening = at.place.opening();
  const facts = factsOf(id, volume.plan, look);
  const row = volumeRow({
    volume: { ...facts, bytes: stored === null ? null : stored + coarse.bytes, createdAt: new Date().toISOString() },
    folder: has ? folder : null,
    source,
    job: job.id,
  });
  return {
    name: volume.plan.name,
    put: (tx) => {
      tx.put('volume', row);
      if (opening) putOpening(tx, id, opening);
    },
  };
}

/** A damaged chunk keeps nobody from looking at the rest. */
async function lookOf(job: JobRun, volume: OpenVolume): Promise<Appearance> {
  try {
    return await appearanceOf(volume, job.kernels, job.signal);
  } catch (error) {
    if (!isLamellaError(error, 'bad-source')) throw error;
    job.warn({ subject: volume.plan.name, message: `Its grey levels could not be counted: ${error.message}` });
    return appearanceUncounted(volume.plan);
  }
}

function coarseLevels(job: JobRun, { pyramid }: AddRequest, volume: OpenVolume, folder: string): Promise<CoarseLevels> {
  const { plan } = volume;
  if (pyramid === 'none' || !lacksCoarseLevels(plan)) return Promise.resolve({ levels: [], bytes: 0 });
  const made = makeCoarseLevels({
    job,
    volume,
    level: plan.levels.length - 1,
    folder,
    method: plan.kind === 'segmentation' ? 'mode' : 'mean',
    memory: shareMemory(usualMemory, job.kernels.threads),
  });
  return made.catch((error: unknown) => {
    throw isLamellaError(error, 'bad-source') ? noCoarseLevels(error) : error;
  });
}

const noCoarseLevels = (error: LamellaError): LamellaError =>
  new LamellaError('bad-source', `No coarse levels could be made: ${error.message}`, {
    hint: 'Put a sound copy of the file there, or add the volume without coarse levels (--pyramid none).',
    fields: error.fields,
    cause: error,
  });

function factsOf(id: string, plan: VolumePlan, look: Appearance) {
  const [first] = plan.levels;
  const [origin, size] = [first?.originNm ?? [0, 0, 0], first?.voxelSizeNm ?? [1, 1, 1]];
  return {
    id,
    stack: null,
    name: plan.name.slice(0, 200) || id,
    kind: plan.kind,
    dtype: plan.dtype,
    levels: volumeLevels(plan, look.display.dtype),
    times: plan.times,
    originVoxel: mapAxes((i) => (origin[i] ?? 0) / (size[i] ?? 1)),
    ...look,
  };
}

/** What the dataset says, with what the user knows better. */
function planOf(plan: VolumePlan, { name, kind, voxelSizeNm }: AddRequest): VolumePlan {
  if (voxelSizeNm && !isVoxelSizeNm(voxelSizeNm))
    throw new LamellaError('invalid-input', `A voxel of ${voxelSizeNm.join(' x ')} nm is more than a metre.`, {
      hint: 'Give the size in nanometres.',
      fields: { voxelSizeNm: voxelSizeNm.join(',') },
    });
  checkKind(plan.dtype, kind);
  const sized = withVoxelSize(plan, voxelSizeNm ?? null);
  return { ...sized, name: name ?? sized.name, kind: kind ?? sized.kind };
}
