import { badShape, shown } from './shape-errors.ts';

/** The header of a PLY file (Turk 1994). */
const scalars = {
  char: 'int8',
  int8: 'int8',
  uchar: 'uint8',
  uint8: 'uint8',
  short: 'int16',
  int16: 'int16',
  ushort: 'uint16',
  uint16: 'uint16',
  int: 'int32',
  int32: 'int32',
  uint: 'uint32',
  uint32: 'uint32',
  float: 'float32',
  float32: 'float32',
  double: 'float64',
  float64: 'float64',
} as const;
export type Scalar = (typeof scalars)[keyof typeof scalars];

export const scalarBytes: Readonly<Record<Scalar, number>> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  float32: 4,
  float64: 8,
};

export interface Property {
  readonly name: string;
  readonly type: Scalar;
  /** Of a list: the type of its length. */
  readonly countType?: Scalar;
}

export interface Element {
  readonly name: string;
  readonly count: number;
  readonly properties: readonly Property[];
}

export interface PlyHeader {
  readonly encoding: 'ascii' | 'little' | 'big';
  readonly elements: readonly Element[];
  readonly dataAt: number;
}

const encodings = { ascii: 'ascii', binary_little_endian: 'little', binary_big_endian: 'big' } as const;
const mostHeaderBytes = 1 << 20;

export function readPlyHeader(file: string, bytes: Uint8Array): PlyHeader {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, mostHeaderBytes));
  const end = /(^|\n|\r)end_header[ \t]*(\r\n|\n|\r)/.exec(head);
  if (!/^ply\s/.test(head)) throw badShape(file, 'it does not begin with "ply"');
  if (!end) throw badShape(file, 'its header does not end ("end_header" is not there)');
  const elements: (Element & { readonly properties: Property[] })[] = [];
  let encoding: PlyHeader['encoding'] | undefined;
  for (const line of head.slice(0, end.index).split(/\r\n|\n|\r/)) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'format') encoding = encodingOf(file, words[1]);
    else if (words[0] === 'element') elements.push({ ...elementOf(file, words), properties: [] });
    else if (words[0] === 'property') {
      const element = elements.at(-1);
      if (!element) throw badShape(file, 'its header has a property before any element');
      element.properties.push(propertyOf(file, words));
    }
  }
  if (!encoding) throw badShape(file, 'its header names no format');
  return { encoding, elements, dataAt: end.index + end[0].length };
}

function encodingOf(file: string, word: string | undefined): PlyHeader['encoding'] {
  if (word !== undefined && Object.hasOwn(encodings, word)) return encodings[word as keyof typeof encodings];
  throw badShape(file, `its format ${shown(word)} is none of PLY`);
}

function elementOf(file: string, [, name = '', count = '']: readonly string[]): Omit<Element, 'properties'> {
  if (/^\d{1,15}$/.test(count)) return { name, count: Number(count) };
  throw badShape(file, `its element ${shown(name)} has the count ${shown(count)}`);
}

function propertyOf(file: string, words: readonly string[]): Property {
  const scalar = (word = ''): Scalar => {
    if (Object.hasOwn(scalars, word)) return scalars[word as keyof typeof scalars];
    throw badShape(file, `its header names the type ${shown(word)}`);
  };
  if (words[1] !== 'list') return { name: words[2] ?? '', type: scalar(words[1]) };
  const countType = scalar(words[2]);
  if (countType.startsWith('float')) throw badShape(file, 'the length of a list is no whole number');
  return { name: words[4] ?? '', type: scalar(words[3]), countType };
}
