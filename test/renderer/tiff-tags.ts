import { inflateSync } from 'node:zlib';

/** Reads a little-endian TIFF of RGB strips with zlib and horizontal differences, by the specification and nothing else. */
export function readRgbTiff(bytes: Uint8Array): {
  readonly pixels: Uint8Array;
  readonly description: string;
  /** Pixels a centimetre. */
  readonly perCm: number;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== 0x4949 || view.getUint16(2, true) !== 42) throw new Error('no TIFF');
  const at = view.getUint32(4, true);
  const tags = new Map<number, readonly number[]>();
  let last = 0;
  for (let i = 0; i < view.getUint16(at, true); i++) {
    const entry = at + 2 + i * 12;
    const [tag, type, count] = [
      view.getUint16(entry, true),
      view.getUint16(entry + 2, true),
      view.getUint32(entry + 4, true),
    ];
    if (tag <= last) throw new Error(`tag ${tag} comes after ${last}`);
    last = tag;
    const side = { 2: 1, 3: 2, 4: 4, 5: 8 }[type] ?? 0;
    const place = side * count > 4 ? view.getUint32(entry + 8, true) : entry + 8;
    if (side * count > 4 && place % 2 !== 0) throw new Error(`tag ${tag} lies at an odd byte`);
    const value = (k: number): number => {
      if (type === 2) return view.getUint8(place + k);
      if (type === 3) return view.getUint16(place + 2 * k, true);
      if (type === 4) return view.getUint32(place + 4 * k, true);
      return view.getUint32(place + 8 * k, true) / view.getUint32(place + 8 * k + 4, true);
    };
    tags.set(
      tag,
      Array.from({ length: count }, (_, k) => value(k)),
    );
  }
  const one = (tag: number): number => tags.get(tag)?.[0] ?? Number.NaN;
  if (one(259) !== 8 || one(317) !== 2 || one(262) !== 2 || one(277) !== 3 || one(296) !== 3)
    throw new Error('another kind');
  const strips = (tags.get(273) ?? []).map((from, i) =>
    inflateSync(bytes.subarray(from, from + (tags.get(279)?.[i] ?? 0))),
  );
  const pixels = new Uint8Array(Buffer.concat(strips));
  const stride = one(256) * 3;
  if (pixels.byteLength !== stride * one(257)) throw new Error('rows are missing');
  if (strips.length !== Math.ceil(one(257) / one(278))) throw new Error('strips are missing');
  for (let i = 0; i < pixels.byteLength; i++) if (i % stride >= 3) pixels[i] = (pixels[i] ?? 0) + (pixels[i - 3] ?? 0);
  const description = String.fromCharCode(...(tags.get(270) ?? [])).replace(/\0$/, '');
  return { pixels, description, perCm: one(282) };
}
