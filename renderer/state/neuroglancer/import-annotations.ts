import type { Vec3 } from '../../../preload/contract/space.ts';
import { plainText } from '../../../preload/contract/plain-text.ts';
import { map3 } from '../volume-geometry.ts';
import { numberIn } from './limits.ts';
import type { WorldAxes } from './units.ts';
import type { NgAnnotation, NgLayer } from './viewer-state.ts';

/** A point or a line of a state, in nanometres of the world. */
export interface AnnotationToAdd {
  readonly kind: 'point' | 'line';
  readonly pointsNm: readonly Vec3[];
  readonly name: string;
  readonly note: string;
}

const mostName = 200;
const mostNote = 10_000;

/** Points and lines; the others are counted in `notes` by their kind. */
export function readAnnotations(
  layer: NgLayer,
  name: string,
  axes: WorldAxes,
  notes: string[],
): readonly AnnotationToAdd[] {
  const left = new Map<string, number>();
  const read = [...(layer.annotations ?? []), ...legacyPoints(layer)].flatMap((annotation) => {
    const made = readAnnotation(annotation, axes);
    if (!made) left.set(annotation.type ?? 'unknown', (left.get(annotation.type ?? 'unknown') ?? 0) + 1);
    return made ? [made] : [];
  });
  for (const [kind, count] of left)
    notes.push(`Layer "${name}": ${count} of the kind "${kind}" can not be held as annotations.`);
  const source = Array.isArray(layer.source) ? layer.source : [layer.source];
  if (
    source.some(
      (one) =>
        typeof (one && typeof one === 'object' ? one.url : one) === 'string' && !/local:/.test(JSON.stringify(one)),
    )
  )
    notes.push(`Layer "${name}": its annotations lie at an address, and are not read from there.`);
  return read;
}

const legacyPoints = ({ points = [] }: NgLayer): readonly NgAnnotation[] =>
  points.flatMap((point) => (Array.isArray(point) ? [{ type: 'point', point: point.map(numberIn) }] : []));

function readAnnotation(
  { type, point, pointA, pointB, description = '' }: NgAnnotation,
  axes: WorldAxes,
): AnnotationToAdd | null {
  const given = type === 'line' ? [pointA, pointB] : type === 'point' ? [point] : [];
  const pointsNm = given.flatMap((coordinates) => placeNm(coordinates, axes) ?? []);
  if (given.length === 0 || pointsNm.length < given.length) return null;
  const text = description.trim();
  return {
    kind: given.length === 2 ? 'line' : 'point',
    pointsNm,
    name: plainText(text.split('\n')[0] ?? '', mostName),
    note: text.includes('\n') || text.length > mostName ? text.slice(0, mostNote) : '',
  };
}

function placeNm(coordinates: readonly number[] | undefined, { places, stepNm }: WorldAxes): [Vec3] | null {
  const at = map3((axis) => (coordinates?.[places[axis]] ?? Number.NaN) * stepNm[axis]);
  return at.every(Number.isFinite) ? [at] : null;
}
