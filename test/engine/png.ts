import { crc32 as zlibCrc32, deflateSync } from 'node:zlib';

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
