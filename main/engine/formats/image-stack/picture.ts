import { LamellaError, isLamellaError } from '../../../../preload/contract/errors.ts';
import { type Vec3, type VoxelType, bytesPerVoxel } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../byte-store.ts';
import { copyVoxels } from '../crop.ts';
import { decodedChunks } from '../decoded-chunks.ts';
import { maxChunkBytes } from '../pyramid.ts';
import { openTiff } from '../tiff/open-tiff.ts';
import { type PlacedPage, chunkOfPage, readPageChunk } from '../tiff/page-voxels.ts';
import type { ChunkCodec } from '../volume-format.ts';
import { type PictureHeader, jpegHeader, pngHeader } from './picture-header.ts';

/** Rows and columns of one sample. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** One picture of a stack. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly dtype: VoxelType;
  readonly warning: string;
  /** Of what can be read at once: all of it where it must be decoded whole. */
  readonly unit: readonly [number, number];
  read(sample: number, rect: Rect, signal?: AbortSignal): Promise<Uint8Array>;
}

/** Enough of most files; JPEGs with large profiles need more. */
const headBytes = [2 ** 16, 2 ** 21] as const;

export interface PictureContext {
  readonly source: ByteSource;
  readonly codec: ChunkCodec;
  /** Of the opened volume: see `decodedChunks`. */
  readonly token: string;
  /** Pictures whose headers were read. */
  readonly opened: Map<string, Promise<Picture>>;
}

/** Throws 'bad-source' that names the file. */
export function openPicture(context: PictureContext, key: string): Promise<Picture> {
  return /\.tiff?$/i.test(key) ? tiffPicture(context, key) : codedPicture(context, key);
}

export function badPicture(key: string, what: string): LamellaError {
  return new LamellaError('bad-source', `The picture "${key}" can't be read: ${what}.`, {
    hint: 'Take it out of the folder, or replace it by a sound one of the same size and type.',
    fields: { file: key },
  });
}

async function tiffPicture({ source, codec }: PictureContext, key: string): Promise<Picture> {
  const tiff = await openTiff(source, key);
  const page = await tiff.pageAt(0);
  const second = await tiff.chain.at(1);
  if (second && !(await tiff.page(second)).isReduced)
    throw badPicture(key, 'it has several pages; in a folder each file is one section. Open the file itself');
  const placed: PlacedPage = { file: tiff.file, page, shift: 0 };
  const { width, height, samples, dtype } = page;
  const warning = page.photometric === 0 ? 'Zero is white in these pictures; values are given as they are stored.' : '';
  return {
    width,
    height,
    samples,
    dtype,
    warning,
    unit: chunkOfPage(page),
    read: (sample, rect, signal) => readRect(placed, { sample, rect }, codec, signal),
  };
}

async function readRect(
  placed: PlacedPage,
  { sample, rect }: { readonly sample: number; readonly rect: Rect },
  codec: ChunkCodec,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { page } = placed;
  const [unitX, unitY] = chunkOfPage(page);
  const voxelBytes = bytesPerVoxel[page.dtype];
  const out = new Uint8Array(rect.width * rect.height * voxelBytes);
  const [lastX, lastY] = [rect.x + rect.width, rect.y + rect.height];
  for (let y = Math.floor(rect.y / unitY); y * unitY < lastY; y++)
    for (let x = Math.floor(rect.x / unitX); x * unitX < lastX; x++) {
      const bytes = await readPageChunk(placed, { x, y, sample, count: 1 }, codec, signal);
      if (!bytes) continue;
      const [left, top] = [x * unitX, y * unitY];
      const size: Vec3 = [Math.min(unitX, page.width - left), Math.min(unitY, page.height - top), 1];
      const [fromX, fromY] = [Math.max(left, rect.x), Math.max(top, rect.y)];
      const part: Vec3 = [Math.min(left + size[0], lastX) - fromX, Math.min(top + size[1], lastY) - fromY, 1];
      copyVoxels(
        { bytes, size, at: [fromX - left, fromY - top, 0] },
        { bytes: out, size: [rect.width, rect.height, 1], at: [fromX - rect.x, fromY - rect.y, 0] },
        part,
        voxelBytes,
      );
    }
  return out;
}

/** PNG or JPEG: decoded whole, and kept for the other rows and channels. */
async function codedPicture(context: PictureContext, key: string): Promise<Picture> {
  const { header, isPng } = await headerOf(context.source, key);
  if (!header) throw badPicture(key, 'it is neither a sound PNG nor a sound JPEG');
  if (typeof header === 'string') throw badPicture(key, header);
  const { width, height, samples, dtype } = header;
  const planeBytes = width * height * bytesPerVoxel[dtype];
  if (planeBytes * samples > maxChunkBytes)
    throw badPicture(key, `${width} x ${height} of ${samples} samples take more than 512 MiB; save it as tiled TIFF`);
  return {
    ...header,
    unit: [width, height],
    read: async (sample, rect, signal) => {
      const all = await decodedChunks.get(`${context.token}${key}`, planeBytes * samples, () =>
        decodeWhole(context, { key, name: isPng ? 'png' : 'jpeg', header }, signal),
      );
      const plane = all.subarray(sample * planeBytes, (sample + 1) * planeBytes);
      const rowBytes = width * bytesPerVoxel[dtype];
      // Chunks of such pictures are as wide as they are.
      return plane.slice(rect.y * rowBytes, (rect.y + rect.height) * rowBytes);
    },
  };
}

async function headerOf(
  source: ByteSource,
  key: string,
): Promise<{ readonly header: PictureHeader | string | undefined; readonly isPng: boolean }> {
  for (const length of headBytes) {
    const head = await source.get(key, { offset: 0, length });
    if (!head) throw badPicture(key, 'it is not there');
    if (head.length === 0) throw badPicture(key, 'it is empty');
    const png = pngHeader(head);
    const header = png ?? jpegHeader(head);
    if (header || head.length < length) return { header, isPng: png !== undefined };
  }
  return { header: undefined, isPng: false };
}

async function decodeWhole(
  { source, codec }: PictureContext,
  {
    key,
    name,
    header,
  }: { readonly key: string; readonly name: 'png' | 'jpeg'; readonly header: Omit<Picture, 'read' | 'unit'> },
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const stored = await source.get(key, undefined, signal);
  if (!stored) throw badPicture(key, 'it is not there any more');
  try {
    const shape = [header.width, header.height, 1, header.samples, 1] as const;
    return await codec.decode({ dtype: header.dtype, shape, order: 'cxyzt', codecs: [{ name }] }, stored, signal);
  } catch (error) {
    if (!isLamellaError(error, 'bad-source')) throw error;
    throw badPicture(key, error.message.replace(/\.$/, ''));
  }
}
