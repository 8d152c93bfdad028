import { crc32 as zlibCrc32, deflateSync, inflateSync } from 'node:zlib';

/** A grey picture: rows of pixels, x fastest. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array | Uint16Array;
}

/** A grey PNG of 8 or 16 bits, without filters (PNG specification, 3rd edition). */
export function encodePng({ width, height, pixels }: Picture): Uint8Array {
  const bytes = pixels instanceof Uint16Array ? 2 : 1;
  const rows = Buffer.alloc(height * (1 + width * bytes));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = pixels[y * width + x] ?? 0;
      const at = y * (1 + width * bytes) + 1 + x * bytes;
      if (bytes === 2) rows.writeUInt16BE(value, at);
      else rows[at] = value;
    }
  }
  return wrapPng(width, height, bytes * 8, deflateSync(rows, { level: 1 }));
}

/** The chunks of a PNG around any data: also for headers that promise more than there is. */
export function wrapPng(width: number, height: number, bitDepth: number, data: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array())]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.byteLength);
  crc.writeUInt32BE(zlibCrc32(body));
  return Buffer.concat([length, body, crc]);
}

/** Reads a grey, non-interlaced PNG of 8 or 16 bits: enough for the test data, and independent of Lamella's decoder. */
export function decodePng(file: Uint8Array): Picture {
  const bytes = Buffer.from(file);
  const [width, height, bits] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20), bytes[24]];
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.byteLength;) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const size = bits === 16 ? 2 : 1;
  const rows = unfilter(inflateSync(Buffer.concat(data)), width * size, height, size);
  const pixels = size === 2 ? new Uint16Array(width * height) : new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) pixels[i] = size === 2 ? rows.readUInt16BE(2 * i) : (rows[i] ?? 0);
  return { width, height, pixels };
}

/** PNG filters 0 to 4 (section 9 of the specification). */
function unfilter(data: Buffer, rowBytes: number, height: number, pixelBytes: number): Buffer {
  const out = Buffer.alloc(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (rowBytes + 1)];
    for (let x = 0; x < rowBytes; x++) {
      const left = x >= pixelBytes ? (out[y * rowBytes + x - pixelBytes] ?? 0) : 0;
      const up = y > 0 ? (out[(y - 1) * rowBytes + x] ?? 0) : 0;
      const corner = x >= pixelBytes && y > 0 ? (out[(y - 1) * rowBytes + x - pixelBytes] ?? 0) : 0;
      const guess =
        filter === 1
          ? left
          : filter === 2
            ? up
            : filter === 3
              ? (left + up) >> 1
              : filter === 4
                ? paeth(left, up, corner)
                : 0;
      out[y * rowBytes + x] = (data[y * (rowBytes + 1) + 1 + x] ?? 0) + guess;
    }
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const p = left + up - corner;
  const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
