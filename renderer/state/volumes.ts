import { create } from 'zustand';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { VolumeDescription } from '../../preload/contract/volume.ts';
import { volumeProcedures } from '../../preload/contract/volume.ts';
import { bridge, engine } from '../engine.ts';
import { resultOf, startJob } from './jobs.ts';
import { afterTakingOut, changed, openLibraryId, undoAction, useLibrary } from './library.ts';
import { session, setSession, useSession } from './session.ts';
import { attempt, toast, toastError } from './toasts.ts';
import { useView } from './view.ts';

/** `decoded`: whether it looked into the chunks, and not only at whether they are there. */
export type Audit = OutputOf<(typeof volumeProcedures)['audit']> & { readonly decoded: boolean };
export type Cache = OutputOf<(typeof volumeProcedures)['cache']>;

interface VolumesState {
  /** What the selected volume's source holds; null while it is read. */
  readonly description: {
    readonly volume: string;
    readonly value: VolumeDescription | null;
    readonly problem: WireError | null;
  } | null;
  readonly audits: Readonly<Record<string, Audit>>;
  /** Volumes whose source did not answer when it was last looked at. */
  readonly away: ReadonlySet<string>;
  /** Why a volume was not relinked: what lies there is something else. */
  readonly relinkProblem: { readonly volume: string; readonly error: WireError } | null;
  readonly cache: Cache | null;
}

export const useVolumes = create<VolumesState>(() => ({
  description: null,
  audits: {},
  away: new Set(),
  relinkProblem: null,
  cache: null,
}));

const set = useVolumes.setState;
const get = useVolumes.getState;

const lastSeen = ({ openedAt, createdAt }: Volume): string => openedAt ?? createdAt;

/** Favourites first, then what was looked at last. */
export const inOrder = (volumes: readonly Volume[]): readonly Volume[] =>
  volumes.toSorted(
    (a, b) =>
      Number(b.favourite) - Number(a.favourite) || lastSeen(b).localeCompare(lastSeen(a)) || a.id.localeCompare(b.id),
  );

export const selectedVolume = (): Volume | null =>
  useLibrary.getState().library?.volumes.find(({ id }) => id === session().volume) ?? null;

function noteAway(volume: string, isAway: boolean): void {
  const { away } = get();
  if (away.has(volume) === isAway) return;
  const next = new Set(away);
  if (isAway) next.add(volume);
  else next.delete(volume);
  set({ away: next });
}

let reading: AbortController | null = null;

/** Reads what the selected volume's source says of itself. */
export async function describeSelected(): Promise<void> {
  const volume = selectedVolume();
  if (!volume) return set({ description: null });
  reading?.abort();
  const { signal } = (reading = new AbortController());
  const before = get().description;
  if (before?.volume !== volume.id) set({ description: { volume: volume.id, value: null, problem: null } });
  try {
    const { value } = await engine().volume.describe({ library: openLibraryId(), source: volume.id }, { signal });
    if (signal.aborted) return;
    noteAway(volume.id, false);
    set({ description: { volume: volume.id, value, problem: null } });
  } catch (error) {
    if (signal.aborted) return;
    const problem = toWireError(error);
    noteAway(volume.id, problem.tag === 'unreachable' || problem.tag === 'not-found');
    set({ description: { volume: volume.id, value: null, problem } });
  }
}

useSession.subscribe((now, before) => {
  if (now.room === 'volumes' && (now.room !== before.room || now.volume !== before.volume)) {
    set({ relinkProblem: null });
    void describeSelected();
    void loadCache();
  }
});

/** Opens a volume in the room where it is looked at. */
export const viewVolume = (volume: string): void => setSession({ volume, room: 'view' });

async function edit(volume: string, change: { name?: string; favourite?: boolean }): Promise<void> {
  const done = await attempt(() => engine().volume.edit({ library: openLibraryId(), volume, ...change }));
  if (done) await changed();
}

export const renameVolume = (volume: string, name: string): Promise<void> => edit(volume, { name });
export const toggleFavourite = ({ id, favourite }: Volume): Promise<void> => edit(id, { favourite: !favourite });

export async function removeVolume({ id, name }: Volume): Promise<void> {
  const removed = await attempt(() => engine().volume.remove({ library: openLibraryId(), volume: id }));
  if (!removed) return;
  await afterTakingOut(name);
}

/** Looks at the source again: what was cached of it is forgotten where it changed. */
export async function refreshVolume({ id, name }: Volume): Promise<void> {
  try {
    const { changed: differs } = await engine().volume.refresh({ library: openLibraryId(), volume: id });
    noteAway(id, false);
    // What was drawn may be of the source before: it is read again.
    if (differs) useView.setState(({ volumes }) => ({ volumes: volumes.filter((one) => one.id !== id) }));
    await changed();
    toast({
      tone: differs ? 'warn' : 'good',
      title: differs ? `${name} has changed` : `${name} is as it was`,
      ...(differs && { detail: 'What was cached of it is read again.' }),
    });
    await describeSelected();
  } catch (error) {
    noteAway(id, toWireError(error).tag === 'unreachable');
    toastError(error);
  }
}

/** Tells where a volume moved to: a file, a folder or an address. What is refused is shown beside the volume. */
export async function relinkVolume(
  volume: Volume,
  to: 'file' | 'folder' | { readonly address: string },
): Promise<boolean> {
  set({ relinkProblem: null });
  const picked =
    typeof to === 'object'
      ? { id: to.address }
      : await attempt(() =>
          to === 'file' ? bridge.pickFile() : bridge.pickFolder(`Choose where ${volume.name} is now`),
        );
  if (!picked) return false;
  try {
    await engine().volume.relink({ library: openLibraryId(), volume: volume.id, source: picked.id });
  } catch (error) {
    set({ relinkProblem: { volume: volume.id, error: toWireError(error) } });
    return false;
  }
  noteAway(volume.id, false);
  await changed();
  toast({
    tone: 'good',
    title: `${volume.name} is linked again`,
    action: undoAction,
  });
  await describeSelected();
  return true;
}

/** Looks at every chunk, or at a sample of them where there are very many. */
export function auditVolume({ id }: Volume, decode: boolean): Promise<string | null> {
  return startJob(
    () => engine().volume.audit({ library: openLibraryId(), source: id, decode }),
    (job) => {
      const audit = resultOf(job, volumeProcedures.audit.output);
      if (audit) set(({ audits }) => ({ audits: { ...audits, [id]: { ...audit, decoded: decode } } }));
    },
  );
}

/** Makes coarse levels that the volume lacks, or makes them anew. */
export const makePyramid = ({ id }: Volume): Promise<string | null> =>
  startJob(() => engine().volume.pyramid({ library: openLibraryId(), volume: id }));

export async function loadCache(change: { cap?: string; clear?: boolean } = {}): Promise<void> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return;
  const cache = await attempt(() => engine().volume.cache({ library, ...change }));
  if (cache) set({ cache });
}

useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library)
    set({ description: null, audits: {}, away: new Set(), cache: null, relinkProblem: null });
});
