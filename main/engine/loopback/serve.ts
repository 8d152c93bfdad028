import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { type Answer, answerOf, text } from './http-answer.ts';

/** A request that may come in. */
export interface Request {
  readonly method: string;
  /** Behind the prefix, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
  /** Ends with the connection, which ends with the server. */
  readonly signal: AbortSignal;
}

export interface Serving {
  readonly address: string;
  readonly token: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** What every path begins with, before the version: '/render-ws'. */
  readonly prefix: string;
  /** 0: one that is free. */
  readonly port: number;
  /** The page that may read from it (its origin); none where null. */
  readonly origin: string | null;
  readonly answer: (request: Request) => Promise<Answer>;
  readonly onAnswer: (status: number) => void;
}

const [maxBodyBytes, maxHeaderBytes, maxAtOnce] = [64 * 2 ** 20, 16 * 2 ** 10, 256];
const methods = ['GET', 'HEAD', 'PUT'];

/**
 * A server on this computer's loopback, which no other computer reaches. It answers those who have the token, in the
 * header `Authorization: Bearer TOKEN` or as `?token=TOKEN`; and only where they call it by a name of this computer, so
 * that a page of the web cannot reach it through a name of its own. 'conflict' where the port is taken.
 */
export async function openServer(options: ServeOptions): Promise<Serving> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer({ maxHeaderSize: maxHeaderBytes, requestTimeout: 120_000 }, (incoming, outgoing) => {
    void respond(incoming, outgoing, { ...options, token });
  });
  server.maxConnections = maxAtOnce;
  const port = await listen(server, options.port);
  return {
    address: `http://127.0.0.1:${port}${options.prefix}`,
    token,
    close: async () => {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new LamellaError('conflict', `Port ${port} cannot be served from: ${cause.code ?? cause.message}.`, {
          hint: 'Another program has it: choose another --port, or leave it out for one that is free.',
          fields: { port },
          cause,
        }),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}

interface Gate extends ServeOptions {
  readonly token: string;
}

async function respond(incoming: IncomingMessage, outgoing: ServerResponse, gate: Gate): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  const answer = await answerTo(incoming, gate, gone.signal).catch(answerOf);
  gate.onAnswer(answer.status);
  if (outgoing.destroyed) return;
  const length = Buffer.byteLength(answer.body);
  outgoing.writeHead(answer.status, {
    'content-type': answer.type,
    'content-length': length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(gate.origin !== null && {
      'access-control-allow-origin': gate.origin,
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-methods': methods.join(', '),
      vary: 'origin',
    }),
    ...(answer.status === 401 && { 'www-authenticate': 'Bearer' }),
    ...answer.headers,
  });
  outgoing.end(incoming.method === 'HEAD' ? undefined : answer.body);
}

async function answerTo(incoming: IncomingMessage, gate: Gate, signal: AbortSignal): Promise<Answer> {
  const { method = 'GET', headers, socket } = incoming;
  if (!isOurName(headers.host, socket.localPort))
    return text('This server answers to 127.0.0.1 and localhost only.\n', 421);
  // A browser asks this before it sends the token.
  if (method === 'OPTIONS' && gate.origin !== null) return text('', 204);
  const url = urlOf(incoming.url);
  if (!url) return text('That is no address.\n', 400);
  if (!hasToken(headers.authorization, url, gate.token)) return text('The token is missing or another.\n', 401);
  if (!methods.includes(method))
    return { ...text(`${method} is not served.\n`, 405), headers: { allow: methods.join(', ') } };
  if (!url.pathname.startsWith(`${gate.prefix}/`)) return text(`Addresses begin with ${gate.prefix}/v1.\n`, 404);
  const path = url.pathname.slice(gate.prefix.length);
  return gate.answer({ method, path, query: url.searchParams, body: await bodyOf(incoming), signal });
}

const isOurName = (host: string | undefined, port: number | undefined): boolean =>
  host === `127.0.0.1:${port}` || host === `localhost:${port}`;

function urlOf(text: string | undefined): URL | null {
  try {
    return new URL(text ?? '/', 'http://127.0.0.1');
  } catch {
    return null;
  }
}

function hasToken(authorization: string | undefined, url: URL, token: string): boolean {
  const given = Buffer.from(/^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? url.searchParams.get('token') ?? '');
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function bodyOf(incoming: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    bytes += part.byteLength;
    if (bytes > maxBodyBytes)
      throw new LamellaError('over-budget', `A body may have ${maxBodyBytes} bytes; this one has more.`, {
        hint: 'Send it in parts.',
        fields: { budget: maxBodyBytes },
      });
    parts.push(part);
  }
  return Buffer.concat(parts);
}
