// Registrations as transforms and fields of ITK: SimpleITK leads points, and it and ANTs resample, as Lamella does.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { resultOf } from '../engine/follow-job.ts';
import type { Line } from './volumes.ts';

interface Case {
  readonly name: string;
  readonly fixed: string;
  readonly moving: string;
}

interface At {
  readonly client: LamellaClient;
  readonly library: string;
  readonly folder: string;
  run(...args: readonly string[]): string;
  ants(...args: readonly string[]): string;
  /** By ANTs: the files of SyN, both ways, and pictures. */
  register(...args: readonly string[]): string;
}

const reader = 'SimpleITK, transforms';
const mostVoxels = 1e-3;
const mostGrey = 1;

export async function compareRegistrations(bin: string, antsBin: string, folder: string): Promise<readonly Line[]> {
  const python =
    (program: string, script: string) =>
    (...args: readonly string[]): string =>
      execFileSync(program, [join(import.meta.dirname, script), ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
  const run = python(bin, 'registrations.py');
  const cases = run('make', folder)
    .split('\n')
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Case] : []));
  const engine = createEngine({ threads: 2 });
  const at = {
    client: engine.client(),
    library: join(folder, 'library'),
    folder,
    run,
    ants: python(antsBin, 'resample_ants.py'),
    register: python(antsBin, 'register_ants.py'),
  };
  const lines: Line[] = [];
  for (const one of cases) lines.push(...(await compare(at, one)));
  await engine.close();
  return lines;
}

async function compare(at: At, one: Case): Promise<readonly Line[]> {
  const { client, library } = at;
  const ids = [await added(at, one.fixed), await added(at, one.moving)] as const;
  const job = client.register.affine({ library, fixed: ids[0], moving: ids[1] });
  const { registration: straight } = await resultOf<{ registration: string }>(client, library, job);
  const lines: Line[] = [...(await compareAnts(at, one, ids))];
  for (const [n, form] of affineForms.entries())
    lines.push(...(await compareForm(at, one, { ...form, n, ids, registration: straight })));
  // Half a voxel and more to bend.
  await client.register.nudge({
    library,
    registration: straight,
    matrix: [1, 0, 0, 20_000, 0, 1, 0, -15_000, 0, 0, 1, 0],
  });
  const bending = client.register.lddmm({
    library,
    start: straight,
    metric: 'cc',
    finestUm: 50,
    smoothUm: 100,
    iterations: 10,
  });
  const { registration } = await resultOf<{ registration: string }>(client, library, bending);
  for (const [n, form] of bentForms.entries())
    lines.push(...(await compareForm(at, one, { ...form, n: 10 + n, ids, registration })));
  return lines;
}

type ExportInput = Parameters<LamellaClient['register']['export']>[0];

/** Files that say one map together, the one that is done first first. */
interface Form {
  readonly name: string;
  readonly onto: 'fixed' | 'moving';
  readonly files: readonly { readonly ending: string; readonly input: Pick<ExportInput, 'format' | 'part'> }[];
  /** Vectors that lie elsewhere than the registration's own are mixed anew. */
  readonly voxels?: number;
}

const [field, affine] = [
  { ending: 'nii.gz', input: { format: 'itk-nifti', part: 'field' } },
  { ending: 'mat', input: { format: 'ants-mat', part: 'affine' } },
] as const;
const whole = (format: ExportInput['format'], ending: string): Form['files'] => [{ ending, input: { format } }];
const both = (form: Omit<Form, 'onto'>): readonly Form[] => [
  { ...form, onto: 'fixed' },
  { ...form, onto: 'moving' },
];
const affineForms: readonly Form[] = [
  ...both({ name: 'itk-txt', files: whole('itk-txt', 'txt') }),
  ...both({ name: 'ants-mat', files: whole('ants-mat', 'mat') }),
  ...both({ name: 'affine as a field', files: whole('itk-nifti', 'nii') }),
];
const bentForms: readonly Form[] = [
  { name: 'itk-nifti', onto: 'fixed', files: whole('itk-nifti', 'nii') },
  { name: 'itk-nifti', onto: 'moving', files: whole('itk-nifti', 'nii'), voxels: 0.02 },
  { name: 'itk-nrrd', onto: 'fixed', files: whole('itk-nrrd', 'nrrd') },
  { name: 'itk-nrrd', onto: 'moving', files: whole('itk-nrrd', 'nrrd'), voxels: 0.02 },
  { name: 'field and affine', onto: 'fixed', files: [field, affine] },
  { name: 'field and affine', onto: 'moving', files: [affine, field] },
];

interface OneForm extends Form {
  readonly n: number;
  readonly registration: string;
  readonly ids: readonly [string, string];
}

async function compareForm(at: At, one: Case, form: OneForm): Promise<readonly Line[]> {
  const { client, library, folder } = at;
  const { onto, registration, ids } = form;
  const outs = form.files.map(({ ending }, i) =>
    join(folder, `${one.name.replaceAll(' ', '-')}-${form.n}-${i}.${ending}`),
  );
  const files = onto === 'fixed' ? [one.fixed, one.moving] : [one.moving, one.fixed];
  const exported = async (): Promise<Exported> => {
    for (const [i, { input }] of form.files.entries())
      await resultOf(client, library, client.register.export({ library, registration, onto, out: outs[i]!, ...input }));
    return { registration, onto, ids, out: outs.join(','), files };
  };
  const line = (by: string, found: string | { readonly voxels: number; readonly grey: number }): Line => {
    const ok = typeof found !== 'string' && found.voxels <= (form.voxels ?? mostVoxels) && found.grey <= mostGrey;
    const detail = typeof found === 'string' ? found : `${found.voxels} voxels, ${found.grey} grey levels`;
    return { id: `${one.name}, ${form.name}, onto ${onto} (${detail})`, reader: by, ok, detail };
  };
  try {
    const of = await exported();
    const lines = [line(reader, await differences(at, of)), line('ANTs, transforms', await antsDifferences(at, of))];
    return [...lines, line('taken over again', await differences(at, await takenOver(at, of)))];
  } catch (error) {
    return [line(reader, toWireError(error).message)];
  }
}

async function added({ client, library }: At, source: string): Promise<string> {
  return (await resultOf<{ volume: string }>(client, library, client.volume.add({ library, source }))).volume;
}

interface Exported {
  readonly registration: string;
  readonly onto: 'fixed' | 'moving';
  /** Of the fixed and the moving volume. */
  readonly ids: readonly [string, string];
  readonly out: string;
  /** The volume whose space the result lies in, and the other. */
  readonly files: readonly string[];
}

async function differences(at: At, { registration, onto, ids, out, files }: Exported) {
  const { client, library, run } = at;
  const raw = rawBeside(out);
  const said = JSON.parse(run('led', out, ...files, raw)) as { indices: Vec3[]; led: Vec3[] };
  const levelOf = async (volume: string) => (await client.view.volume({ library, volume })).value.levels[0]!;
  const [result, source] = await Promise.all((onto === 'fixed' ? ids : [ids[1], ids[0]]).map(levelOf));
  const points = said.indices.map(
    (index) => index.map((n, k) => result!.originNm[k]! + (n + 0.5) * result!.voxelSizeNm[k]!) as unknown as Vec3,
  );
  const back = onto === 'fixed' ? 'moving' : 'fixed';
  const ours = (await client.register.points({ library, registration, points, onto: back })).value.points;
  let voxels = 0;
  ours.forEach((point, i) =>
    said.led[i]!.forEach((theirs, k) => {
      const index = ((point?.[k] ?? NaN) - source!.originNm[k]!) / source!.voxelSizeNm[k]! - 0.5;
      voxels = Math.abs(index - theirs) <= voxels ? voxels : Math.abs(index - theirs);
    }),
  );
  return { voxels, grey: await greyBeside(at, { registration, onto }, raw) };
}

/** ANTs resamples; it leads points only as it reads them, so that pictures alone are compared. */
async function antsDifferences(at: At, { registration, onto, out, files }: Exported) {
  const raw = rawBeside(out);
  at.ants(out, ...files, raw);
  return { voxels: 0, grey: await greyBeside(at, { registration, onto }, raw) };
}

/** The same files as a registration of their own: SimpleITK says where they lead. */
async function takenOver(at: At, exported: Exported): Promise<Exported> {
  const [fixed, moving] = exported.onto === 'fixed' ? exported.ids : exported.ids.toReversed();
  const transforms = exported.out.split(',');
  return {
    ...exported,
    onto: 'fixed',
    ids: [fixed!, moving!],
    registration: await imported(at, { fixed: fixed!, moving: moving!, transforms }),
  };
}

type ImportInput = Omit<Parameters<LamellaClient['register']['import']>[0], 'library'>;

/** What fails its verdict is stored all the same: of a field that shifts all of a volume no way back is found by search. */
async function imported({ client, library }: At, input: ImportInput): Promise<string> {
  await resultOf(client, library, client.register.import({ library, ...input })).catch((error: unknown) => {
    if (toWireError(error).tag !== 'not-good-enough') throw error;
  });
  return (await client.register.list({ library })).value.registrations[0]!.id;
}

/** ANTs registers them, and resamples both ways by what it found; Lamella takes the same files over. */
async function compareAnts(at: At, one: Case, ids: readonly [string, string]): Promise<readonly Line[]> {
  const { there, back } = JSON.parse(
    at.register(one.fixed, one.moving, join(at.folder, `${one.name.replaceAll(' ', '-')}-syn-`)),
  ) as Syn;
  const [fixed, moving] = ids;
  const registration = await imported(at, {
    ...{ fixed, moving, transforms: there.files, invert: there.invert, back: back.files, invertBack: back.invert },
  });
  const lines: Line[] = [];
  for (const onto of ['fixed', 'moving'] as const) {
    const grey = await greyBeside(at, { registration, onto }, (onto === 'fixed' ? there : back).made);
    lines.push({
      id: `${one.name}, SyN, onto ${onto} (${grey} grey levels)`,
      reader: 'ANTs, taken over',
      ok: grey <= mostGrey,
      detail: `${grey} grey levels`,
    });
  }
  return lines;
}

interface Syn {
  readonly there: SynWay;
  readonly back: SynWay;
}

interface SynWay {
  readonly files: string[];
  readonly invert: boolean[];
  /** What ANTs resampled by them. */
  readonly made: string;
}

const rawBeside = (out: string): string => `${out.split(',')[0]}.raw`;

/** The most that the picture that another program made differs from ours. */
async function greyBeside({ client, library }: At, seen: Pick<Exported, 'registration' | 'onto'>, raw: string) {
  const { volume } = await client.register.apply({ library, ...seen });
  const box = volume.levels[0]!.size.map((n) => `0:${n}`).join(',');
  const { bytes } = await client.volume.cutout({ library, source: volume.id, box });
  return greyBetween(bytes!, new Float32Array(new Uint8Array(readFileSync(raw)).buffer));
}

/** Where both show something: at the very edge one may end half a voxel sooner. Infinite where they hardly show the same. */
function greyBetween(ours: Uint8Array, theirs: Float32Array): number {
  let [most, seen, shared] = [0, 0, 0];
  ours.forEach((level, i) => {
    if (level > 0) seen += 1;
    if (level > 0 && theirs[i]! > 0) {
      most = Math.max(most, Math.abs(level - theirs[i]!));
      shared += 1;
    }
  });
  return shared > 0.9 * seen && seen > 0 ? most : Infinity;
}
