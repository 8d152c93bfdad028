import { type Affine, identityAffine, invertAffine } from '../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../preload/contract/transform.ts';
import { nearestAffine } from '../transforms/tile/nearest-affine.ts';
import { tileMapOf } from '../transforms/tile/tile-map.ts';

/** What a tilespec's list of transforms comes to. */
export interface FlatTransform {
  /** The map, where it is affine; the affine map nearest to it over the tile where it is not. */
  readonly worldFromTile: Affine;
  /** The transforms, first to last, where `worldFromTile` is not all of them or they refer to others; else null. */
  readonly transforms: readonly TransformSpec[] | null;
  /** Plain words, one for each transform left out, in list order. */
  readonly problems: readonly string[];
}

/** A map that stretches further than this, or moves tiles beyond it in pixels, is a mistake in the file. */
const saneLinear = 1e4;
const saneShift = 1e12;

/**
 * Reads Render's `transforms` (leaf, list, ref, interpolated; applied first to last) of a tile. `shared` resolves refs
 * where the file carries the shared transforms.
 */
export function flattenTransforms(
  transforms: unknown,
  shared: ReadonlyMap<string, TransformSpec>,
  sizePx: readonly [number, number],
): FlatTransform {
  const list = listOf(transforms);
  const { map, problems } = tileMapOf(list, shared, sizePx);
  const worldFromTile = nearestAffine(map, sizePx);
  if (worldFromTile && isSane(worldFromTile))
    return {
      worldFromTile,
      transforms: map.affine && !list.some(refers) ? null : list,
      problems: [...problems, ...foldsOf(map.foldedShare())],
    };
  return {
    worldFromTile: identityAffine,
    transforms: null,
    problems: [...problems, 'its transforms come to no usable map and were left out'],
  };
}

/** Whether it refers to a shared transform, which would be lost with it. */
function refers(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(refers);
  if (!isSpec(node)) return false;
  const { refId, specList, a, b } = node;
  return typeof refId === 'string' || [specList, a, b].some(refers);
}

const foldsOf = (share: number): readonly string[] =>
  share > 0 ? [`its transforms fold ${(100 * share).toPrecision(2)} % of it over; nothing is placed there`] : [];

/** The parts of a plain list; a list with an id or labels of its own stays one spec, so that it is kept. */
export function listOf(transforms: unknown): readonly TransformSpec[] {
  if (Array.isArray(transforms)) return transforms.filter(isSpec);
  if (!isSpec(transforms)) return [];
  const { type, specList, ...others } = transforms;
  const isPlain =
    Array.isArray(specList) && (type === undefined || type === 'list') && Object.keys(others).length === 0;
  return isPlain ? specList.filter(isSpec) : [transforms];
}

function isSane(m: Affine): boolean {
  const linear = m.slice(0, 4).every((v) => Number.isFinite(v) && Math.abs(v) <= saneLinear);
  const shift = m.slice(4).every((v) => Number.isFinite(v) && Math.abs(v) <= saneShift);
  return linear && shift && invertAffine(m) !== null;
}

const isSpec = (value: unknown): value is TransformSpec =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
