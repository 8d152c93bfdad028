import { z } from 'zod';
import type { WithBytes } from './define.ts';
import { LamellaError, fromWireError, wireErrorSchema } from './errors.ts';
import type { LamellaClient } from './api.ts';

/** The least a transport must do. Electron's ports, web MessagePorts and the in-process pair all fit. */
export interface Port {
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

export const callSchema = z.object({
  t: z.literal('call'),
  id: z.number().int(),
  path: z.string().max(100),
  input: z.unknown(),
});
export const cancelSchema = z.object({ t: z.literal('cancel'), id: z.number().int() });
/** The caller has taken in so many events of a stream: the engine sends no more than a few ahead of it. */
export const takenSchema = z.object({
  t: z.literal('taken'),
  id: z.number().int(),
  events: z.number().int().positive(),
});
/** From the caller to the engine. */
export const requestSchema = z.discriminatedUnion('t', [callSchema, cancelSchema, takenSchema]);

const bytes = z.instanceof(Uint8Array).optional();
/** From the engine to the caller. `event` values belong to streams; `ok` ends every call that did not fail. */
export const responseSchema = z.discriminatedUnion('t', [
  z.object({ t: z.literal('ok'), id: z.number().int(), value: z.unknown(), bytes }),
  z.object({ t: z.literal('event'), id: z.number().int(), value: z.unknown(), bytes }),
  z.object({ t: z.literal('fail'), id: z.number().int(), error: wireErrorSchema }),
]);
export type Response = z.infer<typeof responseSchema>;

interface Pending {
  readonly resolve: (answer: WithBytes<unknown>) => void;
  readonly reject: (error: Error) => void;
  readonly onValue?: (value: unknown, bytes?: Uint8Array) => void;
}

/** The typed client over a port. `kinds` tells how each path answers; pass the contract tree. */
export function createClient(
  port: Port,
  tree: Readonly<Record<string, Readonly<Record<string, { readonly kind: string }>>>>,
): LamellaClient {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let closed: LamellaError | null = null;

  port.onMessage((message) => settle(pending, message, port));
  port.onClose(() => {
    closed = new LamellaError('worker-died', 'The engine stopped.', {
      hint: 'It restarts by itself; jobs go on where they were.',
    });
    for (const waiting of pending.values()) waiting.reject(closed);
    pending.clear();
  });

  const call = (
    path: string,
    input: unknown,
    signal?: AbortSignal,
    onValue?: Pending['onValue'],
  ): Promise<WithBytes<unknown>> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(closed);
      const id = nextId++;
      pending.set(id, onValue ? { resolve, reject, onValue } : { resolve, reject });
      const onAbort = (): void => void (pending.has(id) && port.post({ t: 'cancel', id }));
      signal?.addEventListener('abort', onAbort, { once: true });
      port.post({ t: 'call', id, path, input });
      if (signal?.aborted) onAbort();
    });

  return buildClient(tree, call);
}

type Call = (
  path: string,
  input: unknown,
  signal?: AbortSignal,
  onValue?: Pending['onValue'],
) => Promise<WithBytes<unknown>>;

function buildClient(
  tree: Readonly<Record<string, Readonly<Record<string, { readonly kind: string }>>>>,
  call: Call,
): LamellaClient {
  const domains = Object.entries(tree).map(([domain, verbs]) => {
    const callers = Object.entries(verbs).map(([verb, { kind }]) => [verb, callerOf(`${domain}.${verb}`, kind, call)]);
    return [domain, Object.fromEntries(callers)];
  });
  return Object.fromEntries(domains) as LamellaClient;
}

function callerOf(path: string, kind: string, call: Call): unknown {
  if (kind === 'stream') {
    return async (input: unknown, options: { signal: AbortSignal; onValue: NonNullable<Pending['onValue']> }) => {
      await call(path, input, options.signal, options.onValue);
    };
  }
  if (kind === 'query')
    return (input: unknown, options?: { signal?: AbortSignal }) => call(path, input, options?.signal);
  return async (input: unknown) => (await call(path, input)).value;
}

function settle(pending: Map<number, Pending>, message: unknown, port: Port): void {
  const parsed = responseSchema.safeParse(message);
  if (!parsed.success) return;
  const response = parsed.data;
  const waiting = pending.get(response.id);
  if (!waiting) return;
  if (response.t === 'event') {
    try {
      waiting.onValue?.(response.value, response.bytes);
    } finally {
      port.post({ t: 'taken', id: response.id, events: 1 });
    }
    return;
  }
  pending.delete(response.id);
  if (response.t === 'fail') waiting.reject(fromWireError(response.error));
  else waiting.resolve(response.bytes ? { value: response.value, bytes: response.bytes } : { value: response.value });
}
