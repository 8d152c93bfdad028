/** Directories of little-endian TIFF and BigTIFF files as bytes. */
export interface Field {
  readonly id: number;
  /** ascii, short, long, rational; offset: LONG, or LONG8 in a BigTIFF; ifd likewise. */
  readonly type: 'ascii' | 'short' | 'long' | 'rational' | 'offset' | 'ifd';
  /** Of a rational: numerator and denominator in turn. Of ascii: characters, the zero at the end included. */
  readonly values: ArrayLike<number>;
}

const codes = { ascii: 2, short: 3, long: 4, rational: 5 } as const;
const widths = { ascii: 1, short: 2, long: 4, rational: 8, offset: 4, ifd: 4 } as const;

const codeOf = (type: Field['type'], isBig: boolean): number =>
  type === 'offset' ? (isBig ? 16 : 4) : type === 'ifd' ? (isBig ? 18 : 13) : codes[type];

const widthOf = (type: Field['type'], isBig: boolean): number =>
  (type === 'offset' || type === 'ifd') && isBig ? 8 : widths[type];

const countOf = ({ type, values }: Field): number => (type === 'rational' ? values.length / 2 : values.length);

const bytesOf = (field: Field, isBig: boolean): number => countOf(field) * widthOf(field.type, isBig);

const even = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Of the directory and all that its entries point to, in whole 8 bytes. */
export function ifdBytes(fields: readonly Field[], isBig: boolean): number {
  const inside = isBig ? 8 : 4;
  const outside = fields.map((field) => bytesOf(field, isBig)).filter((bytes) => bytes > inside);
  return entriesBytes(fields.length, isBig) + outside.reduce((sum, bytes) => sum + even(bytes), 0);
}

const entriesBytes = (fields: number, isBig: boolean): number =>
  even(isBig ? 8 + fields * 20 + 8 : 2 + fields * 12 + 4);

/** The bytes of a directory that lies at `at`, with what its entries point to behind it. `next`: 0 for the last. */
export function ifdAt(at: number, fields: readonly Field[], next: number, isBig: boolean): Uint8Array {
  const bytes = new Uint8Array(ifdBytes(fields, isBig));
  const view = new DataView(bytes.buffer);
  const [head, entry, inside] = isBig ? [8, 20, 8] : [2, 12, 4];
  const sorted = fields.toSorted((a, b) => a.id - b.id);
  putWhole(view, 0, sorted.length, head);
  let free = entriesBytes(fields.length, isBig);
  sorted.forEach((field, i) => {
    const place = head + i * entry;
    view.setUint16(place, field.id, true);
    view.setUint16(place + 2, codeOf(field.type, isBig), true);
    putWhole(view, place + 4, countOf(field), isBig ? 8 : 4);
    const size = bytesOf(field, isBig);
    const valueAt = place + (isBig ? 12 : 8);
    putValues(view, size <= inside ? valueAt : free, field, isBig);
    if (size <= inside) return;
    putWhole(view, valueAt, at + free, inside);
    free += even(size);
  });
  putWhole(view, head + sorted.length * entry, next, inside);
  return bytes;
}

function putValues(view: DataView, at: number, { type, values }: Field, isBig: boolean): void {
  const width = type === 'rational' ? 4 : widthOf(type, isBig);
  for (let i = 0; i < values.length; i++) putWhole(view, at + i * width, values[i] ?? 0, width);
}

function putWhole(view: DataView, at: number, value: number, width: number): void {
  if (width === 1) view.setUint8(at, value);
  else if (width === 2) view.setUint16(at, value, true);
  else if (width === 4) view.setUint32(at, value, true);
  else view.setBigUint64(at, BigInt(value), true);
}

export const headerBytes = 16;

/** `firstIfd`: where the first directory lies. Sixteen bytes either way. */
export function header(firstIfd: number, isBig: boolean): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, isBig ? 43 : 42, 0]);
  if (!isBig) view.setUint32(4, firstIfd, true);
  else {
    view.setUint16(4, 8, true);
    view.setBigUint64(8, BigInt(firstIfd), true);
  }
  return bytes;
}
