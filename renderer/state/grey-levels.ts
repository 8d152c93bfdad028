import { create } from 'zustand';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { volumeProcedures } from '../../preload/contract/volume.ts';
import { engine } from '../engine.ts';
import { autoWindow } from './display.ts';
import { updateLayer } from './layer-edits.ts';
import { volumeOf } from './layers.ts';
import { openLibraryId, useLibrary } from './library.ts';
import { sliceBox } from './slice-box.ts';
import { activeSliceLook } from './slice-looks.ts';
import type { ViewState } from './view.ts';
import { imageInView, useView } from './view.ts';

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

/** Of the image layer that contrast is set of. */
export const useGreyLevels = create<GreyState>(() => ({ of: 'whole', whole: null, view: null, problem: null }));
const get = useGreyLevels.getState;
const set = useGreyLevels.setState;

export const shownLevels = (state: GreyState): GreyLevels | null => state[state.of];

/** What is asked of the engine: the same text means the same counts. */
function questionOf(s: ViewState): string | null {
  const image = imageInView(s);
  const times = image && volumeOf(image, s)?.times;
  return image && times ? JSON.stringify([image.volume, image.channel, Math.min(s.time, times - 1)]) : null;
}

let asking: AbortController | null = null;

async function count(of: GreySource, part: { level?: number; box?: string }): Promise<void> {
  const question = questionOf(useView.getState());
  if (question === null || !useLibrary.getState().library) return;
  const [volume, channel, time] = JSON.parse(question) as [string, number, number];
  asking?.abort();
  const { signal } = (asking = new AbortController());
  try {
    const { value } = await engine().volume.histogram(
      { library: openLibraryId(), volume, channel, time, ...part },
      { signal },
    );
    if (!signal.aborted) set({ [of]: value, problem: null });
  } catch (error) {
    // Nothing else waits for it: the place of the histogram says why it is empty.
    if (!signal.aborted) set({ problem: error instanceof Error ? error.message : String(error) });
  }
}

/** Counts the slice that the active pane shows. */
function countView(): void {
  const s = useView.getState();
  const image = imageInView(s);
  const volume = image && volumeOf(image, s);
  const look = image && activeSliceLook(s, image);
  if (volume && look) void count('view', sliceBox(volume, look));
}

let beginning: ReturnType<typeof setTimeout> | undefined;
/** A volume that is opened is drawn first: its voxels are counted so long after. */
const beginMs = 1500;

let resting: ReturnType<typeof setTimeout> | undefined;
/** The view rests this long before its slice is counted. */
const restMs = 350;

const countAll = (): void => void count('whole', {}).then(() => get().of === 'view' && countView());

export function showGreyLevels(of: GreySource): void {
  set({ of });
  if (of === 'view') countView();
  else if (!get().whole) void count('whole', {});
}

useView.subscribe((now, before) => {
  const question = questionOf(now);
  if (question !== questionOf(before)) {
    asking?.abort();
    set({ whole: null, view: null, problem: null });
    clearTimeout(beginning);
    if (question !== null) beginning = setTimeout(countAll, beginMs);
    return;
  }
  const moved =
    now.positionNm !== before.positionNm ||
    now.nmPerPx !== before.nmPerPx ||
    now.groups !== before.groups ||
    now.activePane !== before.activePane;
  if (!moved || get().of !== 'view') return;
  clearTimeout(resting);
  resting = setTimeout(countView, restMs);
});

/** The window that leaves 0.1 % of the voxels out at either end, of what the histogram counts. */
export function autoContrast(): void {
  const s = useView.getState();
  const image = imageInView(s);
  const volume = image && volumeOf(image, s);
  if (!image || !volume) return;
  const counted = shownLevels(get());
  const window = (counted && autoWindow(counted)) ?? volume.channels[image.channel]?.window ?? volume.window;
  updateLayer(image.id, { window, gamma: 1 });
}
