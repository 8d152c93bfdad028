import type { Vec3 } from '../../preload/contract/space.ts';
import type { Landmark } from '../../preload/contract/warp.ts';
import { mostLandmarks } from '../../preload/contract/warp.ts';

/**
 * Landmarks as BigWarp keeps them: a line a pair, `name, active, mx, my, mz, fx, fy, fz`, in two dimensions without mz and
 * fz, and no header. An end that is not placed is Infinity. Pure.
 */

/** How the numbers of a file become nanometres: number x nmPerUnit + offset. */
export interface CsvFrame {
  readonly nmPerUnit: number;
  /** Of voxel 0's centre, which is 0 there and half a voxel from the corner here. */
  readonly sourceOffsetNm: Vec3;
  readonly targetOffsetNm: Vec3;
}

export function landmarksCsv(landmarks: readonly Landmark[], frame: CsvFrame): string {
  const numbers = (nm: Vec3 | null, offset: Vec3): readonly string[] =>
    [0, 1, 2].map((a) => (nm ? String(tidy(((nm[a] ?? 0) - (offset[a] ?? 0)) / frame.nmPerUnit)) : 'Infinity'));
  return landmarks
    .map(({ name, on, source, target }) => {
      const ends = [...numbers(source, frame.sourceOffsetNm), ...numbers(target, frame.targetOffsetNm)];
      return [name, String(on), ...ends].map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** Rounding errors of 1e-12 are no digits worth keeping. */
const tidy = (value: number): number => Number(value.toPrecision(12));

export type ParsedCsv = { readonly landmarks: Landmark[] } | { readonly problem: string };

/** Reads such a file; a line that is none is named. Ids are by the lines. */
export function parseLandmarksCsv(text: string, frame: CsvFrame): ParsedCsv {
  const lines = text
    .split(/\r?\n/)
    .flatMap((line, i) => (line.trim() === '' ? [] : [{ fields: fieldsOf(line), at: i + 1 }]));
  const landmarks: Landmark[] = [];
  for (const { fields, at } of lines) {
    const values = fields.slice(2).map((field) => (field.trim() === '' ? Number.NaN : Number(field)));
    const flat = values.length === 4;
    // A header says what the columns are; BigWarp writes none.
    if (at === lines[0]?.at && values.every(Number.isNaN) && fields.length >= 6) continue;
    if (!flat && values.length !== 6)
      return { problem: `Line ${at} has ${fields.length} columns. A landmark has 8: name, active, 3 moving, 3 fixed.` };
    const wrong = fields.slice(2).find((field, i) => Number.isNaN(values[i]) && !/^-?nan$/i.test(field.trim()));
    if (wrong !== undefined) return { problem: `Line ${at}: “${wrong.trim()}” is no number.` };
    const [source, target] = flat ? [values.slice(0, 2), values.slice(2)] : [values.slice(0, 3), values.slice(3)];
    landmarks.push({
      id: `pair-${landmarks.length + 1}`,
      name: (fields[0] ?? '').trim().slice(0, 200),
      on: !/^(false|0|no)$/i.test((fields[1] ?? '').trim()),
      source: placed(source, frame.nmPerUnit, frame.sourceOffsetNm),
      target: placed(target, frame.nmPerUnit, frame.targetOffsetNm),
    });
  }
  if (landmarks.length === 0) return { problem: 'It holds no landmarks. BigWarp writes a line of 8 columns for each.' };
  if (landmarks.length > mostLandmarks)
    return { problem: `It holds ${landmarks.length} landmarks; ${mostLandmarks} is the most.` };
  return { landmarks };
}

const placed = (values: readonly number[], nmPerUnit: number, offset: Vec3): Vec3 | null =>
  values.every(Number.isFinite)
    ? ([0, 1, 2].map((a) => (values[a] ?? 0) * nmPerUnit + (offset[a] ?? 0)) as unknown as Vec3)
    : null;

/** Fields of a line, parted by commas; quotes are taken off. */
const fieldsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:\s*"((?:[^"]|"")*)"\s*|([^,]*))/g)].map(([, quoted, bare]) =>
    quoted === undefined ? (bare ?? '') : quoted.replaceAll('""', '"'),
  );
