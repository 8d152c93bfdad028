import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { registerProcedures } from '../../../../preload/contract/register.ts';
import { itkAffine, itkTransformMat, itkTransformText } from '../../formats/itk-transform.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { affineOfChain, openSteps, type RegistrationRoom } from '../../registrations/chain-of.ts';
import { middleOf } from '../../registrations/middle.ts';
import { registrationById } from '../../registrations/registration-rows.ts';
import { refuseInsideLibrary, refuseToOverwrite } from '../../store/output-file.ts';
import { writeFileDurably } from '../../targets/folder.ts';
import { type Affine3, affineMap, composeAffine3, invertAffine3 } from '../../transforms/affine3.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { physicalFromVolume, placeOfPlan } from '../../volumes/warped/physical-space.ts';
import { exportField } from './export-field.ts';
import { type ExportPart, exportPart } from './export-part.ts';

export type ExportInput = ParsedOf<typeof registerProcedures.export>;
export type ExportOutput = OutputOf<typeof registerProcedures.export>;

const nmPerMm = 1e6;
const endings: Readonly<Record<ExportInput['format'], readonly string[]>> = {
  'itk-txt': ['.txt', '.tfm'],
  'ants-mat': ['.mat'],
  'itk-nifti': ['.nii', '.nii.gz'],
  'itk-nrrd': ['.nrrd'],
  'ome-zarr': [],
  precomputed: [],
};

/** Writes the map between the two volumes, or a part of it. */
export async function exportRegistration(
  volumes: OpenVolumes,
  job: JobRun,
  asked: ExportInput,
): Promise<JobEnding<ExportOutput>> {
  const input = { ...asked, out: resolve(asked.out) };
  const registration = registrationById(job.library.read, input.registration);
  refuseInsideLibrary(job.library, input.out);
  checkEnding(input);
  const room: RegistrationRoom = { volumes, library: job.library, kernels: job.kernels, signal: job.signal };
  const part = await exportPart(room, registration, input);
  const { format } = input;
  const written =
    format === 'itk-txt' || format === 'ants-mat'
      ? await exportAffine(room, input, part, registration.name)
      : await exportField(room, job, { ...input, format }, part);
  return { label: `Export ${registration.name}`, commit: () => ({ out: input.out, ...written }) };
}

function checkEnding({ format, out }: ExportInput): void {
  const fits = endings[format].length === 0 || endings[format].some((ending) => out.toLowerCase().endsWith(ending));
  if (fits) return;
  throw new LamellaError('invalid-input', `"${out}" is no name for ${format}.`, {
    hint: `Let it end with ${endings[format].join(' or ')}.`,
    fields: { out },
  });
}

/** Where both volumes lie as their files place them in the space of ITK, from and to its millimetres. */
async function exportAffine(room: RegistrationRoom, { format, out }: ExportInput, part: ExportPart, name: string) {
  refuseToOverwrite(room.library, out, endings[format].find((ending) => out.toLowerCase().endsWith(ending)) ?? '');
  const chain = await openSteps(room, part.steps, part.from, part.to);
  try {
    const map = affineOfChain(chain);
    if (!map) throw bent(name);
    const affine = itkOf(map, part);
    const bytes = format === 'itk-txt' ? new TextEncoder().encode(itkTransformText(affine)) : itkTransformMat(affine);
    await writeFileDurably(out, [bytes]);
    return { bytes: bytes.byteLength, sha256: createHash('sha256').update(bytes).digest('hex'), field: null };
  } finally {
    await chain.close();
  }
}

/** Of the points of the result to those of the source, as ITK's resamplers want it, about the middle of the result. */
function itkOf(map: Affine3, { from, to }: ExportPart) {
  const physicalFromResult = physicalFromVolume(placeOfPlan(from));
  const resultFromPhysical = invertAffine3(physicalFromResult);
  if (!resultFromPhysical) throw flat(from.name);
  const physicalFromSource = physicalFromVolume(placeOfPlan(to));
  const nm = composeAffine3(composeAffine3(physicalFromSource, map), resultFromPhysical);
  const centre = Float64Array.from(middleOf(from));
  affineMap(physicalFromResult).applyNow(centre);
  return itkAffine(
    inMillimetres(nm),
    [...centre].map((value) => value / nmPerMm),
  );
}

const inMillimetres = (map: Affine3): Affine3 => map.map((value, i) => (i % 4 === 3 ? value / nmPerMm : value));

const bent = (name: string): LamellaError =>
  new LamellaError('invalid-input', `${name} bends: an affine transform can't say it.`, {
    hint: 'Export a field (--format itk-nifti), or its affine map alone (--part affine).',
    fields: { registration: name },
  });

const flat = (name: string): LamellaError =>
  new LamellaError('bad-source', `The place that the file of ${name} gives it flattens space.`, {
    hint: 'Correct its header.',
    fields: { volume: name },
  });
