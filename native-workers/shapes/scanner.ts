/** Powers of ten that a double holds exactly. */
const tens = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const [tab, newline, carriageReturn, space, hash] = [9, 10, 13, 32, 35];
const [plus, minus, dot, zero, nine, upperE, lowerE] = [43, 45, 46, 48, 57, 69, 101];

/** Lines after this many call `beat`. */
const beatLines = 1 << 14;
/** Bytes of a word or a name that are looked at: longer ones are no numbers, and nobody reads names of that length. */
const mostWord = 1024;

/** Reads text of lines and words without making strings of them. Lines end as Unix, Windows or old Macs end them. */
export class Scanner {
  readonly bytes: Uint8Array;
  /** Of the current line, from 1. */
  line = 0;
  #at: number;
  #next: number;
  #end = 0;
  readonly #beat: () => void;

  constructor(bytes: Uint8Array, beat: () => void, from = 0) {
    this.bytes = bytes;
    const hasMark = from === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    this.#at = hasMark ? 3 : from;
    this.#next = this.#at;
    this.#beat = beat;
  }

  /** Where the next word is looked for. */
  get at(): number {
    return this.#at;
  }

  /** Goes to the next line that has words and does not begin with `#`; false at the end of the file. */
  nextLine(): boolean {
    while (this.#next < this.bytes.length) {
      this.#enter();
      if (this.line % beatLines === 0) this.#beat();
      this.#skipSpace();
      if (this.#at < this.#end && this.bytes[this.#at] !== hash) return true;
    }
    this.#at = this.#end = this.bytes.length;
    return false;
  }

  #enter(): void {
    const { bytes } = this;
    this.#at = this.#next;
    let end = this.#at;
    while (end < bytes.length && bytes[end] !== newline && bytes[end] !== carriageReturn) end++;
    this.#end = end;
    this.#next = end + (bytes[end] === carriageReturn && bytes[end + 1] === newline ? 2 : 1);
    this.line += 1;
  }

  #skipSpace(): void {
    while (this.#at < this.#end && isSpace(this.bytes[this.#at] ?? 0)) this.#at++;
  }

  /** Whether the line has another word. */
  get hasMore(): boolean {
    this.#skipSpace();
    return this.#at < this.#end;
  }

  /** The next word of the line, cut where it is endless; '' where there is none. */
  word(): string {
    this.#skipSpace();
    const from = this.#at;
    while (this.#at < this.#end && !isSpace(this.bytes[this.#at] ?? 0)) this.#at++;
    return textOf(this.bytes.subarray(from, Math.min(this.#at, from + mostWord)));
  }

  /** What is left of the line, without spaces around it, cut where it is endless. */
  rest(): string {
    this.#skipSpace();
    const text = textOf(this.bytes.subarray(this.#at, Math.min(this.#end, this.#at + mostWord))).trim();
    this.#at = this.#end;
    return text;
  }

  /** The next word as a number; NaN where it is none or there is none. Rounded as `Number` rounds. */
  number(): number {
    this.#skipSpace();
    const from = this.#at;
    const value = this.#plainNumber();
    if (this.#at === this.#end || isSpace(this.bytes[this.#at] ?? 0)) return this.#at === from ? NaN : value;
    this.#at = from;
    const word = this.word();
    return this.#at - from <= mostWord && numeral.test(word) ? Number(word) : NaN;
  }

  /**
   * Up to 15 digits and a small exponent: then the digits and the power of ten are exact, and one division or product
   * rounds correctly. Stops in the middle of a word that is not of that kind.
   */
  #plainNumber(): number {
    const { bytes } = this;
    let at = this.#at;
    const sign = bytes[at];
    if (sign === minus || sign === plus) at++;
    let [digits, value, scale] = [0, 0, 0];
    for (let seen = false; at < this.#end; at++) {
      const letter = bytes[at] ?? 0;
      if (letter >= zero && letter <= nine) {
        value = value * 10 + (letter - zero);
        if (value > 0) digits++;
        if (seen) scale++;
      } else if (letter === dot && !seen) seen = true;
      else break;
    }
    const letter = bytes[at];
    if (digits > 15 || scale > 22 || at === this.#at || letter === lowerE || letter === upperE) return NaN;
    if (bytes[at - 1] === dot || bytes[at - 1] === minus || bytes[at - 1] === plus) return NaN;
    this.#at = at;
    const size = value / (tens[scale] ?? 1);
    return sign === minus ? -size : size;
  }
}

/** No two parts of it fit the same digits, so that it takes one look. */
const numeral = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

const isSpace = (letter: number): boolean => letter === space || letter === tab || letter === 11 || letter === 12;

/** Names in files may be anything; what is no UTF-8 is shown as it can be. */
const decoder = new TextDecoder();
const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);
