import type { WebContents } from 'electron';
import { setTimeout as pause } from 'node:timers/promises';
import type { Hand, Place } from './plan.ts';

/** Events come as often as those of a mouse are told to pages. */
const everyMs = 8;

/** Moves the mouse or presses keys in the window, evenly for some seconds, in the middle of a place. */
export async function moveByHand(contents: WebContents, place: Place, hand: Hand, seconds: number): Promise<void> {
  const [x, y] = [Math.round(place.x + place.width / 2), Math.round(place.y + place.height / 2)];
  if (hand.kind === 'drag') {
    const at = (share: number): { readonly x: number; readonly y: number } => ({
      x: Math.round(x + hand.by[0] * share),
      y: Math.round(y + hand.by[1] * share),
    });
    contents.sendInputEvent({ type: 'mouseMove', x, y });
    contents.sendInputEvent({ type: 'mouseDown', button: 'left', clickCount: 1, x, y });
    let before = { x, y };
    await evenly(seconds, (share) => {
      const now = at(hand.andBack ? 1 - Math.abs(1 - 2 * share) : share);
      const [movementX, movementY] = [now.x - before.x, now.y - before.y];
      if (movementX === 0 && movementY === 0) return;
      contents.sendInputEvent({ type: 'mouseMove', ...now, movementX, movementY, modifiers: ['leftbuttondown'] });
      before = now;
    });
    contents.sendInputEvent({ type: 'mouseUp', button: 'left', clickCount: 1, ...before });
  } else if (hand.kind === 'wheel') {
    let sent = 0;
    await evenly(seconds, (share) => {
      const due = Math.round(hand.deltaY * share) - sent;
      if (due === 0) return;
      // Electron counts up as positive; pages count down as positive.
      contents.sendInputEvent({ type: 'mouseWheel', x, y, deltaX: 0, deltaY: -due, hasPreciseScrollingDeltas: true });
      sent += due;
    });
  } else {
    let pressed = 0;
    await evenly(seconds, (share) => {
      for (const due = Math.floor(hand.times * share); pressed < due; pressed++)
        for (const type of ['keyDown', 'keyUp'] as const) contents.sendInputEvent({ type, keyCode: hand.key });
    });
  }
}

/** Calls with the share of the time that is over, from 0 to 1. */
async function evenly(seconds: number, step: (share: number) => void): Promise<void> {
  const started = performance.now();
  for (let share = 0; share < 1;) {
    share = Math.min(1, (performance.now() - started) / (1000 * seconds));
    step(share);
    await pause(everyMs);
  }
}
