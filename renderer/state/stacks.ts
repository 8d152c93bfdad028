import { create } from 'zustand';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { StackSummary } from '../../preload/contract/library.ts';
import type { stackProcedures } from '../../preload/contract/stack.ts';
import { bridge, engine } from '../engine.ts';
import { startJob } from './jobs.ts';
import { changed, onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { session, setSession, useSession } from './session.ts';
import { showFile } from './show-file.ts';
import { attempt, toast } from './toasts.ts';

export type StackDescription = OutputOf<(typeof stackProcedures)['describe']>;
export type StackState = StackSummary['state'];
export type StackFormat = 'render' | 'trakem2' | 'tiles';
type Carried = OutputOf<(typeof stackProcedures)['carry']>;

interface StacksState {
  readonly format: StackFormat;
  /** Of the session's stack; null while it loads. */
  readonly description: StackDescription | null;
  /** The volume whose annotations would be carried here; null = the newest that can be. */
  readonly carryFrom: string | null;
  /** What was left behind when annotations were carried last, and from where. */
  readonly left: Carried['left'];
}

export const useStacks = create<StacksState>(() => ({
  format: 'render',
  description: null,
  carryFrom: null,
  left: [],
}));

const set = useStacks.setState;

export const setStackFormat = (format: StackFormat): void => set({ format });
export const setCarryFrom = (carryFrom: string): void => set({ carryFrom, left: [] });

/** Where a version may go from here, where it is included; the engine has the last word. */
export const statesFrom: Readonly<Record<StackState, readonly StackState[]>> = {
  LOADING: ['LOADING', 'COMPLETE'],
  COMPLETE: ['COMPLETE', 'LOADING', 'READ_ONLY', 'OFFLINE'],
  READ_ONLY: ['READ_ONLY', 'COMPLETE', 'OFFLINE'],
  OFFLINE: ['OFFLINE', 'COMPLETE'],
};

/** Reads bounds, counts and lineage of the session's stack. */
export async function loadDescription(): Promise<void> {
  const { stack } = session();
  const library = useLibrary.getState().library?.library;
  if (useStacks.getState().description?.stack.id !== stack) set({ description: null, left: [] });
  if (stack === null || library === undefined) return;
  const answer = await attempt(() => engine().stack.describe({ library, stack }));
  if (answer && session().stack === stack) set({ description: answer.value });
}

useSession.subscribe((now, before) => {
  if (now.stack !== before.stack) void loadDescription();
});
onLibraryChanged(loadDescription);

export async function setStackState(state: StackState): Promise<void> {
  const { stack } = session();
  if (stack === null) return;
  await attempt(() => engine().stack.setState({ library: openLibraryId(), stack, state }));
  await changed();
}

export const stackFormats = {
  render: { label: 'Render tilespecs (JSON)', ending: 'json' },
  trakem2: { label: 'TrakEM2 project (XML)', ending: 'xml' },
  tiles: { label: 'TileConfiguration.txt', ending: 'txt' },
} as const satisfies Readonly<Record<StackFormat, { readonly label: string; readonly ending: string }>>;

/** Writes the version for another program, where the user says; what the format cannot say is told. */
export async function exportStackAs(stack: StackSummary): Promise<void> {
  const { format } = useStacks.getState();
  const { label, ending } = stackFormats[format];
  const file = await attempt(() =>
    bridge.saveFile(`stack-v${stack.version}.${ending}`, [{ name: label, extensions: [ending] }]),
  );
  if (!file) return;
  const library = openLibraryId();
  const written = await attempt(() => engine().stack.export({ library, stack: stack.id, format, out: file.id }));
  if (!written) return;
  const [first] = written.warnings;
  toast({
    tone: first ? 'warn' : 'good',
    title: `Wrote ${file.name}: ${written.tiles} tiles`,
    ...(first && { detail: first.message }),
    action: showFile(file.id),
  });
}

/** Reads where another program puts the tiles of the dataset, as a new version. */
export async function importStackFile(): Promise<void> {
  const { dataset } = session();
  if (dataset === null) return;
  const file = await attempt(() =>
    bridge.pickFile([
      { name: 'Placed tiles (Render, TrakEM2, TileConfiguration)', extensions: ['json', 'xml', 'txt'] },
    ]),
  );
  if (!file) return;
  const library = openLibraryId();
  await startJob(
    () => engine().stack.import({ library, source: file.id, dataset, name: file.name }),
    () => void showNewest(dataset),
  );
}

async function showNewest(dataset: string): Promise<void> {
  await changed();
  const stacks = useLibrary.getState().library?.stacks.filter((stack) => stack.dataset === dataset) ?? [];
  setSession({ stack: stacks.toSorted((a, b) => b.version - a.version)[0]?.id ?? null });
}

/** The volume of a version that gets annotations, and those of other versions of the dataset that may give theirs. */
export function carryChoices(
  stack: StackSummary,
  stacks: readonly StackSummary[],
  volumes: readonly Volume[],
): { readonly to: Volume | null; readonly from: readonly Volume[] } {
  const others = new Set(
    stacks.filter(({ id, dataset }) => id !== stack.id && dataset === stack.dataset).map(({ id }) => id),
  );
  return {
    to: volumes.find((volume) => volume.stack === stack.id) ?? null,
    from: volumes.filter((volume) => volume.stack !== null && others.has(volume.stack)),
  };
}

export async function carryHere(from: Volume, to: Volume): Promise<void> {
  const library = openLibraryId();
  const done = await attempt(() => engine().stack.carry({ library, from: from.id, to: to.id }));
  if (!done) return;
  set({ left: done.left });
  const count = done.carried.length;
  toast({
    tone: done.left.length > 0 ? 'warn' : 'good',
    title: count === 1 ? 'Carried 1 annotation' : `Carried ${count} annotations`,
    ...(done.left.length > 0 && { detail: `${done.left.length} points have no place there; the list is in Stack.` }),
  });
  await changed();
}
