import type { PictureFacts, RowSink, Write } from './row-sink.ts';

/** PNG (W3C, third edition): 8-bit RGB, written while it is compressed. Physical size in pHYs, provenance in tEXt. */

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const mostIdat = 1 << 20;

export async function pngSink(facts: PictureFacts, write: Write): Promise<RowSink> {
  const { widthPx, heightPx, pxPerMm, provenance } = facts;
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, widthPx);
  header.setUint32(4, heightPx);
  header.setUint8(8, 8);
  header.setUint8(9, 2);
  await write(signature);
  await write(chunk('IHDR', new Uint8Array(header.buffer)));
  if (pxPerMm !== null) await write(chunk('pHYs', physical(pxPerMm)));
  await write(chunk('tEXt', text('Software', 'Lamella')));
  await write(chunk('tEXt', text('Description', provenance)));
  return compressedRows(widthPx, write);
}

function compressedRows(widthPx: number, write: Write): RowSink {
  const { readable, writable } = new CompressionStream('deflate');
  const writer = writable.getWriter();
  const stride = widthPx * 3;
  let before = new Uint8Array(stride);
  // A write that fails ends the rows too: nobody would take them in any more.
  const written = writeIdat(readable.getReader(), write).catch(async (error: unknown) => {
    await writer.abort(error).catch(() => undefined);
    throw error;
  });
  written.catch(() => undefined);
  return {
    rows: async (rgba) => {
      const count = rgba.byteLength / (widthPx * 4);
      const out = new Uint8Array(count * (stride + 1));
      for (let y = 0; y < count; y++) {
        const row = rgbOf(rgba.subarray(y * widthPx * 4, (y + 1) * widthPx * 4));
        filterRow(row, before, out.subarray(y * (stride + 1), (y + 1) * (stride + 1)));
        before = row;
      }
      await Promise.race([writer.write(out), written]);
    },
    end: async (lacks = []) => {
      await Promise.race([writer.close(), written]);
      await written;
      if (lacks.length > 0) await write(chunk('tEXt', text('Warning', plain(lacks.join(' ')))));
      await write(chunk('IEND', new Uint8Array()));
    },
  };
}

async function writeIdat(reader: ReadableStreamDefaultReader<Uint8Array>, write: Write): Promise<void> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (bytes > 0) await write(chunk('IDAT', joined(parts, bytes)));
    [parts, bytes] = [[], 0];
  };
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    bytes += part.value.byteLength;
    if (bytes >= mostIdat) await flush();
  }
  await flush();
}

function rgbOf(rgba: Uint8Array): Uint8Array<ArrayBuffer> {
  const rgb = new Uint8Array((rgba.byteLength / 4) * 3);
  for (let from = 0, to = 0; from < rgba.byteLength; from += 4) {
    rgb[to++] = rgba[from] ?? 0;
    rgb[to++] = rgba[from + 1] ?? 0;
    rgb[to++] = rgba[from + 2] ?? 0;
  }
  return rgb;
}

/** Sub or Up, whichever leaves the smaller differences: the choice that the standard recommends. */
function filterRow(row: Uint8Array, before: Uint8Array, out: Uint8Array): void {
  let [sub, up] = [0, 0];
  for (let i = 0; i < row.length; i++) {
    const value = row[i] ?? 0;
    sub += Math.abs(((value - (i < 3 ? 0 : (row[i - 3] ?? 0))) << 24) >> 24);
    up += Math.abs(((value - (before[i] ?? 0)) << 24) >> 24);
  }
  const isSub = sub <= up;
  out[0] = isSub ? 1 : 2;
  for (let i = 0; i < row.length; i++)
    out[i + 1] = (row[i] ?? 0) - (isSub ? (i < 3 ? 0 : (row[i - 3] ?? 0)) : (before[i] ?? 0));
}

function physical(pxPerMm: number): Uint8Array {
  const data = new DataView(new ArrayBuffer(9));
  data.setUint32(0, Math.round(pxPerMm * 1000));
  data.setUint32(4, Math.round(pxPerMm * 1000));
  data.setUint8(8, 1);
  return new Uint8Array(data.buffer);
}

const plain = (words: string): string => words.replace(/[“”]/g, '"').replace(/[^\x20-\xff]/g, '?');

/** Latin-1, as tEXt is; the callers' text is ASCII. */
const text = (keyword: string, value: string): Uint8Array =>
  Uint8Array.from(`${keyword}\0${value}`, (character) => character.charCodeAt(0) & 0xff);

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.byteLength + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.byteLength);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(data.byteLength + 8, crc32(out.subarray(4, data.byteLength + 8)));
  return out;
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
