import type { ChunkCodecSpec, EncodeBlock } from '../../../../native-workers/voxel-tasks.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { type Vec3, bytesPerVoxel } from '../../../../preload/contract/space.ts';
import { badPlanBlock } from '../blocks.ts';
import { gridOf, voxelsIn } from '../pyramid.ts';
import { type Field, header, headerBytes, ifdAt, ifdBytes } from '../tiff/ifd-bytes.ts';
import { tagIds } from '../tiff/page.ts';
import { stackNotesKey } from './stack-files.ts';
import type {
  BlockAt,
  ChunkCodec,
  Part,
  VolumeLevelPlan,
  VolumePlan,
  VolumeWriter,
  WriteChoices,
} from '../volume-format.ts';

export const stackEncodings = ['png', 'tiff'] as const;

/**
 * One file a section, channel and time. Throws 'invalid-input' for voxels that PNG can't hold, 'over-budget' where one
 * section is more than may be held at once.
 */
export function stackWriter(given: VolumePlan, choices: WriteChoices, codec: ChunkCodec): VolumeWriter {
  const encoding = stackEncodings.find((one) => one === (choices.encoding ?? 'png'));
  if (!encoding) throw refused(`Pictures are not written as "${choices.encoding}"`, 'Choose png or tiff.');
  if (encoding === 'png' && given.dtype !== 'uint8' && given.dtype !== 'uint16')
    throw refused(`PNG holds uint8 and uint16, not ${given.dtype}`, 'Choose the encoding tiff.');
  const plan = onePlan(given);
  const [level] = plan.levels;
  if (!level) throw new Error('a plan has no levels');
  const bytes = voxelsIn(level.chunkXyz) * bytesPerVoxel[plan.dtype] * plan.channels.length;
  if (bytes > choices.blockBytes) throw tooLarge(level, bytes, choices.blockBytes);
  return {
    plan,
    blockXyz: () => level.chunkXyz,
    encodeBlock: (at, voxels, signal) => encodeSection({ plan, level, encoding, at, voxels }, codec, signal),
    metadata: ({ attributes }) => {
      const { kind, channels, secondsPerTime } = plan;
      const { voxelSizeNm, originNm } = level;
      const notes = { kind, voxelSizeNm, originNm, channels, secondsPerTime, ...(attributes && { attributes }) };
      return Promise.resolve([
        { key: stackNotesKey, bytes: new TextEncoder().encode(`${JSON.stringify(notes, null, 2)}\n`) },
      ]);
    },
  };
}

function onePlan(plan: VolumePlan): VolumePlan {
  const levels = plan.levels.slice(0, 1).map((level) => {
    const chunkXyz: Vec3 = [level.sizeXyz[0], level.sizeXyz[1], 1];
    return { ...level, key: '0', chunkXyz, gridXyz: gridOf(level.sizeXyz, chunkXyz), stepXyz: [1, 1, 1] as Vec3 };
  });
  return { ...plan, levels, transforms: [] };
}

interface Section {
  readonly plan: VolumePlan;
  readonly level: VolumeLevelPlan;
  readonly encoding: (typeof stackEncodings)[number];
  readonly at: BlockAt;
  readonly voxels: Uint8Array;
}

async function encodeSection(section: Section, codec: ChunkCodec, signal?: AbortSignal): Promise<readonly Part[]> {
  const { plan, level, at, voxels, encoding } = section;
  const planeBytes = voxelsIn(level.chunkXyz) * bytesPerVoxel[plan.dtype];
  if (voxels.length !== planeBytes * plan.channels.length)
    throw badPlanBlock(at, voxels.length, planeBytes * plan.channels.length);
  return Promise.all(
    plan.channels.map(async (_, c) => {
      const plane = voxels.subarray(c * planeBytes, (c + 1) * planeBytes);
      const bytes =
        encoding === 'png' ? await png(section, plane, codec, signal) : await tiff(section, plane, codec, signal);
      return { key: fileName(plan, { z: at.xyz[2], c, t: at.time }, encoding === 'png' ? 'png' : 'tif'), bytes };
    }),
  );
}

function fileName(plan: VolumePlan, at: Readonly<Record<'z' | 'c' | 't', number>>, ending: string): string {
  const c = plan.channels.length > 1 ? `_c${String(at.c).padStart(2, '0')}` : '';
  const t = plan.times > 1 ? `_t${String(at.t).padStart(5, '0')}` : '';
  return `z${String(at.z).padStart(5, '0')}${c}${t}.${ending}`;
}

async function png(
  { plan, level }: Section,
  plane: Uint8Array,
  codec: ChunkCodec,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const [width, height] = level.chunkXyz;
  const chunk = [width, height, 1, 1, 1] as const;
  const request: EncodeBlock = {
    dtype: plan.dtype,
    size: chunk,
    chunk,
    edges: 'cut',
    fill: 0,
    codecs: [{ name: 'png' }],
  };
  const [one] = await codec.encode(request, plane, signal);
  if (!one) throw new Error('the picture was not encoded');
  return one.bytes;
}

const stripBytes = 2 ** 18;
const sampleFormats: Readonly<Record<string, number>> = { u: 1, i: 2, f: 3 };

/** A TIFF of one page, deflated in strips of about 256 KiB; differences between neighbours where that packs better. */
async function tiff(
  { plan, level }: Section,
  plane: Uint8Array,
  codec: ChunkCodec,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const [width, height] = level.chunkXyz;
  const voxelBytes = bytesPerVoxel[plan.dtype];
  const rows = Math.min(height, Math.max(1, Math.floor(stripBytes / (width * voxelBytes))));
  const predicts = plan.kind === 'image' && !plan.dtype.startsWith('float') && voxelBytes <= 4;
  const codecs: ChunkCodecSpec[] = [{ name: 'zlib' }];
  if (predicts) codecs.unshift({ name: 'predictor', kind: 'horizontal', width, samples: 1 });
  const request: EncodeBlock = {
    ...{
      dtype: plan.dtype,
      size: [width, height, 1, 1, 1],
      chunk: [width, rows, 1, 1, 1],
      edges: 'cut',
      fill: 0,
      codecs,
    },
  };
  const encoded = await codec.encode(request, plane, signal);
  const strips = encoded.toSorted((a, b) => a.at[1] - b.at[1]).map(({ bytes }) => bytes);
  const short = (id: number, value: number): Field => ({ id, type: 'short', values: [value] });
  const long = (id: number, ...values: number[]): Field => ({ id, type: 'long', values });
  const fields = (offsets: number[]): Field[] => [
    ...[long(tagIds.width, width), long(tagIds.height, height), short(tagIds.bits, voxelBytes * 8)],
    ...[short(tagIds.compression, 8), short(tagIds.photometric, 1), short(tagIds.samples, 1)],
    ...[long(tagIds.rowsPerStrip, rows), long(tagIds.stripOffsets, ...offsets)],
    long(tagIds.stripByteCounts, ...strips.map(({ length }) => length)),
    short(tagIds.sampleFormat, sampleFormats[plan.dtype[0] ?? 'u'] ?? 1),
    ...(predicts ? [short(tagIds.predictor, 2)] : []),
  ];
  let end = headerBytes + ifdBytes(fields(strips.map(() => 0)), false);
  const offsets = strips.map(({ length }) => (end += length) - length);
  const directory = ifdAt(headerBytes, fields(offsets), 0, false);
  return new Uint8Array(Buffer.concat([header(headerBytes, false), directory, ...strips]));
}

function refused(message: string, hint: string): LamellaError {
  return new LamellaError('invalid-input', `${message}.`, { hint });
}

function tooLarge({ sizeXyz }: VolumeLevelPlan, bytes: number, most: number): LamellaError {
  return new LamellaError(
    'over-budget',
    `A section of ${sizeXyz[0]} x ${sizeXyz[1]} takes ${bytes} bytes with all channels, but ${most} may be held at once.`,
    { hint: 'Allow more memory, or write OME-TIFF, whose pictures are cut into tiles.', fields: { bytes, most } },
  );
}
