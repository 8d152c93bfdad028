import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Axis } from '../volume-geometry.ts';
import type { Dimensions } from './viewer-state.ts';

/** Dimensions of a coordinate space in nanometres. Neuroglancer takes metres and seconds with any SI prefix. */

const exponentOf: Readonly<Record<string, number>> = {
  Y: 24,
  Z: 21,
  E: 18,
  P: 15,
  T: 12,
  G: 9,
  M: 6,
  k: 3,
  h: 2,
  da: 1,
  '': 0,
  d: -1,
  c: -2,
  m: -3,
  u: -6,
  µ: -6,
  μ: -6,
  n: -9,
  p: -12,
  f: -15,
  a: -18,
  z: -21,
  y: -24,
};

/** Nanometres of one step of a dimension; null where it is no length. */
export function stepNmOf(dimension: Dimensions[string] | undefined): number | null {
  if (!Array.isArray(dimension)) return null;
  const [scale, unit] = dimension;
  const prefix = /^(.*)m$/u.exec(unit)?.[1];
  const exponent = prefix === undefined ? undefined : exponentOf[prefix];
  if (exponent === undefined || !(scale > 0)) return null;
  // One rounding: 4e-9 m is 4 nm, not 4.000000000000001.
  const power = exponent + 9;
  const stepNm = power >= 0 ? scale * 10 ** power : Number((scale / 10 ** -power).toPrecision(15));
  return stepNm > 0 && Number.isFinite(stepNm) ? stepNm : null;
}

/** Tidies 4.000000000000001: what was 4 nm and was written in metres. */
const tidy = (value: number): number => Number(value.toPrecision(12));

/** A coordinate space of the world: three lengths, in the order in which they are listed, and the rest. */
export interface WorldAxes {
  /** Nanometres of one step along x, y, z. */
  readonly stepNm: Vec3;
  /** Where x, y and z stand in the list of dimensions; -1 for the depth of a picture, which has none. */
  readonly places: readonly [number, number, number];
  /** Where the time stands; -1 where there is none. */
  readonly timePlace: number;
  /** Names that stand for neither. */
  readonly others: readonly string[];
}

const axisNames = ['x', 'y', 'z'] as const;

/** x, y and z by name, else the first three lengths in their order; a picture has two. Null where there are fewer. */
export function worldAxes(dimensions: Dimensions): WorldAxes | null {
  const names = Object.keys(dimensions);
  const lengths = names.filter((name) => stepNmOf(dimensions[name]) !== null);
  const named = axisNames.map((axis) => lengths.find((name) => name.toLowerCase() === axis));
  const chosen = named.every((name) => name !== undefined) ? named : lengths.slice(0, 3);
  if (chosen.length < 2) return null;
  const at = (axis: Axis): string => chosen[axis] ?? '';
  const time = names.find((name) => /^(t|time)$/i.test(name));
  return {
    stepNm: [stepOf(dimensions, at(0)), stepOf(dimensions, at(1)), stepOf(dimensions, at(2) || at(0))],
    places: [names.indexOf(at(0)), names.indexOf(at(1)), names.indexOf(at(2))],
    timePlace: time === undefined ? -1 : names.indexOf(time),
    others: names.filter((name) => !chosen.includes(name) && name !== time),
  };
}

const stepOf = (dimensions: Dimensions, name: string): number => tidy(stepNmOf(dimensions[name]) ?? 1);

/** Metres, as Neuroglancer writes them. */
export const dimensionOf = (stepNm: number): [number, string] => [Number((stepNm / 1e9).toPrecision(12)), 'm'];
