import { create } from 'zustand';
import type { z } from 'zod';
import type { Alignment, alignModelSchema } from '../../preload/contract/align.ts';
import type { StackSummary } from '../../preload/contract/library.ts';
import { engine } from '../engine.ts';
import { setMapSection, useAssemble } from './assemble.ts';
import { startJob } from './jobs.ts';
import { onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { session, useSession } from './session.ts';
import { attempt } from './toasts.ts';

export type AlignModel = z.output<typeof alignModelSchema>;

interface AlignOptions {
  readonly model: AlignModel;
  /** How many sections on each one is matched to. */
  readonly neighbours: number;
  readonly contrast: 'levels' | 'edges';
  readonly keepTrend: boolean;
  /** Pixels of the stack; null: from the size of the sections. */
  readonly stepPx: number | null;
  readonly spacingPx: number | null;
  readonly searchPx: number | null;
}

interface AlignmentState extends AlignOptions {
  /** What the report is of. */
  readonly stack: string | null;
  /** Null where the stack was not made by aligning, or the report is loading. */
  readonly report: Alignment | null;
}

export const useAlignment = create<AlignmentState>(() => ({
  model: 'elastic',
  neighbours: 2,
  contrast: 'levels',
  keepTrend: true,
  stepPx: null,
  spacingPx: null,
  searchPx: null,
  stack: null,
  report: null,
}));

const set = useAlignment.setState;
export const setAlignOptions = (options: Partial<AlignOptions>): void => set(options);

const summaryOf = (stack: string | null): StackSummary | undefined =>
  useLibrary.getState().library?.stacks.find(({ id }) => id === stack);

/** The version to align: the session's; of one that was aligned already, the one that it was made of. Null: the stage's places. */
export function alignedFrom(stack: string | null): string | null {
  const summary = summaryOf(stack);
  return summary?.madeBy === 'align' ? summary.parent : stack;
}

/** The alignment that places the tiles of a version: its own, or of one whose grey levels alone were changed since. */
function alignmentOf(stack: string | null): string | null {
  const summary = summaryOf(stack);
  if (summary?.madeBy === 'intensity') return alignmentOf(summary.parent);
  return summary?.madeBy === 'align' ? summary.id : null;
}

/** Loads how the sections of the session's stack were aligned, where they were. */
export async function loadAlignment(): Promise<void> {
  const { stack } = session();
  const library = useLibrary.getState().library?.library;
  const alignment = alignmentOf(stack);
  const now = useAlignment.getState();
  if (stack === now.stack && (now.report !== null || alignment === null)) return;
  set({ stack, report: null });
  if (stack === null || library === undefined || alignment === null) return;
  const answer = await attempt(() => engine().align.report({ library, stack: alignment }));
  if (!answer || useAlignment.getState().stack !== stack) return;
  set({ report: answer.value });
}

/** An aligned stack has no links whose section could be shown first. */
export function showSomeSection(sections: ReadonlyArray<{ readonly section: number }>): void {
  const { section } = useAssemble.getState();
  const first = sections[0]?.section;
  if (section === null && first !== undefined) setMapSection(first);
}

useSession.subscribe((now, before) => {
  if (now.stack !== before.stack) void loadAlignment();
});
useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) void loadAlignment();
});
onLibraryChanged(loadAlignment);

export async function startAlign(): Promise<void> {
  const { dataset, stack } = session();
  if (dataset === null) return;
  const { model, neighbours, contrast, keepTrend, stepPx, spacingPx, searchPx } = useAlignment.getState();
  const from = alignedFrom(stack);
  const library = openLibraryId();
  await startJob(() =>
    engine().align.start({
      library,
      dataset,
      ...(from !== null && { stack: from }),
      model,
      neighbours,
      contrast,
      keepTrend,
      ...(stepPx !== null && { stepPx }),
      ...(spacingPx !== null && { spacingPx }),
      ...(searchPx !== null && { searchPx }),
    }),
  );
}
