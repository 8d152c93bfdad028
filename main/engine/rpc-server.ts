import type { z } from 'zod';
import type { Port } from '../../preload/contract/rpc.ts';
import { requestSchema } from '../../preload/contract/rpc.ts';
import type { Procedure, WithBytes } from '../../preload/contract/define.ts';
import { LamellaError, isLamellaError, toWireError } from '../../preload/contract/errors.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { plainWords, wordIssue } from '../../preload/contract/issues.ts';
import { EventStream } from './event-stream.ts';
import { nearest } from './nearest.ts';
import { refuseTooLarge } from './payload.ts';

/** How one procedure is carried out. `emit` is for streams; the input is parsed, the answer is checked by the caller. */
export type Carry = (path: string, input: unknown, context: CallContext) => Promise<WithBytes<unknown>>;

export interface CallContext {
  readonly signal: AbortSignal;
  readonly emit: (value: unknown, bytes?: Uint8Array) => void;
  /** Settles once the caller has taken in enough of what was emitted. */
  readonly drained: () => Promise<void>;
}

export interface ServerOptions {
  readonly procedures: ReadonlyMap<string, Procedure>;
  readonly carry: Carry;
  readonly log: (line: string) => void;
}

/** Calls that one port may have open at a time. */
const MAX_OPEN_CALLS = 512;

interface OpenCall {
  readonly abort: AbortController;
  readonly events: EventStream | null;
}

/** Answers the calls that come through a port until it closes. Nothing that arrives is trusted. */
export function serve(port: Port, options: ServerOptions): void {
  const open = new Map<number, OpenCall>();
  const send = (message: object): void => {
    try {
      port.post(message);
    } catch (error) {
      options.log(`An answer could not be sent: ${String(error)}`);
    }
  };
  port.onMessage((message) => {
    const request = requestSchema.safeParse(message);
    if (!request.success) return rejectJunk(message, send);
    const { t, id } = request.data;
    if (t === 'cancel') return open.get(id)?.abort.abort(cancelled());
    if (t === 'taken') return open.get(id)?.events?.taken(request.data.events);
    if (open.has(id)) return options.log(`Call ${id} came twice; the second is ignored.`);
    if (open.size >= MAX_OPEN_CALLS) return send({ t: 'fail', id, error: toWireError(tooManyCalls()) });
    const { path, input } = request.data;
    void answer({ id, path, input, open, send, options });
  });
  port.onClose(() => {
    for (const { abort } of open.values()) abort.abort(cancelled());
    open.clear();
  });
}

interface Answering {
  readonly id: number;
  readonly path: string;
  readonly input: unknown;
  readonly open: Map<number, OpenCall>;
  readonly send: (message: object) => void;
  readonly options: ServerOptions;
}

async function answer({ id, path, input, open, send, options }: Answering): Promise<void> {
  const procedure = options.procedures.get(path);
  const isStream = procedure?.kind === 'stream';
  const events = isStream ? new EventStream((value, bytes) => send(withBytes({ t: 'event', id, value }, bytes))) : null;
  const call: OpenCall = { abort: new AbortController(), events };
  open.set(id, call);
  call.abort.signal.addEventListener('abort', () => events?.close(), { once: true });
  try {
    const { value, bytes } = await carryOut(path, procedure, input, call, options);
    await events?.drained();
    send(withBytes({ t: 'ok', id, value }, bytes));
  } catch (error) {
    // A stream that was cancelled has simply ended.
    if (isStream && call.abort.signal.aborted) send({ t: 'ok', id, value: null });
    else send({ t: 'fail', id, error: worded(path, error, options) });
  } finally {
    events?.close();
    if (open.get(id) === call) open.delete(id);
  }
}

async function carryOut(
  path: string,
  procedure: Procedure | undefined,
  input: unknown,
  call: OpenCall,
  { procedures, carry }: ServerOptions,
): Promise<WithBytes<unknown>> {
  if (!procedure) throw unknownProcedure(path, [...procedures.keys()]);
  refuseTooLarge(input);
  const parsed = procedure.input.safeParse(input, { error: plainWords });
  if (!parsed.success) throw badInput(path, parsed.error.issues, input);
  const { signal } = call.abort;
  const context: CallContext = {
    signal,
    emit: (value, bytes) => call.events?.emit(checked(procedure, value), bytes),
    drained: () => call.events?.drained() ?? Promise.resolve(),
  };
  const carried = carry(path, parsed.data, context);
  const { value, bytes } = await orAborted(carried, signal);
  if (procedure.kind === 'stream' || procedure.kind === 'job') return { value };
  return bytes === undefined ? { value: checked(procedure, value) } : { value: checked(procedure, value), bytes };
}

/** A cancelled call answers at once; what its handler still does is nobody's concern any more. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The value as the contract lets it out: nothing that it does not name. */
function checked(procedure: Procedure, value: unknown): unknown {
  const parsed = procedure.output.safeParse(value);
  if (!parsed.success)
    throw new Error(
      `the answer does not fit the contract: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  return parsed.data;
}

/** Only a whole buffer of its own may go: a view would drag the rest of its buffer along. */
function withBytes(message: object, bytes: Uint8Array | undefined): object {
  if (!bytes) return message;
  const own =
    bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength && !Buffer.isBuffer(bytes);
  return { ...message, bytes: own ? bytes : new Uint8Array(bytes) };
}

function worded(path: string, error: unknown, { log }: ServerOptions): WireError {
  const wire = toWireError(error);
  if (!isLamellaError(error))
    log(`${path} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return wire;
}

/** Junk with a number is answered, so that whoever sent it does not wait; the rest is dropped. */
function rejectJunk(message: unknown, send: (message: object) => void): void {
  const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : undefined;
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) return;
  send({
    t: 'fail',
    id,
    error: toWireError(
      new LamellaError('invalid-input', 'The message is no call.', {
        hint: 'See the contract for what a call looks like.',
      }),
    ),
  });
}

const maxIssues = 5;

function badInput(path: string, issues: readonly z.core.$ZodIssue[], input: unknown): LamellaError {
  const worded = issues.flatMap((issue) => wordIssue(issue, input));
  const shown = worded.slice(0, maxIssues).map(({ field, message }) => `${field || 'input'}: ${message}`);
  const more = worded.length > maxIssues ? `; and ${worded.length - maxIssues} more` : '';
  return new LamellaError('invalid-input', `${path} cannot use this input. ${shown.join('; ')}${more}.`, {
    hint: 'Correct the named fields and try again.',
    fields: { procedure: path, field: worded[0]?.field ?? '' },
  });
}

function unknownProcedure(path: string, known: readonly string[]): LamellaError {
  const near = nearest(path, known);
  return new LamellaError('not-found', `There is no procedure ${path.slice(0, 100)}.`, {
    hint: near ? `Did you mean ${near}?` : 'See the contract for those there are.',
    fields: { procedure: path },
  });
}

const cancelled = (): LamellaError =>
  new LamellaError('cancelled', 'The call was cancelled.', { hint: 'Ask again if it is still wanted.' });

const tooManyCalls = (): LamellaError =>
  new LamellaError('over-budget', `More than ${MAX_OPEN_CALLS} calls are open at once.`, {
    hint: 'Wait for some of them to end.',
    fields: { limit: MAX_OPEN_CALLS },
  });
