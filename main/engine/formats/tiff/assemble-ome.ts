import { bytesPerVoxel } from '../../../../preload/contract/space.ts';
import { levelAt } from '../pyramid.ts';
import type { Assembly, VolumeNotes } from '../volume-format.ts';
import { compressionCode } from './compressions.ts';
import { type Field, header, headerBytes, ifdAt, ifdBytes } from './ifd-bytes.ts';
import { omeXmlText } from './ome-xml-text.ts';
import { tagIds } from './page.ts';
import type { PartsRecord } from './parts-volume.ts';
import { type TilePart, blockKey, partsByBlock } from './tile-parts.ts';

/** One page of the file, or one of the smaller copies behind it. */
interface Picture {
  readonly level: number;
  /** Where its tiles lie, counted from the first tile of the file, and how many bytes they take. */
  readonly tileAt: readonly number[];
  readonly tileBytes: readonly number[];
}

interface Layout {
  readonly record: PartsRecord;
  readonly encoding: keyof typeof compressionCode;
  readonly description: Uint8Array;
  /** All pictures of each plane, finest first; planes in the order XYCZT. */
  readonly planes: readonly (readonly Picture[])[];
  readonly dataBytes: number;
}

/** The whole file: directories first, so that readers far away find them at once, then the tiles of page after page. */
export function assembleOme(
  record: PartsRecord,
  encoding: keyof typeof compressionCode,
  notes: VolumeNotes,
  sizes: ReadonlyMap<string, number>,
): Assembly {
  const parts = partsByBlock(sizes.keys());
  const order: string[] = [];
  const planes: Picture[][] = [];
  let end = 0;
  for (const plane of planesOf(record)) {
    const pictures: Picture[] = [];
    for (const level of record.plan.levels.keys()) {
      const { picture, used, bytes } = pictureOf(record, { ...plane, level }, parts, end);
      order.push(...used);
      end += bytes;
      pictures.push(picture);
    }
    planes.push(pictures);
  }
  const description = new TextEncoder().encode(`${omeXmlText(record.plan, notes)}\0`);
  const layout: Layout = { record, encoding, description, planes, dataBytes: end };
  return [...directories(layout), ...order.map((part) => ({ part }))];
}

interface Plane {
  readonly time: number;
  readonly channel: number;
  readonly z: number;
}

function* planesOf({ plan }: PartsRecord): Generator<Plane> {
  const sections = levelAt(plan, 0).sizeXyz[2];
  for (let time = 0; time < plan.times; time++)
    for (let z = 0; z < sections; z++) for (const channel of plan.channels.keys()) yield { time, z, channel };
}

function pictureOf(
  record: PartsRecord,
  at: Plane & { readonly level: number },
  parts: ReadonlyMap<string, TilePart>,
  start: number,
): { readonly picture: Picture; readonly used: readonly string[]; readonly bytes: number } {
  const [across, down] = levelAt(record.plan, at.level).gridXyz;
  const [nx, ny] = record.tilesOfBlock[at.level] ?? [1, 1];
  const tileAt = Array.from({ length: across * down }, () => 0);
  const tileBytes = Array.from({ length: across * down }, () => 0);
  const used: string[] = [];
  let end = start;
  for (let y = 0; y * ny < down; y++)
    for (let x = 0; x * nx < across; x++) {
      const part = parts.get(blockKey({ ...at, x, y }));
      const width = Math.min(nx, across - x * nx);
      if (part?.tileBytes.length !== width * Math.min(ny, down - y * ny))
        throw new Error(`the tiles of ${blockKey({ ...at, x, y })} were not written`);
      part.tileBytes.forEach((bytes, i) => {
        const tile = (y * ny + Math.floor(i / width)) * across + x * nx + (i % width);
        tileAt[tile] = end;
        tileBytes[tile] = bytes;
        end += bytes;
      });
      used.push(part.key);
    }
  return { picture: { level: at.level, tileAt, tileBytes }, used, bytes: end - start };
}

/** The header and every directory. BigTIFF where 32-bit offsets don't reach the end. */
function directories(layout: Layout): { readonly bytes: Uint8Array }[] {
  const small = headerBytes + layout.planes.reduce((sum, _, i) => sum + planeBytes(layout, i, false), 0);
  const isBig = small + layout.dataBytes >= 2 ** 32 - 2 ** 16;
  const dataAt = isBig
    ? headerBytes + layout.planes.reduce((sum, _, i) => sum + planeBytes(layout, i, true), 0)
    : small;
  const pieces = [{ bytes: header(headerBytes, isBig) }];
  let at = headerBytes;
  for (const index of layout.planes.keys()) {
    const bytes = planeBytes(layout, index, isBig);
    const next = index + 1 < layout.planes.length ? at + bytes : 0;
    pieces.push({ bytes: planeAt(layout, { index, at, next, dataAt, isBig }) });
    at += bytes;
  }
  return pieces;
}

const planeBytes = (layout: Layout, index: number, isBig: boolean): number =>
  (layout.planes[index] ?? []).reduce((sum, picture) => sum + ifdBytes(fieldsOf(layout, index, picture, []), isBig), 0);

interface PlaneAt {
  readonly index: number;
  readonly at: number;
  readonly next: number;
  readonly dataAt: number;
  readonly isBig: boolean;
}

/** The directory of a page, and behind it those of its smaller copies, to which it points. */
function planeAt(layout: Layout, { index, at, next, dataAt, isBig }: PlaneAt): Uint8Array {
  const pictures = layout.planes[index] ?? [];
  const starts: number[] = [];
  let end = at;
  for (const picture of pictures) {
    starts.push(end);
    end += ifdBytes(fieldsOf(layout, index, picture, []), isBig);
  }
  const bytes = pictures.map((picture, i) => {
    const placed = { ...picture, tileAt: picture.tileAt.map((offset) => offset + dataAt) };
    return ifdAt(starts[i] ?? 0, fieldsOf(layout, index, placed, starts.slice(1)), i === 0 ? next : 0, isBig);
  });
  return new Uint8Array(Buffer.concat(bytes));
}

const sampleFormats: Readonly<Record<string, number>> = { u: 1, i: 2, f: 3 };

function fieldsOf(
  { record, encoding, description }: Layout,
  index: number,
  picture: Picture,
  copies: readonly number[],
): Field[] {
  const { plan, tile, codecs } = record;
  const level = levelAt(plan, picture.level);
  const short = (id: number, value: number): Field => ({ id, type: 'short', values: [value] });
  const long = (id: number, value: number): Field => ({ id, type: 'long', values: [value] });
  const fields: Field[] = [
    long(tagIds.subfileType, picture.level > 0 ? 1 : 0),
    long(tagIds.width, level.sizeXyz[0]),
    long(tagIds.height, level.sizeXyz[1]),
    short(tagIds.bits, bytesPerVoxel[plan.dtype] * 8),
    short(tagIds.compression, compressionCode[encoding]),
    short(tagIds.photometric, 1),
    short(tagIds.samples, 1),
    ...resolution(level.voxelSizeNm[0], level.voxelSizeNm[1]),
    { id: tagIds.software, type: 'ascii', values: new TextEncoder().encode('Lamella\0') },
    long(tagIds.tileWidth, tile[0]),
    long(tagIds.tileHeight, tile[1]),
    { id: tagIds.tileOffsets, type: 'offset', values: picture.tileAt },
    { id: tagIds.tileByteCounts, type: 'long', values: picture.tileBytes },
    short(tagIds.sampleFormat, sampleFormats[plan.dtype[0] ?? 'u'] ?? 1),
  ];
  if (codecs.some(({ name }) => name === 'predictor')) fields.push(short(tagIds.predictor, 2));
  if (picture.level === 0 && index === 0) fields.push({ id: tagIds.description, type: 'ascii', values: description });
  const behind = plan.levels.length - 1;
  if (picture.level === 0 && behind > 0)
    fields.push({
      id: tagIds.subIfds,
      type: 'ifd',
      values: copies.length > 0 ? copies : Array.from({ length: behind }, () => 0),
    });
  return fields;
}

/** Pixels to a centimetre. */
function resolution(xNm: number, yNm: number): Field[] {
  const rational = (id: number, nm: number): Field => ({ id, type: 'rational', values: asRational(1e7 / nm) });
  return [
    rational(tagIds.xResolution, xNm),
    rational(tagIds.yResolution, yNm),
    { id: tagIds.resolutionUnit, type: 'short', values: [3] },
  ];
}

/** The nearest fraction whose parts fit 32 bits. */
function asRational(value: number): readonly [number, number] {
  const scale = 10 ** Math.max(0, Math.min(9, Math.floor(9 - Math.log10(Math.max(value, 1)))));
  return [Math.min(2 ** 32 - 1, Math.round(value * scale)), scale];
}
