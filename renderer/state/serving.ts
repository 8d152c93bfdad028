import { create } from 'zustand';
import type { OutputOf } from '../../preload/contract/define.ts';
import type { Library, StackSummary } from '../../preload/contract/library.ts';
import type { renderProcedures } from '../../preload/contract/render.ts';
import { engine } from '../engine.ts';
import { openLibraryId, useLibrary } from './library.ts';
import { toastError } from './toasts.ts';

type Serving = OutputOf<(typeof renderProcedures)['serve']>;

interface ServingState {
  /** Whether it was switched on; the server opens a moment later. */
  readonly on: boolean;
  /** Where it is reached, and what came in; null until it is open. */
  readonly serving: Serving | null;
}

const off: ServingState = { on: false, serving: null };
export const useServing = create<ServingState>(() => off);
const set = useServing.setState;

let running: AbortController | null = null;

/** Opens the open library to other programs of this computer, or closes it to them. The token is another each time. */
export function setServing(on: boolean): void {
  running?.abort();
  running = null;
  set(off);
  if (!on) return;
  const stop = new AbortController();
  running = stop;
  set({ on: true });
  const isOver = (): boolean => running !== stop;
  engine()
    .render.serve(
      { library: openLibraryId() },
      { signal: stop.signal, onValue: (serving) => isOver() || set({ serving }) },
    )
    .catch((error: unknown) => isOver() || toastError(error))
    .finally(() => isOver() || setServing(false));
}

/** Another library is not served because this one was. */
useLibrary.subscribe((now, before) => {
  if (now.library?.library !== before.library?.library) setServing(false);
});

/** Where a version's sections, boxes and tiles are: by names where they say which one is meant, else by ids. */
export function addressOfStack({ address }: Serving, stack: StackSummary, { name, datasets }: Library): string {
  const dataset = datasets.find(({ id }) => id === stack.dataset);
  const isOnly = datasets.filter((one) => one.name === dataset?.name).length === 1;
  const project = dataset && isOnly ? dataset.name : stack.dataset;
  return `${address}/v1/owner/${encodeURIComponent(name)}/project/${encodeURIComponent(project)}/stack/v${stack.version}`;
}
