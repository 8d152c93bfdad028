import { readFile } from 'node:fs/promises';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Shape {
  /** Waited before each answer. */
  readonly roundTripMs: number;
  /** For all connections together. */
  readonly bytesPerSecond: number;
}

/** Milliseconds of the clock that every process of this machine shares, finer than `Date.now`. */
export const wallMs = (): number => performance.timeOrigin + performance.now();

interface Sent {
  readonly atMs: number;
  readonly bytes: number;
}

/** A part of an answer that goes out at once: answers at the same time share the line in turns of this size. */
const sliceBytes = 65_536;
/** A timer that fires late is made up for, as a line would: it does not stand still meanwhile. */
const lateMs = 4;

/**
 * Serves a folder on this computer as a far server would: each answer after a round trip, all answers together over one
 * line of a given rate. HTTP/1.1 with kept connections, single ranges, and any origin allowed. Counts what it sends.
 */
export class ShapedServer {
  readonly #folder: string;
  readonly #shape: Shape;
  readonly #sent: Sent[] = [];
  #requests = 0;
  #inFlight = 0;
  #mostInFlight = 0;
  #freeAtMs = 0;
  #server: Server | null = null;

  constructor(folder: string, shape: Shape) {
    this.#folder = folder;
    this.#shape = shape;
  }

  /** Gives the origin. */
  async up(): Promise<string> {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#server = server;
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
  }

  /** Begins to count anew. */
  reset(): void {
    this.#sent.length = 0;
    [this.#requests, this.#mostInFlight] = [0, this.#inFlight];
  }

  get requests(): number {
    return this.#requests;
  }

  /** Answers that were under way at one time. */
  get mostInFlight(): number {
    return this.#mostInFlight;
  }

  get idle(): boolean {
    return this.#inFlight === 0;
  }

  /** When something was last sent, as `wallMs` tells. */
  get lastSentMs(): number {
    return this.#sent.at(-1)?.atMs ?? 0;
  }

  /** Bytes of bodies sent until then. */
  bytesUntil(atMs = Infinity): number {
    return this.#sent.reduce((sum, sent) => sum + (sent.atMs <= atMs ? sent.bytes : 0), 0);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests += 1;
    this.#inFlight += 1;
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#inFlight);
    try {
      await pause(this.#shape.roundTripMs);
      await this.#send(request, response);
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #send(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'OPTIONS') return void response.writeHead(204, allowed).end();
    const file = await this.#read(request.url ?? '/');
    if (!file) return void response.writeHead(404, allowed).end();
    const range = rangeOf(request.headers.range, file.byteLength);
    const body = range ? file.subarray(range.from, range.to) : file;
    response.writeHead(range ? 206 : 200, {
      ...allowed,
      'Content-Length': body.byteLength,
      'Accept-Ranges': 'bytes',
      ETag: `"${file.byteLength}"`,
      ...(range && { 'Content-Range': `bytes ${range.from}-${range.to - 1}/${file.byteLength}` }),
    });
    if (request.method !== 'HEAD') await this.#pour(body, response);
    response.end();
  }

  async #pour(body: Uint8Array, response: ServerResponse): Promise<void> {
    for (let at = 0; at < body.byteLength && !response.destroyed; at += sliceBytes) {
      const slice = body.subarray(at, at + sliceBytes);
      await this.#turn(slice.byteLength);
      response.write(slice);
      this.#sent.push({ atMs: wallMs(), bytes: slice.byteLength });
    }
  }

  /** Waits until so many bytes have gone over the line, after all those before. */
  async #turn(bytes: number): Promise<void> {
    const now = wallMs();
    this.#freeAtMs = Math.max(now - lateMs, this.#freeAtMs) + (bytes * 1000) / this.#shape.bytesPerSecond;
    const waitMs = this.#freeAtMs - now;
    if (waitMs > 0) await pause(waitMs);
  }

  async #read(url: string): Promise<Uint8Array | undefined> {
    const path = normalize(join(this.#folder, decodeURIComponent(new URL(url, 'http://x').pathname)));
    if (!path.startsWith(this.#folder)) return undefined;
    return readFile(path).catch(() => undefined);
  }
}

const allowed = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'Range',
  'Access-Control-Expose-Headers': 'Content-Range, ETag',
  'Access-Control-Max-Age': '600',
};

/** Of one range; from inclusive, to exclusive. */
function rangeOf(header: string | undefined, size: number): { readonly from: number; readonly to: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') return { from: Math.max(0, size - Number(last)), to: size };
  return { from: Number(first), to: last === '' ? size : Math.min(Number(last) + 1, size) };
}
