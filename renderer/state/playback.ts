import { create } from 'zustand';
import { showTime } from './view-moves.ts';
import { timesInView, useView } from './view.ts';

/** Playing through time. */

export type Repeat = 'loop' | 'back-and-forth';

export interface Playback {
  readonly playing: boolean;
  /** Times a second. */
  readonly fps: number;
  readonly repeat: Repeat;
}

export const usePlayback = create<Playback>(() => ({ playing: false, fps: 10, repeat: 'loop' }));
const get = usePlayback.getState;
const set = usePlayback.setState;

export const fpsRange = [0.5, 60] as const;
export const setFps = (fps: number): void => restart({ fps: Math.min(fpsRange[1], Math.max(fpsRange[0], fps)) });
export const setRepeat = (repeat: Repeat): void => restart({ repeat });

/** The time that is shown `steps` steps after `from`. Pure. */
export function timeAfter(from: number, steps: number, times: number, repeat: Repeat, forward = true): number {
  if (times < 2) return 0;
  if (repeat === 'loop') return (from + steps) % times;
  const period = 2 * (times - 1);
  const phase = ((forward ? from : period - from) + steps) % period;
  return phase < times ? phase : period - phase;
}

/** How far ahead is had in memory. */
const aheadS = 1;
const mostAhead = 16;

interface Showing {
  readonly time: number;
  readonly times: number;
  readonly forward: boolean;
}

/** Times that come next, soonest first; of a view that does not play, those beside it. Pure. */
export function timesAheadOf({ playing, fps, repeat }: Playback, { time, times, forward }: Showing): readonly number[] {
  if (times < 2) return [];
  const beside = [time + 1, time - 1].filter((one) => one >= 0 && one < times);
  if (!playing) return beside;
  const count = Math.min(mostAhead, times - 1, Math.max(2, Math.ceil(fps * aheadS)));
  const next = Array.from({ length: count }, (_, i) => timeAfter(time, i + 1, times, repeat, forward));
  return [...new Set(next)].filter((one) => one !== time);
}

/** What the drawing worker reads ahead in time. */
export function timesAhead(): readonly number[] {
  const s = useView.getState();
  return timesAheadOf(get(), { time: s.time, times: timesInView(s), forward: isForward() });
}

/** Where and when playing began: every frame counts from there, so that no delay adds up. */
let began = { ms: 0, time: 0, forward: true };
let shown = 0;

const stepsNow = (): number => Math.floor(((performance.now() - began.ms) / 1000) * get().fps);

function isForward(): boolean {
  const times = timesInView(useView.getState());
  if (get().repeat === 'loop' || times < 2) return true;
  const period = 2 * (times - 1);
  return ((began.forward ? began.time : period - began.time) + stepsNow()) % period < times - 1;
}

function tick(): void {
  const { playing, repeat } = get();
  const s = useView.getState();
  const times = timesInView(s);
  if (!playing || times < 2) return set({ playing: false });
  // Who moves the slider while it plays goes on from there.
  if (s.time !== shown) begin(s.time);
  shown = timeAfter(began.time, stepsNow(), times, repeat, began.forward);
  if (shown !== s.time) showTime(shown);
  requestAnimationFrame(tick);
}

function begin(time: number): void {
  began = { ms: performance.now(), time, forward: isForward() };
  shown = time;
}

/** A change while it plays counts from now. */
function restart(change: Partial<Playback>): void {
  if (get().playing) begin(useView.getState().time);
  set(change);
}

export const stopPlaying = (): void => set({ playing: false });

export function togglePlay(): void {
  const playing = !get().playing;
  set({ playing });
  if (!playing) return;
  began = { ms: performance.now(), time: useView.getState().time, forward: true };
  shown = began.time;
  requestAnimationFrame(tick);
}
