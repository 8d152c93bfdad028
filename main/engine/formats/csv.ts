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

/**
 * The rows of a CSV, as RFC 4180 and spreadsheets write it: fields in quotes may hold the separator, quotes (twice) and
 * line ends. Empty lines are left out. `line` counts from 1. A quote that is never closed takes the rest of the text.
 */
export function csvRows(
  text: string,
  separator: string,
): readonly { readonly line: number; readonly cells: string[] }[] {
  const rows: { line: number; cells: string[] }[] = [];
  let [line, row, at] = [1, { line: 1, cells: [] as string[] }, text.startsWith('\uFEFF') ? 1 : 0];
  while (at < text.length) {
    const { cell, end } = cellAt(text, at, separator);
    row.cells.push(cell.trim());
    for (let i = at; i < end; i++) if (text[i] === '\n') line += 1;
    at = end + 1;
    if (text[end] === separator && at < text.length) continue;
    if (text[end] === '\r' && text[at] === '\n') at += 1;
    line += 1;
    if (row.cells.some((one) => one !== '')) rows.push(row);
    row = { line, cells: [] };
  }
  return rows;
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
