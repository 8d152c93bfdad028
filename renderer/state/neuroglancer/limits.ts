import { plainText } from '../../../preload/contract/plain-text.ts';

/** States come from anywhere, and nobody needs more of one than this. */

/** Of the text of a state or link. */
export const mostText = 32 << 20;
/** No viewer nests so deep; readers call themselves for each level. */
export const mostDepth = 64;
/** Of one address. */
export const mostAddress = 4096;
/** Of one shader: what is understood is far shorter, and patterns take long over more. */
export const mostShader = 20_000;
/** Addresses that one state may have Lamella ask. */
export const mostToAdd = 100;

const mostNotes = 500;
const mostNote = 400;

/** Whether lists and objects lie in each other more than `most` deep. Does not call itself. */
export function isDeeperThan(most: number, root: unknown): boolean {
  let level: readonly unknown[] = [root];
  for (let depth = 0; depth <= most; depth++) {
    const next: unknown[] = [];
    for (const value of level)
      if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) next.push(inner);
    if (next.length === 0) return false;
    level = next;
  }
  return true;
}

/** A number, or the text of one; NaN for all else. Objects of JSON may have a `toString` that is no function. */
export const numberIn = (value: unknown): number =>
  typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;

/** Each line once, and no more and no longer than a reader would want. */
export function readableNotes(notes: readonly string[]): readonly string[] {
  const once = [
    ...new Set(
      notes.map((note) => (note.length > mostNote ? `${plainText(note, mostNote)}…` : plainText(note, mostNote))),
    ),
  ];
  if (once.length <= mostNotes) return once;
  return [...once.slice(0, mostNotes), `${once.length - mostNotes} more lines are left out.`];
}
