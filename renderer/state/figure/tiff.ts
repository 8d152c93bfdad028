import { LamellaError } from '../../../preload/contract/errors.ts';
import { asciiJson, deflated, type PictureFacts, type RowSink, type Write } from './row-sink.ts';

/** TIFF 6.0: 8-bit RGB in strips of zlib with horizontal differences (predictor 2). The directory comes last. */

const rowsPerStrip = 128;
const [short, long, rational, ascii] = [3, 4, 5, 2] as const;

interface Entry {
  readonly tag: number;
  readonly type: 2 | 3 | 4 | 5;
  readonly values: readonly number[];
}

export async function tiffSink(facts: PictureFacts, write: Write): Promise<RowSink> {
  const { widthPx, heightPx } = facts;
  const stripRows = Math.min(rowsPerStrip, heightPx);
  const strip = new Uint8Array(stripRows * widthPx * 3);
  const strips: { readonly at: number; readonly bytes: number }[] = [];
  let [filled, end] = [0, 8];
  const header = new DataView(new ArrayBuffer(8));
  header.setUint16(0, 0x4949);
  header.setUint16(2, 42, true);
  await write(new Uint8Array(header.buffer));

  const flush = async (): Promise<void> => {
    if (filled === 0) return;
    const bytes = await deflated(differences(strip.slice(0, filled * widthPx * 3), widthPx));
    const padded = bytes.byteLength % 2 === 0 ? bytes : withPad(bytes);
    strips.push({ at: end, bytes: bytes.byteLength });
    await write(padded);
    end += padded.byteLength;
    filled = 0;
  };

  return {
    rows: async (rgba) => {
      for (let from = 0; from < rgba.byteLength; from += widthPx * 4) {
        packRow(rgba.subarray(from, from + widthPx * 4), strip.subarray(filled * widthPx * 3));
        filled += 1;
        if (filled === stripRows) await flush();
      }
    },
    end: async (lacks = []) => {
      await flush();
      if (end > 0xfff0_0000) throw tooLarge();
      await write(directory(lacking(facts, lacks), stripRows, strips, end));
      header.setUint32(4, end, true);
      await write(new Uint8Array(header.buffer), 0);
    },
  };
}

const lacking = (facts: PictureFacts, lacks: readonly string[]): PictureFacts =>
  lacks.length === 0
    ? facts
    : { ...facts, provenance: asciiJson({ ...(JSON.parse(facts.provenance) as object), lacks }) };

const withPad = (bytes: Uint8Array): Uint8Array => {
  const padded = new Uint8Array(bytes.byteLength + 1);
  padded.set(bytes);
  return padded;
};

function packRow(rgba: Uint8Array, out: Uint8Array): void {
  for (let from = 0, to = 0; from < rgba.byteLength; from += 4) {
    out[to++] = rgba[from] ?? 0;
    out[to++] = rgba[from + 1] ?? 0;
    out[to++] = rgba[from + 2] ?? 0;
  }
}

/** In place, from the end of each row. */
function differences(rgb: Uint8Array<ArrayBuffer>, widthPx: number): Uint8Array<ArrayBuffer> {
  const stride = widthPx * 3;
  for (let row = 0; row < rgb.byteLength; row += stride)
    for (let i = row + stride - 1; i >= row + 3; i--) rgb[i] = (rgb[i] ?? 0) - (rgb[i - 3] ?? 0);
  return rgb;
}

function directory(
  { widthPx, heightPx, pxPerMm, provenance }: PictureFacts,
  stripRows: number,
  strips: readonly { readonly at: number; readonly bytes: number }[],
  at: number,
): Uint8Array {
  const perCm = Math.round((pxPerMm ?? 1) * 10_000);
  const textOf = (text: string): readonly number[] =>
    [...`${text}\0`].map((character) => character.charCodeAt(0) & 0x7f);
  const entries: readonly Entry[] = [
    { tag: 256, type: long, values: [widthPx] },
    { tag: 257, type: long, values: [heightPx] },
    { tag: 258, type: short, values: [8, 8, 8] },
    { tag: 259, type: short, values: [8] },
    { tag: 262, type: short, values: [2] },
    { tag: 270, type: ascii, values: textOf(provenance) },
    { tag: 273, type: long, values: strips.map((strip) => strip.at) },
    { tag: 277, type: short, values: [3] },
    { tag: 278, type: long, values: [stripRows] },
    { tag: 279, type: long, values: strips.map((strip) => strip.bytes) },
    { tag: 282, type: rational, values: [perCm, 1000] },
    { tag: 283, type: rational, values: [perCm, 1000] },
    // Centimetres, or no unit where the size on paper is not said.
    { tag: 296, type: short, values: [pxPerMm === null ? 1 : 3] },
    { tag: 305, type: ascii, values: textOf('Lamella') },
    { tag: 317, type: short, values: [2] },
  ];
  return entryBytes(entries, at);
}

const bytesOf = { 2: 1, 3: 2, 4: 4, 5: 4 } as const;

/** Values of more than four bytes lie behind the entries, at even places. */
function entryBytes(entries: readonly Entry[], at: number): Uint8Array {
  const table = 2 + entries.length * 12 + 4;
  const lengths = entries.map(({ type, values }) => values.length * bytesOf[type]);
  const behind = lengths.reduce((sum, length) => sum + (length > 4 ? length + (length % 2) : 0), 0);
  const view = new DataView(new ArrayBuffer(table + behind));
  view.setUint16(0, entries.length, true);
  let free = table;
  entries.forEach(({ tag, type, values }, i) => {
    const place = 2 + i * 12;
    const length = lengths[i] ?? 0;
    view.setUint16(place, tag, true);
    view.setUint16(place + 2, type, true);
    view.setUint32(place + 4, type === rational ? values.length / 2 : values.length, true);
    if (length > 4) view.setUint32(place + 8, at + free, true);
    put(view, length > 4 ? free : place + 8, type, values);
    if (length > 4) free += length + (length % 2);
  });
  return new Uint8Array(view.buffer);
}

function put(view: DataView, at: number, type: Entry['type'], values: readonly number[]): void {
  values.forEach((value, i) => {
    const place = at + i * bytesOf[type];
    if (type === ascii) view.setUint8(place, value);
    else if (type === short) view.setUint16(place, value, true);
    else view.setUint32(place, value, true);
  });
}

const tooLarge = (): LamellaError =>
  new LamellaError('over-budget', 'The figure is larger than the 4 GB that a TIFF can hold.', {
    hint: 'Export it smaller, or as PNG.',
  });
