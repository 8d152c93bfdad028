import { randomBytes } from 'node:crypto';
import type { Annotation } from '../../../../preload/contract/annotation.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { carryPoints } from '../../stacks/carry-points.ts';
import type { StackPoint } from '../../stacks/coordinates.ts';
import { StackMaps } from '../../stacks/section-maps.ts';
import { type StackRow, stackRow } from '../../stacks/stack-rows.ts';
import { requireState } from '../../stacks/stack-state.ts';
import { annotationRow, annotationsOf } from '../../store/annotations.ts';
import type { LibraryStore, ReadHandle } from '../../store/library-store.ts';
import { isUsable, tilesOf } from '../../store/tiles.ts';
import { volumeById } from '../../store/volume-rows.ts';
import { stackSections } from '../../volumes/sections.ts';

/** A point of an annotation that could not be carried. */
export interface LeftPoint {
  readonly annotation: string;
  readonly name: string;
  readonly pointNm: Vec3;
  readonly reason: string;
}

export interface CarriedAnnotations {
  readonly carried: Annotation[];
  readonly left: LeftPoint[];
}

/**
 * Writes the annotations of a volume fused from one stack version into a volume fused from another, where the tiles that
 * show them lie there. An annotation is carried whole or not at all.
 */
export function carryAnnotations(
  library: LibraryStore,
  from: string,
  to: string,
  ids: readonly string[] | undefined,
): CarriedAnnotations {
  const { read } = library;
  const [source, target] = [fusedSpace(read, from), fusedSpace(read, to)];
  const chosen = chosenOf(annotationsOf(read, from), ids, from);
  const ends = chosen.flatMap((annotation) => annotation.pointsNm.map((pointNm) => ({ annotation, pointNm })));
  const places = ends.map(({ pointNm }) => source.placeOf(pointNm));
  const points = places.map((place) => place ?? { x: NaN, y: NaN, section: NaN, beyond: 0 });
  const led = carryPoints(new StackMaps(read, source.stack), new StackMaps(read, target.stack), points);
  const [pointsOf, left] = [new Map<string, Vec3[]>(), [] as LeftPoint[]];
  ends.forEach(({ annotation, pointNm }, k) => {
    const place = led[k]?.place;
    const reason = places[k] ? led[k]?.reason : 'it lies in no section of the stack';
    const pointThereNm = place ? target.pointNmOf(place, points[k]!.beyond) : null;
    if (pointThereNm) pointsOf.set(annotation.id, [...(pointsOf.get(annotation.id) ?? []), pointThereNm]);
    else
      left.push({
        annotation: annotation.id,
        name: annotation.name,
        pointNm,
        reason: reason ?? 'that section is not in the other volume',
      });
  });
  const carried = chosen.flatMap((annotation) => carriedOf(annotation, to, pointsOf.get(annotation.id) ?? []));
  if (carried.length > 0)
    library.edit(`Carry ${carried.length} annotation${carried.length === 1 ? '' : 's'}`, (tx) => {
      for (const annotation of carried) tx.put('annotation', annotationRow(annotation));
    });
  return { carried, left };
}

function carriedOf(annotation: Annotation, volume: string, pointsNm: readonly Vec3[]): readonly Annotation[] {
  if (pointsNm.length < annotation.pointsNm.length) return [];
  const at = new Date().toISOString();
  const id = `annotation-${randomBytes(6).toString('hex')}`;
  return [{ ...annotation, id, volume, pointsNm: [...pointsNm], createdAt: at, updatedAt: at }];
}

function chosenOf(
  all: readonly Annotation[],
  ids: readonly string[] | undefined,
  volume: string,
): readonly Annotation[] {
  if (!ids) return all;
  const byId = new Map(all.map((annotation) => [annotation.id, annotation]));
  return ids.map((id) => {
    const found = byId.get(id);
    if (found) return found;
    throw new LamellaError('not-found', `Volume ${volume} has no annotation ${id}.`, {
      hint: 'List its annotations with annotate list.',
      fields: { volume, annotation: id },
    });
  });
}

interface FusedSpace {
  readonly stack: StackRow;
  /** In the stack, and how far beyond the beginning of its section, in sections; null where no section is there. */
  placeOf(pointNm: Vec3): (StackPoint & { readonly beyond: number }) | null;
  pointNmOf(place: StackPoint, beyond: number): Vec3 | null;
}

/** How nanometres of a fused volume and pixels of its stack version go together: as fusing laid them out. */
function fusedSpace(read: ReadHandle, id: string): FusedSpace {
  const { volume } = volumeById(read, id);
  const [level] = volume.levels;
  if (volume.stack === null || !level) {
    throw new LamellaError('invalid-input', `Volume ${volume.name} was not fused from a stack, so no tiles show it.`, {
      hint: 'Annotations are carried between volumes that were fused from stack versions.',
      fields: { volume: id },
    });
  }
  const stack = stackRow(read, volume.stack);
  requireState(read, stack.id, 'read');
  const [xNm, yNm, zNm] = level.voxelSizeNm;
  const usable = tilesOf(read, stack.dataset).filter(isUsable);
  const sections = [...new Set(usable.map(({ section }) => section))];
  const { firstSection, zOf } = stackSections(sections);
  const sectionAt = new Map(sections.map((section) => [firstSection + zOf(section), section]));
  return {
    stack,
    placeOf: ([x, y, z]) => {
      const section = sectionAt.get(Math.floor(z / zNm));
      return section === undefined ? null : { x: x / xNm, y: y / yNm, section, beyond: z / zNm - Math.floor(z / zNm) };
    },
    pointNmOf: ({ x, y, section }, beyond) =>
      sections.includes(section) ? [x * xNm, y * yNm, (firstSection + zOf(section) + beyond) * zNm] : null,
  };
}
