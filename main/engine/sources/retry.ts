import type { IncomingHttpHeaders } from 'node:http';
import { cancelled } from './keys.ts';

export interface Backoff {
  /** Requests for one thing, the first included. */
  readonly tries: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** A server that asks for a longer pause is left alone. */
  readonly patienceMs: number;
  /** From 0 to 1. */
  readonly random: () => number;
}

export const usualBackoff: Backoff = {
  tries: 6,
  baseMs: 200,
  capMs: 8000,
  patienceMs: 60_000,
  random: Math.random,
};

/** "Full jitter": anywhere from nothing to the doubled base, so that many clients don't come back together. */
export const jitterMs = (backoff: Backoff, failures: number): number =>
  backoff.random() * Math.min(backoff.capMs, backoff.baseMs * 2 ** failures);

/** What `Retry-After` asks for (RFC 9110, 10.2.3): seconds, or a date, told by the server's own clock where it says. */
export function retryAfterMs(headers: IncomingHttpHeaders, now: Date): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const [until, sent] = [Date.parse(text), Date.parse(headers.date ?? '')];
  if (Number.isNaN(until) || !/^[A-Z][a-z]+,? /.test(text)) return undefined;
  return Math.max(0, until - (Number.isNaN(sent) ? now.getTime() : sent));
}

/** Throws 'cancelled' where the signal comes first. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(cancelled());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
  });
}
