import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive, and what is wrong with it. */
export interface ZipFile {
  readonly name: string | Uint8Array;
  readonly bytes?: Uint8Array;
  readonly deflate?: boolean;
  readonly method?: number;
  readonly flags?: number;
  /** Unix mode, in the upper half of the attributes. */
  readonly mode?: number;
  readonly crc?: number;
  /** Instead of the true ones, in the directory. */
  readonly says?: { readonly bytes?: number; readonly packedBytes?: number; readonly headerAt?: number };
  readonly localName?: string;
  /** Bytes of the local extra field. */
  readonly localExtra?: number;
  readonly zip64?: boolean;
}

export interface ZipShape {
  readonly comment?: string;
  /** Write the zip64 end record, whatever the sizes. */
  readonly zip64?: boolean;
  /** Instead of the true ones, in the end record. */
  readonly says?: {
    readonly entries?: number;
    readonly offset?: number;
    readonly bytes?: number;
    readonly disk?: number;
  };
}

type Field = readonly [bytes: 2 | 4 | 8, value: number];

function record(...fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.map(([size, value]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt.asUintN(size * 8, BigInt(value)));
      return bytes.subarray(0, size);
    }),
  );
}

/** A zip by APPNOTE 6.3.10, well formed unless its files or its shape say otherwise. */
export function makeZip(files: readonly ZipFile[], shape: ZipShape = {}): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const file of files) {
    const { local, central } = partsOf(file, at);
    parts.push(local);
    directory.push(central);
    at += local.byteLength;
  }
  const list = Buffer.concat(directory);
  return Uint8Array.from(Buffer.concat([...parts, list, ...ending(files.length, list.byteLength, at, shape)]));
}

function partsOf(file: ZipFile, at: number): { local: Buffer; central: Buffer } {
  const bytes = file.bytes ?? new Uint8Array();
  const packed = file.deflate === true ? deflateRawSync(bytes) : Buffer.from(bytes);
  const name = Buffer.from(file.name);
  const method = file.method ?? (file.deflate === true ? 8 : 0);
  const flags = file.flags ?? 0x800;
  const crc = file.crc ?? crc32(bytes);
  const size = file.says?.bytes ?? bytes.byteLength;
  const packedSize = file.says?.packedBytes ?? packed.byteLength;
  const headerAt = file.says?.headerAt ?? at;
  const localName = Buffer.from(file.localName ?? file.name);
  const localExtra = Buffer.alloc(file.localExtra ?? 0);
  const local = Buffer.concat([
    record([4, 0x04034b50], [2, 20], [2, flags], [2, method], [4, 0], [4, crc], [4, packedSize], [4, size]),
    record([2, localName.byteLength], [2, localExtra.byteLength]),
    localName,
    localExtra,
    packed,
  ]);
  const long = file.zip64 === true;
  const extra = long ? record([2, 1], [2, 24], [8, size], [8, packedSize], [8, headerAt]) : Buffer.alloc(0);
  const short = (value: number): number => (long ? 0xffffffff : value);
  const central = Buffer.concat([
    record([4, 0x02014b50], [2, (3 << 8) | 20], [2, 20], [2, flags], [2, method], [4, 0], [4, crc]),
    record(
      [4, short(packedSize)],
      [4, short(size)],
      [2, name.byteLength],
      [2, extra.byteLength],
      [2, 0],
      [2, 0],
      [2, 0],
    ),
    record([4, (file.mode ?? 0o100644) * 65536], [4, short(headerAt)]),
    name,
    extra,
  ]);
  return { local, central };
}

function ending(count: number, listBytes: number, listAt: number, shape: ZipShape): readonly Buffer[] {
  const { entries = count, offset = listAt, bytes = listBytes, disk = 0 } = shape.says ?? {};
  const comment = Buffer.from(shape.comment ?? '');
  const long = shape.zip64 === true;
  const end = record([4, 0x06054b50], [2, disk], [2, disk], [2, long ? 0xffff : entries], [2, long ? 0xffff : entries]);
  const places = record([4, long ? 0xffffffff : bytes], [4, long ? 0xffffffff : offset], [2, comment.byteLength]);
  const tail = [end, places, comment];
  if (!long) return tail;
  const end64 = record(
    [4, 0x06064b50],
    [8, 44],
    [2, 45],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, entries],
    [8, entries],
    [8, bytes],
    [8, offset],
  );
  const locator = record([4, 0x07064b50], [4, 0], [8, listAt + listBytes], [4, 1]);
  return [end64, locator, ...tail];
}
