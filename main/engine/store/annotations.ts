import type { Annotation } from '../../../preload/contract/annotation.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { ReadHandle, Row } from './library-store.ts';

interface AnnotationRow {
  readonly id: string;
  readonly volume: string;
  readonly kind: 'point' | 'line';
  readonly points_nm: string;
  readonly name: string;
  readonly note: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** In the order in which they were made. */
export function annotationsOf(read: ReadHandle, volume: string): Annotation[] {
  return read
    .all<AnnotationRow>('SELECT * FROM annotation WHERE volume = ? ORDER BY created_at, rowid', volume)
    .map(annotationOf);
}

/** Throws 'not-found'. */
export function annotationById(read: ReadHandle, id: string): Annotation {
  const row = read.get<AnnotationRow>('SELECT * FROM annotation WHERE id = ?', id);
  if (row) return annotationOf(row);
  throw new LamellaError('not-found', `There is no annotation ${id} in this library.`, {
    hint: 'It may have been removed or undone; list the annotations of its volume.',
    fields: { annotation: id },
  });
}

export function annotationRow({ id, volume, kind, pointsNm, name, note, createdAt, updatedAt }: Annotation): Row {
  return {
    id,
    volume,
    kind,
    points_nm: JSON.stringify(pointsNm),
    name,
    note,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

function annotationOf({ id, volume, kind, points_nm, name, note, created_at, updated_at }: AnnotationRow): Annotation {
  return {
    id,
    volume,
    kind,
    pointsNm: JSON.parse(points_nm) as Vec3[],
    name,
    note,
    createdAt: created_at,
    updatedAt: updated_at,
  };
}
