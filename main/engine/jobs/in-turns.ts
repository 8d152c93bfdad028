import type { Steps } from '../formats/steps.ts';

/** The engine answers the window between any two pieces of work of this length. */
const turnMs = 12;

/** Runs steps so that the engine goes on answering others. Stops between two steps where `signal` says so. */
export async function inTurns<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  let until = performance.now() + turnMs;
  for (;;) {
    const step = steps.next();
    if (step.done !== true && performance.now() < until) continue;
    // After the last step, too: what comes next may be long.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    if (step.done === true) return step.value;
    until = performance.now() + turnMs;
  }
}

/** `work` done to each of many things, in steps. */
export function* each<T, R>(things: Iterable<T>, work: (thing: T, index: number) => R): Steps<R[]> {
  const made: R[] = [];
  let index = 0;
  for (const thing of things) {
    made.push(work(thing, index));
    index += 1;
    if (index % 32 === 0) yield;
  }
  return made;
}
