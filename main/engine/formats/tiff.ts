import { LamellaError } from '../../../preload/contract/errors.ts';
import { type Vec3, bytesPerVoxel } from '../../../preload/contract/space.ts';
import { decodedChunks, nextVolumeToken } from './decoded-chunks.ts';
import { gridOf, levelAt } from './pyramid.ts';
import { type Ifd, badTiff, tiffKind } from './tiff/ifd.ts';
import { omeImages } from './tiff/ome-image.ts';
import { looksLikeOmeXml, maxOmeXmlBytes } from './tiff/ome-xml.ts';
import { type OpenTiff, TiffSet } from './tiff/open-tiff.ts';
import { openParts } from './tiff/parts-volume.ts';
import { type PlacedPage, checkLastUnit, chunkOfPage, locateChunk, readPageChunk } from './tiff/page-voxels.ts';
import { type TiffPage, tagIds } from './tiff/page.ts';
import { plainImages } from './tiff/plain-image.ts';
import type { TiffImage } from './tiff/tiff-image.ts';
import { omeEncodings, omeWriter } from './tiff/write-ome.ts';
import type {
  ChannelPlan,
  ChunkAt,
  OpenOptions,
  OpenVolume,
  Place,
  VolumeFormat,
  VolumeLevelPlan,
  VolumePlan,
} from './volume-format.ts';
import { saysNoSize } from './unsized.ts';

/** TIFF 6.0, BigTIFF and OME-TIFF: strips and tiles, stacks, hyperstacks of ImageJ, pyramids, sets of files. */
export const tiff: VolumeFormat = {
  id: 'tiff',
  label: 'TIFF',
  detect: async ({ source, key }: Place) => {
    if (key === '') return false;
    const head = await source.get(key, { offset: 0, length: 8 }).catch(() => undefined);
    return head !== undefined && tiffKind(head) !== undefined;
  },
  open: openTiffVolume,
  write: { encodings: omeEncodings, canShard: false, as: { ending: '.ome.tif' }, writer: omeWriter },
};

async function openTiffVolume({ source, key }: Place, options: OpenOptions): Promise<OpenVolume> {
  const unfinished = key === '' ? await openParts(source, options.codec) : undefined;
  if (unfinished) return unfinished;
  const set = await TiffSet.open(source, key);
  const { main } = set;
  const description = await main.file.text(await firstIfd(main), tagIds.description, maxOmeXmlBytes);
  const images = looksLikeOmeXml(description) ? await omeImages(set, description) : await plainImages(main);
  const image = await images.image(chosenImage(images.names, options.image, set.mainName));
  const warnings = [...image.warnings];
  if (images.names.length > 1) warnings.push(severalImages(images.names));
  const plan = planOf(image, nameOf(set.mainName, image, images.names.length), warnings);
  await checkEnd(image);
  const token = nextVolumeToken();
  return {
    plan,
    notes: {
      storage: storageOf(image.levels[0]),
      warnings,
      ...(image.own.attributes && { attributes: image.own.attributes }),
    },
    locate: async (at) => {
      const placed = await placedPage(image, plan, at);
      const bytes = placed && (await locateChunk(placed, pageChunk(placed, at)));
      return bytes && { key: placed.file.bytes.key, ...bytes };
    },
    readChunk: async (at, signal) => {
      const placed = await placedPage(image, plan, at);
      return placed && readSample(placed, at, { options, token, signal });
    },
  };
}

async function firstIfd({ chain, file }: OpenTiff): Promise<Ifd> {
  const first = await chain.at(0);
  if (first) return first;
  throw badTiff(file, 'it has no pages');
}

/** Of more planes than this the last is not looked for before it is asked for. */
const fewPlanes = 256;

/** A file that was cut short lacks the end of its last plane, as a rule. */
async function checkEnd({ sizeC, sizeZ, sizeT, levels, page }: TiffImage): Promise<void> {
  if (sizeC * sizeZ * sizeT > fewPlanes) return;
  for (const level of levels.keys()) {
    const last = await page(sizeC - 1, sizeZ - 1, sizeT - 1, level);
    if (last) await checkLastUnit(last);
  }
}

/** By name, by "series 2", or by number from 1; the first where none is asked for. */
function chosenImage(names: readonly string[], wanted: string | undefined, file: string): number {
  if (wanted === undefined) return 0;
  const byName = names.findIndex((name) => name === wanted || name.startsWith(`${wanted}:`));
  const index = byName >= 0 ? byName : Number(wanted) - 1;
  if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
  throw new LamellaError('invalid-input', `"${file}" has no image "${wanted.slice(0, 200)}".`, {
    hint: `It has ${names
      .slice(0, 10)
      .map((name) => `"${name}"`)
      .join(', ')}.`,
    fields: { file, image: wanted.slice(0, 200) },
  });
}

const severalImages = (names: readonly string[]): string =>
  `It holds ${names.length} images (${names
    .slice(0, 10)
    .map((name) => `"${name}"`)
    .join(', ')}${names.length > 10 ? ', …' : ''}); choose one by its name or number.`;

const nameOf = (file: string, image: TiffImage, images: number): string =>
  (images > 1 && image.name) || file.replace(/\.(ome\.)?(tiff?|tf2|tf8|btf)$/i, '') || file;

function planOf(image: TiffImage, name: string, warnings: string[]): VolumePlan {
  const [base] = image.levels;
  if (!base) throw new Error('an image has no page');
  noteColours(base, warnings);
  const voxelNm = voxelSize(image, warnings);
  const levels: VolumeLevelPlan[] = [];
  for (const page of image.levels) levels.push(levelOf(image, page, levels, voxelNm));
  return {
    ...{ name, kind: image.own.kind ?? 'image', dtype: base.dtype, levels, transforms: [] },
    channels: image.channels.flatMap((channel, c) => channelsOfPage(channel, base, image.own.windows?.[c] ?? null)),
    times: image.sizeT,
    secondsPerTime: image.secondsPerTime,
  };
}

function levelOf(image: TiffImage, page: TiffPage, finer: readonly VolumeLevelPlan[], voxelNm: Vec3): VolumeLevelPlan {
  const before = finer.at(-1);
  const sizeXyz: Vec3 = [page.width, page.height, image.sizeZ];
  const chunkXyz: Vec3 = [...chunkOfPage(page), 1];
  const stepXyz: Vec3 = before ? stepBetween(before.sizeXyz, sizeXyz) : [1, 1, 1];
  const last = before?.voxelSizeNm ?? voxelNm;
  return {
    key: String(finer.length),
    ...{ sizeXyz, chunkXyz, gridXyz: gridOf(sizeXyz, chunkXyz), stepXyz },
    voxelSizeNm: [last[0] * stepXyz[0], last[1] * stepXyz[1], last[2]],
    originNm: image.own.originNm ?? [0, 0, 0],
  };
}

/** Whole where the sizes allow it, rounded up or down. */
function stepBetween(fine: Vec3, coarse: Vec3): Vec3 {
  const step = (i: 0 | 1): number => {
    const whole = Math.max(1, Math.round(fine[i] / coarse[i]));
    const fits = coarse[i] === Math.ceil(fine[i] / whole) || coarse[i] === Math.floor(fine[i] / whole);
    return fits ? whole : fine[i] / coarse[i];
  };
  return [step(0), step(1), 1];
}

function voxelSize({ voxelNm: [x, y, z], sizeZ }: TiffImage, warnings: string[]): Vec3 {
  const side = x ?? y;
  if (side === undefined) {
    warnings.push(saysNoSize);
    return [1, 1, z ?? 1];
  }
  if (z === undefined && sizeZ > 1)
    warnings.push(`The file does not say how far its sections are apart: ${side} nm is taken, the width of a pixel.`);
  return [side, y ?? side, z ?? side];
}

function noteColours({ photometric, samples }: TiffPage, warnings: string[]): void {
  if (photometric === 0)
    warnings.push('Zero is white in this file; values are given as they are stored, not inverted.');
  if (photometric === 3) warnings.push('Values are indices of a colour palette; the palette is not applied.');
  if (photometric === 5) warnings.push('Colours are CMYK, given as they are stored.');
  if (photometric === 8) warnings.push('Colours are CIE L*a*b*, given as they are stored.');
  if (photometric === 6 && samples === 1) warnings.push('Of the YCbCr colours only one sample is stored.');
}

const colours = [
  ['red', 'FF0000'],
  ['green', '00FF00'],
  ['blue', '0000FF'],
] as const;

/** A page of several samples is several channels: red, green, blue and alpha where it says so, else numbered. */
function channelsOfPage(channel: ChannelPlan, page: TiffPage, window: ChannelPlan['window']): ChannelPlan[] {
  if (page.samples === 1) return [{ ...channel, window: window ?? channel.window }];
  const isColour = page.samples >= 3 && (page.photometric === 2 || page.photometric === 6);
  return Array.from({ length: page.samples }, (_, i) => {
    const [colourName, colour] = (isColour ? colours[i] : undefined) ?? ['', null];
    const last = i === page.samples - 1 && page.hasAlpha ? 'alpha' : `sample ${i + 1}`;
    return { name: `${channel.name} ${colourName || last}`.trim(), color: colour, window };
  });
}

function storageOf(page: TiffPage | undefined): string {
  if (!page) return '';
  const units = page.tiled ? `tiles of ${page.unitWidth} x ${page.unitHeight}` : `strips of ${page.unitHeight} rows`;
  const coding = page.compression === 'none' ? 'not compressed' : page.compression;
  return `${coding}${page.predictor > 1 ? ' with a predictor' : ''}, ${units}`;
}

function placedPage(image: TiffImage, plan: VolumePlan, at: ChunkAt): Promise<PlacedPage | undefined> {
  const { gridXyz } = levelAt(plan, at.level);
  const outside =
    at.xyz.some((n, i) => n < 0 || n >= (gridXyz[i] ?? 0)) ||
    at.channel >= plan.channels.length ||
    at.time >= plan.times;
  if (outside) return Promise.resolve(undefined);
  const samples = image.levels[0]?.samples ?? 1;
  return image.page(Math.floor(at.channel / samples), at.xyz[2], at.time, at.level);
}

const pageChunk = ({ page }: PlacedPage, at: ChunkAt) => ({
  ...{ x: at.xyz[0], y: at.xyz[1] },
  sample: at.channel % page.samples,
  count: 1,
});

interface Reading {
  readonly options: OpenOptions;
  readonly token: string;
  readonly signal: AbortSignal | undefined;
}

/** Samples that are compressed together are decoded together, and kept for the channels that will be asked next. */
async function readSample(placed: PlacedPage, at: ChunkAt, reading: Reading): Promise<Uint8Array | undefined> {
  const { page } = placed;
  const chunk = pageChunk(placed, at);
  const { codec } = reading.options;
  if (page.separate || page.samples === 1 || page.compression === 'none')
    return readPageChunk(placed, chunk, codec, reading.signal);
  const [width, height] = chunkOfPage(page);
  const bytes = width * height * page.samples * bytesPerVoxel[page.dtype];
  const key = `${reading.token}${placed.file.name}:${page.ifd.offset}:${placed.shift}:${chunk.x}:${chunk.y}`;
  const all = await decodedChunks.get(key, bytes, async () => {
    const whole = { ...chunk, sample: 0, count: page.samples };
    return (await readPageChunk(placed, whole, codec, reading.signal)) ?? new Uint8Array(0);
  });
  if (all.length === 0) return undefined;
  const each = all.length / page.samples;
  return all.slice(chunk.sample * each, (chunk.sample + 1) * each);
}
