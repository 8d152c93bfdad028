import { Agent as HttpAgent, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { exchange, Trouble, type Reply, type Timeouts } from './exchange.ts';
import { cancelled } from './keys.ts';
import { Limiter, mostLent } from './limiter.ts';
import { redacted } from './redact.ts';
import { jitterMs, pause, retryAfterMs, usualBackoff, type Backoff } from './retry.ts';
import { checkedUrl, guardedLookup, systemResolve, type Resolve } from './ssrf.ts';

export interface NetworkOptions {
  readonly log?: (line: string) => void;
  readonly clock?: () => Date;
  /** How names are resolved; the system's way where left out. */
  readonly resolve?: Resolve;
  readonly timeouts?: Partial<Timeouts>;
  readonly backoff?: Partial<Backoff>;
  readonly socketsPerOrigin?: number;
}

export interface Prepared {
  readonly url: URL;
  /** Those that are for this origin only go no further: see `sharedHeaders`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What to make of an answer. */
export type Verdict =
  | 'good'
  /** Ask again at once: what `prepare` gives has changed. */
  | 'again'
  /** Ask again after a pause. In the end it is `tag`; `what` follows "the answer of HOST". */
  | {
      readonly retry: string;
      readonly tag: 'unreachable' | 'bad-source';
      readonly tries?: number;
      readonly slower?: boolean;
    };

export interface Ask {
  readonly method: 'GET' | 'HEAD';
  readonly allowPrivate: boolean;
  /** Whether redirects are followed; a signed request is for one server, so that its source decides. Yes if left out. */
  readonly follows?: boolean;
  /** What is asked for, in messages. */
  readonly subject: string;
  /** Made anew for each try: a signature tells the time. */
  prepare(): Prepared;
  limit(status: number, headers: IncomingHttpHeaders): number;
  judge(reply: Reply): Verdict;
  /** Called with all that comes. */
  heard?(): void;
}

/** Sockets, limits and patience, shared by all sources of a process. */
export interface Network {
  /**
   * Throws 'unreachable', 'bad-source' (answers that are never right), 'forbidden' (an address that may not be asked)
   * and 'cancelled'; every other status is the caller's to judge.
   */
  send(ask: Ask, signal?: AbortSignal): Promise<Reply>;
  close(): void;
}

const usualTimeouts: Timeouts = { connect: 10_000, firstByte: 30_000, idle: 30_000, quiet: 2000 };
const maxRedirects = 5;
const maxAgain = 3;

export function openNetwork(options: NetworkOptions = {}): Network {
  return new SharedNetwork(options);
}

interface Lane {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  readonly lookup: LookupFunction;
}

class SharedNetwork implements Network {
  readonly #log: (line: string) => void;
  readonly #clock: () => Date;
  readonly #timeouts: Timeouts;
  readonly #backoff: Backoff;
  readonly #sockets: number;
  readonly #closed = new AbortController();
  /** Sockets that were let into a private network are never shared with who may not go there. */
  readonly #lanes: { readonly open: Lane; readonly guarded: Lane };
  readonly #limiters = new Map<string, Limiter>();

  constructor(options: NetworkOptions) {
    this.#log = options.log ?? (() => undefined);
    this.#clock = options.clock ?? (() => new Date());
    this.#timeouts = { ...usualTimeouts, ...options.timeouts };
    this.#backoff = { ...usualBackoff, ...options.backoff };
    this.#sockets = options.socketsPerOrigin ?? 16;
    const resolve = options.resolve ?? systemResolve;
    this.#lanes = { open: this.#lane(resolve, true), guarded: this.#lane(resolve, false) };
  }

  close(): void {
    this.#closed.abort();
    for (const { http, https } of [this.#lanes.open, this.#lanes.guarded]) {
      http.destroy();
      https.destroy();
    }
  }

  async send(ask: Ask, signal?: AbortSignal): Promise<Reply> {
    const { tries } = this.#backoff;
    let again = 0;
    for (let failures = 0; ;) {
      if (this.#closed.signal.aborted) throw cancelled();
      const result = await this.#attempt(ask, signal);
      if (result === 'again' || ('stale' in result && result.stale)) {
        if (++again > maxAgain) throw this.#error(ask, { retry: 'leads in circles', tag: 'bad-source' }, again);
        continue;
      }
      if (!('retry' in result)) return result;
      failures++;
      const wait = Math.max(jitterMs(this.#backoff, failures - 1), result.afterMs ?? 0);
      if (failures >= Math.min(tries, result.tries ?? tries) || wait > this.#backoff.patienceMs) {
        throw this.#error(ask, result, failures);
      }
      this.#log(`${ask.subject}: ${result.retry}; try ${failures + 1} in ${Math.round(wait)} ms`);
      await pause(wait, signal);
    }
  }

  async #attempt(ask: Ask, signal: AbortSignal | undefined): Promise<Reply | 'again' | Failure> {
    const prepared = ask.prepare();
    const limiter = this.#limiter(prepared.url.origin);
    try {
      const reply = await this.#follow(ask, prepared, signal);
      const verdict = statusVerdict(reply) ?? ask.judge(reply);
      if (verdict === 'again') return verdict;
      if (verdict === 'good') {
        limiter.succeeded();
        return reply;
      }
      if (verdict.slower === true) limiter.slower();
      const afterMs = retryAfterMs(reply.headers, this.#clock());
      return { ...verdict, ...(afterMs === undefined ? {} : { afterMs }) };
    } catch (error) {
      if (error instanceof Trouble) return failureOf(error);
      throw error;
    }
  }

  async #follow(ask: Ask, prepared: Prepared, signal: AbortSignal | undefined): Promise<Reply> {
    let url = checkedUrl(prepared.url.href, undefined, ask.allowPrivate);
    let headers = { ...sharedHeaders(prepared.headers), ...prepared.headers };
    for (let hops = 0; ; hops++) {
      const to = url;
      const reply = await this.#limiter(url.origin).run(signal, (lend) =>
        this.#once(ask, { url: to, headers }, signal, lend),
      );
      const location = reply.headers.location;
      if (!isRedirect(reply.status) || location === undefined || ask.follows === false) return reply;
      if (hops === maxRedirects) throw new Trouble('it redirects without end', 'redirects');
      const next = checkedUrl(location, url, ask.allowPrivate);
      if (next.origin !== url.origin) headers = sharedHeaders(headers);
      url = next;
    }
  }

  #once(ask: Ask, { url, headers }: Prepared, signal: AbortSignal | undefined, onQuiet: () => void): Promise<Reply> {
    const lane = ask.allowPrivate ? this.#lanes.open : this.#lanes.guarded;
    return exchange({
      url,
      method: ask.method,
      headers,
      limit: (status, received) => (status < 300 ? ask.limit(status, received) : errorBodyBytes),
      agent: url.protocol === 'https:' ? lane.https : lane.http,
      lookup: lane.lookup,
      timeouts: this.#timeouts,
      signal,
      onQuiet,
      onHeard: () => ask.heard?.(),
    });
  }

  #lane(resolve: Resolve, allowPrivate: boolean): Lane {
    // How many run at once is for the limiters to say: those that are stuck have sockets too.
    const options = { keepAlive: true, maxSockets: this.#sockets * (1 + mostLent), maxFreeSockets: this.#sockets };
    return {
      http: new HttpAgent(options),
      https: new HttpsAgent(options),
      lookup: guardedLookup(resolve, allowPrivate),
    };
  }

  #limiter(origin: string): Limiter {
    const known = this.#limiters.get(origin);
    if (known) return known;
    if (this.#limiters.size > 1000) {
      for (const [name, limiter] of this.#limiters) if (limiter.idle) this.#limiters.delete(name);
    }
    const made = new Limiter(this.#sockets);
    this.#limiters.set(origin, made);
    return made;
  }

  #error(ask: Ask, failure: Failure, tries: number): LamellaError {
    const host = ask.prepare().url.host;
    const asked = tries === 1 ? '' : ` (asked ${tries} times)`;
    const later = failure.afterMs === undefined ? '' : `; it asks to wait ${Math.ceil(failure.afterMs / 1000)} s`;
    return new LamellaError(
      failure.tag,
      `${redacted(ask.subject)} could not be read from ${host}: ${redacted(failure.retry)}${asked}${later}.`,
      {
        hint:
          failure.tag === 'unreachable'
            ? 'Check the network and the address, and try again.'
            : 'The server or something on the way to it sends other things than data: open the address in a browser.',
        fields: { host, tries, what: redacted(failure.retry) },
      },
    );
  }
}

type Failure = Exclude<Verdict, string> & { readonly afterMs?: number; readonly stale?: boolean };

const errorBodyBytes = 64 << 10;
const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);
const busy = new Set([408, 429, 500, 502, 503, 504]);

/** What every server means by these. */
function statusVerdict({ status }: Reply): Verdict | undefined {
  if (!busy.has(status)) return undefined;
  return { retry: `it answers ${status}`, tag: 'unreachable', slower: status === 429 || status === 503 };
}

/** A name that is not known, or a certificate, does not get better by asking again and again. */
function failureOf({ message, code, stale }: Trouble): Failure {
  const hopeless = code.includes('CERT') || code.includes('TLS') || code.startsWith('UNABLE_') || code === 'redirects';
  // Nor does, as a rule, a server that lets people wait for half a minute.
  const tries = hopeless ? 1 : code === 'ENOTFOUND' ? 2 : code === 'timeout' ? 3 : undefined;
  return {
    retry: message,
    tag: code === 'redirects' ? 'bad-source' : 'unreachable',
    stale,
    ...(tries === undefined ? {} : { tries }),
  };
}

/** What may be said to any server: no credentials, no signature, no cookies. */
function sharedHeaders(headers: Prepared['headers']): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => /^range$/i.test(name));
  return { ...Object.fromEntries(kept), accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'lamella' };
}
