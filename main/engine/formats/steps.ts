/** Long work cut into steps of a millisecond or so, each ended by a `yield`: who runs it may do other things between. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Runs all steps one after the other. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
