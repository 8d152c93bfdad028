import { basename } from 'node:path';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Registration } from '../../../../preload/contract/register.ts';
import type {
  ImportedNumbers,
  registrationImportProcedures,
} from '../../../../preload/contract/registration-import.ts';
import type { VolumePlan } from '../../formats/volume-format.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { importedChain, type StraightField, turnedAround } from '../../registrations/imported-chain.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { fieldsFolder } from '../../store/library-fields.ts';
import { type StoredVolume, volumeById } from '../../store/volume-rows.ts';
import type { Affine3 } from '../../transforms/affine3.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { physicalFromVolume, placeOfPlan } from '../../volumes/warped/physical-space.ts';
import { refuseSame } from './affine.ts';
import type { Chains } from './chains.ts';
import { ending } from './ending.ts';
import { evaluated } from './evaluate.ts';
import { openEvaluated } from './evaluated-pair.ts';
import { takeUnit, type TakenFile } from './import-fields.ts';
import { type ImportedFile, lookAtFiles } from './import-files.ts';
import { judgeImport, shareCovered, shareSeen } from './judge-import.ts';
import { checkImage } from './pair.ts';

export type ImportInput = ParsedOf<typeof registrationImportProcedures.import>;
export type ImportOutput = OutputOf<typeof registrationImportProcedures.import>;

const hint =
  'Look at it with register apply. Transforms in another order, the other way around (--invert), or --fixed and --moving exchanged often explain it; and both volumes must lie where the other program saw them.';

/** Looks at the files, takes copies of fields, measures the map as `register.evaluate` does, judges, stores. */
export async function importRegistration(
  volumes: OpenVolumes,
  job: JobRun,
  input: ImportInput,
): Promise<JobEnding<ImportOutput>> {
  refuseSame(input);
  const places = { fixed: await planOf(volumes, job, input.fixed), moving: await planOf(volumes, job, input.moving) };
  const id = idOfJob('registration', job.id);
  const planned = await plan(volumes, job, input, { ...places, id });
  const taken = await takeAll(volumes, job, planned, fieldsFolder(job.library, id));
  return ending(job, { result: await measured(volumes, job, input, { ...planned, id, taken }), hint });
}

async function planOf(volumes: OpenVolumes, job: JobRun, id: string): Promise<VolumePlan> {
  const stored = volumeById(job.library.read, id);
  checkImage(stored.volume);
  if (stored.volume.unsized) throw unsized(stored);
  const opened = await volumes.ofJob(job.library, id, job.kernels, job.signal);
  await opened.close();
  return opened.volume.plan;
}

interface Planned {
  readonly there: readonly ImportedFile[];
  readonly back: readonly ImportedFile[] | null;
  readonly chains: Chains;
  /** Of each file of `there`, then of `back`; null of affine maps. */
  readonly straight: readonly (StraightField | null)[];
  readonly covered: number | null;
}

async function plan(
  volumes: OpenVolumes,
  job: JobRun,
  { transforms, invert, back: backFiles, invertBack }: ImportInput,
  { fixed, moving, id }: { readonly fixed: VolumePlan; readonly moving: VolumePlan; readonly id: string },
): Promise<Planned> {
  const look = (paths: readonly string[], inverts: readonly boolean[] | undefined, prefix: string) =>
    lookAtFiles(volumes, job, { paths, invert: inverts, prefix, registration: id });
  const there = await look(transforms, invert, 'there');
  const back = backFiles ? await look(backFiles, invertBack, 'back') : null;
  const [fixedPlace, movingPlace] = [placeOf(fixed), placeOf(moving)];
  const pieces = (files: readonly ImportedFile[]) => files.map(({ piece }) => piece);
  const way = importedChain(pieces(there), fixedPlace, movingPlace);
  const return_ = back && importedChain(pieces(back), movingPlace, fixedPlace);
  const straights = [...way.fields, ...(return_?.fields ?? [])].values();
  const all = [...there, ...(back ?? [])];
  const straight = all.map(({ piece }) => (piece.type === 'field' ? (straights.next().value ?? null) : null));
  return {
    ...{ there, back, straight },
    chains: { movingFromFixed: [...way.steps], fixedFromMoving: [...(return_?.steps ?? turnedAround(way.steps))] },
    covered: shareCovered(fixed, there, straight),
  };
}

const placeOf = (of: VolumePlan): Affine3 => physicalFromVolume(placeOfPlan(of));

async function takeAll(
  volumes: OpenVolumes,
  job: JobRun,
  { there, back, straight }: Planned,
  folder: string,
): Promise<readonly TakenFile[]> {
  const units = [...there, ...(back ?? [])].map((file, i) =>
    takeUnit(volumes, job, file, { folder, straight: straight[i] ?? null }),
  );
  return job.stage<TakenFile>({ name: 'Taking over transforms', unit: 'files', units, inFlight: 2 });
}

async function measured(
  volumes: OpenVolumes,
  job: JobRun,
  input: ImportInput,
  planned: Planned & { readonly id: string; readonly taken: readonly TakenFile[] },
): Promise<Registration> {
  const { fixed, moving, library } = input;
  const { id, chains } = planned;
  const name = (volume: string): string => volumeById(job.library.read, volume).volume.name;
  const candidate: Registration = {
    ...{ id, fixed, moving, parent: null, ...chains, job: job.id, createdAt: new Date().toISOString() },
    name: input.name ?? `${name(moving)} onto ${name(fixed)}, imported`.slice(0, 200),
    kind: planned.straight.some((one) => one !== null) ? 'deformable' : 'affine',
    ...{ numbers: {}, verdict: 'warn', reasons: [] },
  };
  const { fixedChannel, movingChannel, fixedTime, movingTime } = input;
  const channels = { fixedChannel, movingChannel, fixedTime, movingTime };
  const pair = await openEvaluated(volumes, job, { registration: candidate, against: null, since: 'middle' });
  try {
    const seen = await shareSeen(job, chains, pair);
    const asked = { library, registration: id, ...channels };
    const evaluation = await evaluated({ job, input: asked, registration: candidate, pair, against: null });
    const imported = importedOf(planned, seen);
    return { ...candidate, numbers: { evaluation, imported }, ...judgeImport(evaluation, imported) };
  } finally {
    await pair.close();
  }
}

function importedOf(
  { there, back, covered, taken }: Planned & { readonly taken: readonly TakenFile[] },
  seen: number,
): ImportedNumbers {
  const told = (files: readonly ImportedFile[], first: number): ImportedNumbers['transforms'] =>
    files.map(({ path, kinds, inverted }, i) => ({
      ...{ name: basename(path), kinds: [...kinds], inverted },
      ...(taken[first + i] ?? { bytes: 0, sha256: '' }),
    }));
  return { transforms: told(there, 0), back: back && told(back, there.length), seen, covered };
}

const unsized = ({ volume: { id, name } }: StoredVolume): LamellaError =>
  new LamellaError('bad-source', `Nobody said how large the voxels of "${name}" are, and transforms are millimetres.`, {
    hint: 'Add it again with --voxel-size-nm, or from the file that the other program read.',
    fields: { volume: id },
  });
