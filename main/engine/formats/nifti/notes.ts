import type { NiftiHeader } from './header.ts';
import { commentCode } from './writer.ts';

/** What Lamella noted in an extension of the header; nothing where there is none, or another program's. */
export function notesIn(bytes: Uint8Array, { version, endian }: NiftiHeader): Readonly<Record<string, unknown>> {
  const start = version === 2 ? 540 : 348;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (version === 'analyze' || bytes.byteLength < start + 12 || bytes[start] !== 1) return {};
  const [size, code] = [view.getInt32(start + 4, endian === 'little'), view.getInt32(start + 8, endian === 'little')];
  if (code !== commentCode || size < 8 || start + 4 + size > bytes.byteLength) return {};
  try {
    const text = new TextDecoder().decode(bytes.subarray(start + 12, start + 4 + size)).replace(/\0+$/, '');
    const given: unknown = JSON.parse(text);
    return isObject(given) && isObject(given['lamella']) ? given['lamella'] : {};
  } catch {
    // A comment that is not JSON is nobody's fault.
    return {};
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
