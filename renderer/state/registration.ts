import { create } from 'zustand';
import type { Registration } from '../../preload/contract/channels.ts';
import type { StackSummary } from '../../preload/contract/library.ts';
import { engine } from '../engine.ts';
import { startJob } from './jobs.ts';
import { onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { useAlignment } from './section-alignment.ts';
import { session, useSession } from './session.ts';
import { attempt } from './toasts.ts';

interface RegistrationState {
  /** What the step aligns: sections to each other, or sessions of the same sections. */
  readonly what: 'sections' | 'sessions';
  /** Datasets that are left out. */
  readonly without: ReadonlySet<string>;
  /** The dataset that stays where it is; null: the one that is looked at. */
  readonly frame: string | null;
  /** What the report is of. */
  readonly stack: string | null;
  readonly report: Registration | null;
}

export const useRegistration = create<RegistrationState>(() => ({
  what: 'sections',
  without: new Set(),
  frame: null,
  stack: null,
  report: null,
}));

const set = useRegistration.setState;
export const setWhatIsAligned = (what: RegistrationState['what']): void => set({ what });
export const setFrame = (frame: string): void => set({ frame });

export function takeSession(dataset: string, isTaken: boolean): void {
  const without = new Set(useRegistration.getState().without);
  if (isTaken) without.delete(dataset);
  else without.add(dataset);
  set({ without });
}

interface Chosen {
  readonly dataset: string;
  /** The newest version that is in no frame yet; null: where the stage put the tiles. */
  readonly from: StackSummary | null;
}

/** The sessions that are taken, the dataset looked at first: the others are matched with it. */
export function chosenSessions(): readonly Chosen[] {
  const { datasets = [], stacks = [] } = useLibrary.getState().library ?? {};
  const { dataset: own } = session();
  const { without } = useRegistration.getState();
  return datasets
    .filter(({ id }) => id === own || !without.has(id))
    .toSorted((a, b) => Number(b.id === own) - Number(a.id === own) || a.createdAt.localeCompare(b.createdAt))
    .map(({ id }) => {
      const versions = stacks.filter((one) => one.dataset === id && one.madeBy !== 'channels');
      return { dataset: id, from: versions.toSorted((a, b) => b.version - a.version)[0] ?? null };
    });
}

export async function startRegistration(): Promise<void> {
  const chosen = chosenSessions();
  const frame = useRegistration.getState().frame ?? session().dataset;
  set({ frame });
  const { model } = useAlignment.getState();
  const library = openLibraryId();
  const sessions = chosen.map(({ dataset, from }) => ({ dataset, ...(from && { stack: from.id }) }));
  const isThere = chosen.some(({ dataset }) => dataset === frame);
  await startJob(() =>
    engine().align.channels({ library, sessions, model, ...(frame !== null && isThere && { frame }) }),
  );
}

/** Loads what bringing the session's stack to a frame found, where it was. */
async function loadRegistration(): Promise<void> {
  const { stack } = session();
  const { library, stacks = [] } = useLibrary.getState().library ?? {};
  const isRegistered = stacks.find(({ id }) => id === stack)?.madeBy === 'channels';
  const now = useRegistration.getState();
  if (stack === now.stack && (now.report !== null || !isRegistered)) return;
  // All sessions of a frame have one report: going from one to another keeps it, and the focus in it.
  if (stack !== null && now.report?.sessions.some((one) => one.stack === stack)) return set({ stack });
  set({ stack, report: null });
  if (stack === null || library === undefined || !isRegistered) return;
  const answer = await attempt(() => engine().align.channelReport({ library, stack }));
  if (!answer || useRegistration.getState().stack !== stack) return;
  set({ report: answer.value });
}

useSession.subscribe((now, before) => {
  if (now.stack !== before.stack) void loadRegistration();
});
useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) void loadRegistration();
});
onLibraryChanged(loadRegistration);
