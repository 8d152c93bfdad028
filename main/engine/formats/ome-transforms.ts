import { z } from 'zod';
import { type AxesPart, partsByDimension } from './ome-by-dimension.ts';

/**
 * Coordinate transformations of NGFF: scale and translation of 0.4 and 0.5, and those of 0.6 (RFC-5) that are affine.
 * An affine map over n axes, in their order: out[i] = sum of linear[i][j] * in[j], plus offset[i].
 */
export interface AxisAffine {
  readonly linear: readonly (readonly number[])[];
  readonly offset: readonly number[];
}

/** listed: of a kind that is no affine map; `ome-map.ts` knows some of them. */
export type ReadTransform =
  | { readonly t: 'affine'; readonly map: AxisAffine; readonly kind: string }
  | { readonly t: 'listed'; readonly kind: string }
  | { readonly t: 'wrong'; readonly why: string };

const deepest = 8;
const finite = z.number().min(-1e18).max(1e18);
const shapeSchema = z.looseObject({ type: z.string().max(100) });

export const identityMap = (rank: number): AxisAffine => ({
  linear: Array.from({ length: rank }, (_, i) => Array.from({ length: rank }, (_2, j) => (i === j ? 1 : 0))),
  offset: Array.from({ length: rank }, () => 0),
});

/** `composeMaps(outer, inner)` is outer after inner. */
export function composeMaps(outer: AxisAffine, inner: AxisAffine): AxisAffine {
  const dot = (row: readonly number[], column: (k: number) => number): number =>
    row.reduce((sum, value, k) => sum + (value === 0 ? 0 : value * column(k)), 0);
  return {
    linear: outer.linear.map((row) => row.map((_, j) => dot(row, (k) => inner.linear[k]?.[j] ?? 0))),
    offset: outer.linear.map((row, i) => dot(row, (k) => inner.offset[k] ?? 0) + (outer.offset[i] ?? 0)),
  };
}

/** Reads one transformation over `rank` axes. */
export function readTransform(given: unknown, rank: number, depth = 0): ReadTransform {
  const shaped = shapeSchema.safeParse(given);
  if (!shaped.success) return wrong('a transformation has no type');
  const { type } = shaped.data;
  const own = shaped.data as Readonly<Record<string, unknown>>;
  switch (type) {
    case 'identity':
      return affine(identityMap(rank), type);
    case 'scale':
    case 'translation':
    case 'mapAxis':
    case 'rotation':
    case 'affine':
      return 'path' in own && !(type in own)
        ? { t: 'listed', kind: `${type} kept in an array` }
        : readParameters(type, own[type], rank);
    case 'sequence':
      return depth < deepest ? readSequence(own['transformations'], rank, depth + 1) : tooDeep();
    case 'bijection':
      return depth < deepest ? namedIfListed(readTransform(own['forward'], rank, depth + 1), type) : tooDeep();
    case 'byDimension':
      return depth < deepest ? readByDimension(own['transformations'], rank, depth + 1) : tooDeep();
    default:
      return { t: 'listed', kind: type };
  }
}

/** What a listing names is the outermost. */
const namedIfListed = (read: ReadTransform, kind: string): ReadTransform =>
  read.t === 'affine' ? { ...read, kind } : { t: 'listed', kind };

/** Affine where all of its parts are. Parts that make no sense are listed: they are no reason not to show the image. */
function readByDimension(given: unknown, rank: number, depth: number): ReadTransform {
  const listed: ReadTransform = { t: 'listed', kind: 'byDimension' };
  const parts = partsByDimension(given, rank);
  if (typeof parts === 'string') return listed;
  const linear = Array.from({ length: rank }, () => Array.from({ length: rank }, () => 0));
  const offset = Array.from({ length: rank }, () => 0);
  for (const { transformation, from, to } of parts satisfies readonly AxesPart[]) {
    const read = readTransform(transformation, to.length, depth);
    if (read.t !== 'affine') return listed;
    to.forEach((row, i) => {
      offset[row] = read.map.offset[i] ?? 0;
      from.forEach((column, j) => (linear[row]![column] = read.map.linear[i]?.[j] ?? 0));
    });
  }
  return affine({ linear, offset }, 'byDimension');
}

/** One after the other, the first first. */
export function readSequence(given: unknown, rank: number, depth = 0): ReadTransform {
  const list: readonly unknown[] | undefined = Array.isArray(given) ? given : undefined;
  if (!list || list.length > 64) return wrong('a sequence must be a list of up to 64 transformations');
  let map = identityMap(rank);
  for (const one of list) {
    const read = readTransform(one, rank, depth);
    if (read.t !== 'affine') return read;
    map = composeMaps(read.map, map);
  }
  return affine(map, 'sequence');
}

function readParameters(
  type: 'scale' | 'translation' | 'mapAxis' | 'rotation' | 'affine',
  given: unknown,
  rank: number,
): ReadTransform {
  if (type === 'rotation' || type === 'affine') return readMatrix(type, given, rank);
  const numbers = z.array(finite).length(rank).safeParse(given);
  if (!numbers.success) return wrong(`"${type}" must have ${rank} numbers, one for each axis`);
  const values = numbers.data;
  const plain = identityMap(rank);
  if (type === 'translation') return affine({ ...plain, offset: values }, type);
  if (type === 'scale') {
    if (values.includes(0)) return wrong('a scale of 0');
    return affine({ ...plain, linear: plain.linear.map((row, i) => row.map((one) => one * (values[i] ?? 1))) }, type);
  }
  const isOrder = new Set(values).size === rank && values.every((n) => Number.isInteger(n) && n >= 0 && n < rank);
  if (!isOrder) return wrong('"mapAxis" does not name each axis once');
  return affine({ ...plain, linear: values.map((from) => plain.linear[from] ?? []) }, type);
}

/** A matrix as a list of rows, or, in older drafts, as one flat list. */
function readMatrix(type: 'rotation' | 'affine', given: unknown, rank: number): ReadTransform {
  const columns = type === 'affine' ? rank + 1 : rank;
  const rows = z.array(z.array(finite).length(columns)).length(rank).safeParse(given);
  const flat = z
    .array(finite)
    .length(rank * columns)
    .safeParse(given);
  if (!rows.success && !flat.success) return wrong(`"${type}" must be ${rank} rows of ${columns} numbers`);
  const matrix =
    rows.data ?? Array.from({ length: rank }, (_, i) => (flat.data ?? []).slice(i * columns, (i + 1) * columns));
  const offset = matrix.map((row) => (type === 'affine' ? (row[rank] ?? 0) : 0));
  return affine({ linear: matrix.map((row) => row.slice(0, rank)), offset }, type);
}

const affine = (map: AxisAffine, kind: string): ReadTransform => ({ t: 'affine', map, kind });
const wrong = (why: string): ReadTransform => ({ t: 'wrong', why });
const tooDeep = (): ReadTransform => wrong('sequences lie too deep in each other');
