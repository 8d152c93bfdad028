import type { z } from 'zod';

/**
 * A procedure is declared once; its client, handler type, wire validation, command-line verb and API page
 * all follow from the declaration.
 *
 * - `query` reads. It may answer with bytes beside its value.
 * - `command` writes in one transaction, and is undoable where the doc line says so.
 * - `job` returns a job id at once, is durable, and resumes after a kill; `output` is the result it ends with.
 * - `stream` pushes values (with bytes) until cancelled.
 */
export type Kind = 'query' | 'command' | 'job' | 'stream';

export interface Procedure<K extends Kind = Kind, I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly kind: K;
  /** Always an object schema: its keys are the flags of the command line. */
  readonly input: I;
  readonly output: O;
  /** One line, for help and the palette. */
  readonly doc: string;
  /** An input that the contract test parses and `--help` shows. */
  readonly example: z.input<I>;
}

type Declaration<I extends z.ZodType, O extends z.ZodType> = Omit<Procedure<Kind, I, O>, 'kind'>;

export const query = <I extends z.ZodType, O extends z.ZodType>(d: Declaration<I, O>): Procedure<'query', I, O> => ({
  kind: 'query',
  ...d,
});
export const command = <I extends z.ZodType, O extends z.ZodType>(
  d: Declaration<I, O>,
): Procedure<'command', I, O> => ({ kind: 'command', ...d });
export const job = <I extends z.ZodType, O extends z.ZodType>(d: Declaration<I, O>): Procedure<'job', I, O> => ({
  kind: 'job',
  ...d,
});
export const stream = <I extends z.ZodType, O extends z.ZodType>(d: Declaration<I, O>): Procedure<'stream', I, O> => ({
  kind: 'stream',
  ...d,
});

/** Two levels, always: domain, then verb. */
export type Tree = Readonly<Record<string, Readonly<Record<string, Procedure>>>>;

/** A value with bytes beside it; the schema validates the value, never the bytes. */
export interface WithBytes<V> {
  readonly value: V;
  readonly bytes?: Uint8Array;
}

export type InputOf<P extends Procedure> = z.input<P['input']>;
export type ParsedOf<P extends Procedure> = z.output<P['input']>;
export type OutputOf<P extends Procedure> = z.output<P['output']>;

export interface StreamOptions<V> {
  readonly signal: AbortSignal;
  readonly onValue: (value: V, bytes?: Uint8Array) => void;
}

/** What a caller holds for each procedure. A stream's promise settles when the stream ends or is cancelled. */
export type Caller<P extends Procedure> =
  P extends Procedure<'stream'>
    ? (input: InputOf<P>, options: StreamOptions<OutputOf<P>>) => Promise<void>
    : P extends Procedure<'job'>
      ? (input: InputOf<P>) => Promise<{ readonly job: string }>
      : P extends Procedure<'query'>
        ? (input: InputOf<P>, options?: { readonly signal?: AbortSignal }) => Promise<WithBytes<OutputOf<P>>>
        : (input: InputOf<P>) => Promise<OutputOf<P>>;

export type Client<T extends Tree> = { readonly [D in keyof T]: { readonly [V in keyof T[D]]: Caller<T[D][V]> } };

/** `domain.verb` for every procedure of a tree, in declaration order. */
export function proceduresOf(tree: Tree): ReadonlyArray<{ readonly path: string; readonly procedure: Procedure }> {
  return Object.entries(tree).flatMap(([domain, verbs]) =>
    Object.entries(verbs).map(([verb, procedure]) => ({ path: `${domain}.${verb}`, procedure })),
  );
}
