import type { Api } from '../../../preload/contract/api.ts';
import type { Kind, OutputOf, ParsedOf, Procedure, WithBytes } from '../../../preload/contract/define.ts';
import type { JobKind, Kernels } from '../jobs/job.ts';
import type { LibraryStore } from '../store/library-store.ts';

/** `window`: hostile, speaks in grants only. `trusted`: the command line and tests, may name plain paths. */
export type CallerKind = 'window' | 'trusted';

/** What the handler of one call may use. The only file of this folder that journeys share. */
export interface Call {
  readonly caller: CallerKind;
  readonly signal: AbortSignal;
  readonly kernels: Kernels;
  /** The library that `ref` names, opened where it is not; only `library.open` and jobs make one where none is. */
  library(ref: string): LibraryStore;
  /** The absolute path behind a path reference; 'forbidden' where the caller may not name it. */
  path(ref: string): string;
  /**
   * A reference to a volume (`sourceRefSchema`) with its path made absolute; 'forbidden' where the caller may not name the
   * path or, with `allowPrivate`, the server.
   */
  source(ref: string, allowPrivate: boolean): string;
  /** A reference that the caller may use for a path (the path itself, or a new grant for the window). */
  refer(path: string): string;
}

export interface StreamCall<V> extends Call {
  /** Sends a value, with bytes beside it. What the caller has not taken in waits here, and is dropped when it cancels. */
  emit(value: V, bytes?: Uint8Array): void;
  /** Settles when nothing emitted waits any more: await it now and then, so that memory stays flat. */
  drained(): Promise<void>;
}

/** Handlers answer queries with bytes, commands with the output, streams by emitting; jobs are declared as kinds. */
export type Handler<P extends Procedure> =
  P extends Procedure<'job'>
    ? JobKind<ResolvedInput<P>, OutputOf<P>>
    : P extends Procedure<'stream'>
      ? (input: ParsedOf<P>, call: StreamCall<OutputOf<P>>) => Promise<void>
      : P extends Procedure<'query'>
        ? (input: ParsedOf<P>, call: Call) => Promise<WithBytes<OutputOf<P>>> | WithBytes<OutputOf<P>>
        : (input: ParsedOf<P>, call: Call) => Promise<OutputOf<P>> | OutputOf<P>;

/**
 * A job outlives the call that starts it, and its grants: the engine replaces every path reference of a job's input by
 * the absolute path before the job is stored, so `run` sees plain paths.
 */
export type ResolvedInput<P extends Procedure> = ParsedOf<P>;

export type HandlersOf<D extends keyof Api> = {
  readonly [V in keyof Api[D]]: Api[D][V] extends Procedure<Kind> ? Handler<Api[D][V]> : never;
};
export type Handlers = { readonly [D in keyof Api]: HandlersOf<D> };
