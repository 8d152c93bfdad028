import type { AxesMessage, ScreenAxes } from './axes-messages.ts';

export interface AxesCanvas {
  readonly turn: (screen: ScreenAxes) => void;
  readonly remove: () => void;
}

let worker: Worker | null = null;
let nextId = 1;

/** Starts with the first axes. */
function post(message: AxesMessage, transfer: Transferable[] = []): void {
  worker ??= new Worker(new URL('./axes.worker.tsx', import.meta.url), { type: 'module' });
  worker.postMessage(message, transfer);
}

/** Puts a canvas of `sidePx` CSS pixels into a frame, which a worker of its own draws the axes on. */
export function addAxes(frame: HTMLElement, sidePx: number): AxesCanvas {
  const id = nextId++;
  const element = document.createElement('canvas');
  element.setAttribute('aria-hidden', 'true');
  frame.prepend(element);
  const canvas = element.transferControlToOffscreen();
  post({ t: 'canvas', id, canvas, sidePx, ratio: Math.min(2, devicePixelRatio) }, [canvas]);
  return {
    turn: (screen) => post({ t: 'turn', id, screen }),
    remove: () => {
      post({ t: 'gone', id });
      element.remove();
    },
  };
}
