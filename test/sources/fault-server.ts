import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with one answer. */
export type Fault =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The connection is cut: before the answer, or in its middle. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'cut' }
  /** No answer ever comes. */
  | { readonly kind: 'half-open' }
  /** Half of the body, then nothing. */
  | { readonly kind: 'stall' }
  /** A byte now and then. */
  | { readonly kind: 'loris'; readonly everyMs: number }
  /** 200 with another body: a login page, an error of a bucket. */
  | { readonly kind: 'body'; readonly type: string; readonly body: string }
  /** Other bytes than were asked for. */
  | { readonly kind: 'wrong-range' }
  /** 206 whose body is shorter than it says in Content-Range. */
  | { readonly kind: 'short-range' }
  | { readonly kind: 'garbage' };

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface ServedFile {
  readonly bytes: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the validators: another version, another tag. None where left out. */
  readonly version?: string;
}

export interface FaultServer {
  readonly origin: string;
  readonly port: number;
  readonly seen: Seen[];
  readonly files: Map<string, ServedFile>;
  /** Called with each request, and how often the same was asked before. */
  script: (request: Seen, before: number) => Fault | undefined;
  /** Whether ranges are done. */
  ranges: boolean;
  /** Whether HEAD is answered. */
  heads: boolean;
  /** Answers to everything that is no file; 404 where left out. */
  other: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
}

/** A web server on this computer that does what RFC 9110 says, except where the script says otherwise. */
export async function faultServer(): Promise<FaultServer> {
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const seen = { method: request.method ?? '', path: request.url ?? '', headers: request.headers };
    made.seen.push(seen);
    const id = `${seen.method} ${seen.path} ${seen.headers.range ?? ''}`;
    const before = asked.get(id) ?? 0;
    asked.set(id, before + 1);
    const fault = made.script(seen, before);
    if (fault?.kind === 'reset') request.socket.resetAndDestroy();
    else if (fault?.kind === 'garbage') request.socket.end('220 ready, this is no HTTP\r\n\r\n');
    else if (fault?.kind !== 'half-open') answer(made, request, response, fault);
  });
  const port = await listening(server);
  const made: FaultServer = {
    origin: `http://127.0.0.1:${port}`,
    port,
    seen: [],
    files: new Map(),
    script: () => undefined,
    ranges: true,
    heads: true,
    other: undefined,
    close: () => closed(server),
  };
  return made;
}

export function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function answer(server: FaultServer, request: IncomingMessage, response: ServerResponse, fault?: Fault): void {
  if (fault?.kind === 'status') return void response.writeHead(fault.status, fault.headers).end(fault.body);
  if (fault?.kind === 'body') return void response.writeHead(200, { 'content-type': fault.type }).end(fault.body);
  const path = decodeURIComponent(new URL(request.url ?? '', server.origin).pathname);
  const file = server.files.get(path);
  if (!file) {
    if (server.other?.(request, response) !== true) response.writeHead(404).end('nothing here');
    return;
  }
  if (request.method === 'HEAD' && !server.heads) return void response.writeHead(405).end();
  sendFile(server, request, response, file, fault);
}

function sendFile(
  server: FaultServer,
  request: IncomingMessage,
  response: ServerResponse,
  file: ServedFile,
  fault?: Fault,
): void {
  const total = file.bytes.byteLength;
  const tag: Record<string, string> =
    file.version === undefined ? {} : { etag: `"${createHash('md5').update(file.version).digest('hex')}"` };
  const headers: Record<string, string> = { 'content-type': 'application/octet-stream', ...tag, ...file.headers };
  const range = server.ranges ? /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') : null;
  const shift = fault?.kind === 'wrong-range' ? 1 : 0;
  const from = range ? Number(range[1]) + shift : 0;
  const end = range ? Math.min(Number(range[2]) + 1 + shift, total) : total;
  if (range && from >= total)
    return void response.writeHead(416, { ...headers, 'content-range': `bytes */${total}` }).end();
  if (range) headers['content-range'] = `bytes ${from}-${end - 1}/${total}`;
  const body = file.bytes.subarray(from, end);
  if (fault?.kind === 'short-range') return void response.writeHead(206, headers).end(body.subarray(0, -1));
  response.writeHead(range ? 206 : 200, { ...headers, 'content-length': String(body.byteLength) });
  if (request.method === 'HEAD') return void response.end();
  sendBody(response, body, fault);
}

function sendBody(response: ServerResponse, body: Uint8Array, fault?: Fault): void {
  const half = body.subarray(0, body.byteLength >> 1);
  if (fault?.kind === 'stall') response.write(half);
  else if (fault?.kind === 'cut') response.write(half, () => response.destroy());
  else if (fault?.kind === 'loris') drip(response, body, fault.everyMs);
  else response.end(body);
}

function drip(response: ServerResponse, body: Uint8Array, everyMs: number): void {
  let at = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(at, ++at));
    if (at >= body.byteLength) response.end();
  }, everyMs);
  response.on('close', () => clearInterval(timer));
}
