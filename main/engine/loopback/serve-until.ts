import { openServer, type ServeOptions } from './serve.ts';

/** What is said of a server while it runs. */
export interface ServingNow {
  readonly address: string;
  readonly token: string;
  /** Requests that were answered, and those of them with an error. */
  readonly answered: number;
  readonly failed: number;
}

/** How often it is said how many requests came. */
const tellMs = 500;

/** Serves until `signal` is aborted, and tells of it. `onAddress`: once it is known, before anything is told. */
export async function serveUntil(
  signal: AbortSignal,
  options: Omit<ServeOptions, 'onAnswer'>,
  tell: (now: ServingNow) => void,
  onAddress: (address: string) => void = () => undefined,
): Promise<void> {
  const count = { answered: 0, failed: 0 };
  const { address, token, close } = await openServer({
    ...options,
    onAnswer: (status) => {
      count.answered += 1;
      if (status >= 400) count.failed += 1;
    },
  });
  onAddress(address);
  let told = 0;
  const tellNow = (): void => {
    told = count.answered;
    tell({ address, token, ...count });
  };
  const telling = setInterval(() => void (told !== count.answered && tellNow()), tellMs);
  try {
    tellNow();
    await ended(signal);
  } finally {
    clearInterval(telling);
    await close();
  }
}

const ended = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
