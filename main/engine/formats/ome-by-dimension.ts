import { z } from 'zod';

/** One part of a `byDimension`: a transformation of some of the axes, by their places. */
export interface AxesPart {
  readonly transformation: unknown;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

const places = z.array(z.number().int().min(0).max(4)).min(1).max(5);
const partSchema = z
  .looseObject({ transformation: z.unknown(), inputAxes: places.optional(), outputAxes: places.optional() })
  .transform((one) => ({
    transformation: one.transformation,
    from: one.inputAxes ?? places.safeParse(one['input_axes']).data,
    to: one.outputAxes ?? places.safeParse(one['output_axes']).data,
  }));
const partsSchema = z.array(partSchema).min(1).max(5);

/** The parts of a `byDimension` over `rank` axes; a sentence's end where it does not set each of them once. */
export function partsByDimension(given: unknown, rank: number): readonly AxesPart[] | string {
  const list = partsSchema.safeParse(given);
  if (!list.success) return '"byDimension" must be a list of transformations with inputAxes and outputAxes';
  const parts = list.data.flatMap(({ transformation, from, to }) => (from && to ? [{ transformation, from, to }] : []));
  const isWhole = (all: readonly number[]): boolean => all.length === rank && new Set(all).size === rank;
  const isInside = parts.every(({ from, to }) => from.length === to.length && from.every((axis) => axis < rank));
  if (parts.length < list.data.length || !isInside || !isWhole(parts.flatMap(({ to }) => to)))
    return `"byDimension" must set each of the ${rank} axes once`;
  return parts;
}
