import { crc32 } from 'node:zlib';

/** Numbers that parsers trip over. */
const nastyWords = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** One to four edits of a file: overwrite, cut off, cut out, repeat, fill. Never longer than three times the file. */
export function mutateBytes(file: Uint8Array, random: () => number): Uint8Array {
  const pick = (n: number): number => Math.floor(random() * n);
  let out = Buffer.from(file);
  for (let edits = 1 + pick(4); edits > 0 && out.length > 8; edits--) {
    // Headers decide more than pixels: a quarter of the edits are near the start.
    const at = random() < 0.25 ? pick(Math.min(out.length, 128)) : pick(out.length);
    const length = 1 + pick(Math.min(64, out.length - at));
    const kind = pick(7);
    if (kind === 0) out[at] = pick(256);
    else if (kind === 1) out[at] = (out[at] ?? 0) ^ (1 << pick(8));
    else if (kind === 2) overwrite(out, at, nastyWords[pick(nastyWords.length)] ?? 0, random() < 0.5);
    else if (kind === 3) out = out.subarray(0, Math.max(1, at));
    else if (kind === 4) out = Buffer.concat([out.subarray(0, at), out.subarray(at + length)]);
    else if (kind === 5 && out.length < 2 * file.length)
      out = Buffer.concat([out.subarray(0, at + length), out.subarray(at)]);
    else out.fill(pick(256), at, at + length);
  }
  return out;
}

function overwrite(out: Buffer, at: number, word: number, bigEndian: boolean): void {
  if (at + 4 > out.length) return;
  if (bigEndian) out.writeUInt32BE(word, at);
  else out.writeUInt32LE(word, at);
}

/** Sets the checksums of a PNG's chunks right, so that an edit gets past them. */
export function withPngChecksums(file: Uint8Array): Uint8Array {
  const out = Buffer.from(file);
  for (let at = 8; at + 12 <= out.length;) {
    const length = out.readUInt32BE(at);
    if (at + 12 + length > out.length) break;
    out.writeUInt32BE(crc32(out.subarray(at + 4, at + 8 + length)), at + 8 + length);
    at += 12 + length;
  }
  return out;
}
