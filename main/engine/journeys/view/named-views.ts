import { randomBytes } from 'node:crypto';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { SavedView } from '../../../../preload/contract/view.ts';
import { savedViewById, savedViewName, savedViewRow, savedViews } from '../../store/saved-views.ts';
import type { HandlersOf } from '../call.ts';

/** Views that the user keeps under a name. */
export const namedViewHandlers: Pick<HandlersOf<'view'>, 'list' | 'save' | 'rename' | 'forget'> = {
  list: (input, call) => ({ value: { views: [...savedViews(call.library(input.library).read).views] } }),

  save: ({ library: ref, view: id, name, document, dock, picture }, call) => {
    const library = call.library(ref);
    if (picture !== '') checkPicture(picture);
    const before = id === undefined ? null : savedViewById(library.read, id);
    const at = new Date().toISOString();
    const view: SavedView = {
      id: before?.id ?? `view-${randomBytes(6).toString('hex')}`,
      name,
      document,
      dock,
      picture,
      createdAt: before?.createdAt ?? at,
      updatedAt: at,
    };
    library.edit(`${before ? 'Change' : 'Save'} view ${name}`, (tx) => tx.put('saved_view', savedViewRow(view)));
    return view;
  },

  rename: ({ library: ref, view: id, name }, call) => {
    const library = call.library(ref);
    const before = savedViewById(library.read, id);
    if (before.name === name) return before;
    const view: SavedView = { ...before, name, updatedAt: new Date().toISOString() };
    library.edit(`Rename view ${before.name} to ${name}`, (tx) => tx.put('saved_view', savedViewRow(view)));
    return view;
  },

  forget: ({ library: ref, view: id }, call) => {
    const library = call.library(ref);
    // Also of one whose record is damaged, so that there is a way to be rid of it.
    const name = savedViewName(library.read, id) ?? savedViewById(library.read, id).name;
    library.edit(`Remove view ${name}`, (tx) => tx.remove('saved_view', id));
    return { removed: true };
  },
};

/** The window shows it as an image: nothing else may be kept there. */
function checkPicture(picture: string): void {
  if (/^data:image\/png;base64,[A-Za-z0-9+/]+=*$/.test(picture)) return;
  throw new LamellaError('invalid-input', `picture: a data URL of a PNG is expected, not ${picture.slice(0, 40)}…`, {
    hint: 'It begins with data:image/png;base64, — or leave it out.',
    fields: { field: 'picture' },
  });
}
