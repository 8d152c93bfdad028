import { deflateSync } from 'node:zlib';

/** A grey picture as TIFF, for the tests of the decoders (TIFF 6.0, little-endian). */
export interface TiffPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array | Uint16Array;
  readonly rowsPerStrip: number;
  readonly deflated: boolean;
  /** Level 0 is white, as scanners of film write it. */
  readonly whiteIsZero?: boolean;
}

type Entry = readonly [tag: number, type: 3 | 4, values: readonly number[]];

const bytesOfType = { 3: 2, 4: 4 } as const;

/** The directory comes before the pixels, so that a truncated file still tells its size. */
export function encodeTiff(picture: TiffPicture): Uint8Array {
  const { width, height, pixels, rowsPerStrip, whiteIsZero = false } = picture;
  const strips = stripsOf(picture);
  const entriesAt = (offsets: readonly number[]): readonly Entry[] => [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, [8 * pixels.BYTES_PER_ELEMENT]],
    [259, 3, [picture.deflated ? 8 : 1]],
    [262, 3, [whiteIsZero ? 0 : 1]],
    [273, 4, offsets],
    [277, 3, [1]],
    [278, 4, [rowsPerStrip]],
    [279, 4, strips.map((strip) => strip.length)],
  ];
  const lengthOf = (offsets: readonly number[]): number => header(entriesAt(offsets)).length;
  let at = lengthOf(strips.map(() => 0));
  const offsets = strips.map((strip) => (at += strip.length) - strip.length);
  return Buffer.concat([header(entriesAt(offsets)), ...strips]);
}

function stripsOf({ width, height, pixels, rowsPerStrip, deflated }: TiffPicture): readonly Uint8Array[] {
  const bytes = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const stripBytes = rowsPerStrip * width * pixels.BYTES_PER_ELEMENT;
  return Array.from({ length: Math.ceil(height / rowsPerStrip) }, (_, i) => {
    const strip = bytes.subarray(i * stripBytes, (i + 1) * stripBytes);
    return deflated ? deflateSync(strip) : strip;
  });
}

function header(entries: readonly Entry[]): Buffer {
  const directory = Buffer.alloc(8 + 2 + 12 * entries.length + 4);
  directory.write('II*\0', 'latin1');
  directory.writeUInt32LE(8, 4);
  directory.writeUInt16LE(entries.length, 8);
  const lists: Buffer[] = [];
  let listAt = directory.length;
  entries.forEach(([tag, type, values], i) => {
    const at = 10 + 12 * i;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(values.length, at + 4);
    const list = Buffer.alloc(Math.max(4, bytesOfType[type] * values.length));
    values.forEach((value, j) => (type === 3 ? list.writeUInt16LE(value, 2 * j) : list.writeUInt32LE(value, 4 * j)));
    if (list.length === 4) {
      list.copy(directory, at + 8);
    } else {
      directory.writeUInt32LE(listAt, at + 8);
      lists.push(list);
      listAt += list.length;
    }
  });
  return Buffer.concat([directory, ...lists]);
}
