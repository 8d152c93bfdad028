import { create } from 'zustand';
import type { WireError } from '../../preload/contract/errors.ts';
import { useView } from './view.ts';

interface OfflineState {
  /** The volume whose source does not answer. */
  readonly volume: string | null;
  /** What its server said, where it said anything. */
  readonly error: WireError | null;
  readonly trying: boolean;
}

export const useOffline = create<OfflineState>(() => ({ volume: null, error: null, trying: false }));

const retries = new Set<() => void>();

/** Says how to ask again for what could not be had. */
export function onRetry(listener: () => void): void {
  retries.add(listener);
}

const firstWaitMs = 4_000;
const longestWaitMs = 60_000;
/** What was tried has an answer by now, if it has any. */
const answerMs = 3_000;
let waitMs = firstWaitMs;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The source of a volume does not answer: the banner shows, and it is asked again by and by. */
export function sourceIsAway(volume: string, error: WireError | null = null): void {
  const before = useOffline.getState();
  useOffline.setState({ volume, error: error ?? (before.volume === volume ? before.error : null), trying: false });
  clearTimeout(timer);
  timer = setTimeout(ask, waitMs);
}

/** Something came from the source itself: it is back. */
export function sourceAnswers(volume: string): void {
  if (useOffline.getState().volume !== volume) return;
  forget();
}

function forget(): void {
  clearTimeout(timer);
  timer = undefined;
  waitMs = firstWaitMs;
  if (useOffline.getState().volume !== null) useOffline.setState({ volume: null, error: null, trying: false });
}

/** Asks the source again, now; and, where that is in vain, soon again: who asks has reason to think that it is back. */
export function tryAgain(): void {
  waitMs = firstWaitMs;
  ask();
}

function ask(): void {
  clearTimeout(timer);
  timer = undefined;
  if (useOffline.getState().volume === null) return;
  useOffline.setState({ trying: true });
  waitMs = Math.min(longestWaitMs, waitMs * 1.6);
  for (const retry of retries) retry();
  // Where all that is in view is cached, nothing is asked for and nobody answers: it is tried again later.
  timer = setTimeout(() => {
    useOffline.setState({ trying: false });
    timer = setTimeout(ask, waitMs);
  }, answerMs);
}

useView.subscribe((now, before) => {
  if (now.volume?.id !== before.volume?.id) forget();
});
window.addEventListener('online', tryAgain);
