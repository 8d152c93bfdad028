import * as zlib from 'node:zlib';

/** CRC-32 as zips have it: by Node where it has one (from 20.15 and 22.2), by a table elsewhere. */
export const crc32: (bytes: Uint8Array) => number = 'crc32' in zlib ? zlib.crc32 : byTable;

const table = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function byTable(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
