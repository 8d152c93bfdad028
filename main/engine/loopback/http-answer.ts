import { isLamellaError, type ErrorTag, toWireError } from '../../../preload/contract/errors.ts';

/** What the server answers. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const json = (value: unknown, status = 200): Answer => ({
  status,
  type: 'application/json; charset=utf-8',
  body: JSON.stringify(value),
});

export const text = (body: string, status = 200): Answer => ({ status, type: 'text/plain; charset=utf-8', body });

/** Of the errors of the contract; what is not here is 500. */
const statusOf: Readonly<Partial<Record<ErrorTag, number>>> = {
  'invalid-input': 400,
  'bad-layout': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'library-locked': 409,
  'over-budget': 413,
  'bad-source': 422,
  'not-good-enough': 422,
  cancelled: 499,
  'not-writable': 507,
  'disk-full': 507,
};

/** An error in a sentence, and what to do. */
export function answerOf(error: unknown): Answer {
  const { tag, message, hint } = toWireError(error);
  return text(`${message} ${hint}\n`, (isLamellaError(error) && statusOf[tag]) || 500);
}
