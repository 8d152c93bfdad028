import type { DecodeVoxels } from '../../../../native-workers/voxel-tasks.ts';
import { LamellaError, isLamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel } from '../../../../preload/contract/space.ts';
import { maxChunkBytes } from '../pyramid.ts';
import type { ChunkCodec } from '../volume-format.ts';
import { codecsOf, standaloneJpeg } from './compressions.ts';
import { type TiffFile, badTiff } from './ifd.ts';
import { joinRows } from './join-rows.ts';
import type { TiffPage } from './page.ts';

/** A page, and where its voxels lie beyond where it says: ImageJ writes many sections behind one directory. */
export interface PlacedPage {
  readonly file: TiffFile;
  readonly page: TiffPage;
  /** Bytes to add to the offsets of its strips. */
  readonly shift: number;
}

/** A chunk of a page: a tile, or whole rows. */
export interface PageChunk {
  readonly x: number;
  readonly y: number;
  /** Of a pixel: the first that is wanted. */
  readonly sample: number;
  /** How many are wanted; more than one only where they lie together. */
  readonly count: number;
}

/** Rows of strips are read about so much at a time. */
const rowsBytes = 2 ** 20;
const stripsAtOnce = 256;

/** Width and height of the chunks of a page: its tiles; or all columns and about 1 MiB of rows, in whole strips. */
export function chunkOfPage(page: TiffPage): readonly [number, number] {
  if (page.tiled) return [page.unitWidth, page.unitHeight];
  const rowBytes = page.width * samplesPerUnit(page) * page.sampleBytes;
  const rows = Math.max(1, Math.min(Math.floor(rowsBytes / rowBytes), stripsAtOnce * page.unitHeight));
  if (isPlain(page)) return [page.width, Math.min(rows, page.height)];
  return [page.width, Math.min(Math.max(1, Math.floor(rows / page.unitHeight)) * page.unitHeight, page.height)];
}

/** Bytes of a file that hold rows of the picture, all columns of a strip or tile. */
interface Piece {
  /** Of the strip or tile, in the file's table. */
  readonly unit: number;
  readonly offset: number;
  readonly bytes: number;
  /** Rows of pixels that are stored here. */
  readonly rows: number;
}

/** Where the bytes of a chunk lie: from its first piece to the end of its last; undefined where none are stored. */
export async function locateChunk(
  at: PlacedPage,
  chunk: PageChunk,
): Promise<{ readonly offset: number; readonly bytes: number } | undefined> {
  const pieces = (await piecesOf(at, chunk)).filter(isStored);
  if (pieces.length === 0) return undefined;
  const offset = Math.min(...pieces.map((piece) => piece.offset));
  return { offset, bytes: Math.max(...pieces.map((piece) => piece.offset + piece.bytes)) - offset };
}

/**
 * Samples of a chunk, one after the other, cropped to the picture; undefined where nothing of it is stored (a sparse file).
 * Throws 'bad-source' with the file and the byte.
 */
export async function readPageChunk(
  at: PlacedPage,
  chunk: PageChunk,
  codec: ChunkCodec,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { page } = at;
  const pieces = await piecesOf(at, chunk);
  if (!pieces.some(isStored)) return undefined;
  const stored = await fetchPieces(at.file, pieces, signal);
  const width = Math.min(chunkOfPage(page)[0], page.width - chunk.x * chunkOfPage(page)[0]);
  const parts = await Promise.all(
    pieces.map((piece, i) => decodePiece(at, { piece, stored: stored[i], width, chunk }, codec, signal)),
  );
  const [only] = parts;
  return parts.length === 1 && only ? only : joinRows(parts, chunk.count);
}

/** Throws 'bad-source' where the last strip or tile of a page ends after the file: it was cut short. */
export async function checkLastUnit(at: PlacedPage): Promise<void> {
  const { page, file } = at;
  const planes = page.separate ? page.samples : 1;
  const [last] = await unitTable(at, page.across * page.down * planes - 1, 1);
  if (last && last.bytes > 0 && page.compression === 'none' && last.offset + needed(page) > file.bytes.size)
    throw badTiff(file, `its last strip or tile at byte ${last.offset} is cut short`);
}

/** Bytes of the last strip, or of a tile. */
function needed(page: TiffPage): number {
  const rows = page.tiled ? page.unitHeight : page.height - (page.down - 1) * page.unitHeight;
  return page.unitWidth * rows * samplesPerUnit(page) * page.sampleBytes;
}

const isPlain = (page: TiffPage): boolean => page.compression === 'none' && !page.tiled;
const isStored = (piece: Piece): boolean => piece.bytes > 0;
const samplesPerUnit = (page: TiffPage): number => (page.separate ? 1 : page.samples);

/** What a strip or tile is made of; absent ones have no bytes. */
async function piecesOf(at: PlacedPage, chunk: PageChunk): Promise<readonly Piece[]> {
  const { page } = at;
  const plane = page.separate ? chunk.sample * page.across * page.down : 0;
  if (page.tiled) return [await tilePiece(at, plane + chunk.y * page.across + chunk.x)];
  const [, chunkRows] = chunkOfPage(page);
  const [from, to] = [chunk.y * chunkRows, Math.min((chunk.y + 1) * chunkRows, page.height)];
  const first = Math.floor(from / page.unitHeight);
  const count = Math.ceil(to / page.unitHeight) - first;
  const table = await unitTable(at, plane + first, count);
  const pieces = table.map((unit, i) => stripPiece(at, unit, { first: first + i, from, to }));
  return isPlain(page) ? merged(pieces) : pieces;
}

async function tilePiece(at: PlacedPage, index: number): Promise<Piece> {
  const { page } = at;
  const [unit] = await unitTable(at, index, 1);
  if (!unit) throw badTiff(at.file, `it has no tile ${index}`);
  const rows = page.unitHeight;
  if (page.compression !== 'none' || unit.bytes === 0) return { ...unit, rows };
  const bytes = page.unitWidth * rows * samplesPerUnit(page) * page.sampleBytes;
  return { ...unit, rows, bytes: enough(at, unit, bytes) };
}

/** The rows `from` to `to` of a strip; all of it where it is compressed. */
function stripPiece(
  at: PlacedPage,
  unit: Unit,
  { first, from, to }: { readonly first: number; readonly from: number; readonly to: number },
): Piece {
  const { page } = at;
  const top = first * page.unitHeight;
  const stripRows = Math.min(page.unitHeight, page.height - top);
  if (page.compression !== 'none' || unit.bytes === 0) return { ...unit, rows: stripRows };
  const rowBytes = page.width * samplesPerUnit(page) * page.sampleBytes;
  enough(at, unit, stripRows * rowBytes);
  const skip = Math.max(0, from - top);
  const rows = Math.min(stripRows, to - top) - skip;
  return { unit: unit.unit, offset: unit.offset + skip * rowBytes, bytes: rows * rowBytes, rows };
}

/** Bytes of a piece that is not compressed; a table that tells of fewer is refused, of more is cut. */
function enough(at: PlacedPage, unit: Unit, wanted: number): number {
  if (unit.bytes >= wanted) return wanted;
  throw badTiff(at.file, `the strip or tile at byte ${unit.offset} has ${unit.bytes} bytes instead of ${wanted}`);
}

/** Neighbours in the file become one piece. */
function merged(pieces: readonly Piece[]): readonly Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (last && last.bytes > 0 && piece.bytes > 0 && last.offset + last.bytes === piece.offset)
      out[out.length - 1] = { ...last, bytes: last.bytes + piece.bytes, rows: last.rows + piece.rows };
    else out.push(piece);
  }
  return out;
}

interface Unit {
  readonly unit: number;
  readonly offset: number;
  readonly bytes: number;
}

/** Where strips or tiles lie. Offset and size 0: not stored. */
async function unitTable(at: PlacedPage, first: number, count: number): Promise<readonly Unit[]> {
  const { file, page, shift } = at;
  const offsets = await file.numbers(page.offsets, first, count);
  const known = page.byteCounts ? await file.numbers(page.byteCounts, first, count) : undefined;
  return offsets.map((offset, i) => {
    const bytes = known?.[i] ?? wholeUnitBytes(page);
    if (offset === 0 && bytes === 0) return { unit: first + i, offset, bytes: 0 };
    return checkedUnit(at, { unit: first + i, offset: offset + shift, bytes });
  });
}

function checkedUnit({ file, page }: PlacedPage, unit: Unit): Unit {
  const where = `strip or tile ${unit.unit} of the directory at byte ${page.ifd.offset}`;
  if (unit.bytes === 0) throw badTiff(file, `${where} is empty`);
  if (unit.bytes > maxChunkBytes && !isPlain(page)) throw badTiff(file, `${where} has ${unit.bytes} bytes`);
  if (unit.offset >= file.bytes.size || unit.offset + unit.bytes > file.bytes.size + slack(page, unit))
    throw badTiff(file, `${where} should end at byte ${unit.offset + unit.bytes}, after the file's end`);
  return unit;
}

/** Files of one strip without compression may tell of a strip that is too long: what is needed is looked at later. */
const slack = (page: TiffPage, unit: Unit): number => (isPlain(page) ? unit.bytes : 0);

const wholeUnitBytes = (page: TiffPage): number =>
  page.unitWidth * page.unitHeight * samplesPerUnit(page) * page.sampleBytes;

/** Reads all at once where they lie close together, else one by one. */
async function fetchPieces(
  file: TiffFile,
  pieces: readonly Piece[],
  signal?: AbortSignal,
): Promise<readonly (Uint8Array | undefined)[]> {
  const stored = pieces.filter(isStored);
  const from = Math.min(...stored.map((piece) => piece.offset));
  const span = Math.max(...stored.map((piece) => piece.offset + piece.bytes)) - from;
  const sum = stored.reduce((total, piece) => total + piece.bytes, 0);
  if (stored.length > 1 && span <= 2 * sum) {
    const all = await file.bytes.voxels(from, span, signal);
    return pieces.map((p) => (isStored(p) ? all.subarray(p.offset - from, p.offset - from + p.bytes) : undefined));
  }
  return Promise.all(
    pieces.map((piece) =>
      isStored(piece) ? file.bytes.voxels(piece.offset, piece.bytes, signal) : Promise.resolve(undefined),
    ),
  );
}

interface Decoding {
  readonly piece: Piece;
  readonly stored: Uint8Array | undefined;
  /** Columns wanted. */
  readonly width: number;
  readonly chunk: PageChunk;
}

/** Rows of one sample; zeros where the piece is not stored. */
async function decodePiece(
  at: PlacedPage,
  decoding: Decoding,
  codec: ChunkCodec,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { page, file } = at;
  const { piece, stored, width } = decoding;
  const top = Math.floor((piece.unit % (page.across * page.down)) / page.across) * page.unitHeight;
  const rows = page.tiled ? Math.min(piece.rows, page.height - top) : piece.rows;
  if (!stored) return new Uint8Array(width * rows * decoding.chunk.count * bytesPerVoxel[page.dtype]);
  if (isVoxels(at, decoding)) return stored;
  const bytes = page.compression === 'jpeg' ? await wholeJpeg(at, stored) : stored;
  const request = requestOf(at, decoding, rows);
  try {
    return await codec.decode(request, bytes, signal);
  } catch (error) {
    const longer =
      error instanceof LamellaError && !page.tiled && rows < page.unitHeight && isLamellaError(error, 'bad-source');
    // Some writers fill the last strip up.
    if (longer && page.compression !== 'none')
      return codec
        .decode(requestOf(at, { ...decoding, piece: { ...piece, rows: page.unitHeight } }, rows), bytes, signal)
        .catch(() => {
          throw placed(file, piece, error);
        });
    throw placed(file, piece, error);
  }
}

/** Whether what is stored is just what is wanted. */
function isVoxels({ page, file }: PlacedPage, { width }: Decoding): boolean {
  const plain = isPlain(page) && samplesPerUnit(page) === 1 && !page.storedAs && width === page.unitWidth;
  return plain && (file.littleEndian || page.sampleBytes === 1);
}

function requestOf({ page, file }: PlacedPage, { piece, width, chunk }: Decoding, rows: number): DecodeVoxels {
  const samples = samplesPerUnit(page);
  return {
    dtype: page.dtype,
    ...(page.storedAs && { storedAs: page.storedAs }),
    shape: [page.unitWidth, piece.rows, 1, samples, 1],
    order: samples > 1 ? 'cxyzt' : 'xyczt',
    endian: file.littleEndian ? 'little' : 'big',
    codecs: codecsOf({ compression: page.compression, predictor: page.predictor, width: page.unitWidth, samples }),
    crop: { at: [0, 0, 0, page.separate ? 0 : chunk.sample, 0], size: [width, rows, 1, chunk.count, 1] },
  };
}

async function wholeJpeg({ page, file }: PlacedPage, stored: Uint8Array): Promise<Uint8Array> {
  const tables = page.jpegTables ? await file.raw(page.jpegTables) : null;
  const isColour = samplesPerUnit(page) === 3 && (page.photometric === 2 || page.photometric === 6);
  return standaloneJpeg(stored, tables, isColour ? page.photometric === 6 : null);
}

function placed(file: TiffFile, piece: Piece, error: unknown): unknown {
  if (!isLamellaError(error, 'bad-source')) return error;
  const where = `strip or tile ${piece.unit} at byte ${piece.offset}`;
  return new LamellaError('bad-source', `"${file.name}", ${where}: ${error.message}`, {
    hint: 'The file is damaged: copy it again. Its other parts can still be read.',
    fields: { ...error.fields, file: file.name, offset: piece.offset },
    cause: error,
  });
}
