import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { cancelled } from './keys.ts';

/** Milliseconds that each phase of a request may take. */
export interface Timeouts {
  readonly connect: number;
  /** From the connection to the last header. */
  readonly firstByte: number;
  /** A body that brings less than `idleBytes` in this time stalls. */
  readonly idle: number;
  /** After so long without a byte it may be stuck: see `Exchange.onQuiet`. */
  readonly quiet: number;
}

const idleBytes = 256;

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As sent, up to the limit. */
  readonly bytes: Uint8Array;
  /** The body was longer than the limit, and was not read further. */
  readonly cut: boolean;
}

export interface Exchange {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD';
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body to read, from what the headers say. */
  readonly limit: (status: number, headers: IncomingHttpHeaders) => number;
  readonly agent: Agent;
  readonly lookup: LookupFunction;
  readonly timeouts: Timeouts;
  readonly signal: AbortSignal | undefined;
  /** Called, also again and again, when nothing has come for a while. */
  readonly onQuiet: () => void;
  /** Called with all that comes. */
  readonly onHeard: () => void;
}

/** A failure of the way to a server or of its answer: whole words for people, after the name of the host. */
export class Trouble extends Error {
  readonly code: string;
  /** The connection was an old one, closed by the server in its own time. */
  readonly stale: boolean;

  constructor(what: string, code: string, stale = false) {
    super(what);
    this.code = code;
    this.stale = stale;
  }
}

/** One request and its answer, whatever its status. Throws `Trouble`, 'cancelled', and 'forbidden' from the lookup. */
export function exchange(asked: Exchange): Promise<Reply> {
  return new Promise((resolve, reject) => new Running(asked, resolve, reject));
}

class Running {
  readonly #asked: Exchange;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: unknown) => void;
  readonly #request: ClientRequest;
  readonly #stop = (): void => this.#fail(cancelled());
  readonly #quiet: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #settled = false;
  #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(asked: Exchange, resolve: (reply: Reply) => void, reject: (error: unknown) => void) {
    [this.#asked, this.#resolve, this.#reject] = [asked, resolve, reject];
    const { url, method, headers, agent, lookup, signal } = asked;
    this.#quiet = setTimeout(asked.onQuiet, asked.timeouts.quiet);
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    this.#request = open(url, { method, headers, agent, lookup });
    this.#phase(asked.timeouts.connect, 'the connection was not made');
    this.#watchConnection(url.protocol === 'https:' ? 'secureConnect' : 'connect');
    this.#request.on('response', (message) => this.#take(message));
    this.#request.on('error', (error) => this.#fail(troubleOf(error, this.#request.reusedSocket)));
    signal?.addEventListener('abort', this.#stop, { once: true });
    if (signal?.aborted === true) this.#stop();
    else this.#request.end();
  }

  #watchConnection(ready: 'connect' | 'secureConnect'): void {
    const wait = (): void => this.#phase(this.#asked.timeouts.firstByte, 'no answer came');
    this.#request.on('socket', (socket) => {
      if (this.#request.reusedSocket) wait();
      else socket.once(ready, wait);
    });
  }

  #take(message: IncomingMessage): void {
    const limit = this.#asked.limit(message.statusCode ?? 0, message.headers);
    let sinceTick = 0;
    this.#asked.onHeard();
    const watch = (): void => {
      this.#phase(this.#asked.timeouts.idle, 'its answer stalled', () => {
        if (sinceTick < idleBytes) return false;
        sinceTick = 0;
        watch();
        return true;
      });
    };
    watch();
    message.on('data', (chunk: Buffer) => {
      sinceTick += chunk.byteLength;
      this.#asked.onHeard();
      if (!this.#settled) this.#quiet.refresh();
      this.#keep(chunk, limit, message);
    });
    message.on('end', () => {
      if (message.complete) this.#done(message, false);
      else this.#fail(new Trouble('its answer broke off', 'short'));
    });
    message.on('error', (error) => this.#fail(troubleOf(error, false)));
    message.on('aborted', () => this.#fail(new Trouble('its answer broke off', 'short')));
  }

  #keep(chunk: Uint8Array, limit: number, message: IncomingMessage): void {
    const room = limit - this.#size;
    this.#chunks.push(chunk.byteLength > room ? chunk.subarray(0, room) : chunk);
    this.#size += Math.min(chunk.byteLength, room);
    if (chunk.byteLength <= room) return;
    this.#done(message, true);
    // Reading the rest to keep the connection could take for ever.
    this.#request.destroy();
  }

  #phase(ms: number, what: string, goesOn: () => boolean = () => false): void {
    clearTimeout(this.#timer);
    if (this.#settled) return;
    this.#timer = setTimeout(() => {
      if (!goesOn()) this.#fail(new Trouble(`${what} in ${ms / 1000} s`, 'timeout'));
    }, ms);
  }

  #done(message: IncomingMessage, cut: boolean): void {
    if (!this.#settle()) return;
    const bytes = joined(this.#chunks, this.#size);
    this.#resolve({ status: message.statusCode ?? 0, headers: message.headers, bytes, cut });
  }

  #fail(error: unknown): void {
    if (!this.#settle()) return;
    this.#chunks = [];
    this.#reject(error);
    this.#request.destroy();
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#quiet);
    this.#asked.signal?.removeEventListener('abort', this.#stop);
    return true;
  }
}

/** Never a view of Node's buffer pool: what is kept would keep the pool. */
function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'its name is not known (are you offline?)',
  EAI_AGAIN: "names can't be looked up (are you offline?)",
  ENETUNREACH: 'there is no network',
  EHOSTUNREACH: 'there is no way to it',
  ETIMEDOUT: 'the connection was not made in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate can't be verified",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not trusted here',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};

function troubleOf(error: unknown, reused: boolean): Error {
  if (error instanceof LamellaError || error instanceof Trouble) return error;
  const nested = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  if (nested instanceof LamellaError) return nested;
  const code = nested instanceof Error && 'code' in nested ? String(nested.code) : '';
  const what =
    words[code] ?? (code.startsWith('HPE_') ? 'its answer is no HTTP' : `the connection failed (${code || 'no code'})`);
  return new Trouble(what, code, reused && (code === 'ECONNRESET' || code === 'EPIPE'));
}
