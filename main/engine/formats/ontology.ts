import { LamellaError } from '../../../preload/contract/errors.ts';
import { quoteLargeIntegers } from '../../../preload/contract/large-integers.ts';
import { csvRows } from './csv.ts';
import {
  channelNames,
  colourNames,
  idNames,
  isItem,
  type Item,
  itemsOf,
  keyOf,
  nameNames,
  separatorOf,
} from './legend.ts';
import { labelHex, labelId, labelText } from './named-label.ts';
import { lineTable } from './ontology-lines.ts';

/** A region as a file says it: `parent` is an id or an acronym. */
export interface OntologyEntry {
  /** "line 3", "entry 7". */
  readonly where: string;
  /** Decimal, below 2^64. */
  readonly id: string;
  readonly acronym: string;
  readonly name: string;
  readonly colour: string | null;
  readonly parent: string | null;
  /** Among those inside of the same region; in the order of the file where it does not say. */
  readonly order: number | null;
}

export interface Ontology {
  readonly kind: 'allen' | 'table';
  readonly entries: readonly OntologyEntry[];
}

/** More are refused before they are kept. */
const mostEntries = 1_000_000;

/**
 * A tree of regions: the Allen Institute's JSON (nested, with or without `msg`) and CSV, BrainGlobe's structures.json and
 * .csv, CSV or TSV with id, name, acronym, parent and colour, label descriptions of ITK-SNAP, colour tables of FreeSurfer.
 * The label 0 is nobody's region and left out. Throws 'bad-source' naming file, line and value.
 */
export function readOntology(bytes: Uint8Array, fileName: string): Ontology {
  const text = new TextDecoder().decode(bytes).replace(/^\uFEFF/, '');
  const isJson = /^\s*[[{]/.test(text);
  const entries: OntologyEntry[] = [];
  let isAllen = false;
  for (const { where, cells } of isJson ? jsonCells(text, fileName) : tableCells(text, fileName)) {
    if (entries.length >= mostEntries) throw badOntology(fileName, where, `it has more than ${mostEntries} regions`);
    isAllen ||= 'structure_id_path' in cells || 'color_hex_triplet' in cells;
    const entry = entryOf(where, cells, fileName);
    if (entry.id !== '0') entries.push(entry);
  }
  if (entries.length === 0) throw badOntology(fileName, 'the file', 'it names no region');
  return { kind: isAllen ? 'allen' : 'table', entries };
}

/** A row with the names of its columns; `inside`: the id of the object that it is nested in. */
interface Cells {
  readonly where: string;
  readonly cells: Item;
}

const acronymNames = ['acronym', 'abbreviation', 'abbrev', 'short_name'];
const parentNames = ['parent_structure_id', 'parent_id', 'parent', 'parent_acronym', 'parent_label'];
const orderNames = ['graph_order', 'order'];
/** What stands for no parent. */
const noParents: ReadonlySet<string> = new Set(['', '-1', 'null', 'none', 'nan', 'na', 'n/a']);

function entryOf(where: string, cells: Item, fileName: string): OntologyEntry {
  const first = (names: readonly string[], not?: string): string | undefined =>
    names.find((name) => name !== not && name in cells);
  const idName = first(idNames);
  if (idName === undefined) {
    const columns = Object.keys(cells).join(', ').slice(0, 200);
    throw badOntology(fileName, where, `none of its columns (${columns}) is "id"`);
  }
  const id = labelId(wholeText(cells[idName]));
  if (id === null) throw badOntology(fileName, where, `"${labelText(cells[idName]).slice(0, 60)}" is no label id`);
  const said = (names: readonly string[], not?: string): string => labelText(cells[first(names, not) ?? '']);
  const order = Number.parseFloat(said(orderNames));
  return {
    where,
    id,
    acronym: said(acronymNames),
    name: said(nameNames, idName),
    colour: colourOf(cells),
    parent: parentOf(cells, id),
    order: Number.isFinite(order) ? order : null,
  };
}

/** Tables that went through pandas say 997.0. */
const wholeText = (value: unknown): unknown => (typeof value === 'string' ? value.replace(/\.0+$/, '') : value);

/** The parent that is named, or the last but one of a path such as /997/8/567/. */
function parentOf(cells: Item, id: string): string | null {
  const named = parentNames.find((name) => name in cells);
  const text = named === undefined ? '' : labelText(wholeText(cells[named]));
  if (!noParents.has(text.toLowerCase())) return text;
  const path = cells['structure_id_path'] ?? cells['id_path'];
  const steps = (Array.isArray(path) ? path.map(labelText) : labelText(path).split('/')).filter((step) => step !== '');
  return steps.length > 1 && steps.at(-1) === id ? (steps.at(-2) ?? null) : null;
}

function colourOf(cells: Item): string | null {
  const channels = channelNames.find((three) => three.every((channel) => channel in cells));
  if (channels) return labelHex(channels.map((channel) => Number(cells[channel])));
  const name = colourNames.find((one) => one in cells);
  const value = name === undefined ? undefined : cells[name];
  // Spreadsheets take the zeros off 019399.
  if (name === 'color_hex_triplet') return labelHex(labelText(value).padStart(6, '0'));
  return labelHex(value);
}

function* tableCells(text: string, fileName: string): Generator<Cells> {
  const lines = lineTable(text);
  if (lines) {
    for (const { line, bad, ...cells } of lines) {
      if (bad !== undefined) throw badOntology(fileName, `line ${line}`, `"${bad.slice(0, 80)}" is no label`);
      yield { where: `line ${line}`, cells };
    }
    return;
  }
  const rows = csvRows(text, separatorOf(text));
  const head = rows.next();
  if (head.done === true) throw badOntology(fileName, 'the file', 'it is empty');
  const columns = head.value.cells.map(keyOf);
  for (const { line, cells } of rows)
    yield { where: `line ${line}`, cells: Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? ''])) };
}

function* jsonCells(text: string, fileName: string): Generator<Cells> {
  let given: unknown;
  try {
    given = JSON.parse(quoteLargeIntegers(text));
  } catch (cause) {
    throw badOntology(fileName, 'the file', 'it is not JSON', cause);
  }
  const items = Array.isArray(given) ? given : itemsOf(given);
  const waiting: { item: unknown; inside: unknown }[] = items.map((item) => ({ item, inside: undefined })).toReversed();
  for (let count = 1; waiting.length > 0; count++) {
    const { item, inside } = waiting.pop() ?? { item: null, inside: null };
    const where = `entry ${count}`;
    if (!isItem(item)) throw badOntology(fileName, where, 'an object with "id" and "name" is expected');
    const { children, ...rest } = item;
    const keyed = Object.fromEntries(Object.entries(rest).map(([key, value]) => [keyOf(key), value]));
    yield { where, cells: inside === undefined ? keyed : { ...keyed, parent_structure_id: inside } };
    if (!Array.isArray(children)) continue;
    // Not spread: arguments lie on the stack.
    for (const child of children.toReversed()) waiting.push({ item: child, inside: keyed['id'] });
  }
}

function badOntology(fileName: string, where: string, why: string, cause?: unknown): LamellaError {
  return new LamellaError('bad-source', `${fileName} can't be taken as a tree of regions: ${where}: ${why}.`, {
    hint: "Give Allen's or BrainGlobe's JSON or CSV, or a table with id, name and, where you like, acronym, parent and colour.",
    fields: { file: fileName, where },
    cause,
  });
}
