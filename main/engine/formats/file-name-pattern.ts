import { LamellaError } from '../../../preload/contract/errors.ts';

/**
 * Grid positions from file names: `s{z}_r{row}_c{col}.png;overlap=10%`. Placeholders stand for whole numbers:
 * `{row}` `{r}` `{y}`, `{col}` `{column}` `{c}` `{x}`, `{z}` `{s}` `{section}`; Fiji's repeated letters (`{yy}`,
 * `{xxx}`) for zero-padded ones. `*` stands for anything but a slash. A pattern without a slash is matched against
 * the file name alone, one with a slash against the path inside the source folder.
 */
export interface FileNamePattern {
  readonly template: string;
  /** Fraction (0 to 1) or pixels of neighbouring tiles that overlap, along x and y. */
  readonly overlap: readonly [Overlap, Overlap];
  /** The text did not say the overlap, so 10 % is taken. */
  readonly overlapAssumed: boolean;
  place(path: string): GridPlace | null;
}

export interface Overlap {
  readonly value: number;
  readonly unit: 'fraction' | 'px';
}

/** Numbers as the file name has them: they may start anywhere; 0 where the pattern has none. */
export interface GridPlace {
  readonly row: number;
  readonly col: number;
  readonly section: number;
}

type Axis = keyof GridPlace;

const axisByName: ReadonlyMap<string, Axis> = new Map([
  ...['row', 'r', 'y'].map((name) => [name, 'row'] as const),
  ...['col', 'column', 'c', 'x'].map((name) => [name, 'col'] as const),
  ...['section', 'z', 's'].map((name) => [name, 'section'] as const),
]);
const maxPatternLength = 500;
// Small enough that matching, which may try every split between wildcards, stays far below a millisecond.
const maxPathLength = 512;
const maxWildcards = 2;
const maxDigits = 9;
const defaultOverlap: Overlap = { value: 0.1, unit: 'fraction' };

/** Reads a pattern with its options. 'bad-layout' names what is wrong with it. */
export function parseFileNamePattern(text: string): FileNamePattern {
  const [template = '', ...options] = text.split(';').map((part) => part.trim());
  if (text.length > maxPatternLength) throw badPattern(text, `it is longer than ${maxPatternLength} characters`);
  const { regex, axes } = compile(template.replaceAll('\\', '/'));
  const settings = readOptions(options, text);
  const matchPath = template.includes('/') || template.includes('\\');
  const place = (path: string): GridPlace | null => {
    const subject = matchPath ? path : path.slice(path.lastIndexOf('/') + 1);
    const found = subject.length <= maxPathLength ? regex.exec(subject) : null;
    return found && placeOf(found, axes);
  };
  return { template, ...settings, place };
}

function placeOf(found: RegExpExecArray, axes: readonly Axis[]): GridPlace | null {
  const place = { row: 0, col: 0, section: 0 };
  const seen = new Set<Axis>();
  for (const [i, axis] of axes.entries()) {
    const value = Number(found[i + 1]);
    if (seen.has(axis) && place[axis] !== value) return null;
    seen.add(axis);
    place[axis] = value;
  }
  return place;
}

interface Compiled {
  readonly regex: RegExp;
  readonly axes: readonly Axis[];
}

function compile(template: string): Compiled {
  const parts = template.split(/(\{[^{}]*\}|\*+)/).filter((part) => part !== '');
  const axes: Axis[] = [];
  const source = parts.map((part, i) => {
    if (part.startsWith('*')) return parts[i + 1]?.startsWith('{') ? '(?:[^/]*[^/\\d])?' : '[^/]*';
    if (!part.startsWith('{')) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const { axis, digits } = placeholder(part, template);
    axes.push(axis);
    return digitsPattern(digits, template, parts[i + 1]?.startsWith('{') ?? false);
  });
  if (parts.filter((part) => part.startsWith('*')).length > maxWildcards)
    throw badPattern(template, `it has more than ${maxWildcards} wildcards`);
  if (axes.length > 8) throw badPattern(template, 'it has more than 8 placeholders');
  if (!axes.includes('row') && !axes.includes('col')) throw badPattern(template, 'it has neither {row} nor {col}');
  return { regex: new RegExp(`^${source.join('')}$`), axes };
}

/** `{row}` takes any number of digits, `{yy}` at least two; exactly two where another placeholder follows at once. */
function digitsPattern(digits: number | null, template: string, touchesNext: boolean): string {
  if (touchesNext && digits === null)
    throw badPattern(
      template,
      'two placeholders touch, so their digits cannot be told apart; write the number of digits, as in {yy}{xx}',
    );
  if (digits === null) return `(\\d{1,${maxDigits}})`;
  return touchesNext ? `(\\d{${digits}})` : `(\\d{${digits},${maxDigits}})`;
}

function placeholder(part: string, template: string): { axis: Axis; digits: number | null } {
  const name = part.slice(1, -1).trim().toLowerCase();
  const axis = axisByName.get(name);
  if (axis) return { axis, digits: null };
  const repeated = /^(.)\1{1,8}$/.exec(name)?.[1];
  const repeatedAxis = repeated === undefined ? undefined : axisByName.get(repeated);
  if (repeatedAxis) return { axis: repeatedAxis, digits: name.length };
  throw badPattern(template, `it has the placeholder ${part}, which is none of {row}, {col}, {z}`);
}

type Settings = Pick<FileNamePattern, 'overlap' | 'overlapAssumed'>;

function readOptions(options: readonly string[], text: string): Settings {
  let [x, y]: [Overlap | null, Overlap | null] = [null, null];
  for (const option of options.filter((o) => o !== '')) {
    const [key = '', value = ''] = option.split('=').map((part) => part.trim().toLowerCase());
    if (key !== 'overlap' && key !== 'overlapx' && key !== 'overlapy')
      throw badPattern(text, `it has the option "${option}"; the options are overlap, overlapx and overlapy`);
    const overlap = readOverlap(value, text);
    if (key !== 'overlapy') x = overlap;
    if (key !== 'overlapx') y = overlap;
  }
  return { overlap: [x ?? y ?? defaultOverlap, y ?? x ?? defaultOverlap], overlapAssumed: x === null && y === null };
}

/** `10%`, `0.1` and `51px`. A bare number from 1 up may mean percent or pixels, so it is refused. */
function readOverlap(value: string, text: string): Overlap {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*(%|px)?$/.exec(value) ?? [];
  const amount = number === '' ? Number.NaN : Number(number);
  const overlap: Overlap =
    unit === 'px' ? { value: amount, unit: 'px' } : { value: unit === '%' ? amount / 100 : amount, unit: 'fraction' };
  const most = overlap.unit === 'px' ? 1e6 : 0.99;
  if (amount >= 0 && overlap.value <= most) return overlap;
  throw badPattern(text, `its overlap "${value}" is none of 10%, 0.1 and 51px (at most 99 %)`);
}

function badPattern(text: string, why: string): LamellaError {
  return new LamellaError('bad-layout', `The pattern "${text.slice(0, 200)}" cannot be used: ${why}.`, {
    hint: 'Write it like s{z}_r{row}_c{col}.png;overlap=10% after the names of your files.',
    fields: { pattern: text.slice(0, 200) },
  });
}
