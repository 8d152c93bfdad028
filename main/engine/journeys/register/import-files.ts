import { openSync, readSync, closeSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Wrong } from '../../formats/itk-transform-kinds.ts';
import { mostTransformBytes, readTransform, transformFileOf } from '../../formats/itk-transform-reader.ts';
import type { JobRun } from '../../jobs/job.ts';
import { fieldStep } from '../../registrations/field-file.ts';
import type { Piece } from '../../registrations/imported-chain.ts';
import { fieldRef } from '../../store/library-fields.ts';
import { type Affine3, invertAffine3 } from '../../transforms/affine3.ts';
import type { VectorField } from '../../transforms/vector-field.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { fieldOf } from '../../volumes/warped/field-of.ts';

const nmPerMm = 1e6;

/** One file of a list, looked at: of a field its header alone. */
export interface ImportedFile {
  readonly path: string;
  readonly kinds: readonly string[];
  readonly inverted: boolean;
  readonly piece: Piece;
  /** Of a field: what its copy is called in the folder of the registration. */
  readonly copy: string | null;
  /** Another where the file is. */
  readonly stamp: readonly [bytes: number, modifiedMs: number];
}

export interface FileList {
  readonly paths: readonly string[];
  /** One for each; none is done the other way around where left out. */
  readonly invert: readonly boolean[] | undefined;
  /** What the copies of its fields begin with. */
  readonly prefix: string;
  readonly registration: string;
}

/** Throws 'not-found', 'bad-source' with what each file is instead of a transform of volumes. */
export async function lookAtFiles(volumes: OpenVolumes, job: JobRun, list: FileList): Promise<readonly ImportedFile[]> {
  const { paths, invert } = list;
  if (invert && invert.length !== paths.length)
    throw new LamellaError(
      'invalid-input',
      `${invert.length} say whether a transform is inverted, of ${paths.length} transforms.`,
      { hint: 'Say true or false for each, in their order, or leave it out.' },
    );
  const files: ImportedFile[] = [];
  for (const [i, path] of paths.entries()) files.push(await lookAt(volumes, job, list, { path, i }));
  return files;
}

async function lookAt(
  volumes: OpenVolumes,
  job: JobRun,
  { invert, prefix, registration }: FileList,
  { path, i }: { readonly path: string; readonly i: number },
): Promise<ImportedFile> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw missing(path);
  const kind = found.isFile() ? transformFileOf(path, headOf(path)) : folder;
  const shared = { path, inverted: invert?.[i] ?? false, stamp: [found.size, found.mtimeMs] as const };
  if (typeof kind !== 'string') throw unreadable(path, kind);
  if (kind !== 'field') {
    if (found.size > mostTransformBytes) throw unreadable(path, tooLarge(found.size));
    const { map, kinds } = checked(path, readTransform(kind, readFileSync(path)));
    return { ...shared, kinds, copy: null, piece: { type: 'affine', map: wayOf(map, shared.inverted) } };
  }
  const copy = `${prefix}-${String.fromCharCode(97 + i)}.nrrd`;
  const field = await withField(volumes, job, path, (one) => Promise.resolve(one));
  const piece = { type: 'field', field, inverse: shared.inverted, ref: fieldRef(registration, copy) } as const;
  return { ...shared, kinds: ['displacement field'], copy, piece };
}

/** Of nanometres; of a map in millimetres that has an inverse. */
function wayOf(map: Affine3, isInverted: boolean): Affine3 {
  const way = isInverted ? (invertAffine3(map) ?? map) : map;
  return way.map((value, i) => (i % 4 === 3 ? value * nmPerMm : value));
}

/** Opens a file of vectors as a field of the patient's space, in millimetres. */
export async function withField<T>(
  volumes: OpenVolumes,
  { library, kernels, signal }: JobRun,
  path: string,
  use: (field: VectorField) => Promise<T>,
): Promise<T> {
  const opened = await volumes
    .inside(library, kernels, 'batch', signal)
    .at({ ref: path, allowPrivate: false, kernels, lane: 'batch', signal });
  try {
    const { id, label } = opened.format;
    if (id !== 'nifti' && id !== 'nrrd')
      throw unreadable(path, { wrong: `it is a volume of ${label}`, hint: 'Give fields as NIfTI or NRRD.' });
    return await use(
      fieldOf(opened.volume, id, { ...fieldStep(path), frame: 'physical', vectorUnitNm: nmPerMm }).field,
    );
  } finally {
    await opened.close();
  }
}

function headOf(path: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    const head = new Uint8Array(4096);
    return head.subarray(0, readSync(file, head));
  } finally {
    closeSync(file);
  }
}

function checked<T extends object>(path: string, found: T | Wrong): T {
  if ('wrong' in found) throw unreadable(path, found);
  return found;
}

const folder: Wrong = { wrong: 'it is a folder', hint: 'Give the files in it, in their order.' };
const tooLarge = (bytes: number): Wrong => ({
  wrong: `it has ${bytes} bytes, and affine transforms have a few hundred`,
  hint: 'If it holds a field or a grid of splines, write that as a field of displacements (NIfTI, NRRD).',
});

const unreadable = (path: string, { wrong, hint }: Wrong): LamellaError =>
  new LamellaError('bad-source', `"${basename(path)}" can't be used as a transform: ${wrong}.`, {
    hint,
    fields: { file: path },
  });

const missing = (path: string): LamellaError =>
  new LamellaError('not-found', `There is no file ${path}.`, {
    hint: 'Check its name, and that its disk is there.',
    fields: { file: path },
  });
