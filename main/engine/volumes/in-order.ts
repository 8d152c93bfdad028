/**
 * Works on `items` with up to `inFlight` at once and gives the results in the order of the items. Begins nothing once
 * `signal` is aborted, and then ends. `ready` tells whether the next result is already there, so that a caller can send
 * what it has rather than wait with it.
 */
export async function* inOrder<T, R>(
  items: readonly T[],
  inFlight: number,
  signal: AbortSignal,
  work: (item: T) => Promise<R>,
): AsyncGenerator<{ readonly result: R; readonly nextReady: boolean }> {
  const running: { readonly promise: Promise<R>; done: boolean }[] = [];
  let next = 0;
  const fill = (): void => {
    for (; running.length < inFlight && next < items.length && !signal.aborted; next++) {
      const item = items[next] as T;
      const entry = { promise: work(item), done: false };
      // A failure is met where the result is awaited; here it must not count as unhandled.
      entry.promise.catch(() => undefined).finally(() => (entry.done = true));
      running.push(entry);
    }
  };
  for (fill(); running.length > 0; fill()) {
    const first = running.shift();
    if (!first) return;
    const result = await first.promise;
    if (signal.aborted) return;
    yield { result, nextReady: running[0]?.done ?? false };
  }
}
