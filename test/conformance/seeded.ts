import { seededRandom } from '../formats/mutate.ts';

/** Bytes that a text stands for: the same everywhere. */
export function seededBytes(seed: string, length: number): Uint8Array {
  const random = seededRandom(
    [...seed].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5),
  );
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}
