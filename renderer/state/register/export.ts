import type { ExportFormat, Onto, Registration } from '../../../preload/contract/register.ts';
import { bridge, engine } from '../../engine.ts';
import { startJob } from '../jobs.ts';
import { openLibraryId } from '../library.ts';
import { attempt, toast } from '../toasts.ts';
import { selectedRegistration } from './register.ts';

export type { ExportFormat };

/** A format that a registration is written in, and what reads it. */
interface FormatWords {
  readonly id: ExportFormat;
  readonly name: string;
  readonly about: string;
  /** Of a file; '' for a folder. */
  readonly ending: string;
  /** Of one that bends, formats of affine maps hold only what does not. */
  readonly part: 'affine' | 'all';
}

const formats: readonly FormatWords[] = [
  {
    id: 'itk-nifti',
    name: 'Displacement field, NIfTI',
    about: 'ANTs, SimpleITK and elastix',
    ending: 'nii.gz',
    part: 'all',
  },
  { id: 'itk-nrrd', name: 'Displacement field, NRRD', about: 'SimpleITK and 3D Slicer', ending: 'nrrd', part: 'all' },
  { id: 'ome-zarr', name: 'OME-Zarr 0.6', about: 'what follows its coordinate transforms', ending: '', part: 'all' },
  { id: 'precomputed', name: 'Precomputed field', about: 'Neuroglancer and CloudVolume', ending: '', part: 'all' },
  { id: 'itk-txt', name: 'Affine map, text', about: 'SimpleITK, 3D Slicer and elastix', ending: 'txt', part: 'affine' },
  { id: 'ants-mat', name: 'Affine map, .mat', about: 'antsApplyTransforms and antspyx', ending: 'mat', part: 'affine' },
];

/** Fields say nothing more of a map that does not bend. */
export const exportFormatsOf = ({ kind }: Registration): readonly FormatWords[] =>
  kind === 'deformable' ? formats : formats.filter(({ part }) => part === 'affine');

/** Where the user wants it: a file, or a new folder; null where the dialog was left. */
async function placeFor({ id, ending, name }: FormatWords, stem: string): Promise<string | null> {
  if (ending !== '') {
    const extensions = [ending.split('.').at(-1) ?? ending];
    return (await attempt(() => bridge.saveFile(`${stem}.${ending}`, [{ name, extensions }])))?.id ?? null;
  }
  const folder = await attempt(() => bridge.pickFolder(`Choose where to put the new folder ${stem}.${id}`));
  return folder ? `${folder.id}/${stem}.${id}` : null;
}

/** Writes the map for another program where the user says. */
export async function exportRegistration(format: ExportFormat, onto: Onto): Promise<void> {
  const registration = selectedRegistration();
  const chosen = formats.find(({ id }) => id === format);
  if (!registration || !chosen) return;
  const stem = registration.name.replace(/[^\w.-]+/g, '-').slice(0, 80);
  const out = await placeFor(chosen, stem);
  if (out === null) return;
  const part = registration.kind === 'deformable' ? chosen.part : 'all';
  await startJob(
    () =>
      engine().register.export({ library: openLibraryId(), registration: registration.id, format, part, onto, out }),
    () => {
      const show = { label: 'Show it', run: () => void bridge.reveal(out.split('/')[0] ?? out) };
      toast({ tone: 'good', topic: 'job register.export', title: `Exported ${registration.name}`, action: show });
    },
  );
}
