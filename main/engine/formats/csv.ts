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
