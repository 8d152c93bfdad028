import { z } from 'zod';

/**
 * The closed set of errors that may cross a wire, each with the exit code of the command line.
 * 2 to 9: what the caller gave; 10 to 19: the state of the world; 20 to 29: the outcome; 70: a bug of ours.
 */
export const exitCodeByTag = {
  'invalid-input': 2,
  'not-found': 3,
  'bad-source': 4,
  'bad-layout': 5,
  'over-budget': 6,
  forbidden: 7,
  'library-locked': 10,
  'library-newer': 11,
  'library-damaged': 12,
  'not-writable': 13,
  'disk-full': 14,
  conflict: 15,
  'worker-died': 16,
  /** A server does not answer: offline, a wrong name, a timeout, errors that retries did not get past. */
  unreachable: 17,
  /** A server wants credentials, or others. */
  unauthorized: 18,
  'not-good-enough': 20,
  'verification-failed': 21,
  cancelled: 22,
  internal: 70,
} as const;

export type ErrorTag = keyof typeof exitCodeByTag;

const tags = Object.keys(exitCodeByTag) as [ErrorTag, ...ErrorTag[]];

/** What an error looks like on a wire: `message` says what happened and why, `hint` the next step. */
export const wireErrorSchema = z.object({
  tag: z.enum(tags),
  message: z.string(),
  hint: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  cause: z.string().optional(),
});
export type WireError = z.infer<typeof wireErrorSchema>;

export interface ErrorDetails {
  /** The next step, in a sentence. */
  readonly hint: string;
  /** The values that the message names: file, field, value, ids. */
  readonly fields?: WireError['fields'];
  readonly cause?: unknown;
}

/** The one error class of Lamella. Each is handled once: shown, logged, or turned into an exit code. */
export class LamellaError extends Error {
  readonly tag: ErrorTag;
  readonly hint: string;
  readonly fields: WireError['fields'];

  constructor(tag: ErrorTag, message: string, details: ErrorDetails) {
    super(message, { cause: details.cause });
    this.name = 'LamellaError';
    this.tag = tag;
    this.hint = details.hint;
    this.fields = details.fields ?? {};
  }
}

export function isLamellaError(error: unknown, ...wanted: readonly ErrorTag[]): error is LamellaError {
  return error instanceof LamellaError && (wanted.length === 0 || wanted.includes(error.tag));
}

/** Turns anything thrown into its wire form. Errors that are not ours become `internal`, without a stack. */
export function toWireError(error: unknown): WireError {
  if (error instanceof LamellaError) {
    const cause = error.cause instanceof Error ? error.cause.message : undefined;
    const wire: WireError = { tag: error.tag, message: error.message, hint: error.hint, fields: error.fields };
    return cause === undefined ? wire : { ...wire, cause };
  }
  return {
    tag: 'internal',
    message: `Something in Lamella failed that should not: ${error instanceof Error ? error.message : String(error)}.`,
    hint: 'Your work is saved. Try again; if it comes back, report it with the log.',
    fields: {},
  };
}

export function fromWireError(wire: WireError): LamellaError {
  return new LamellaError(wire.tag, wire.message, { hint: wire.hint, fields: wire.fields, cause: wire.cause });
}
