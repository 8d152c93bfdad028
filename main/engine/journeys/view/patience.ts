import { LamellaError } from '../../../../preload/contract/errors.ts';

/** Milliseconds that a brick of a server may take. */
export interface BrickPatience {
  /** After this the request that asked for it goes on without it; it is still read, and kept for who asks again. */
  readonly overdueMs: number;
  /** After this it is not read any further. */
  readonly giveUpMs: number;
}

export const usualPatience: BrickPatience = { overdueMs: 10_000, giveUpMs: 30_000 };

/**
 * Waits for what `fetch` reads, within bounds: a server that takes requests and never answers them must not hold those
 * that others wait behind. Throws 'unreachable' once it is overdue, and 'cancelled' with the signal.
 */
export function withPatience<T>(
  { overdueMs, giveUpMs }: BrickPatience,
  name: string,
  signal: AbortSignal,
  fetch: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const reading = new AbortController();
  const stop = (): void => reading.abort();
  signal.addEventListener('abort', stop, { once: true });
  const result = fetch(reading.signal);
  return new Promise<T>((resolve, reject) => {
    const late = setTimeout(() => {
      // It goes on, whether or not who asked still looks.
      signal.removeEventListener('abort', stop);
      reject(overdue(name, overdueMs));
    }, overdueMs);
    const end = setTimeout(stop, Math.max(overdueMs, giveUpMs));
    const done = (): void => {
      clearTimeout(late);
      clearTimeout(end);
      signal.removeEventListener('abort', stop);
    };
    result.then(resolve, reject).finally(done);
  });
}

const overdue = (name: string, ms: number): LamellaError =>
  new LamellaError('unreachable', `A part of ${name} has not come in ${ms / 1000} s.`, {
    hint: 'Its server may be slow or stuck: it is asked again by and by. What was read before still shows.',
    fields: { volume: name, what: `no answer came in ${ms / 1000} s` },
  });
