import { create } from 'zustand';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { homeProcedures, Library } from '../../preload/contract/library.ts';
import { mosaicOf } from '../../preload/contract/view.ts';
import { engine } from '../engine.ts';
import { session, setSession } from './session.ts';
import { attempt, toast } from './toasts.ts';

export type Recent = OutputOf<(typeof homeProcedures)['recent']>['libraries'][number];

interface LibraryState {
  readonly library: Library | null;
  /** What the library was opened by: it opens it again after the engine was restarted. */
  readonly reference: string | null;
  readonly opening: boolean;
  readonly recent: readonly Recent[] | null;
}

export const useLibrary = create<LibraryState>(() => ({
  library: null,
  reference: null,
  opening: false,
  recent: null,
}));

const set = useLibrary.setState;

/** The library that is open. Throws where there is none: only what needs one asks. */
export function openLibraryId(): string {
  const { library } = useLibrary.getState();
  if (!library) throw new Error('no library is open');
  return library.library;
}

/** Opens a library, or shows why not. A folder without one becomes one only where `create` says so. */
export const openLibrary = (reference: string, create = false): Promise<Library | null> =>
  attempt(() => enterLibrary(reference, create));

/** Opens a library; throws the engine's error, 'not-found' for a folder without one. */
export async function enterLibrary(reference: string, create: boolean): Promise<Library> {
  set({ opening: true });
  try {
    const library = await engine().library.open({ library: reference, create });
    const sameAsBefore = session().folder === library.folder;
    setSession({ folder: library.folder, ...(sameAsBefore ? {} : { dataset: null, stack: null, volume: null }) });
    set({ library, reference });
    chooseWhatThereIs(library);
    return library;
  } finally {
    set({ opening: false });
    void loadRecent();
  }
}

interface Made {
  readonly id: string;
  readonly createdAt: string;
}

export const newest = <T extends Made>(all: readonly T[]): T | undefined =>
  all.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt)).at(-1);

/** Points the session at things that exist: the newest, where what it pointed at is gone. */
function chooseWhatThereIs(library: Library): void {
  const now = session();
  const kept = (all: readonly Made[], id: string | null): string | null =>
    (all.find((one) => one.id === id) ?? newest(all))?.id ?? null;
  const dataset = kept(library.datasets, now.dataset);
  const next = {
    dataset,
    stack: kept(
      library.stacks.filter((s) => s.dataset === dataset),
      now.stack,
    ),
    volume: isTiles(library, now.volume) ? now.volume : kept(library.volumes, now.volume),
  };
  if (next.dataset !== now.dataset || next.stack !== now.stack || next.volume !== now.volume) setSession(next);
}

/** Whether an id stands for tiles of the library, looked at as a volume. */
function isTiles({ datasets, stacks }: Library, id: string | null): boolean {
  const of = id === null ? null : mosaicOf(id);
  return of !== null && (of.stack === null ? datasets : stacks).some((one) => one.id === (of.stack ?? of.dataset));
}

/** Reads everything that the library holds again; call after each change. */
export async function refreshLibrary(): Promise<void> {
  const { library } = useLibrary.getState();
  if (!library) return;
  const { value } = await engine().library.info({ library: library.library });
  if (useLibrary.getState().library?.library !== library.library) return;
  set({ library: value });
  chooseWhatThereIs(value);
}

export async function closeLibrary(): Promise<void> {
  const { library } = useLibrary.getState();
  if (!library) return;
  set({ library: null, reference: null });
  setSession({ room: 'home', folder: null, dataset: null, stack: null, volume: null });
  await attempt(() => engine().library.close({ library: library.library }));
  await loadRecent();
}

export async function loadRecent(): Promise<void> {
  const answer = await attempt(() => engine().home.recent({}));
  set({ recent: answer?.value.libraries ?? [] });
}

export async function forgetLibrary(reference: string): Promise<void> {
  await attempt(() => engine().home.forget({ library: reference }));
  await loadRecent();
}

const underWay = new Set<() => Promise<unknown>>();

/** Registers what is shown before the library has it: who goes through the history waits for that, and means it. */
export function waitBeforeHistory(written: () => Promise<unknown>): void {
  underWay.add(written);
}

/** One step back or forth in the library's history, named in a toast. `onChanged` reloads what shows the library. */
export async function stepHistory(direction: 'undo' | 'redo'): Promise<void> {
  const library = openLibraryId();
  await Promise.all([...underWay].map((written) => written()));
  const done = await attempt(() => engine().library[direction]({ library }));
  if (!done) return;
  const [did, back] = direction === 'undo' ? (['Undid', 'redo'] as const) : (['Redid', 'undo'] as const);
  if (done.label === null)
    toast({
      tone: 'info',
      topic: 'history',
      title: direction === 'undo' ? 'Nothing to undo' : 'Nothing to redo',
    });
  else
    toast({
      tone: 'info',
      topic: 'history',
      title: `${did}: ${done.label}`,
      action: { label: back === 'undo' ? 'Undo' : 'Redo', run: () => void stepHistory(back) },
    });
  await changed();
}

/** What a message of a change offers. */
export const undoAction = { label: 'Undo', run: () => void stepHistory('undo') } as const;

const reloaders = new Set<() => Promise<void>>();

/** Registers what shows a part of the library in more detail than its summary does. */
export function onLibraryChanged(reload: () => Promise<void>): void {
  reloaders.add(reload);
}

/** After any change: reads the summary, then whatever shows a part of it. */
export async function changed(): Promise<void> {
  await attempt(async () => {
    await refreshLibrary();
    await Promise.all([...reloaders].map((reload) => reload()));
  });
}

/** After something left the library whose files stay: shows it, and offers it back. */
export async function afterTakingOut(name: string): Promise<void> {
  await changed();
  toast({
    tone: 'info',
    title: `${name} was taken out of the library`,
    detail: 'Its files are where they were.',
    action: undoAction,
  });
}
