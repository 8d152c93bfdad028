import { LamellaError } from '../../../preload/contract/errors.ts';
import { quoteLargeIntegers } from '../../../preload/contract/large-integers.ts';
import { csvRows, type CsvRow } from './csv.ts';
import { labelHex, labelId, labelText, mostNamedLabels, type NamedLabel } from './named-label.ts';

/**
 * A table of labels: their names and colours. CSV (comma, semicolon or tab) with a line of headers, or id, name, colour
 * without one; JSON: a list of objects, an object of id to name or to object, or an ontology of the Allen Institute
 * (`children` in `children`). Throws 'bad-source' naming file, line and value: on an id that is none, on two names of one id.
 */
export function readLegend(bytes: Uint8Array, fileName: string): readonly NamedLabel[] {
  const text = new TextDecoder().decode(bytes);
  const entries = /^\s*[[{]/.test(text) ? jsonEntries(text, fileName) : csvEntries(text, fileName);
  const labels = new Map<string, NamedLabel>();
  let count = 0;
  for (const { where, given, label } of entries) {
    if (++count > mostNamedLabels) throw bad(fileName, where, `it has more than ${mostNamedLabels} labels`);
    if (label.id === null) throw bad(fileName, where, `"${labelText(given).slice(0, 60)}" is no label id`);
    const before = labels.get(label.id);
    if (before && before.name !== label.name)
      throw bad(fileName, where, `label ${label.id} is called "${before.name}" and "${label.name}"`);
    labels.set(label.id, { ...label, id: label.id });
  }
  if (labels.size === 0) throw bad(fileName, 'the file', 'it names no label');
  return [...labels.values()];
}

interface Entry {
  readonly where: string;
  readonly given: unknown;
  readonly label: Omit<NamedLabel, 'id'> & { readonly id: string | null };
}

/** What columns and keys are called, the most telling first. */
export const idNames = ['id', 'label_id', 'segment_id', 'structure_id', 'segment', 'roi', 'index', 'label', 'value'];
export const nameNames = ['name', 'label_name', 'structure', 'structure_name', 'region', 'label', 'title', 'safe_name'];
export const colourNames = ['colour', 'color', 'hex', 'color_hex_triplet', 'rgb', 'rgb_triplet', 'rgba'];
const aboutNames = ['acronym', 'abbreviation', 'description', 'type', 'class'];
export const channelNames = [
  ['r', 'g', 'b'],
  ['red', 'green', 'blue'],
  ['c_r', 'c_g', 'c_b'],
];

export const keyOf = (header: string): string =>
  header
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');

/** How a row of these columns is read; null where no column is an id. */
function readerOf(columns: readonly string[]): ((cell: (column: string) => unknown) => Omit<Entry, 'where'>) | null {
  const first = (wanted: readonly string[], not?: string): string | undefined =>
    wanted.find((name) => name !== not && columns.includes(name));
  const id = first(idNames);
  if (id === undefined) return null;
  const [name, colour, about] = [first(nameNames, id), first(colourNames), first(aboutNames)];
  const channels = channelNames.find((three) => three.every((channel) => columns.includes(channel)));
  const colourOf = (cell: (column: string) => unknown): string | null => {
    if (channels) return labelHex(channels.map((channel) => Number(cell(channel))));
    return colour === undefined ? null : labelHex(cell(colour));
  };
  return (cell) => ({
    given: cell(id),
    label: {
      id: labelId(cell(id)),
      name: name === undefined ? '' : labelText(cell(name)),
      about: about === undefined ? '' : labelText(cell(about)),
      colour: colourOf(cell),
    },
  });
}

function* csvEntries(text: string, fileName: string): Generator<Entry> {
  const rows = csvRows(text, separatorOf(text));
  const head = rows.next().value;
  if (!head) throw bad(fileName, 'the file', 'it is empty');
  const isPlain = labelId(head.cells[0]) !== null;
  const columns = isPlain ? ['id', 'name', 'colour'] : head.cells.map(keyOf);
  const read = readerOf(columns);
  if (!read)
    throw bad(fileName, `line ${head.line}`, `none of its columns (${head.cells.join(', ').slice(0, 200)}) is "id"`);
  const entryOf = ({ line, cells }: CsvRow): Entry => ({
    where: `line ${line}`,
    ...read((column) => cells[columns.indexOf(column)]),
  });
  if (isPlain) yield entryOf(head);
  for (const row of rows) yield entryOf(row);
}

export function separatorOf(text: string): string {
  const line = /^[^\r\n]*/.exec(text.slice(0, 65_536))?.[0] ?? '';
  return [',', '\t', ';'].reduce((best, one) => (line.split(one).length > line.split(best).length ? one : best));
}

export type Item = Readonly<Record<string, unknown>>;
export const isItem = (value: unknown): value is Item =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function* jsonEntries(text: string, fileName: string): Generator<Entry> {
  const given = parsed(text, fileName);
  const items = Array.isArray(given) ? given : itemsOf(given);
  const waiting: unknown[] = [...items].toReversed();
  for (let count = 1; waiting.length > 0; count++) {
    const item = waiting.pop();
    const where = `entry ${count}`;
    if (!isItem(item)) throw bad(fileName, where, 'an object with "id" and "name" is expected');
    const keyed = Object.fromEntries(Object.entries(item).map(([key, value]) => [keyOf(key), value]));
    const read = readerOf(Object.keys(keyed));
    if (!read) throw bad(fileName, where, `none of its keys (${Object.keys(item).join(', ').slice(0, 200)}) is "id"`);
    yield { where, ...read((key) => keyed[key]) };
    // Not spread: arguments lie on the stack.
    if (Array.isArray(item['children'])) for (const child of item['children'].toReversed()) waiting.push(child);
  }
}

/** The Allen Institute's answers keep their list in `msg`; an object of ids to names, or to objects, is a list too. */
export function itemsOf(given: unknown): readonly unknown[] {
  if (!isItem(given)) return [];
  if (Array.isArray(given['msg'])) return given['msg'];
  if ('id' in given) return [given];
  return Object.entries(given).map(([id, value]) => (isItem(value) ? { ...value, id } : { id, name: value }));
}

function parsed(text: string, fileName: string): unknown {
  try {
    return JSON.parse(quoteLargeIntegers(text.replace(/^\uFEFF/, '')));
  } catch (cause) {
    throw bad(fileName, 'the file', 'it is not JSON', cause);
  }
}

function bad(fileName: string, where: string, why: string, cause?: unknown): LamellaError {
  return new LamellaError('bad-source', `${fileName} can't be taken as names of labels: ${where}: ${why}.`, {
    hint: 'Give a CSV with the columns id, name and, where you like, colour (#rrggbb), or JSON with the same keys.',
    fields: { file: fileName, where },
    cause,
  });
}
