import { z } from 'zod';
import { type Atlas, atlasSchema } from '../../../preload/contract/atlas.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { warningSchema, type Warning } from '../../../preload/contract/reference.ts';
import type { LibraryStore, ReadHandle, WriteHandle } from '../store/library-store.ts';
import { type RegionRow, RegionTree } from './region-tree.ts';

/** An atlas on its way into the library. */
export interface NewAtlas {
  readonly id: string;
  readonly name: string;
  readonly kind: Atlas['kind'];
  readonly annotation: string;
  readonly template: string | null;
  readonly hemispheres: string | null;
  readonly orientation: string | null;
  readonly citation: string;
  readonly warnings: readonly Warning[];
  readonly job: string;
  readonly regions: readonly RegionRow[];
}

/** Its volumes are there already. */
export function storeAtlas(tx: WriteHandle, atlas: NewAtlas): void {
  const { regions, warnings, ...columns } = atlas;
  const createdAt = new Date().toISOString();
  tx.put('atlas', { ...columns, warnings: JSON.stringify(warnings), created_at: createdAt, removed: 0 });
  tx.insertMany(
    'atlas_region',
    regions.map((region) => ({ atlas: atlas.id, ...region })),
    ['atlas', 'at'],
  );
}

interface AtlasRow {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly annotation: string;
  readonly template: string | null;
  readonly hemispheres: string | null;
  readonly orientation: string | null;
  readonly citation: string;
  readonly warnings: string;
  readonly created_at: string;
}

/** Throws 'not-found' where there is no such atlas, or it was removed. */
export function atlasById(library: LibraryStore, id: string): Atlas {
  const row = library.read.get<AtlasRow>('SELECT * FROM atlas WHERE id = ? AND removed = 0', id);
  if (row) return atlasOf(library, row);
  throw new LamellaError('not-found', `There is no atlas ${id} in this library.`, {
    hint: 'List the atlases with atlas list, or import one.',
    fields: { atlas: id },
  });
}

/** Newest first. */
export const allAtlases = (library: LibraryStore): readonly Atlas[] =>
  library.read
    .all<AtlasRow>('SELECT * FROM atlas WHERE removed = 0 ORDER BY created_at DESC, rowid DESC')
    .map((row) => atlasOf(library, row));

const warningsSchema = z.array(warningSchema);

function atlasOf(library: LibraryStore, row: AtlasRow): Atlas {
  const { regions } = treeOf(library, row.id);
  const { created_at: createdAt, warnings, ...columns } = row;
  return atlasSchema.parse({
    ...columns,
    regions: regions.length,
    empty: regions.filter(({ allVoxels }) => allVoxels === 0).length,
    notInTable: regions.filter(({ inTable }) => !inTable).length,
    warnings: warningsSchema.parse(JSON.parse(warnings)),
    createdAt,
  });
}

const trees = new WeakMap<LibraryStore, Map<string, RegionTree>>();

/** The regions of an atlas, which never change; kept. */
export function treeOf(library: LibraryStore, atlas: string): RegionTree {
  const ofLibrary = trees.get(library) ?? new Map<string, RegionTree>();
  trees.set(library, ofLibrary);
  const tree = ofLibrary.get(atlas) ?? new RegionTree(regionRows(library.read, atlas));
  ofLibrary.set(atlas, tree);
  return tree;
}

const regionRows = (read: ReadHandle, atlas: string): readonly RegionRow[] =>
  read.all<RegionRow>(
    'SELECT at, label, acronym, name, colour, parent, in_table, voxels FROM atlas_region WHERE atlas = ? ORDER BY at',
    atlas,
  );
