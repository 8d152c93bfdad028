import { z } from 'zod';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { idSchema } from '../../../preload/contract/reference.ts';
import { shapeSetSchema, type ShapeSet } from '../../../preload/contract/shape.ts';
import { warpStepsSchema } from '../../../preload/contract/warp.ts';
import type { ReadHandle, Row } from './library-store.ts';

/** Where a set of shapes lies. JSON of the column `source`. */
const sourceSchema = z.object({
  kind: z.enum(['local', 'remote']),
  /** A path, or an address, as `resolveSource` gave it. */
  address: z.string(),
  /** The user let this address be one of this computer or a private network. */
  allowPrivate: z.boolean(),
  /** Another set of the library, led from the space of one volume to that of another as it is read. */
  led: z.object({ shapes: idSchema, steps: warpStepsSchema, from: idSchema, to: idSchema }).optional(),
  /** The volume that they were made of, or that names them. */
  liesIn: idSchema.optional(),
});
export type ShapeSource = z.infer<typeof sourceSchema>;

/** A row of `shape` with its JSON read. */
export interface StoredShapes {
  readonly set: ShapeSet;
  readonly source: ShapeSource;
}

interface ShapeRow {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly format: string;
  readonly source: string;
  readonly unit_nm: number;
  readonly count: number | null;
  readonly bounds: string | null;
  readonly created_at: string;
}

/** Throws 'not-found' where there is no such set, or it was undone; 'library-damaged' where its row can't be read. */
export function shapesById(read: ReadHandle, id: string): StoredShapes {
  const row = read.get<ShapeRow>('SELECT * FROM shape WHERE id = ?', id);
  if (!row) throw notThere(id);
  const stored = readRow(row);
  if (stored) return stored;
  throw new LamellaError('library-damaged', `The record of shapes ${id} can't be read.`, {
    hint: 'Run library check; adding them again makes a new record.',
    fields: { shape: id },
  });
}

const notThere = (id: string): LamellaError =>
  new LamellaError('not-found', `There are no shapes ${id} in this library.`, {
    hint: 'List the meshes and skeletons with shape list; add some with shape add.',
    fields: { shape: id },
  });

/** Every set, newest first; one whose row can't be read is left out, so that the others can be used. */
export const allShapes = (read: ReadHandle): readonly StoredShapes[] =>
  read.all<ShapeRow>('SELECT * FROM shape ORDER BY created_at DESC, rowid DESC').flatMap((row) => readRow(row) ?? []);

export const shapeRow = (set: ShapeSet, source: Omit<ShapeSource, 'liesIn'>): Row => ({
  id: set.id,
  name: set.name,
  kind: set.kind,
  format: set.format,
  source: JSON.stringify({ ...source, liesIn: set.liesIn }),
  unit_nm: set.unitNm,
  count: set.count,
  bounds: set.boundsNm === null ? null : JSON.stringify(set.boundsNm),
  created_at: set.createdAt,
});

function readRow(row: ShapeRow): StoredShapes | null {
  const source = sourceSchema.safeParse(parsed(row.source));
  if (!source.success) return null;
  const set = shapeSetSchema.safeParse({
    id: row.id,
    name: row.name,
    kind: row.kind,
    format: row.format,
    source: { kind: source.data.kind, text: source.data.address },
    unitNm: row.unit_nm,
    count: row.count,
    boundsNm: row.bounds === null ? null : parsed(row.bounds),
    liesIn: source.data.led?.to ?? source.data.liesIn,
    createdAt: row.created_at,
  });
  return set.success ? { set: set.data, source: source.data } : null;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
