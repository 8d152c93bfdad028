import type { LamellaError } from '../../../preload/contract/errors.ts';
import { hasControl } from './keys.ts';

/** One file of an archive. Sizes and offsets in bytes. */
export interface ZipEntry {
  readonly name: string;
  /** 0 = stored, 8 = deflated; others can't be read. */
  readonly method: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Of the local header. */
  readonly headerAt: number;
}

/** Where the directory lies. */
export interface DirectoryPlace {
  readonly offset: number;
  readonly bytes: number;
  readonly entries: number;
}

export const endBytes = 22;
export const end64Bytes = 56;
export const locatorBytes = 20;
const maxEntries = 1_000_000;
/** Read at a stretch, before others have their turn: a few milliseconds. */
const turnEntries = 10_000;
const maxDirectoryBytes = 256 << 20;

/** Numbers of a zip are little-endian (APPNOTE 6.3.10). */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Where the end record begins in the tail of a file; undefined where there is none whose comment fills the rest. */
export function findEnd(tail: Uint8Array): number | undefined {
  const view = viewOf(tail);
  for (let at = tail.byteLength - endBytes; at >= 0; at--) {
    if (view.getUint32(at, true) === 0x06054b50 && at + endBytes + view.getUint16(at + 20, true) === tail.byteLength)
      return at;
  }
  return undefined;
}

/** Reads the end record; 'zip64' where a larger one before it counts. */
export function readEnd(end: Uint8Array, fail: Fail): DirectoryPlace | 'zip64' {
  const view = viewOf(end);
  const [disk, entries, bytes, offset] = [
    view.getUint16(4, true),
    view.getUint16(10, true),
    view.getUint32(12, true),
    view.getUint32(16, true),
  ];
  if (entries === 0xffff || bytes === 0xffffffff || offset === 0xffffffff) return 'zip64';
  if (disk !== 0 || view.getUint16(6, true) !== 0) throw fail('it is one of several volumes');
  return withinBudget({ offset, bytes, entries }, fail);
}

/** Where the zip64 end record begins; undefined where the bytes before the end record are no locator. */
export function readLocator(bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes);
  return view.getUint32(0, true) === 0x07064b50 ? Number(view.getBigUint64(8, true)) : undefined;
}

export function readEnd64(bytes: Uint8Array, fail: Fail): DirectoryPlace {
  const view = viewOf(bytes);
  if (bytes.byteLength < end64Bytes || view.getUint32(0, true) !== 0x06064b50)
    throw fail('its zip64 end record is missing');
  if (view.getUint32(16, true) !== 0 || view.getUint32(20, true) !== 0) throw fail('it is one of several volumes');
  const at = (offset: number): number => Number(view.getBigUint64(offset, true));
  return withinBudget({ entries: at(32), bytes: at(40), offset: at(48) }, fail);
}

function withinBudget(place: DirectoryPlace, fail: Fail): DirectoryPlace {
  if (place.entries > maxEntries) throw fail(`it has ${place.entries} files, more than ${maxEntries}`, 'over-budget');
  if (place.bytes > maxDirectoryBytes) throw fail(`its directory has ${place.bytes} bytes`, 'over-budget');
  if (place.bytes < place.entries * 46) throw fail(`its directory is too short for ${place.entries} files`);
  return place;
}

export type Fail = (why: string, tag?: 'bad-source' | 'over-budget') => LamellaError;

/**
 * The files of an archive, sorted by name, without its folders. Throws 'bad-source' for what could be misread or could
 * write or read elsewhere: names that leave the archive, two of one name, encryption, links, data that overlap.
 */
export async function readDirectory(
  bytes: Uint8Array,
  place: DirectoryPlace,
  fail: Fail,
): Promise<readonly ZipEntry[]> {
  const entries: ZipEntry[] = [];
  const view = viewOf(bytes);
  let [at, count] = [0, 0];
  for (; at < bytes.byteLength; count++) {
    const entry = readEntry(bytes, view, at, fail);
    at = entry.nextAt;
    if (count >= place.entries) throw fail('its directory has more files than it says');
    if (count % turnEntries === turnEntries - 1) await new Promise((resolve) => setImmediate(resolve));
    if (entry.file) entries.push(entry.file);
  }
  if (count !== place.entries) throw fail(`its directory has ${count} files and says ${place.entries}`);
  checkNames(entries, fail);
  checkPlaces(entries, place.offset, fail);
  return entries;
}

function readEntry(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  fail: Fail,
): { readonly file?: ZipEntry; readonly nextAt: number } {
  if (at + 46 > bytes.byteLength || view.getUint32(at, true) !== 0x02014b50)
    throw fail(`its directory is damaged at byte ${at}`);
  const flags = view.getUint16(at + 8, true);
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const nextAt = extraEnd + view.getUint16(at + 32, true);
  if (nextAt > bytes.byteLength) throw fail(`its directory is cut short at byte ${at}`);
  const name = nameOf(bytes.subarray(at + 46, nameEnd), fail);
  const isFolder = name.endsWith('/');
  checkName(isFolder ? name.slice(0, -1) : name, fail);
  if ((flags & 0x2041) !== 0) throw fail(`"${name}" in it is encrypted`);
  checkKind(name, view.getUint16(at + 4, true) >> 8, view.getUint32(at + 38, true) >>> 16, fail);
  const sizes = sizesOf(view, at, bytes.subarray(nameEnd, extraEnd), name, fail);
  if (isFolder) return { nextAt };
  const file = { name, method: view.getUint16(at + 10, true), crc32: view.getUint32(at + 16, true), ...sizes };
  if (file.method === 0 && file.bytes !== file.packedBytes)
    throw fail(`"${name}" in it is stored in another size than its own`);
  return { file, nextAt };
}

/** Names are UTF-8, flagged or not; where they aren't, letter by letter, so that each has its own. */
function nameOf(bytes: Uint8Array, fail: Fail): string {
  if (bytes.byteLength === 0) throw fail('a file in it has no name');
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder('latin1');

function checkName(name: string, fail: Fail): void {
  const wrong = /(^|\/)(\.{0,2})(\/|$)|\\|^[a-z]:/i.test(name) || hasControl(name);
  if (wrong) throw fail(`${JSON.stringify(name.slice(0, 120))} in it is a name that leads elsewhere`);
}

/** Made on a Unix, the upper half of the attributes is the mode. */
function checkKind(name: string, system: number, mode: number, fail: Fail): void {
  const kind = mode & 0o170000;
  const plain = kind === 0 || kind === 0o100000 || kind === 0o040000;
  if ((system === 3 || system === 19) && !plain) throw fail(`"${name}" in it is a link or a device`);
}

type Sizes = Pick<ZipEntry, 'packedBytes' | 'bytes' | 'headerAt'>;

/** From the record, or from its zip64 extra field (APPNOTE 4.5.3), in which only what doesn't fit stands. */
function sizesOf(view: DataView, at: number, extra: Uint8Array, name: string, fail: Fail): Sizes {
  const short = [24, 20, 42].map((offset) => view.getUint32(at + offset, true));
  const long = short.includes(0xffffffff) ? zip64Of(extra) : undefined;
  let used = 0;
  const [bytes = 0, packedBytes = 0, headerAt = 0] = short.map((value) => {
    if (value !== 0xffffffff) return value;
    if (!long || used + 8 > long.byteLength) throw fail(`"${name}" in it lacks its zip64 sizes`);
    used += 8;
    return Number(viewOf(long).getBigUint64(used - 8, true));
  });
  if (![bytes, packedBytes, headerAt].every(Number.isSafeInteger)) throw fail(`"${name}" in it has impossible sizes`);
  return { packedBytes, bytes, headerAt };
}

function zip64Of(extra: Uint8Array): Uint8Array | undefined {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1 && end <= extra.byteLength) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

/** Sorts by name; a name twice, or as file and folder, would make two readers see two archives. */
function checkNames(entries: ZipEntry[], fail: Fail): void {
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const twice = entries.find(({ name }, i) => entries[i + 1]?.name === name);
  if (twice) throw fail(`"${twice.name}" is twice in it`);
  const names = new Set(entries.map(({ name }) => name));
  const folders = new Set<string>();
  for (const { name } of entries) {
    for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
      const folder = name.slice(0, at);
      if (folders.has(folder)) break;
      if (names.has(folder)) throw fail(`"${folder}" in it is a file and a folder`);
      folders.add(folder);
    }
  }
}

/** Files that share their data make petabytes of a small archive. */
function checkPlaces(entries: readonly ZipEntry[], directoryAt: number, fail: Fail): void {
  let end = 0;
  for (const { name, headerAt, packedBytes } of [...entries].sort((a, b) => a.headerAt - b.headerAt)) {
    if (headerAt < end) throw fail(`"${name}" in it overlaps another file`);
    end = headerAt + 30 + packedBytes;
    if (end > directoryAt) throw fail(`"${name}" in it leads beyond its data`);
  }
}
