import type { VoxelType } from '../../../../preload/contract/space.ts';

/**
 * Headers of NRRD (teem.sourceforge.net/nrrd/format.html): a line "NRRD000X", then `field: value`, `key:=value` and
 * `# comment`, up to an empty line behind which the data begin, unless they have a file of their own.
 */
export interface NrrdHeader {
  /** Names in lower case, without spaces. */
  readonly fields: ReadonlyMap<string, string>;
  readonly keys: ReadonlyMap<string, string>;
  /** Names of files, one a line, that follow `data file: LIST`. */
  readonly list: readonly string[];
  /** Where the data begin in a file that has both. */
  readonly bytes: number;
}

/** Undefined where the text is no such header; a text says what is wrong with it. */
export function parseHeader(start: Uint8Array): NrrdHeader | string | undefined {
  const text = new TextDecoder('latin1').decode(start);
  if (!/^NRRD000\d\r?\n/.test(text)) return undefined;
  const end = /\r?\n\r?\n/.exec(text);
  // A detached header may end with the file.
  const bytes = end ? end.index + end[0].length : text.length;
  const lines = new TextDecoder()
    .decode(start.subarray(0, end?.index ?? start.byteLength))
    .split(/\r?\n/)
    .slice(1);
  const [fields, keys, list] = [new Map<string, string>(), new Map<string, string>(), [] as string[]];
  let isList = false;
  for (const line of lines) {
    const pair = /^([^:=#]+?):=(.*)$/.exec(line) ?? /^([^:=#]+?):\s?(.*)$/.exec(line);
    if (line.startsWith('#') || line.trim() === '') continue;
    if (isList) list.push(line.trim());
    else if (!pair) return `line "${line.slice(0, 80)}" is no field`;
    else if (line.startsWith(`${pair[1]}:=`)) keys.set(pair[1] ?? '', pair[2] ?? '');
    else {
      const name = (pair[1] ?? '').toLowerCase().replaceAll(/\s/g, '');
      fields.set(name, (pair[2] ?? '').trim());
      isList = name === 'datafile' && /^list\b/i.test((pair[2] ?? '').trim());
    }
  }
  return { fields, keys, list, bytes };
}

const names: Readonly<Record<VoxelType, string>> = {
  int8: 'signed char, int8, int8_t',
  uint8: 'uchar, unsigned char, uint8, uint8_t',
  int16: 'short, short int, signed short, signed short int, int16, int16_t',
  uint16: 'ushort, unsigned short, unsigned short int, uint16, uint16_t',
  int32: 'int, signed int, int32, int32_t',
  uint32: 'uint, unsigned int, uint32, uint32_t',
  int64: 'longlong, long long, long long int, signed long long, signed long long int, int64, int64_t',
  uint64: 'ulonglong, unsigned long long, unsigned long long int, uint64, uint64_t',
  float32: 'float',
  float64: 'double',
};
const typeByName = new Map(
  Object.entries(names).flatMap(([type, all]) => all.split(', ').map((name) => [name, type as VoxelType] as const)),
);

export const typeNamed = (name: string): VoxelType | undefined =>
  typeByName.get(name.toLowerCase().replaceAll(/\s+/g, ' ').trim());

/** Words between spaces, with quoted ones and vectors kept whole: `"mm" "mm"`, `none (1,0,0) (0, 1, 0)`. */
export const words = (text: string | undefined): readonly string[] =>
  [...(text ?? '').matchAll(/"([^"]*)"|\([^)]*\)|[^\s"]+/g)].map((found) => found[1] ?? found[0]);

/** `(1,0,-0.5)`; undefined for `none` and for what is no vector of numbers. */
export function vectorOf(word: string | undefined): readonly number[] | undefined {
  const inner = /^\(([^)]*)\)$/.exec(word ?? '')?.[1];
  const values = inner?.split(',').map((value) => (value.trim() === '' ? Number.NaN : Number(value)));
  return values?.every(Number.isFinite) ? values : undefined;
}
