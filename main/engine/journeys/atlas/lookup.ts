import type { atlasProcedures } from '../../../../preload/contract/atlas.ts';
import { unknownRegion } from '../../../../preload/contract/atlas-map.ts';
import type { OutputOf, ParsedOf } from '../../../../preload/contract/define.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { atlasById, treeOf } from '../../atlases/atlas-rows.ts';
import { openWay } from '../../atlases/open-way.ts';
import type { RegionTree } from '../../atlases/region-tree.ts';
import { type Hemisphere, midlineOf, sideOf, sideOfMark } from '../../atlases/sides.ts';
import {
  outsideValue,
  plainValueOf,
  regionValues,
  unreachedValue,
  valueChunks,
  valuesAt,
} from '../../atlases/value-chunks.ts';
import { wayFrom } from '../../atlases/way-from.ts';
import { idOfStep, type WayStep } from '../../atlases/way-to.ts';
import { levelAt } from '../../formats/pyramid.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import type { Call } from '../call.ts';

type Lookup = typeof atlasProcedures.lookup;
type Output = OutputOf<Lookup>;

/** Leads the points to the annotation, and names what is there. */
export async function lookUp(
  volumes: OpenVolumes,
  library: LibraryStore,
  input: ParsedOf<Lookup>,
  call: Call,
): Promise<Output> {
  const atlas = atlasById(library, input.atlas);
  const tree = treeOf(library, atlas.id);
  const way = wayFrom(library, atlas, input.space ?? atlas.annotation);
  const points = Float64Array.from(input.points.flat());
  await lead(volumes, library, way, points, call);
  const { volume } = await volumes.shown(library, atlas.annotation, call.kernels);
  const values = await valuesAt(regionValues(volume, tree, call.kernels), points, call.signal);
  const marks = atlas.hemispheres === null ? null : await marksAt(volumes, library, atlas.hemispheres, points, call);
  const midline = midlineOf(atlas.orientation, levelAt(volume.plan, 0));
  const sideAt = (i: number): Hemisphere | null => {
    if (marks) return sideOfMark(marks[i] ?? 0);
    const at: Vec3 = [points[3 * i] ?? NaN, points[3 * i + 1] ?? NaN, points[3 * i + 2] ?? NaN];
    return midline && at.every(Number.isFinite) ? sideOf(midline, at) : null;
  };
  return { ...placesOf(tree, values, sideAt), through: way.map(idOfStep) };
}

async function marksAt(volumes: OpenVolumes, library: LibraryStore, id: string, points: Float64Array, call: Call) {
  const { volume } = await volumes.shown(library, id, call.kernels);
  return valuesAt(valueChunks(volume, plainValueOf, call.kernels), points, call.signal);
}

async function lead(
  volumes: OpenVolumes,
  library: LibraryStore,
  way: readonly WayStep[],
  points: Float64Array,
  { kernels, signal }: Call,
): Promise<void> {
  const opened = await openWay({ volumes, library, kernels, signal, lane: 'interactive' }, way);
  try {
    await opened.map.apply(points, signal);
  } finally {
    await opened.close();
  }
}

function placesOf(
  tree: RegionTree,
  values: Int32Array,
  sideAt: (i: number) => Hemisphere | null,
): Pick<Output, 'points' | 'regions'> {
  const regions: Output['regions'] = [];
  const indexOf = new Map<number, number>();
  const indexed = (at: number): number => {
    const found = indexOf.get(at);
    if (found !== undefined) return found;
    const path = tree.pathOf(at);
    const region = path.at(-1);
    if (!region) throw new Error(`the atlas has no region ${at}`);
    const { id, acronym, name, colour, inTable } = region;
    const steps = path.map((one) => ({ id: one.id, acronym: one.acronym, name: one.name }));
    const index = regions.push({ at, id, acronym, name, colour, inTable, path: steps }) - 1;
    indexOf.set(at, index);
    return index;
  };
  const points = Array.from(values, (value, i): Output['points'][number] => {
    if (value === unreachedValue) return { place: 'unreached', region: null, hemisphere: null };
    if (value === outsideValue) return { place: 'outside', region: null, hemisphere: null };
    const hemisphere = sideAt(i);
    if (value === 0) return { place: 'background', region: null, hemisphere };
    if (value === unknownRegion) return { place: 'unknown', region: null, hemisphere };
    return { place: 'region', region: indexed(value - 1), hemisphere };
  });
  return { points, regions };
}
