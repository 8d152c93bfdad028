/**
 * CSV after RFC 4180: CRLF, fields in quotes where they need them. Numbers are written as JavaScript writes them (point,
 * no grouping), whatever the locale.
 *
 * A text that a spreadsheet would run as a formula (it begins with = + - @, tab or return, or their full-width forms)
 * gets an apostrophe before it: names of annotations come from anywhere.
 */
export function csvOf(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return [header, ...rows].map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');
}

const formula = /^[=+\-@\t\r\n＝＋－＠]/;

function cellOf(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Cells of a row that are read. */
const mostCells = 1000;

export interface CsvRow {
  /** Counted from 1. */
  readonly line: number;
  /** The first thousand. */
  readonly cells: readonly string[];
}

/**
 * The rows of a CSV, as RFC 4180 and spreadsheets write it: fields in quotes may hold the separator, quotes (twice) and
 * line ends. Empty lines are left out. A quote that is never closed takes the rest of the text. One row after the other,
 * so that a reader can stop.
 */
export function* csvRows(text: string, separator: string): Generator<CsvRow> {
  const ends = /\r\n|\n|\r/g;
  let [line, at] = [1, text.startsWith('\uFEFF') ? 1 : 0];
  while (at < text.length) {
    ends.lastIndex = at;
    const end = ends.exec(text);
    const whole = text.slice(at, end?.index ?? text.length);
    const row = whole.includes('"')
      ? quotedRow(text, at, separator)
      : { cells: whole.split(separator, mostCells), next: end ? ends.lastIndex : text.length, lines: 1 };
    const cells = row.cells.map((cell) => cell.trim());
    if (cells.some((cell) => cell !== '')) yield { line, cells };
    line += row.lines;
    at = row.next;
  }
}

/** A row some of whose cells are in quotes, where the next begins, and how many lines it takes. */
function quotedRow(
  text: string,
  start: number,
  separator: string,
): { readonly cells: readonly string[]; readonly next: number; readonly lines: number } {
  const cells: string[] = [];
  let [at, lines] = [start, 1];
  for (;;) {
    const { cell, end } = cellAt(text, at, separator);
    if (cells.length < mostCells) cells.push(cell);
    for (let i = at; i < end; i++) if (text[i] === '\n') lines += 1;
    at = end + 1;
    if (text[end] !== separator || at >= text.length) break;
  }
  return { cells, next: text[at - 1] === '\r' && text[at] === '\n' ? at + 1 : at, lines };
}

/** A cell and where it ends: at a separator, a line end or the end of the text. */
function cellAt(text: string, start: number, separator: string): { readonly cell: string; readonly end: number } {
  let at = start;
  while (text[at] === ' ') at += 1;
  if (text[at] !== '"') {
    while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at += 1;
    return { cell: text.slice(start, at), end: at };
  }
  let cell = '';
  for (at += 1; at < text.length; at++) {
    if (text[at] !== '"') cell += text[at];
    else if (text[at + 1] === '"') {
      cell += '"';
      at += 1;
    } else break;
  }
  at += 1;
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at += 1;
  return { cell, end: Math.min(at, text.length) };
}
