import { LamellaError } from '../../../preload/contract/errors.ts';
import { savedViewSchema, type SavedView } from '../../../preload/contract/view.ts';
import type { ReadHandle, Row } from './library-store.ts';

interface SavedViewRow {
  readonly id: string;
  readonly name: string;
  readonly document: string;
  readonly dock: string;
  readonly picture: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Newest first. `unreadable`: ids of rows that no Lamella of this version wrote; one of them hides none of the others. */
export function savedViews(read: ReadHandle): {
  readonly views: readonly SavedView[];
  readonly unreadable: readonly string[];
} {
  const [views, unreadable]: [SavedView[], string[]] = [[], []];
  for (const row of read.all<SavedViewRow>('SELECT * FROM saved_view ORDER BY created_at DESC, rowid DESC')) {
    const view = viewOf(row);
    if (view) views.push(view);
    else unreadable.push(row.id);
  }
  return { views, unreadable };
}

/** Throws 'not-found', and 'library-damaged' where its record can't be read. */
export function savedViewById(read: ReadHandle, id: string): SavedView {
  const row = read.get<SavedViewRow>('SELECT * FROM saved_view WHERE id = ?', id);
  if (!row) {
    throw new LamellaError('not-found', `There is no view ${id} in this library.`, {
      hint: 'It may have been removed or undone; list the views of the library.',
      fields: { view: id },
    });
  }
  const view = viewOf(row);
  if (view) return view;
  throw new LamellaError('library-damaged', `The record of the view "${row.name}" can't be read.`, {
    hint: 'Remove it, and save the view again.',
    fields: { view: id },
  });
}

/** The name of a view whose record may be damaged; null where there is none. */
export const savedViewName = (read: ReadHandle, id: string): string | null =>
  read.get<{ name: string }>('SELECT name FROM saved_view WHERE id = ?', id)?.name ?? null;

export function savedViewRow({ id, name, document, dock, picture, createdAt, updatedAt }: SavedView): Row {
  return {
    id,
    name,
    document: JSON.stringify(document),
    dock,
    picture,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

function viewOf({ id, name, document, dock, picture, created_at, updated_at }: SavedViewRow): SavedView | null {
  const view = savedViewSchema.safeParse({
    id,
    name,
    document: parsed(document),
    dock,
    picture,
    createdAt: created_at,
    updatedAt: updated_at,
  });
  return view.success ? view.data : null;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
