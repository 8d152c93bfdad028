import { bytesPerVoxel, type VoxelType } from '../../../../preload/contract/space.ts';
import { maxChunkBytes } from '../pyramid.ts';
import { type Compression, compressionName, compressionOf } from './compressions.ts';
import { type Ifd, type Tag, type TiffFile, badTiff } from './ifd.ts';

/** What one directory says of its picture, checked. */
export interface TiffPage {
  readonly ifd: Ifd;
  readonly width: number;
  readonly height: number;
  /** Of a pixel. */
  readonly samples: number;
  readonly dtype: VoxelType;
  /** Half floats are given out as float32. */
  readonly storedAs: 'float16' | undefined;
  /** As stored, of one sample. */
  readonly sampleBytes: number;
  /** Samples lie in planes of their own (planar configuration 2). */
  readonly separate: boolean;
  readonly compression: Compression;
  readonly predictor: 1 | 2 | 3;
  readonly photometric: number;
  readonly hasAlpha: boolean;
  readonly tiled: boolean;
  /** Of a tile; or the width, and the rows of a strip. */
  readonly unitWidth: number;
  readonly unitHeight: number;
  /** Strips or tiles along x and y. */
  readonly across: number;
  readonly down: number;
  readonly offsets: Tag;
  readonly byteCounts: Tag | null;
  readonly jpegTables: Tag | null;
  /** A smaller copy of another page (bit 0 of NewSubfileType). */
  readonly isReduced: boolean;
  readonly subIfds: Tag | null;
}

export const tagIds = {
  subfileType: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  description: 270,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planar: 284,
  resolutionUnit: 296,
  software: 305,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  chromaSubsampling: 530,
} as const;

const maxSamples = 64;
const maxSidePx = 2 ** 31 - 1;

/** Throws 'bad-source' that names the page's tag and value, also for pictures of a kind that Lamella does not read. */
export async function readPage(file: TiffFile, ifd: Ifd): Promise<TiffPage> {
  const number = (id: number, usual: number): Promise<number> => file.number(ifd, id, usual);
  const fail = (what: string): Error => badTiff(file, `${what} (directory at byte ${ifd.offset})`);
  const [width, height] = [await number(tagIds.width, 0), await number(tagIds.height, 0)];
  if (!isSide(width) || !isSide(height)) throw fail(`its picture is ${width} x ${height}`);
  const samples = await number(tagIds.samples, 1);
  if (samples < 1 || samples > maxSamples) throw fail(`it has ${samples} samples to a pixel; Lamella reads 1 to 64`);
  const type = await sampleType(file, ifd, samples, fail);
  const separate = (await number(tagIds.planar, 1)) === 2 && samples > 1;
  const coding = await codingOf(file, ifd, fail);
  const units = await unitsOf(file, ifd, { width, height, planes: separate ? samples : 1 }, fail);
  const isPlain = coding.compression === 'none' && !units.tiled;
  const rows = isPlain ? 1 : units.unitHeight;
  const unitBytes = units.unitWidth * rows * (separate ? 1 : samples) * bytesPerVoxel[type.dtype];
  if (unitBytes > maxChunkBytes)
    throw fail(`its strips or tiles take ${unitBytes} bytes; more than 512 MiB is refused`);
  const extra = ifd.tags.get(tagIds.extraSamples);
  return {
    ifd,
    width,
    height,
    samples,
    ...type,
    separate,
    ...coding,
    hasAlpha: extra ? ((await file.numbers(extra, 0, 1))[0] ?? 0) > 0 : false,
    ...units,
    jpegTables: ifd.tags.get(tagIds.jpegTables) ?? null,
    isReduced: (await number(tagIds.subfileType, 0)) % 2 === 1,
    subIfds: ifd.tags.get(tagIds.subIfds) ?? null,
  };
}

type Fail = (what: string) => Error;

const isSide = (px: number): boolean => Number.isInteger(px) && px >= 1 && px <= maxSidePx;

const formats: Readonly<Record<number, string>> = { 1: 'uint', 2: 'int', 3: 'float', 4: 'uint' };
const complexFormats: Readonly<Record<number, string>> = { 5: 'complex integers', 6: 'complex floats' };

async function sampleType(
  file: TiffFile,
  ifd: Ifd,
  samples: number,
  fail: Fail,
): Promise<Pick<TiffPage, 'dtype' | 'storedAs' | 'sampleBytes'>> {
  const bits = await sameOfAll(file, ifd, { id: tagIds.bits, samples, usual: 1, name: 'bits' }, fail);
  const code = await sameOfAll(file, ifd, { id: tagIds.sampleFormat, samples, usual: 1, name: 'formats' }, fail);
  if ((await file.number(ifd, tagIds.fillOrder, 1)) !== 1 && bits < 8) throw fail('its bits are stored in reverse');
  const format = formats[code];
  const name = `${format ?? complexFormats[code] ?? `format ${code}`}, ${bits} bit`;
  if (format === 'float' && bits === 16) return { dtype: 'float32', storedAs: 'float16', sampleBytes: 2 };
  const dtype = `${format}${bits}`;
  if (!Object.hasOwn(bytesPerVoxel, dtype)) throw fail(`its samples are ${name}; Lamella reads 8 to 64 bits`);
  return { dtype: dtype as VoxelType, storedAs: undefined, sampleBytes: bits / 8 };
}

async function sameOfAll(
  file: TiffFile,
  ifd: Ifd,
  of: { readonly id: number; readonly samples: number; readonly usual: number; readonly name: string },
  fail: Fail,
): Promise<number> {
  const tag = ifd.tags.get(of.id);
  if (!tag) return of.usual;
  const values = await file.numbers(tag, 0, Math.min(tag.count, of.samples));
  if (values.some((value) => value !== values[0]))
    throw fail(`its samples have different ${of.name} (${values.join(', ')})`);
  return values[0] ?? of.usual;
}

async function codingOf(
  file: TiffFile,
  ifd: Ifd,
  fail: Fail,
): Promise<Pick<TiffPage, 'compression' | 'predictor' | 'photometric'>> {
  const code = await file.number(ifd, tagIds.compression, 1);
  const compression = compressionOf(code);
  if (!compression) throw fail(`its compression is ${compressionName(code)}, which Lamella does not read`);
  const photometric = await file.number(ifd, tagIds.photometric, 1);
  if (photometric === 6 && compression !== 'jpeg') await refuseSubsampling(file, ifd, fail);
  const usesPredictor = compression !== 'none' && compression !== 'jpeg' && compression !== 'packbits';
  const predictor = usesPredictor ? await file.number(ifd, tagIds.predictor, 1) : 1;
  if (predictor !== 1 && predictor !== 2 && predictor !== 3) throw fail(`its predictor is number ${predictor}`);
  return { compression, predictor, photometric };
}

async function refuseSubsampling(file: TiffFile, ifd: Ifd, fail: Fail): Promise<void> {
  const tag = ifd.tags.get(tagIds.chromaSubsampling);
  const factors = tag ? await file.numbers(tag, 0, Math.min(2, tag.count)) : [2, 2];
  if (factors.some((factor) => factor !== 1)) throw fail('its colours are YCbCr at a lower resolution, without JPEG');
}

interface Extent {
  readonly width: number;
  readonly height: number;
  /** One, or one for each sample. */
  readonly planes: number;
}

type Units = Pick<TiffPage, 'tiled' | 'unitWidth' | 'unitHeight' | 'across' | 'down' | 'offsets' | 'byteCounts'>;

/** The grid of strips or tiles; a table with too few entries is refused. */
async function unitsOf(file: TiffFile, ifd: Ifd, { width, height, planes }: Extent, fail: Fail): Promise<Units> {
  const tiled = ifd.tags.has(tagIds.tileWidth) || ifd.tags.has(tagIds.tileOffsets);
  const unitWidth = tiled ? await file.number(ifd, tagIds.tileWidth, 0) : width;
  const rows = tiled
    ? await file.number(ifd, tagIds.tileHeight, 0)
    : await file.number(ifd, tagIds.rowsPerStrip, height);
  const unitHeight = tiled ? rows : Math.min(rows, height);
  if (!isSide(unitWidth) || !isSide(unitHeight)) throw fail(`its strips or tiles are ${unitWidth} x ${unitHeight}`);
  // Some writers put the offsets of tiles into the tag of strips.
  const offsets = (tiled ? ifd.tags.get(tagIds.tileOffsets) : undefined) ?? ifd.tags.get(tagIds.stripOffsets);
  const counts = (tiled ? ifd.tags.get(tagIds.tileByteCounts) : undefined) ?? ifd.tags.get(tagIds.stripByteCounts);
  const [across, down] = [Math.ceil(width / unitWidth), Math.ceil(height / unitHeight)];
  const wanted = across * down * planes;
  if (!offsets || offsets.count < wanted)
    throw fail(`it tells where ${offsets?.count ?? 0} strips or tiles lie of ${wanted}`);
  if (counts && counts.count < wanted) throw fail(`it tells the size of ${counts.count} strips or tiles of ${wanted}`);
  return { tiled, unitWidth, unitHeight, across, down, offsets, byteCounts: counts ?? null };
}

/** Pages of one volume agree in these. */
export const sameKind = (a: TiffPage, b: TiffPage): boolean =>
  a.width === b.width && a.height === b.height && a.samples === b.samples && a.dtype === b.dtype;
