import zlib from 'node:zlib';

/** CRC-32 of gzip, zip and zlib (RFC 1952), reflected polynomial 0xedb88320. */
const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Node has one of its own since 20.15 only. */
export const crc32Of = (bytes: Uint8Array): number =>
  typeof zlib.crc32 === 'function' ? zlib.crc32(bytes) : slowCrc32Of(bytes);

export function slowCrc32Of(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
