import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import licences from 'spdx-license-list';
import type { z } from 'zod';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { plainWords, shownValue, valueAt, wordIssue } from '../../../../preload/contract/issues.ts';
import { isVoxelSizeNm } from '../../../../preload/contract/space.ts';
import { metadataSchema, modalities, type Metadata } from '../../../../preload/contract/publish.ts';

export interface Problem {
  readonly field: string;
  /** Says what was given, and how to put it right. */
  readonly message: string;
}

export type CheckedMetadata =
  | { readonly metadata: Metadata; readonly problems: readonly [] }
  | { readonly metadata: null; readonly problems: readonly Problem[] };

const maxFileBytes = 2 ** 20;
const maxNamed = 20;

/** Checks metadata that was typed, or that a JSON file holds. Every problem is told at once; nothing is thrown. */
export function checkMetadata(given: unknown): CheckedMetadata {
  const checked = metadataSchema.safeParse(given, { error: plainWords });
  const problems = checked.success
    ? [...licenceProblems(checked.data.licence), ...voxelProblems(checked.data.voxelSizeNm)]
    : checked.error.issues.flatMap((issue) => problemsOf(issue, given));
  if (!checked.success && isLicenceText(given)) problems.push(...licenceProblems(given.licence));
  return checked.success && problems.length === 0
    ? { metadata: checked.data, problems: [] }
    : { metadata: null, problems: firstOfEach(problems) };
}

/** A value can be wrong in several ways at once; the first says enough. */
const firstOfEach = (problems: readonly Problem[]): readonly Problem[] =>
  [...new Map(problems.toReversed().map((problem) => [problem.field, problem])).values()].toReversed();

/** The JSON of a metadata file. Throws 'invalid-input' that names the file. */
export async function readMetadataFile(path: string): Promise<unknown> {
  const refuse = (why: string, cause?: unknown): LamellaError =>
    new LamellaError('invalid-input', `The metadata file "${basename(path)}" can't be used: ${why}.`, {
      hint: 'Give a JSON file with title, creators, licence, modality, species and voxelSizeNm.',
      fields: { file: path },
      cause,
    });
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw refuse(found ? 'it is not a file' : 'it is not there');
  if (found.size > maxFileBytes) throw refuse('it is larger than 1 MiB');
  try {
    return JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (error) {
    throw refuse(error instanceof SyntaxError ? `it is not JSON (${error.message})` : 'it can not be read', error);
  }
}

/** Metadata that may be published. Throws 'invalid-input' that names every problem. */
export async function metadataOf(given: Metadata | string): Promise<Metadata> {
  const { metadata, problems } = checkMetadata(typeof given === 'string' ? await readMetadataFile(given) : given);
  if (metadata) return metadata;
  const named = problems.slice(0, maxNamed).map(({ field, message }) => `${field}: ${message}`);
  const more = problems.length > maxNamed ? `; and ${problems.length - maxNamed} more` : '';
  throw new LamellaError('invalid-input', `The metadata is not ready: ${named.join('; ')}${more}.`, {
    hint: 'Correct the fields named; publish plan lists every problem without writing anything.',
    fields: { field: problems[0]?.field ?? '', problems: problems.length },
  });
}

const isLicenceText = (given: unknown): given is { licence: string } =>
  typeof given === 'object' &&
  given !== null &&
  'licence' in given &&
  typeof given.licence === 'string' &&
  given.licence !== '';

const voxelProblems = (voxelSizeNm: Metadata['voxelSizeNm']): readonly Problem[] =>
  isVoxelSizeNm(voxelSizeNm)
    ? []
    : [
        {
          field: 'voxelSizeNm',
          message: `a voxel of more than a metre is none (given: ${JSON.stringify(voxelSizeNm)} nm)`,
        },
      ];

function licenceProblems(licence: string): Problem[] {
  if (Object.hasOwn(licences, licence)) return [];
  const alike = Object.keys(licences).find((id) => id.toLowerCase() === licence.trim().toLowerCase());
  const fix = alike ? `write "${alike}"` : 'such as CC-BY-4.0, CC0-1.0 or Apache-2.0; the list is at spdx.org/licenses';
  return [{ field: 'licence', message: `${shownValue(licence)} is not an SPDX licence id: ${fix}` }];
}

const knownFields: readonly string[] = Object.keys(metadataSchema.shape);

function problemsOf(issue: z.core.$ZodIssue, given: unknown): Problem[] {
  const field = issue.path.map(String).join('.') || 'metadata';
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(issue.path, key));
  const value = valueAt(given, issue.path);
  if (value === undefined && issue.path.length > 0) return [{ field, message: `it is missing: ${neededFor(field)}` }];
  return wordIssue(issue, given).map((worded) => ({ ...worded, field: worded.field || 'metadata' }));
}

function unknownField(path: readonly PropertyKey[], key: string): Problem {
  const meant =
    path.length === 0 ? knownFields.find((known) => distance(known.toLowerCase(), key.toLowerCase()) <= 2) : undefined;
  return {
    field: [...path.map(String), key].join('.'),
    message: `it is not a field that Lamella knows${meant ? `; "${meant}" is` : ''}`,
  };
}

const needs: Readonly<Record<string, string>> = {
  title: 'a title of 1 to 150 characters is needed',
  creators: 'at least one creator is needed, written {"name": "Family, Given"}',
  licence: 'an SPDX licence id is needed, such as CC-BY-4.0',
  modality: `one of ${modalities.join(', ')} is needed`,
  species: 'a species is needed, such as Mus musculus',
  voxelSizeNm: 'the size of a voxel along x, y, z in nanometres is needed, such as [4, 4, 40]',
};
const neededFor = (field: string): string => needs[field] ?? 'a value is needed';

/** Edit distance (Levenshtein), for names of a few letters. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= Math.min(a.length, 64); i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
