import { create } from 'zustand';
import type { LightReport } from '../../preload/contract/intensity.ts';
import { engine } from '../engine.ts';
import { startJob } from './jobs.ts';
import { onLibraryChanged, openLibraryId, useLibrary } from './library.ts';
import { session, useSession } from './session.ts';
import { attempt } from './toasts.ts';

/** The steps in the order in which they are done. */
export interface LightSteps {
  readonly flat: boolean;
  readonly overlap: boolean;
  readonly seams: boolean;
  readonly flicker: boolean;
}

interface LightState extends LightSteps {
  /** What the report is of. */
  readonly stack: string | null;
  /** Null where the stack's light was not evened out, or the report is loading. */
  readonly report: LightReport | null;
}

export const useLight = create<LightState>(() => ({
  flat: true,
  overlap: true,
  seams: true,
  flicker: true,
  stack: null,
  report: null,
}));

const set = useLight.setState;

export const toggleLightStep = (step: keyof LightSteps): void => set((state) => ({ [step]: !state[step] }));

/** Loads what was done to the light of the session's stack. */
export async function loadLight(): Promise<void> {
  const { stack } = session();
  const library = useLibrary.getState().library?.library;
  if (stack === useLight.getState().stack) return;
  set({ stack, report: null });
  if (stack === null || library === undefined) return;
  const answer = await attempt(() => engine().intensity.report({ library, stack }));
  if (answer && useLight.getState().stack === stack) set({ report: answer.value.report });
}

useSession.subscribe((now, before) => {
  if (now.stack !== before.stack) void loadLight();
});
onLibraryChanged(loadLight);

export async function startLight(): Promise<void> {
  const { stack } = session();
  if (stack === null) return;
  const { flat, overlap, seams, flicker } = useLight.getState();
  await startJob(() => engine().intensity.estimate({ library: openLibraryId(), stack, flat, overlap, seams, flicker }));
}

export async function startLens(): Promise<void> {
  const { stack } = session();
  if (stack === null) return;
  await startJob(() => engine().intensity.lens({ library: openLibraryId(), stack }));
}
