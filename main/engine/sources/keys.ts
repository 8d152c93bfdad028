import { LamellaError } from '../../../preload/contract/errors.ts';
import type { ByteRange } from '../formats/byte-store.ts';

/** Whether a key stays where it belongs on a server or in an archive: no empty part, no "." and no "..". */
export const isSafeKey = (key: string): boolean =>
  key.length > 0 &&
  key.length <= 2048 &&
  key.split('/').every((part) => part !== '' && part !== '.' && part !== '..') &&
  !hasControl(key);

/** Zero bytes, line ends and such, which names never need. */
export function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32 || code === 127) return true;
  }
  return false;
}

/** The key. Throws 'invalid-input' where it is not safe. */
export function checkedKey(key: string, name: string): string {
  if (isSafeKey(key)) return key;
  throw new LamellaError('invalid-input', `${JSON.stringify(key.slice(0, 200))} is no name for a file of ${name}.`, {
    hint: 'Names have no "..", no empty parts and no control characters.',
    fields: { key: key.slice(0, 200) },
  });
}

/** Throws 'bad-source' where offset or length are no whole numbers of bytes: a damaged index says such. */
export function checkRange(range: ByteRange | undefined, key: string, name: string): void {
  if (range === undefined) return;
  const { offset, length } = range;
  if (Number.isSafeInteger(offset) && Number.isSafeInteger(length + offset) && offset >= 0 && length >= 0) return;
  throw new LamellaError(
    'bad-source',
    `Bytes ${offset} and ${length} more of "${key}" of ${name} can't be: it is damaged.`,
    {
      hint: 'The index that says where the bytes lie is damaged: fetch the dataset again.',
      fields: { file: key, source: name, offset, length },
    },
  );
}

/** Throws 'cancelled' where the caller has given up. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled();
}

export const cancelled = (): LamellaError =>
  new LamellaError('cancelled', 'The reading was cancelled.', { hint: 'Start it again when you need it.' });
