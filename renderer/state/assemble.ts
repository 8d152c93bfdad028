import { create } from 'zustand';
import type { z } from 'zod';
import type { solveModelSchema, StackSummary } from '../../preload/contract/library.ts';
import type { Link, Placement } from '../../preload/contract/registration.ts';
import { bridge, engine } from '../engine.ts';
import { useBoard } from './board.ts';
import { startJob } from './jobs.ts';
import { changed, onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { session, setSession, useSession } from './session.ts';
import { showFile } from './show-file.ts';
import { attempt, toast } from './toasts.ts';

export type Model = z.output<typeof solveModelSchema>;

interface AssembleState {
  /** The step whose form is shown, by its id. */
  readonly step: string;
  readonly model: Model;
  readonly stack: string | null;
  /** The version that links and placements are of: until others are here, those of the version before are shown. */
  readonly loaded: string | null;
  readonly links: readonly Link[] | null;
  readonly placements: readonly Placement[] | null;
  readonly section: number | null;
  /** `tileA-tileB` of the link that is looked at. */
  readonly selected: string | null;
}

export const useAssemble = create<AssembleState>(() => ({
  step: 'stitch',
  model: 'translation',
  stack: null,
  loaded: null,
  links: null,
  placements: null,
  section: null,
  selected: null,
}));

const get = useAssemble.getState;
const set = useAssemble.setState;

export const linkKey = (link: Pick<Link, 'tileA' | 'tileB'>): string => `${link.tileA}-${link.tileB}`;
export const setStep = (step: string): void => set({ step });
export const setModel = (model: Model): void => set({ model });
export const setMapSection = (section: number): void => set({ section });

/** The section after the one that is looked at, or before it; stays at the ends. */
export function stepMapSection(by: 1 | -1): void {
  const { sections } = useBoard.getState();
  const next = sections[sections.indexOf(get().section ?? Number.NaN) + by];
  if (next !== undefined) set({ section: next });
}

/** Selects a link and shows its section. */
export function selectLink(key: string | null): void {
  const link = get().links?.find((one) => linkKey(one) === key);
  set(link ? { selected: key, section: link.section } : { selected: null });
}

const firstSection = (): number | null => useBoard.getState().sections[0] ?? null;

const noLinks = { loaded: null, links: null, placements: null } as const;
const noChoice = { section: null, selected: null } as const;

/** Versions of one dataset place the same tiles. */
function isOfOneDataset(a: string | null, b: string | null): boolean {
  const datasetOf = (id: string | null): string | undefined =>
    useLibrary.getState().library?.stacks.find((stack) => stack.id === id)?.dataset;
  return datasetOf(a) !== undefined && datasetOf(a) === datasetOf(b);
}

/** Loads what the session's stack says of every tile and link; the link looked at stays where this version has it too. */
export async function loadStack(): Promise<void> {
  const { stack } = session();
  const library = useLibrary.getState().library?.library;
  if (stack === get().stack && get().loaded === stack) return;
  set({ stack, ...(!isOfOneDataset(stack, get().loaded) && noLinks), ...(stack === null && noChoice) });
  if (stack === null || library === undefined) return;
  const answers = await attempt(() =>
    Promise.all([engine().stitch.links({ library, stack }), engine().stitch.placements({ library, stack })]),
  );
  if (!answers || get().stack !== stack) return;
  const [
    {
      value: { links },
    },
    {
      value: { placements },
    },
  ] = answers;
  const { section, selected } = get();
  if (section !== null && links.some((link) => linkKey(link) === selected))
    return set({ loaded: stack, links, placements });
  const [worst] = worstFirst(links);
  // The worst link is looked at first: its seam says most.
  set({
    loaded: stack,
    links,
    placements,
    selected: worst ? linkKey(worst) : null,
    section: worst?.section ?? section ?? firstSection(),
  });
}

useSession.subscribe((now, before) => {
  if (now.stack !== before.stack) void loadStack();
  if (now.dataset !== before.dataset) chooseStackOf(now.dataset);
});
useLibrary.subscribe((now, before) => {
  if (now.library?.library === before.library?.library) return;
  set({ stack: null, ...noLinks, ...noChoice });
  void loadStack();
});
onLibraryChanged(loadStack);
// A stack without links shows its first section, also where the tiles come after the stack.
useBoard.subscribe((now, before) => {
  if (now.sections !== before.sections && get().stack !== null && get().section === null)
    set({ section: firstSection() });
});

/** Another dataset shows its own newest stack version. */
function chooseStackOf(dataset: string | null): void {
  const stacks = useLibrary.getState().library?.stacks.filter((stack) => stack.dataset === dataset) ?? [];
  if (!stacks.some((stack) => stack.id === session().stack)) {
    setSession({ stack: stacks.toSorted((a, b) => b.version - a.version)[0]?.id ?? null });
  }
}

/** Dropped links first, then by falling residual. */
export const worstFirst = (links: readonly Link[]): readonly Link[] =>
  links.toSorted((a, b) => Number(a.state === 'kept') - Number(b.state === 'kept') || b.residualPx - a.residualPx);

export async function startStitch(): Promise<void> {
  const { dataset } = session();
  if (dataset === null) return;
  const library = openLibraryId();
  await startJob(() => engine().stitch.start({ library, dataset, model: get().model }));
}

export async function startFuse(): Promise<void> {
  const { stack } = session();
  if (stack === null) return;
  const library = openLibraryId();
  await startJob(() => engine().stitch.fuse({ library, stack }));
}

const shownStack = (): StackSummary | undefined =>
  useLibrary.getState().library?.stacks.find(({ id }) => id === session().stack);

/** Writes what is known of the version as one HTML page, where the user says. */
export async function writeReport(): Promise<void> {
  const summary = shownStack();
  if (!summary) return;
  const file = await attempt(() =>
    bridge.saveFile(`stack-v${summary.version}-report.html`, [{ name: 'Web page', extensions: ['html'] }]),
  );
  if (!file) return;
  const written = await attempt(() =>
    engine().stitch.report({ library: openLibraryId(), stack: summary.id, out: file.id }),
  );
  if (written) toast({ tone: 'good', title: `Wrote ${file.name}`, action: showFile(file.id) });
}

/** Writes the placements as Render tilespec JSON where the user says. */
export async function exportStack(): Promise<void> {
  const summary = shownStack();
  if (!summary) return;
  const file = await attempt(() =>
    bridge.saveFile(`stack-v${summary.version}.json`, [{ name: 'Render tilespec JSON', extensions: ['json'] }]),
  );
  if (!file) return;
  const written = await attempt(() =>
    engine().stitch.export({ library: openLibraryId(), stack: summary.id, out: file.id }),
  );
  if (written)
    toast({
      tone: 'good',
      title: `Wrote ${file.name}: ${written.tiles} tile placements`,
      action: showFile(file.id),
    });
}

export async function removeStack(stack: string): Promise<void> {
  await attempt(() => engine().stitch.remove({ library: openLibraryId(), stack }));
  await changed();
}
