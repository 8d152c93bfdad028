import type { Entry } from '../byte-store.ts';

/** Files of a folder in the order of channels, sections and times. */
export interface StackFiles {
  readonly sizeZ: number;
  readonly sizeC: number;
  readonly sizeT: number;
  /** Index: c + sizeC * (z + sizeZ * t). */
  readonly names: readonly string[];
  readonly warnings: readonly string[];
}

const isPicture = (name: string): boolean => /\.(png|tiff?|jpe?g)$/i.test(name) && !name.startsWith('.');

/** Names that differ only in their numbers belong together. */
const familyOf = (name: string): string => name.toLowerCase().replaceAll(/\d+/g, '#');

/** What Lamella writes beside the pictures of a stack, of what it knows beyond them; its last file. */
export const stackNotesKey = 'lamella-stack.json';

/** Lies in a folder that is being written: pictures alone don't show that more of them are to come. */
export const convertingKey = 'lamella-converting.json';

/**
 * The largest family of pictures of a folder; undefined where it has fewer than two members (one, if Lamella wrote it),
 * and where they are still being written.
 */
export function stackFiles(entries: readonly Entry[]): StackFiles | undefined {
  const isOurs = entries.some(({ name }) => name === stackNotesKey);
  if (!isOurs && entries.some(({ name }) => name === convertingKey)) return undefined;
  const families = new Map<string, string[]>();
  for (const { name, isFolder } of entries) {
    if (isFolder || !isPicture(name)) continue;
    const family = families.get(familyOf(name)) ?? [];
    family.push(name);
    families.set(familyOf(name), family);
  }
  const [largest = [], ...others] = [...families.values()].toSorted((a, b) => b.length - a.length);
  if (largest.length < (isOurs ? 1 : 2)) return undefined;
  const left = others.reduce((sum, family) => sum + family.length, 0);
  const warnings =
    left > 0
      ? [
          left === 1
            ? '1 picture has a name of another kind and is left out.'
            : `${left} pictures have names of another kind and are left out.`,
        ]
      : [];
  return arranged(largest.toSorted(byNumbers), warnings);
}

const numbersOf = (name: string): readonly number[] => (name.match(/\d+/g) ?? []).map(Number);

function byNumbers(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (const [i, number] of left.entries()) {
    const difference = number - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : 1;
}

/** z00012_c1_t3: which numbers are the section, the channel and the time. */
function placeOf(name: string): Readonly<Record<'z' | 'c' | 't', number>> | undefined {
  const place: Record<string, number> = { c: 0, t: 0 };
  for (const [, axis = '', number] of name.toLowerCase().matchAll(/(?<![a-z])(z|ch?|t)(\d+)(?![a-z\d])/g))
    place[axis.slice(0, 1)] = Number(number);
  return place['z'] === undefined ? undefined : { z: place['z'], c: place['c'] ?? 0, t: place['t'] ?? 0 };
}

function arranged(names: readonly string[], warnings: string[]): StackFiles {
  const places = names.flatMap((name) => placeOf(name) ?? []);
  const values = (axis: 'z' | 'c' | 't'): number[] =>
    [...new Set(places.map((place) => place[axis]))].toSorted((a, b) => a - b);
  const [zs, cs, ts] = [values('z'), values('c'), values('t')];
  const isGrid = places.length === names.length && cs.length * ts.length > 1;
  if (!isGrid || zs.length * cs.length * ts.length !== names.length) {
    if (isGrid) warnings.push('Channels or times are not complete: all pictures are read as sections.');
    return { sizeZ: names.length, sizeC: 1, sizeT: 1, names, warnings: [...warnings, ...gaps(names)] };
  }
  const ordered: string[] = [];
  for (const [i, { z, c, t }] of places.entries())
    ordered[cs.indexOf(c) + cs.length * (zs.indexOf(z) + zs.length * ts.indexOf(t))] = names[i] ?? '';
  // Sparse where two pictures claim one place.
  const complete = Object.keys(ordered).length === names.length;
  if (!complete) return { sizeZ: names.length, sizeC: 1, sizeT: 1, names, warnings };
  return {
    sizeZ: zs.length,
    sizeC: cs.length,
    sizeT: ts.length,
    names: ordered,
    warnings: [...warnings, ...missing(zs)],
  };
}

/** Of the one number that differs between names. */
function gaps(names: readonly string[]): readonly string[] {
  const columns = names.map(numbersOf);
  const width = columns[0]?.length ?? 0;
  const varying = Array.from({ length: width }, (_, i) => i).filter((i) =>
    columns.some((row) => row[i] !== columns[0]?.[i]),
  );
  const [column] = varying;
  return varying.length === 1 && column !== undefined ? missing(columns.map((row) => row[column] ?? 0)) : [];
}

function missing(sorted: readonly number[]): readonly string[] {
  const lacking: number[] = [];
  let count = 0;
  for (const [i, number] of sorted.entries()) {
    const before = i === 0 ? number : (sorted[i - 1] ?? number);
    count += Math.max(0, number - before - 1);
    for (let n = before + 1; n < number && lacking.length < 10; n++) lacking.push(n);
  }
  if (count === 0) return [];
  const more = count > lacking.length ? ', …' : '';
  return [
    `Between the first and the last picture ${count === 1 ? '1 number is' : `${count} numbers are`} missing (${lacking.join(', ')}${more}); the sections around a gap are read as neighbours.`,
  ];
}
