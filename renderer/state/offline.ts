import { create } from 'zustand';
import type { WireError } from '../../preload/contract/errors.ts';
import { drawnAs, isVolumeLayer } from './layers.ts';
import type { AwaySource } from './source-words.ts';
import type { ViewState } from './view.ts';
import { useView } from './view.ts';

interface OfflineState {
  /** Volumes that lack something because their source would not give it, and what that said. */
  readonly away: ReadonlyMap<string, AwaySource>;
  /** Volumes of which something can not be read although the source is there, and why. */
  readonly broken: ReadonlyMap<string, WireError>;
  readonly trying: boolean;
}

export const useOffline = create<OfflineState>(() => ({ away: new Map(), broken: new Map(), trying: false }));
const get = useOffline.getState;
const set = useOffline.setState;

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

const withEntry = <V>(map: ReadonlyMap<string, V>, key: string, value: V): ReadonlyMap<string, V> =>
  new Map([...map, [key, value]]);
const without = <V>(map: ReadonlyMap<string, V>, gone: (key: string) => boolean): ReadonlyMap<string, V> =>
  new Map([...map].filter(([key]) => !gone(key)));

/** The source of a volume does not give all: its layers say so, and it is asked again by and by. */
export function sourceIsAway(volume: string, { error, partly }: AwaySource): void {
  const { away } = get();
  set({ away: withEntry(away, volume, { error: error ?? away.get(volume)?.error ?? null, partly }), trying: false });
  clearTimeout(timer);
  timer = setTimeout(ask, waitMs);
}

/** The source is back, and all that was asked for has come. */
export function sourceAnswers(volume: string): void {
  if (get().away.has(volume)) forget((id) => id === volume);
}

/** Something of a volume can not be read; the rest of it is drawn. */
export const partIsBroken = (volume: string, error: WireError): void =>
  set({ broken: withEntry(get().broken, volume, error) });

function forget(gone: (volume: string) => boolean): void {
  const away = without(get().away, gone);
  set({ away, broken: without(get().broken, gone), ...(away.size === 0 && { trying: false }) });
  if (away.size > 0) return;
  clearTimeout(timer);
  timer = undefined;
  waitMs = firstWaitMs;
}

/** Asks the sources again, now; and, where that is in vain, soon again: who asks has reason to think that they are back. */
export function tryAgain(): void {
  waitMs = firstWaitMs;
  set({ broken: new Map() });
  ask();
}

function ask(): void {
  clearTimeout(timer);
  timer = undefined;
  for (const retry of retries) retry();
  if (get().away.size === 0) return;
  set({ trying: true });
  waitMs = Math.min(longestWaitMs, waitMs * 1.6);
  // Where all that is in view is cached, nothing is asked for and nobody answers: it is tried again later.
  timer = setTimeout(() => {
    set({ trying: false });
    timer = setTimeout(ask, waitMs);
  }, answerMs);
}

const volumesIn = ({ layers }: ViewState): ReadonlySet<string> =>
  new Set(
    layers
      .map(drawnAs)
      .filter(isVolumeLayer)
      .map(({ volume }) => volume),
  );

useView.subscribe((now, before) => {
  if (now.layers === before.layers || get().away.size + get().broken.size === 0) return;
  const inView = volumesIn(now);
  if ([...get().away.keys(), ...get().broken.keys()].some((id) => !inView.has(id))) forget((id) => !inView.has(id));
});
window.addEventListener('online', () => get().away.size > 0 && tryAgain());
