import { z } from 'zod';
import { type Affine3, invertAffine3 } from '../transforms/affine3.ts';
import { isSafeKey } from './checked-json.ts';
import { partsByDimension } from './ome-by-dimension.ts';
import { rowMajor, spacePart, type SpaceAffine } from './ome-geometry.ts';
import { linkSchema, type OmeAxis, type OmeMultiscale } from './ome-metadata.ts';
import { identityMap, readTransform } from './ome-transforms.ts';
import { nmPerUnit } from './ome-units.ts';
import { mapAxes } from './pyramid.ts';
import type { VolumeMap, VolumeMapStep } from './volume-format.ts';
import { axisRoles, type AxisRole } from './zarr/axes.ts';

/** A map as the metadata says it, or why what it says is not followed. */
export type FoundMap = Pick<VolumeMap, 'space' | 'kind' | 'steps'> | { readonly why: string };

export interface MapRequest {
  readonly multiscale: OmeMultiscale;
  readonly axes: readonly AxisRole[];
  readonly named: readonly OmeAxis[];
  /** Systems that the volume leads to by matrices, from its nanometres; null: they are the same. */
  readonly reached: ReadonlyMap<string | undefined, SpaceAffine | null>;
  /** The system of the levels. */
  readonly intrinsic: string | undefined;
}

/** Axes that a transformation is over. */
interface Over {
  readonly axes: readonly AxisRole[];
  readonly named: readonly OmeAxis[];
}

class Unfit extends Error {}

const deepest = 8;

/**
 * The first transformation of an image that is no affine map and begins where the volume is. One that leads from another
 * system to it (as registration programs write them) is followed as it is; any other is turned around. Undefined where
 * there is none.
 */
export function foundMap(request: MapRequest): FoundMap | undefined {
  const { multiscale, axes, named, reached, intrinsic } = request;
  for (const given of multiscale.coordinateTransformations ?? []) {
    const read = readTransform(given, axes.length);
    if (read.t !== 'listed') continue;
    const { input = intrinsic, output } = linkSchema.parse(given);
    const leadsOn = reached.has(input);
    const [at, space] = leadsOn ? [input, output] : [output, input];
    if (!reached.has(at)) continue;
    try {
      const other = multiscale.coordinateSystems?.find((system) => system.name === space)?.axes ?? named;
      const own = multiscale.coordinateSystems?.find((system) => system.name === at)?.axes ?? named;
      const begin = inNm(axes, other, own);
      const through = stepsOf(given, { axes, named: own }, !leadsOn, 0);
      const back = invertedSpace(reached.get(at) ?? null);
      return { space: space ?? '', kind: read.kind, steps: [...begin, ...through, ...back] };
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      return { why: `${read.kind} to "${space ?? ''}": ${error.message}` };
    }
  }
  return undefined;
}

/** From the nanometres of a system to those of one whose numbers are the same: none where the units are, too. */
function inNm(axes: readonly AxisRole[], from: readonly OmeAxis[], to: readonly OmeAxis[]): readonly VolumeMapStep[] {
  const roles = axisRoles(from);
  if (typeof roles === 'string' || roles.axes.join() !== axes.join())
    throw new Unfit('its axes are others, or in another order');
  const map = spacePart(identityMap(axes.length), axes, to, from);
  return map && map.linear.some((row, i) => row[i] !== 1) ? [{ type: 'affine', matrix: rowMajor(map) }] : [];
}

function invertedSpace(map: SpaceAffine | null): readonly VolumeMapStep[] {
  return map ? [{ type: 'affine', matrix: inverted(rowMajor(map)) }] : [];
}

function inverted(matrix: Affine3): Affine3 {
  const inverse = invertAffine3(matrix);
  if (!inverse) throw new Unfit('a matrix of it has no inverse');
  return inverse;
}

const shapeSchema = z.looseObject({ type: z.string() });
const listSchema = z.array(z.unknown()).min(1).max(64);

/** `forward`: as it is said; otherwise the other way around. */
function stepsOf(given: unknown, over: Over, forward: boolean, depth: number): readonly VolumeMapStep[] {
  if (depth > deepest) throw new Unfit('its parts lie too deep in each other');
  const read = readTransform(given, over.axes.length);
  const own = shapeSchema.safeParse(given).data;
  if (read.t === 'wrong' || !own) throw new Unfit(read.t === 'wrong' ? read.why : 'a transformation has no type');
  if (own.type === 'bijection' && 'inverse' in own)
    return stepsOf(own[forward ? 'forward' : 'inverse'], over, true, depth + 1);
  if (read.t === 'affine') {
    const map = spacePart(read.map, over.axes, over.named, over.named);
    if (!map) throw new Unfit('it mixes space with other axes');
    return [{ type: 'affine', matrix: forward ? rowMajor(map) : inverted(rowMajor(map)) }];
  }
  if (own.type === 'displacements' || own.type === 'coordinates') return [fieldStep(own, over, forward)];
  if (own.type === 'byDimension') return stepsOf(...spacePartOf(own, over), forward, depth + 1);
  const list = own.type === 'sequence' ? listSchema.safeParse(own['transformations']).data : undefined;
  if (!list) throw new Unfit(`${read.kind} is not known`);
  return (forward ? list : list.toReversed()).flatMap((one) => stepsOf(one, over, forward, depth + 1));
}

function fieldStep(own: z.output<typeof shapeSchema>, { axes, named }: Over, forward: boolean): VolumeMapStep {
  const { path, interpolation = 'linear' } = own;
  if (typeof path !== 'string' || !isSafeKey(path.replace(/^\//, '')))
    throw new Unfit('its path is none, or leads out of the dataset');
  if (interpolation !== 'linear' && interpolation !== 'nearest')
    throw new Unfit(`its interpolation is ${JSON.stringify(interpolation)}; linear and nearest are known`);
  const nm = (role: AxisRole): number => nmPerUnit(named[axes.indexOf(role)]?.unit ?? 'nanometer') ?? 1;
  return {
    type: 'field',
    path,
    holds: own.type === 'displacements' ? 'displacement' : 'position',
    interpolation,
    inverse: !forward,
    parts: axes.flatMap((role) => (role === 'c' || role === 't' ? [] : [role])),
    unitNm: mapAxes((i) => nm((['x', 'y', 'z'] as const)[i])),
  };
}

const isSpace = (role: AxisRole | undefined): boolean => role !== 'c' && role !== 't';

/** The part that is over all axes of space, where no other part is over one of them. */
function spacePartOf(own: z.output<typeof shapeSchema>, { axes, named }: Over): readonly [unknown, Over] {
  const parts = partsByDimension(own['transformations'], axes.length);
  if (typeof parts === 'string') throw new Unfit(parts);
  const inSpace = parts.filter(({ from, to }) => [...from, ...to].some((axis) => isSpace(axes[axis])));
  const [part] = inSpace;
  if (!part || inSpace.length > 1) throw new Unfit('it takes the axes of space apart');
  if (part.from.join() !== part.to.join()) throw new Unfit('it takes axes to others');
  const pick = <T>(list: readonly T[]): readonly T[] => part.from.flatMap((axis) => list[axis] ?? []);
  return [part.transformation, { axes: pick(axes), named: pick(named) }];
}
