import { plainText } from '../../../preload/contract/plain-text.ts';

/** A label of a segmentation with what a dataset, or a table, says of it. */
export interface NamedLabel {
  /** Decimal, below 2^64. */
  readonly id: string;
  readonly name: string;
  /** What else is said of it (acronym, description, tags); ''. */
  readonly about: string;
  /** '#rrggbb', or null. */
  readonly colour: string | null;
}

export const mostNamedLabels = 1_000_000;
const mostLetters = 500;

/** A label as decimal digits; of a negative one its 64 bits, as indexed bricks hold it. Null where it is none. */
export function labelId(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? digits(BigInt(value)) : null;
  const text = typeof value === 'string' ? value.trim() : '';
  return /^-?\d{1,20}$/.test(text) ? digits(BigInt(text)) : null;
}

const digits = (id: bigint): string | null =>
  id < -(2n ** 63n) || id >= 2n ** 64n ? null : String(BigInt.asUintN(64, id));

/** One line of a text, cut where it is endless. */
export const labelText = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? plainText(String(value), mostLetters) : '';

/** '#rrggbb' of `RRGGBB`, `#rgb`, or of numbers from 0 to 255; null of anything else. */
export function labelHex(value: unknown): string | null {
  if (Array.isArray(value)) return hexOfBytes(value.slice(0, 3));
  const text = typeof value === 'string' ? value.trim().replace(/^#/, '').toLowerCase() : '';
  if (/^[0-9a-f]{6}$/.test(text)) return `#${text}`;
  if (/^[0-9a-f]{3}$/.test(text)) return `#${text.replaceAll(/./g, '$&$&')}`;
  const parts = /^(?:rgb\()?\s*(\d{1,3})[\s,;]+(\d{1,3})[\s,;]+(\d{1,3})\s*\)?$/.exec(text);
  return parts ? hexOfBytes(parts.slice(1).map(Number)) : null;
}

function hexOfBytes(bytes: readonly unknown[]): string | null {
  const isByte = (byte: unknown): byte is number => Number.isInteger(byte) && Number(byte) >= 0 && Number(byte) <= 255;
  if (bytes.length !== 3 || !bytes.every(isByte)) return null;
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
