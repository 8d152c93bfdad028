import type { Steps } from './steps.ts';

/** Values of up to so many characters are parsed at once; longer lists and objects entry by entry. */
const wholeLength = 65_536;
/** Lists in lists beyond this are parsed at once, however long. */
const mostDepth = 16;

interface Cursor {
  readonly text: string;
  at: number;
  /** Where the last step ended. */
  step: number;
}

/** Gives what JSON.parse gives, and throws what it throws, in steps: 64 MiB at once would take the better part of a second. */
export function* jsonSteps(text: string): Steps<unknown> {
  if (text.length <= wholeLength) return JSON.parse(text) as unknown;
  const cursor: Cursor = { text, at: 0, step: 0 };
  try {
    skipBlank(cursor);
    const value = yield* valueSteps(cursor, mostDepth);
    skipBlank(cursor);
    if (cursor.at === text.length) return value;
  } catch {
    // JSON.parse below says what is wrong with it, and where.
  }
  return JSON.parse(text) as unknown;
}

function* valueSteps(cursor: Cursor, depth: number): Steps<unknown> {
  const { text, at } = cursor;
  const isContainer = text[at] === '[' || text[at] === '{';
  const end = endOfValue(text, at, isContainer && depth > 0 ? at + wholeLength : Infinity);
  if (end === null) return yield* containerSteps(cursor, depth);
  cursor.at = end;
  return JSON.parse(text.slice(at, end)) as unknown;
}

function* containerSteps(cursor: Cursor, depth: number): Steps<unknown> {
  const isList = cursor.text[cursor.at] === '[';
  const entries: [string, unknown][] = [];
  const items: unknown[] = [];
  do {
    cursor.at += 1;
    skipBlank(cursor);
    const key = isList ? '' : keyOf(cursor);
    const value = yield* valueSteps(cursor, depth - 1);
    if (isList) items.push(value);
    else entries.push([key, value]);
    skipBlank(cursor);
    if (cursor.at - cursor.step > wholeLength) {
      cursor.step = cursor.at;
      yield;
    }
  } while (cursor.text[cursor.at] === ',');
  expect(cursor, isList ? ']' : '}');
  return isList ? items : Object.fromEntries(entries);
}

function keyOf(cursor: Cursor): string {
  const end = endOfValue(cursor.text, cursor.at, Infinity);
  const key: unknown = JSON.parse(cursor.text.slice(cursor.at, end ?? cursor.at));
  if (typeof key !== 'string') throw new SyntaxError('a key is a string');
  cursor.at = end ?? cursor.at;
  skipBlank(cursor);
  expect(cursor, ':');
  skipBlank(cursor);
  return key;
}

function expect(cursor: Cursor, sign: string): void {
  if (cursor.text[cursor.at] !== sign) throw new SyntaxError(`${sign} is missing`);
  cursor.at += 1;
}

function skipBlank(cursor: Cursor): void {
  const { text } = cursor;
  while (/[ \t\n\r]/.test(text[cursor.at] ?? '')) cursor.at += 1;
}

const [quote, backslash, openList, closeList, openObject, closeObject] = [34, 92, 91, 93, 123, 125];

/** Where the value that begins at `at` ends; null where that is beyond `limit`. */
function endOfValue(text: string, at: number, limit: number): number | null {
  let open = 0;
  for (let i = at; i < text.length; i++) {
    if (i > limit) return null;
    const code = text.charCodeAt(i);
    if (code === quote) i = endOfString(text, i);
    else if (code === openList || code === openObject) open += 1;
    else if (code === closeList || code === closeObject) open -= 1;
    else if (open > 0 || !/[,:\s]/.test(text[i] ?? '')) continue;
    // A string or a container ends with itself, anything else before what follows it.
    if (open < 0 || (open === 0 && /[,:\s]/.test(text[i] ?? ''))) return i;
    if (open === 0) return i + 1;
  }
  return text.length;
}

function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  if (end < 0) throw new SyntaxError('a string does not end');
  return end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes += 1;
  return backslashes % 2 === 1;
}
