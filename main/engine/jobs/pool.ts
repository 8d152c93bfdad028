import { setMaxListeners } from 'node:events';
import { Worker } from 'node:worker_threads';
import { cancelWords, tasks } from '../../../native-workers/tasks.ts';
import type { TaskInput, TaskName, WorkerRequest, WorkerResponse, WorkerStart } from '../../../native-workers/tasks.ts';
import { LamellaError, fromWireError, isLamellaError, wireErrorSchema } from '../../../preload/contract/errors.ts';
import type { KernelResult, Kernels, Lane } from './job.ts';

export interface PoolOptions {
  /** The thread's entry: native-workers/worker.ts, or what the build made of it. */
  readonly workerFile: string;
  /** The addon that the entry loads. */
  readonly kernelsFile: string;
  readonly threads: number;
  /** A worker that shows no sign of life for this long is replaced. Counted in ticks, so that a sleeping laptop is not a hang. */
  readonly silenceMs?: number;
  readonly log: (line: string) => void;
}

/** One request, from the queue to its answer. */
interface Request {
  readonly task: TaskName;
  readonly header: unknown;
  readonly inputs: readonly Uint8Array[];
  readonly cancel: Int32Array;
  attempt: number;
  settle(answer: { readonly result: KernelResult<TaskName> } | { readonly error: Error }): void;
}

/** A worker thread and what it is doing. */
interface Thread {
  readonly worker: Worker;
  ready: boolean;
  request: Request | null;
  beat: number;
  silentTicks: number;
}

const lanes: readonly Lane[] = ['interactive', 'preview', 'batch'];
const DEFAULT_SILENCE_MS = 20_000;
/** A machine that is busy takes long to start a thread: it may be silent for so many times longer. */
const START_PATIENCE = 3;
/** How long a cancelled kernel may take to stop before its thread is ended. */
const STOP_GRACE_MS = 800;

/**
 * Runs kernels on worker threads, started as they are needed. A worker that dies, hangs or cannot start is replaced and
 * its request tried once more, then fails with 'worker-died'. Every promise settles, also when the pool closes.
 */
export class Pool implements Kernels {
  readonly threads: number;
  readonly #options: PoolOptions;
  readonly #queues: Readonly<Record<Lane, Request[]>> = { interactive: [], preview: [], batch: [] };
  readonly #threads = new Set<Thread>();
  #watch: NodeJS.Timeout | null = null;
  #closed = false;
  #nextId = 1;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.threads = Math.max(1, Math.floor(options.threads));
  }

  /** Throws what the kernel throws, 'invalid-input' for a header that does not fit, 'cancelled', or 'worker-died'. */
  run<T extends TaskName>(
    task: T,
    header: TaskInput<T>,
    options: { readonly inputs?: readonly Uint8Array[]; readonly signal?: AbortSignal; readonly lane?: Lane } = {},
  ): Promise<KernelResult<T>> {
    const parsed = tasks[task].input.safeParse(header);
    if (!parsed.success) return Promise.reject(badHeader(task, parsed.error.message));
    return new Promise<KernelResult<TaskName>>((resolve, reject) => {
      const lane = options.lane ?? 'batch';
      const request: Request = {
        task,
        header: parsed.data,
        inputs: options.inputs ?? [],
        cancel: new Int32Array(new SharedArrayBuffer(cancelWords.length * Int32Array.BYTES_PER_ELEMENT)),
        attempt: 1,
        settle: (answer) => {
          options.signal?.removeEventListener('abort', onAbort);
          if ('error' in answer) reject(answer.error);
          else resolve(answer.result);
        },
      };
      const onAbort = (): void => this.#cancel(request, lane);
      if (this.#closed || options.signal?.aborted) return reject(cancelled());
      // Many kernels of one job or stream listen at once; each takes its listener away when it settles.
      if (options.signal) setMaxListeners(0, options.signal);
      options.signal?.addEventListener('abort', onAbort, { once: true });
      this.#queues[lane].push(request);
      this.#dispatch();
    }) as Promise<KernelResult<T>>;
  }

  /** Ends every thread; what is running or waiting fails with 'cancelled'. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#watch) clearInterval(this.#watch);
    for (const lane of lanes)
      for (const request of this.#queues[lane].splice(0)) request.settle({ error: cancelled() });
    const ending = [...this.#threads].map((thread) => this.#end(thread, cancelled()));
    await Promise.all(ending);
  }

  #dispatch(): void {
    if (this.#closed) return;
    for (const lane of lanes) {
      for (let next = this.#queues[lane][0]; next; next = this.#queues[lane][0]) {
        const idle = [...this.#threads].find((thread) => thread.ready && !thread.request);
        if (!idle) {
          this.#startAsNeeded();
          return;
        }
        this.#queues[lane].shift();
        this.#send(idle, next);
      }
    }
  }

  /** One starting thread for each waiting request, up to the limit. */
  #startAsNeeded(): void {
    const waiting = lanes.reduce((sum, lane) => sum + this.#queues[lane].length, 0);
    const starting = [...this.#threads].filter((thread) => !thread.ready).length;
    const more = Math.min(waiting - starting, this.threads - this.#threads.size);
    for (let i = 0; i < more; i++) this.#start();
    this.#watch ??= this.#startWatch();
  }

  #start(): void {
    const { workerFile, kernelsFile } = this.#options;
    const start: WorkerStart = { kernels: kernelsFile };
    const worker = new Worker(workerFile, { workerData: start, execArgv: [] });
    const thread: Thread = { worker, ready: false, request: null, beat: 0, silentTicks: 0 };
    this.#threads.add(thread);
    let cause: unknown;
    worker.on('message', (message: WorkerResponse) => this.#onMessage(thread, message));
    worker.on('messageerror', (error) => void this.#replace(thread, error));
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', (code) => void this.#replace(thread, cause ?? new Error(`the worker exited with code ${code}`)));
  }

  #send(thread: Thread, request: Request): void {
    thread.request = request;
    thread.silentTicks = 0;
    thread.beat = 0;
    // A view would drag its whole buffer along; the caller's own buffer must stay whole for a second try.
    const inputs = request.inputs.map((bytes) =>
      bytes.buffer instanceof SharedArrayBuffer ? bytes : new Uint8Array(bytes),
    );
    const transfer = inputs.flatMap((bytes) => (bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []));
    const message: WorkerRequest = {
      id: this.#nextId++,
      task: request.task,
      header: request.header,
      inputs,
      cancel: request.cancel,
    };
    Atomics.store(request.cancel, cancelWords.beat, 0);
    thread.worker.postMessage(message, transfer);
  }

  #onMessage(thread: Thread, message: WorkerResponse): void {
    thread.silentTicks = 0;
    if (!this.#threads.has(thread)) return;
    const { request } = thread;
    if (message.t === 'ready') thread.ready = true;
    else if (request) {
      thread.request = null;
      request.settle(
        message.t === 'done'
          ? checked(request.task, message.header, message.outputs)
          : { error: asError(message.error) },
      );
    }
    this.#dispatch();
  }

  /** Takes a thread out; its request is tried again elsewhere, once. */
  async #replace(thread: Thread, cause: unknown): Promise<void> {
    if (!this.#threads.delete(thread)) return;
    const { request } = thread;
    const never = !thread.ready;
    this.#options.log(
      `A worker ${never ? 'could not start' : 'died'}${request ? ` in ${request.task}` : ''}: ${messageOf(cause)}`,
    );
    if (request) this.#retry(request, cause);
    else if (never) this.#retryFirstWaiting(cause);
    this.#dispatch();
    await thread.worker.terminate();
  }

  #retry(request: Request, cause: unknown, error = died(request.task, cause)): void {
    if (Atomics.load(request.cancel, cancelWords.stop) !== 0) return request.settle({ error: cancelled() });
    if (request.attempt >= 2) return request.settle({ error });
    request.attempt += 1;
    this.#queues.interactive.unshift(request);
  }

  /** A worker that cannot start has no request yet: count it against the one that it was started for. */
  #retryFirstWaiting(cause: unknown): void {
    const queue = lanes.map((lane) => this.#queues[lane]).find((waiting) => waiting.length > 0);
    const request = queue?.shift();
    if (request) this.#retry(request, cause, noWorker(cause));
  }

  #cancel(request: Request, lane: Lane): void {
    for (const queue of new Set([this.#queues[lane], this.#queues.interactive])) {
      const at = queue.indexOf(request);
      if (at < 0) continue;
      queue.splice(at, 1);
      return request.settle({ error: cancelled() });
    }
    Atomics.store(request.cancel, cancelWords.stop, 1);
    const grace = setTimeout(() => {
      const thread = [...this.#threads].find((t) => t.request === request);
      if (!thread) return;
      void this.#end(thread, cancelled());
      this.#dispatch();
    }, STOP_GRACE_MS);
    grace.unref();
  }

  async #end(thread: Thread, error: Error): Promise<void> {
    this.#threads.delete(thread);
    thread.request?.settle({ error });
    thread.request = null;
    await thread.worker.terminate();
  }

  #startWatch(): NodeJS.Timeout {
    const silenceMs = this.#options.silenceMs ?? DEFAULT_SILENCE_MS;
    const tickMs = Math.min(1000, silenceMs / 4);
    return setInterval(() => {
      for (const thread of this.#threads) this.#look(thread, silenceMs / tickMs);
    }, tickMs).unref();
  }

  #look(thread: Thread, mostTicks: number): void {
    if (thread.ready && !thread.request) return;
    const beat = thread.request ? Atomics.load(thread.request.cancel, cancelWords.beat) : 0;
    thread.silentTicks = beat === thread.beat ? thread.silentTicks + 1 : 0;
    thread.beat = beat;
    const allowed = thread.ready ? mostTicks : mostTicks * START_PATIENCE;
    if (thread.silentTicks >= allowed) void this.#replace(thread, new Error('it showed no sign of life'));
  }
}

function checked(
  task: TaskName,
  header: unknown,
  outputs: readonly Uint8Array[],
): { result: KernelResult<TaskName> } | { error: Error } {
  const parsed = tasks[task].output.safeParse(header);
  if (parsed.success) return { result: { header: parsed.data, outputs } };
  return {
    error: new Error(`the kernel ${task} answered with a header that does not fit its schema: ${parsed.error.message}`),
  };
}

function asError(error: unknown): Error {
  const parsed = wireErrorSchema.safeParse(error);
  return parsed.success ? fromWireError(parsed.data) : new Error(`a kernel failed: ${messageOf(error)}`);
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const cancelled = (): LamellaError =>
  new LamellaError('cancelled', 'The work was cancelled.', { hint: 'Start it again: what was finished is kept.' });

const died = (task: TaskName, cause: unknown): LamellaError =>
  new LamellaError(
    'worker-died',
    `The kernel ${task} took two workers down, one after the other: ${messageOf(cause)}.`,
    {
      hint: 'The input may be broken: leave it out and try again; if that does not help, report it with the log.',
      fields: { task },
      cause,
    },
  );

const noWorker = (cause: unknown): LamellaError =>
  new LamellaError('worker-died', `No worker could be started: ${messageOf(cause)}.`, {
    hint: 'The installation is incomplete: install Lamella again, or run npm run build where you build it yourself.',
    fields: { started: false },
    cause,
  });

/** Whether a failure says nothing of the input: there was no worker to look at it. */
export const isNoWorker = (error: unknown): boolean =>
  isLamellaError(error, 'worker-died') && error.fields['started'] === false;

const badHeader = (task: TaskName, message: string): LamellaError =>
  new LamellaError('invalid-input', `The kernel ${task} was asked for something that it cannot do: ${message}`, {
    hint: 'Report this with the log.',
    fields: { task },
  });
