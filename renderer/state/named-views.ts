import { create } from 'zustand';
import type { SavedView } from '../../preload/contract/view.ts';
import { engine } from '../engine.ts';
import { placePanes, useDockLayout } from './dock-layout.ts';
import { settlePosition } from './layer-edits.ts';
import { changed, onLibraryChanged, openLibraryId, undoAction, useLibrary } from './library.ts';
import { jump } from './places.ts';
import { stopPlaying } from './playback.ts';
import { soundDocument } from './sound-document.ts';
import { attempt, toast } from './toasts.ts';
import { fitScale } from './view-moves.ts';
import { viewPicture } from './view-picture.ts';
import { documentOf, useView } from './view.ts';

/** Views that the user gave a name: all that a view is, kept in the library. */

interface NamedViews {
  readonly views: readonly SavedView[];
  /** The name of one that is being kept: it is listed before its picture is taken. */
  readonly keeping: string | null;
}

export const useNamedViews = create<NamedViews>(() => ({ views: [], keeping: null }));

export async function loadNamedViews(): Promise<void> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return useNamedViews.setState({ views: [] });
  const answer = await attempt(() => engine().view.list({ library }));
  if (answer && useLibrary.getState().library?.library === library)
    useNamedViews.setState({ views: answer.value.views });
}

useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) void loadNamedViews();
});
onLibraryChanged(loadNamedViews);

/** A name that no view has yet. */
export function freshViewName(views: readonly SavedView[] = useNamedViews.getState().views): string {
  for (let n = views.length + 1; ; n++) if (!views.some(({ name }) => name === `View ${n}`)) return `View ${n}`;
}

/** Keeps what is shown now under a name; with `view`, in the place of that one. */
export async function saveNamedView(name: string, view?: string): Promise<void> {
  const document = documentOf(useView.getState());
  const dock = useDockLayout.getState().text;
  const library = openLibraryId();
  useNamedViews.setState({ keeping: name });
  const picture = await viewPicture();
  const saved = await attempt(() =>
    engine().view.save({ library, name, document, dock, picture, ...(view && { view }) }),
  );
  if (saved) await changed();
  useNamedViews.setState({ keeping: null });
  if (!saved) return;
  toast({
    tone: 'good',
    topic: 'named view',
    title: view === undefined ? `Kept as ${saved.name}` : `${saved.name} is now what you see`,
    action: undoAction,
  });
}

export const updateNamedView = ({ id, name }: SavedView): Promise<void> => saveNamedView(name, id);

/** Shows a named view: layers, panes and the place. Its change can be taken back, and its place left. */
export function showNamedView({ document, dock }: SavedView): void {
  // It has a time of its own, which would be gone at once.
  stopPlaying();
  jump(() => {
    useView.setState({ ...soundDocument(document), cursor: null });
    placePanes(dock);
    settlePosition();
    if (document.fitted) fitScale();
  });
}

export async function renameNamedView({ id, name }: SavedView, to: string): Promise<void> {
  const next = to.trim();
  if (next === '' || next === name) return;
  const done = await attempt(() => engine().view.rename({ library: openLibraryId(), view: id, name: next }));
  if (done) await changed();
}

export async function removeNamedView({ id, name }: SavedView): Promise<void> {
  const done = await attempt(() => engine().view.forget({ library: openLibraryId(), view: id }));
  if (!done) return;
  await changed();
  toast({
    tone: 'info',
    title: `Removed ${name}`,
    action: undoAction,
  });
}
