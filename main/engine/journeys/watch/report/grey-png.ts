import { deflateSync } from 'node:zlib';
import { crc32Of } from '../../../../../native-workers/crc32.ts';
import type { Thumbnail } from '../../../store/thumbnails.ts';

/** A thumbnail as an 8-bit grey PNG (PNG specification, third edition, without filters). */
export function greyPng({ widthPx, heightPx, pixels }: Thumbnail): Uint8Array {
  const rows = Buffer.alloc(heightPx * (widthPx + 1));
  for (let y = 0; y < heightPx; y++) rows.set(pixels.subarray(y * widthPx, (y + 1) * widthPx), y * (widthPx + 1) + 1);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header[8] = 8;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.byteLength);
  sum.writeUInt32BE(crc32Of(body) >>> 0);
  return Buffer.concat([length, body, sum]);
}
