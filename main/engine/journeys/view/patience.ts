import { LamellaError } from '../../../../preload/contract/errors.ts';

/** How long a server may be silent about a brick, in milliseconds: a slow one that sends is not silent. */
export interface BrickPatience {
  /** After this the request that asked for it goes on without it; it is still read, and kept for who asks again. */
  readonly overdueMs: number;
  /** After this it is not read any further. */
  readonly giveUpMs: number;
}

export const usualPatience: BrickPatience = { overdueMs: 5000, giveUpMs: 15_000 };

/** While others of its source still come, a brick may take so many times longer. */
const whileOthersCome = 6;
/** Looks at the clock in each time that is allowed. */
const looks = 5;

export interface Awaited {
  /** Of the volume, for messages. */
  readonly name: string;
  /** When its source was heard last, by `performance.now()`; -Infinity where never. */
  heardAt(): number;
}

/**
 * Waits for what `fetch` reads, within bounds: a server that takes requests and never answers them must not hold those
 * that others wait behind. Throws 'unreachable' once it is overdue, and 'cancelled' with the signal.
 */
export function withPatience<T>(
  { overdueMs, giveUpMs }: BrickPatience,
  { name, heardAt }: Awaited,
  signal: AbortSignal,
  fetch: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const reading = new AbortController();
  const stop = (): void => reading.abort();
  signal.addEventListener('abort', stop, { once: true });
  const began = performance.now();
  const isOver = (ms: number): boolean => {
    const now = performance.now();
    return now - Math.max(began, heardAt()) >= ms || now - began >= ms * whileOthersCome;
  };
  const result = fetch(reading.signal);
  return new Promise<T>((resolve, reject) => {
    const clock = setInterval(() => {
      if (isOver(giveUpMs)) return stop();
      if (!isOver(overdueMs)) return;
      // It goes on, whether or not who asked still looks.
      signal.removeEventListener('abort', stop);
      reject(overdue(name, overdueMs));
    }, overdueMs / looks);
    const done = (): void => {
      clearInterval(clock);
      signal.removeEventListener('abort', stop);
    };
    result.then(resolve, reject).finally(done);
  });
}

/** Whether a brick may still come by itself. */
export const isOverdue = (error: unknown): boolean => error instanceof LamellaError && error.fields['overdue'] === true;

const overdue = (name: string, ms: number): LamellaError =>
  new LamellaError('unreachable', `A part of ${name} does not come: its server was silent for ${ms / 1000} s.`, {
    hint: 'It may be slow or stuck: it is asked again by and by. What was read before still shows.',
    fields: { volume: name, what: `no answer came in ${ms / 1000} s`, overdue: true },
  });
