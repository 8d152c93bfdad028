import { LamellaError } from '../../preload/contract/errors.ts';

const MAX_DEPTH = 32;
const MAX_VALUES = 2_000_000;
const MAX_BYTES = 64 << 20;

/** Measures an input before any schema looks at it. Throws 'over-budget', or 'invalid-input' for what no schema takes. */
export function refuseTooLarge(input: unknown): void {
  const seen = { values: 0, bytes: 0 };
  weigh(input, 0, seen);
}

function weigh(value: unknown, depth: number, seen: { values: number; bytes: number }): void {
  seen.values += 1;
  if (typeof value === 'string') seen.bytes += value.length;
  if (depth > MAX_DEPTH) throw tooLarge(`it is nested more than ${MAX_DEPTH} deep`);
  if (seen.values > MAX_VALUES) throw tooLarge(`it holds more than ${MAX_VALUES} values`);
  if (seen.bytes > MAX_BYTES) throw tooLarge(`it holds more than ${MAX_BYTES} bytes of text`);
  if (typeof value !== 'object' || value === null) return;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer || value instanceof Map || value instanceof Set)
    throw unusable();
  for (const [key, inner] of Object.entries(value)) {
    seen.bytes += key.length;
    weigh(inner, depth + 1, seen);
  }
}

const tooLarge = (why: string): LamellaError =>
  new LamellaError('over-budget', `The input is too large: ${why}.`, { hint: 'Ask for less at a time.' });

const unusable = (): LamellaError =>
  new LamellaError('invalid-input', 'The input holds bytes, a map or a set; an input is plain JSON.', {
    hint: 'Send numbers, strings, lists and objects.',
  });
