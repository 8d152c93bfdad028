import { inflateSync } from 'node:zlib';

/** Reads the PNGs that Lamella's window writes, by the rules of the standard and nothing else. */
export interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

export function pngChunks(png: Uint8Array): readonly Chunk[] {
  const view = new DataView(png.buffer, png.byteOffset);
  const chunks: Chunk[] = [];
  for (let at = 8; at < png.byteLength;) {
    const length = view.getUint32(at);
    const type = new TextDecoder().decode(png.subarray(at + 4, at + 8));
    chunks.push({ type, data: png.subarray(at + 8, at + 8 + length) });
    at += length + 12;
  }
  return chunks;
}

/** RGB of a PNG of the filters Sub and Up, by the rules of the standard. */
export function pngPixels(chunks: readonly Chunk[], widthPx: number): Uint8Array {
  const stored = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)));
  const stride = widthPx * 3;
  const out = new Uint8Array((stored.byteLength / (stride + 1)) * stride);
  for (let y = 0; y * (stride + 1) < stored.byteLength; y++) {
    const filter = stored[y * (stride + 1)];
    if (filter !== 1 && filter !== 2) throw new Error(`row ${y} has the filter ${filter}`);
    for (let i = 0; i < stride; i++) {
      const left = i < 3 ? 0 : (out[y * stride + i - 3] ?? 0);
      const above = y === 0 ? 0 : (out[(y - 1) * stride + i] ?? 0);
      out[y * stride + i] = (stored[y * (stride + 1) + 1 + i] ?? 0) + (filter === 1 ? left : above);
    }
  }
  return out;
}
