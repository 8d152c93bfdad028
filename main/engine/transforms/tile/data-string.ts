import { deflateSync, inflateSync } from 'node:zlib';

/** Longer data strings are refused: a thin plate of 100,000 nodes has 4 million characters. */
export const maxDataChars = 16 * 2 ** 20;

/** The numbers of a data string, separated by blanks or commas; null where a word is none. */
export function numbersOf(text: string): Float64Array | null {
  const words = wordsOf(text);
  if (words.length === 0) return null;
  const numbers = Float64Array.from(words, Number);
  return numbers.every(Number.isFinite) ? numbers : null;
}

export const wordsOf = (text: string): string[] =>
  text.length > maxDataChars ? [] : text.split(/[\s,]+/).filter((word) => word !== '');

/** A count written as a word: an integer from 1 to `most`, null otherwise. */
export function countOf(word: string | undefined, most: number): number | null {
  const count = Number(word);
  return Number.isInteger(count) && count >= 1 && count <= most ? count : null;
}

export const joined = (...parts: readonly (string | number | ArrayLike<number>)[]): string =>
  parts.map((part) => (typeof part === 'object' ? Array.from(part).join(' ') : String(part))).join(' ');

/**
 * `count` doubles as Render and TrakEM2 put them into a word: big-endian, deflated (zlib), base64; or plain base64 after
 * an `@` where deflating gained nothing. Null where the word holds another number of bytes.
 */
export function decodeDoubles(word: string, count: number): Float64Array | null {
  const bytes = bytesOf(word, 8 * count);
  if (bytes?.length !== 8 * count) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const doubles = Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 * i));
  return doubles.every(Number.isFinite) ? doubles : null;
}

function bytesOf(word: string, length: number): Uint8Array | null {
  if (word.startsWith('@')) return Buffer.from(word.slice(1), 'base64');
  try {
    return inflateSync(Buffer.from(word, 'base64'), { maxOutputLength: length });
  } catch {
    return null;
  }
}

export function encodeDoubles(doubles: ArrayLike<number>): string {
  const bytes = Buffer.alloc(8 * doubles.length);
  for (let i = 0; i < doubles.length; i++) bytes.writeDoubleBE(doubles[i]!, 8 * i);
  const deflated = deflateSync(bytes);
  return deflated.length < bytes.length ? deflated.toString('base64') : `@${bytes.toString('base64')}`;
}
