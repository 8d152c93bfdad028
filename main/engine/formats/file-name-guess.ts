/** A pattern that fits many of the given paths, found from the numbers that vary in them. */
export interface GuessedPattern {
  readonly template: string;
  readonly tiles: number;
  readonly sections: number;
}

type Axis = 'section' | 'row' | 'col';

/** The only letters that name an axis; `cam`, `level` and `t` name none. */
const axisByLetters: ReadonlyMap<string, Axis> = new Map([
  ...['row', 'r', 'y'].map((name) => [name, 'row'] as const),
  ...['column', 'col', 'c', 'x'].map((name) => [name, 'col'] as const),
  ...['section', 'slice', 'sec', 's', 'z'].map((name) => [name, 'section'] as const),
]);
const placeholderOf = { section: '{z}', row: '{row}', col: '{col}' } as const;
const maxWildcards = 2;

/** Guesses patterns for the image paths of a folder, the one that fits most of them first. At most three. */
export function guessFileNamePatterns(paths: readonly string[]): readonly GuessedPattern[] {
  const groups = new Map<string, Set<string>>();
  for (const path of paths.slice(0, 200_000)) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const skeleton = name.replaceAll(/\d+/g, '\u0000');
    const group = groups.get(skeleton);
    if (group) group.add(name);
    else groups.set(skeleton, new Set([name]));
  }
  return [...groups]
    .flatMap(([skeleton, names]) => guessOne(skeleton.split('\u0000'), [...names]) ?? [])
    .sort((a, b) => b.tiles - a.tiles)
    .slice(0, 3);
}

/** File names that differ in nothing but their numbers: `literals[i]` comes before number `i`, the last one after all. */
interface Names {
  readonly literals: readonly string[];
  readonly numbers: readonly (readonly string[])[];
  readonly axes: ReadonlyMap<number, Axis>;
  /** Numbers that vary from name to name and have no letters of an axis. */
  readonly unnamed: readonly number[];
}

function guessOne(literals: readonly string[], names: readonly string[]): GuessedPattern | null {
  if (names.length < 2 || /[;{}*]/.test(literals.join(''))) return null;
  const numbers = names.map((name) => name.match(/\d+/g) ?? []);
  const fields = literals.slice(0, -1).map((_, i) => i);
  const varying = fields.filter((i) => new Set(numbers.map((row) => row[i])).size > 1);
  const axes = namedAxes(literals, fields);
  const named = { literals, numbers, axes, unnamed: varying.filter((i) => !axes.has(i)) };
  const isPlaced = varying.some((i) => axes.get(i) === 'row' || axes.get(i) === 'col');
  return (isPlaced ? withWildcards(named) : null) ?? withMoreAxes(named) ?? (isPlaced ? withFirstValues(named) : null);
}

/** Where letters of an axis come twice, the first number has it. */
function namedAxes(literals: readonly string[], fields: readonly number[]): ReadonlyMap<number, Axis> {
  const axes = new Map<number, Axis>();
  for (const i of fields) {
    const axis = axisByLetters.get(lettersBefore(literals[i] ?? ''));
    if (axis && ![...axes.values()].includes(axis)) axes.set(i, axis);
  }
  return axes;
}

/** The last word before a number: `tile_X` and `tileX` end in `x`, `index` in `index`. */
const lettersBefore = (literal: string): string =>
  (/([A-Z]?[a-z]+|[A-Z]+)[^A-Za-z]*$/.exec(literal)?.[1] ?? '').toLowerCase();

/** Numbers without a name do not matter where each tile has a place of its own without them. */
function withWildcards(names: Names): GuessedPattern | null {
  const { axes, unnamed } = names;
  if (unnamed.length > maxWildcards || placesOf(names, axes).duplicates) return null;
  return patternOf(names, axes, new Map(unnamed.map((i) => [i, '*'])));
}

/**
 * Numbers without a name take the axes that none has, in the order section, row, column: only where they fill a grid,
 * or, where no number at all has a name, at least half of one.
 */
function withMoreAxes(names: Names): GuessedPattern | null {
  const { axes, unnamed, literals } = names;
  const free = (['section', 'row', 'col'] as const).filter((axis) => ![...axes.values()].includes(axis));
  const taken = unnamed.length === free.length - 1 && free[0] === 'section' ? free.slice(1) : free;
  if (unnamed.length === 0 || unnamed.length !== taken.length) return null;
  const isLabelled = unnamed.some((i) => lettersBefore(literals[i] ?? '') !== '');
  if (taken.length === 1 && taken[0] === 'section' && isLabelled) return null;
  const all = new Map([...axes, ...unnamed.map((i, at) => [i, taken[at] ?? 'section'] as const)]);
  const { duplicates, filled } = placesOf(names, all);
  return duplicates || filled < (axes.size === 0 ? 0.5 : 1) ? null : patternOf(names, all, new Map());
}

/** Of names that differ in a channel, a camera or a mipmap level too, those that have it as the first name has it. */
function withFirstValues(names: Names): GuessedPattern | null {
  const { axes, unnamed, numbers } = names;
  const alike = numbers.filter((row) => unnamed.every((i) => row[i] === numbers[0]?.[i]));
  const some = { ...names, numbers: alike };
  return alike.length < 2 || placesOf(some, axes).duplicates ? null : patternOf(some, axes, new Map());
}

/** `filled`: how much of the grid of all rows, columns and sections has a tile, 0 to 1. */
function placesOf(
  { numbers }: Names,
  axes: ReadonlyMap<number, Axis>,
): { readonly duplicates: boolean; readonly filled: number } {
  const fields = [...axes.keys()];
  const places = new Set(numbers.map((row) => fields.map((i) => Number(row[i])).join('/')));
  const cells = fields.reduce((product, i) => product * new Set(numbers.map((row) => Number(row[i]))).size, 1);
  return { duplicates: places.size < numbers.length, filled: places.size / cells };
}

function patternOf(
  { literals, numbers }: Names,
  axes: ReadonlyMap<number, Axis>,
  wildcards: ReadonlyMap<number, string>,
): GuessedPattern {
  const isConstant = (i: number): boolean => new Set(numbers.map((row) => row[i])).size === 1;
  const textOf = (i: number): string => {
    const axis = axes.get(i);
    const value = numbers[0]?.[i] ?? '';
    return wildcards.get(i) ?? (axis && !isConstant(i) ? placeholderOf[axis] : value);
  };
  const section = [...axes].find(([, axis]) => axis === 'section')?.[0];
  const sections = section === undefined ? 1 : new Set(numbers.map((row) => Number(row[section]))).size;
  return { template: literals.map((text, i) => text + textOf(i)).join(''), tiles: numbers.length, sections };
}
