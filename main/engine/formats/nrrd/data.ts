import type { DecodeVoxels } from '../../../../native-workers/voxel-tasks.ts';
import { bytesPerVoxel, type VoxelType } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile, isSafeKey } from '../checked-json.ts';
import { decodeStored } from '../decode-stored.ts';
import { layoutBytes, type RawLayout } from '../raw-file/layout.ts';
import { checkGzipHolds, keepBytes, unpackGzip } from '../raw-file/scratch.ts';
import { checkRawSize, type RawFile } from '../raw-file/volume.ts';
import type { ChunkCodec } from '../volume-format.ts';
import type { NrrdHeader } from './header.ts';

/** Files that are unpacked in memory (bzip2, text). */
const maxPackedBytes = 512 * 2 ** 20;
const maxTextBytes = 16 * 2 ** 20;

export interface NrrdFile {
  readonly source: ByteSource;
  /** Of the header. */
  readonly key: string;
  readonly header: NrrdHeader;
  readonly layout: RawLayout;
  readonly codec: ChunkCodec;
}

/** The file with the voxels, and where they begin. Throws 'bad-source'. */
export async function voxelsOf(file: NrrdFile): Promise<RawFile> {
  const { source, header, layout } = file;
  const key = dataKeyOf(file);
  const isDetached = key !== file.key;
  const bad = (why: string): Error => badFile(source, file.key, why);
  const lines = wholeField(header, 'lineskip');
  const bytes = wholeField(header, 'byteskip');
  if (lines === undefined || lines < 0 || bytes === undefined || bytes < -1)
    throw bad(`line skip ${header.fields.get('lineskip')}, byte skip ${header.fields.get('byteskip')}`);
  const behindHeader = isDetached ? 0 : header.bytes;
  const start = lines === 0 ? behindHeader : await behindLines(source, key, behindHeader, lines);
  const at = { source, key, layout };
  const encoding = (header.fields.get('encoding') ?? '').toLowerCase();
  if (encoding === 'raw') {
    const offset = bytes >= 0 ? start + bytes : await fromTheEnd(source, key, layout);
    const raw = { ...at, offset };
    await checkRawSize(raw);
    return raw;
  }
  if (bytes < 0) throw bad('byte skip -1 goes with the encoding raw alone');
  const needed = bytes + layoutBytes(layout);
  if (encoding === 'gzip' || encoding === 'gz') {
    const packed = { source, key, start, needed };
    await checkGzipHolds(packed);
    return { ...at, offset: bytes, unpack: (folder, signal) => unpackGzip(packed, folder, signal) };
  }
  const unpacked = unpackerOf(encoding, { file, key, start, needed });
  if (!unpacked) throw bad(`encoding: Lamella does not read "${encoding.slice(0, 60)}"`);
  if (needed > maxPackedBytes) throw bad(`its ${needed} bytes as ${encoding} are over 512 MiB; save it as raw or gzip`);
  return { ...at, offset: bytes, unpack: async (folder) => keepBytes(await unpacked(), folder) };
}

/** The header's own file, or the one that it names beside it. */
function dataKeyOf({ source, key, header }: NrrdFile): string {
  const said = header.fields.get('datafile');
  if (said === undefined) return key;
  const bad = (why: string): Error => badFile(source, key, `data file: ${why}`);
  const isList = /^list\b/i.test(said);
  const [name = ''] = isList ? header.list : [said];
  if (isList && header.list.length !== 1) throw bad(`its voxels are in ${header.list.length} files; Lamella reads one`);
  if (/%\d*d/.test(name)) throw bad(`"${name.slice(0, 100)}" is a pattern of several files; Lamella reads one`);
  const folder = key.includes('/') ? key.slice(0, key.lastIndexOf('/') + 1) : '';
  const path = name.replace(/^\.\//, '');
  if (!isSafeKey(path)) throw bad(`"${name.slice(0, 100)}" leads out of the folder of the header`);
  return folder + path;
}

const wholeField = ({ fields }: NrrdHeader, name: string): number | undefined => {
  const value = Number(fields.get(name) ?? 0);
  return Number.isSafeInteger(value) ? value : undefined;
};

async function fromTheEnd(source: ByteSource, key: string, layout: RawLayout): Promise<number> {
  const size = await source.sizeOf(key);
  if (size === undefined) throw badFile(source, key, 'there is no such file, or nothing says how long it is');
  const offset = size - layoutBytes(layout);
  if (offset >= 0) return offset;
  throw badFile(source, key, `it has ${size} bytes, and its header says ${layoutBytes(layout)}`);
}

async function behindLines(source: ByteSource, key: string, start: number, lines: number): Promise<number> {
  const bytes = (await source.get(key, { offset: start, length: 2 ** 20 })) ?? new Uint8Array();
  let at = 0;
  for (let line = 0; line < lines; line++) {
    const end = bytes.indexOf(10, at);
    if (end < 0) throw badFile(source, key, `line skip: ${lines} lines do not end within 1 MiB`);
    at = end + 1;
  }
  return start + at;
}

interface Unpacking {
  readonly file: NrrdFile;
  readonly key: string;
  readonly start: number;
  readonly needed: number;
}

function unpackerOf(encoding: string, unpacking: Unpacking): (() => Promise<Uint8Array>) | undefined {
  if (encoding === 'bzip2' || encoding === 'bz2') return () => unpackBzip2(unpacking);
  if (encoding === 'hex') return () => unpackText(unpacking, hexBytes);
  if (/^(ascii|te?xt)$/.test(encoding)) return () => unpackText(unpacking, asciiBytes);
  return undefined;
}

async function unpackBzip2({ file: { source, codec }, key, start, needed }: Unpacking): Promise<Uint8Array> {
  const length = maxPackedBytes;
  const bytes = await source.get(key, { offset: start, length });
  if (!bytes) throw badFile(source, key, 'there is no such file');
  const request: DecodeVoxels = { dtype: 'uint8', shape: [needed, 1, 1, 1, 1], codecs: [{ name: 'bzip2' }] };
  return decodeStored(codec, { source, key }, request, bytes);
}

async function unpackText(
  { file: { source, layout }, key, start, needed }: Unpacking,
  parse: (text: string, dtype: VoxelType, bytes: number) => Uint8Array | undefined,
): Promise<Uint8Array> {
  const bytes = await source.get(key, { offset: start, length: maxTextBytes + 1 });
  if (!bytes) throw badFile(source, key, 'there is no such file');
  if (bytes.byteLength > maxTextBytes) throw badFile(source, key, 'its voxels are text of over 16 MiB; save it as raw');
  const parsed = parse(new TextDecoder('latin1').decode(bytes), layout.dtype, needed);
  if (parsed?.byteLength === needed) return parsed;
  throw badFile(
    source,
    key,
    `its text is not the ${needed / bytesPerVoxel[layout.dtype]} numbers that its header says`,
  );
}

function hexBytes(text: string, _dtype: VoxelType, bytes: number): Uint8Array | undefined {
  const digits = text.replaceAll(/\s/g, '');
  if (digits.length < bytes * 2 || !/^[0-9a-f]*$/i.test(digits)) return undefined;
  return new Uint8Array(Buffer.from(digits.slice(0, bytes * 2), 'hex'));
}

function asciiBytes(text: string, dtype: VoxelType, bytes: number): Uint8Array | undefined {
  const numbers = text.split(/[\s,]+/).filter((word) => word !== '');
  const width = bytesPerVoxel[dtype];
  if (numbers.length * width < bytes) return undefined;
  const view = new DataView(new ArrayBuffer(bytes));
  for (let i = 0; i * width < bytes; i++) if (!putNumber(view, i * width, dtype, numbers[i] ?? '')) return undefined;
  return new Uint8Array(view.buffer);
}

/** False where the word is no number of that type. */
function putNumber(view: DataView, at: number, dtype: VoxelType, word: string): boolean {
  if (dtype.startsWith('float')) {
    const value = /^[-+]?nan$/i.test(word) ? Number.NaN : Number(word.replace(/^([-+]?)inf(inity)?$/i, '$1Infinity'));
    if (Number.isNaN(value) && !/nan/i.test(word)) return false;
    if (dtype === 'float32') view.setFloat32(at, value, true);
    else view.setFloat64(at, value, true);
    return true;
  }
  if (!/^[-+]?\d{1,20}$/.test(word)) return false;
  const bits = bytesPerVoxel[dtype] * 8;
  const value = BigInt(word.replace(/^\+/, ''));
  if ((dtype.startsWith('u') ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value)) !== value) return false;
  for (let byte = 0; byte < bits / 8; byte++) view.setUint8(at + byte, Number((value >> BigInt(byte * 8)) & 0xffn));
  return true;
}
