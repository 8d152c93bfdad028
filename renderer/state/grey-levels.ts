import { create } from 'zustand';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { volumeProcedures } from '../../preload/contract/volume.ts';
import { engine } from '../engine.ts';
import { autoWindow } from './display.ts';
import { openLibraryId, useLibrary } from './library.ts';
import { sliceBox } from './slice-box.ts';
import { setWindow, setView, useView } from './view.ts';

export type GreyLevels = OutputOf<(typeof volumeProcedures)['histogram']>;
export type GreySource = 'whole' | 'view';

interface GreyState {
  /** What is counted: the volume, or the slice of the active pane. */
  readonly of: GreySource;
  readonly whole: GreyLevels | null;
  readonly view: GreyLevels | null;
  /** Why there is nothing to show, in words. */
  readonly problem: string | null;
}

export const useGreyLevels = create<GreyState>(() => ({ of: 'whole', whole: null, view: null, problem: null }));
const get = useGreyLevels.getState;
const set = useGreyLevels.setState;

export const shownLevels = (state: GreyState): GreyLevels | null => state[state.of];

let asking: AbortController | null = null;

async function count(of: GreySource, part: { level?: number; box?: string }): Promise<void> {
  const { volume, channel, time } = useView.getState();
  if (!volume || volume.display.labels || !useLibrary.getState().library) return;
  asking?.abort();
  const { signal } = (asking = new AbortController());
  try {
    const input = { library: openLibraryId(), volume: volume.id, channel, time, ...part };
    const { value } = await engine().volume.histogram(input, { signal });
    if (!signal.aborted) set({ [of]: value, problem: null });
  } catch (error) {
    // Nothing else waits for it: the place of the histogram says why it is empty.
    if (!signal.aborted) set({ problem: error instanceof Error ? error.message : String(error) });
  }
}

/** Counts the slice that the active pane shows. */
function countView(): void {
  const view = useView.getState();
  if (view.volume) void count('view', sliceBox(view.volume, view));
}

let resting: ReturnType<typeof setTimeout> | undefined;
/** The view rests this long before its slice is counted. */
const restMs = 350;

export function showGreyLevels(of: GreySource): void {
  set({ of });
  if (of === 'view') countView();
  else if (!get().whole) void count('whole', {});
}

useView.subscribe((now, before) => {
  if (now.volume !== before.volume || now.channel !== before.channel || now.time !== before.time) {
    set({ whole: null, view: null, problem: null });
    if (now.volume) void count('whole', {}).then(() => get().of === 'view' && countView());
    return;
  }
  const moved =
    now.positionNm !== before.positionNm || now.nmPerPx !== before.nmPerPx || now.activePane !== before.activePane;
  if (!moved || get().of !== 'view') return;
  clearTimeout(resting);
  resting = setTimeout(countView, restMs);
});

/** The window that leaves 0.1 % of the voxels out at either end, of what the histogram counts. */
export function autoContrast(): void {
  const { volume, channel } = useView.getState();
  if (!volume) return;
  const counted = shownLevels(get());
  setWindow((counted && autoWindow(counted)) ?? suggested(volume, channel));
  setView({ gamma: 1 });
}

const suggested = (volume: Volume, channel: number): readonly [number, number] =>
  volume.channels[channel]?.window ?? volume.window;
