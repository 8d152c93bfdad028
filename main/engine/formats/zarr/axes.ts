import type { Vec3 } from '../../../../preload/contract/space.ts';

export type AxisRole = 'x' | 'y' | 'z' | 'c' | 't';
/** Along x, y, z, channel, time. */
export type Size5 = readonly [number, number, number, number, number];

const roles: readonly AxisRole[] = ['x', 'y', 'z', 'c', 't'];

/** The values of dimensions by what each dimension is; `missing` for what none is. */
export function alongAxes(axes: readonly AxisRole[], values: readonly number[], missing: number): Size5 {
  const along = (role: AxisRole): number => values[axes.indexOf(role)] ?? missing;
  return [along('x'), along('y'), along('z'), along('c'), along('t')];
}

export const spaceOf = ([x, y, z]: Size5): Vec3 => [x, y, z];

/** The inverse: what is along x, y, z, c, t in the order of the dimensions. */
export const inDimensions = (axes: readonly AxisRole[], along: Size5): readonly number[] =>
  axes.map((role) => along[roles.indexOf(role)] ?? 0);

/** "zyxct", fastest first, of dimensions that are stored slowest first; what no dimension is comes last. */
export function storedOrder(axes: readonly AxisRole[], storedDims: readonly number[]): string {
  const stored = [...storedDims].reverse().flatMap((dim) => axes[dim] ?? []);
  return [...stored, ...roles.filter((role) => !stored.includes(role))].join('');
}

export interface NamedAxis {
  readonly name: string;
  /** 'space', 'channel', 'time', or anything, or nothing, as the dataset says. */
  readonly type: string | undefined;
}

/**
 * What each axis is. x, y and z go by their names, or, where the space axes are named otherwise, by their order: the
 * last is x. What is neither space, channel nor time takes a letter that is free. A sentence where that can't be.
 */
export function axisRoles(
  axes: readonly NamedAxis[],
): { readonly axes: readonly AxisRole[]; readonly guessed: boolean } | string {
  const found: (AxisRole | undefined)[] = axes.map(({ name, type }) => roleByName(name.toLowerCase(), type));
  let guessed = false;
  const free = (wanted: readonly AxisRole[]): AxisRole | undefined => wanted.find((role) => !found.includes(role));
  for (let i = axes.length - 1; i >= 0; i--) {
    if (found[i] !== undefined) continue;
    guessed = true;
    found[i] = free(axes[i]?.type === 'space' ? ['x', 'y', 'z', 'c', 't'] : ['c', 't', 'z']);
  }
  const all = found.flatMap((role) => role ?? []);
  const names = axes.map(({ name }) => name).join(', ');
  if (all.length !== axes.length || new Set(all).size !== all.length)
    return `Lamella can't tell which of the axes ${names.slice(0, 200)} is x, y, z, channel and time`;
  if (!all.includes('x')) return `none of the axes ${names.slice(0, 200)} is x`;
  return { axes: all, guessed };
}

function roleByName(name: string, type: string | undefined): AxisRole | undefined {
  if (type === 'channel') return 'c';
  if (type === 'time') return 't';
  if (/^[xyz]$/.test(name) && (type === undefined || type === 'space' || type === 'array')) return name as AxisRole;
  if (type === 'space') return undefined;
  if (name === 'c' || name === 'channel' || name === 'channels') return 'c';
  return name === 't' || name === 'time' ? 't' : undefined;
}

const unnamed: readonly (readonly AxisRole[])[] = [
  ['x'],
  ['y', 'x'],
  ['z', 'y', 'x'],
  ['c', 'z', 'y', 'x'],
  ['t', 'c', 'z', 'y', 'x'],
];

/** Of an array of 1 to 5 dimensions that names none: the last three are z, y, x. */
export const usualAxes = (rank: number): readonly AxisRole[] => unnamed[rank - 1] ?? [];
