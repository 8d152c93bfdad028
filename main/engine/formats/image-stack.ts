import { z } from 'zod';
import { type Vec3, bytesPerVoxel, vec3Schema, voxelSizeNmSchema } from '../../../preload/contract/space.ts';
import { nextVolumeToken } from './decoded-chunks.ts';
import { type Picture, type PictureContext, type Rect, badPicture, openPicture } from './image-stack/picture.ts';
import { type StackFiles, stackFiles, stackNotesKey } from './image-stack/stack-files.ts';
import { stackEncodings, stackWriter } from './image-stack/writer.ts';
import { nameOfPlace } from './place-name.ts';
import { chunkExtent, gridOf, levelAt } from './pyramid.ts';
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

/** A folder of pictures (PNG, TIFF, JPEG), one a section, in the order of the numbers in their names. */
export const imageStack: VolumeFormat = {
  id: 'image-stack',
  label: 'Image stack',
  holdsOne: true,
  detect: async ({ source, key }: Place) => {
    if (key !== '') return false;
    const entries = await source.children('').catch(() => undefined);
    return entries !== undefined && stackFiles(entries) !== undefined;
  },
  open: openStack,
  write: { encodings: stackEncodings, canShard: false, as: 'folder', writer: stackWriter },
};

/** At least as many pictures are looked at when a stack is opened; each is checked when it is read. */
const lookedAt = 16;
const wholeBytes = 4 * 2 ** 20;
/** Larger ones don't stay in the cache: they are read whole. */
const cachedBytes = 96 * 2 ** 20;

async function openStack({ source, key }: Place, options: OpenOptions): Promise<OpenVolume> {
  const entries = key === '' ? await source.children('') : undefined;
  const files = entries && stackFiles(entries);
  if (!files)
    throw badPicture(source.name, 'a stack is a folder of two or more pictures whose names differ in numbers');
  const context: PictureContext = { source, codec: options.codec, token: nextVolumeToken(), opened: new Map() };
  const first = await openPicture(context, files.names[0] ?? '');
  const step = Math.max(1, Math.floor(files.names.length / lookedAt));
  const some = files.names.filter((_, i) => i > 0 && (i % step === 0 || i === files.names.length - 1));
  await Promise.all(some.map((name) => sameAs(context, name, first)));
  const said = notesOf(await source.get(stackNotesKey));
  const warnings = [...files.warnings, ...(first.warning === '' ? [] : [first.warning])];
  if (!said.voxelSizeNm) warnings.push(saysNoSize);
  const plan = planOf(nameOfPlace(source.name), files, first, said);
  const fileAt = ({ xyz, channel, time }: ChunkAt): string =>
    files.names[Math.floor(channel / first.samples) + files.sizeC * (xyz[2] + files.sizeZ * time)] ?? '';
  return {
    plan,
    notes: { warnings, storage: storageOf(files), ...(said.attributes && { attributes: said.attributes }) },
    locate: async (at) => {
      const bytes = await source.sizeOf(fileAt(at));
      return bytes === undefined ? undefined : { key: fileAt(at), offset: 0, bytes };
    },
    readChunk: async (at, signal) => {
      const { min, size } = chunkExtent(levelAt(plan, at.level), at.xyz);
      const rect: Rect = { x: min[0], y: min[1], width: size[0], height: size[1] };
      return (await sameAs(context, fileAt(at), first)).read(at.channel % first.samples, rect, signal);
    },
  };
}

/** Throws 'bad-source' where a picture is not as the first one. */
async function sameAs(context: PictureContext, key: string, first: Picture): Promise<Picture> {
  const picture = await kept(context, key);
  const text = ({ width, height, samples, dtype }: Picture): string => `${width} x ${height}, ${samples} x ${dtype}`;
  if (text(picture) === text(first)) return picture;
  throw badPicture(key, `it is ${text(picture)}, the first of the stack is ${text(first)}`);
}

const keptPictures = 256;

/** The last pictures, as far as their headers go. */
function kept(context: PictureContext, key: string): Promise<Picture> {
  const { opened } = context;
  const picture = opened.get(key) ?? openPicture(context, key);
  opened.delete(key);
  opened.set(key, picture);
  picture.catch(() => opened.delete(key));
  for (const oldest of opened.keys()) {
    if (opened.size <= keptPictures) break;
    opened.delete(oldest);
  }
  return picture;
}

const notesSchema = z
  .object({
    kind: z.enum(['image', 'segmentation']),
    voxelSizeNm: voxelSizeNmSchema,
    originNm: vec3Schema,
    channels: z.array(
      z.object({
        name: z.string(),
        color: z.string().nullable(),
        window: z.tuple([z.number(), z.number()]).nullable(),
      }),
    ),
    secondsPerTime: z.number().nullable(),
    attributes: z.record(z.string(), z.unknown()),
  })
  .partial();
type StackNotes = z.infer<typeof notesSchema>;

/** What Lamella wrote beside the pictures. */
function notesOf(bytes: Uint8Array | undefined): StackNotes {
  try {
    return bytes ? (notesSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? {}) : {};
  } catch {
    return {};
  }
}

function planOf(name: string, files: StackFiles, first: Picture, said: StackNotes): VolumePlan {
  const sizeXyz: Vec3 = [first.width, first.height, files.sizeZ];
  const chunkXyz = chunkOf(first);
  const level: VolumeLevelPlan = {
    ...{ key: '0', sizeXyz, chunkXyz, gridXyz: gridOf(sizeXyz, chunkXyz), stepXyz: [1, 1, 1] },
    voxelSizeNm: said.voxelSizeNm ?? [1, 1, 1],
    originNm: said.originNm ?? [0, 0, 0],
  };
  const own = said.channels?.length === files.sizeC * first.samples ? said.channels : undefined;
  return {
    ...{
      name,
      kind: said.kind ?? 'image',
      dtype: first.dtype,
      levels: [level],
      transforms: [],
    },
    channels: own ?? Array.from({ length: files.sizeC }, () => channelsOf(first)).flat(),
    times: files.sizeT,
    secondsPerTime: said.secondsPerTime ?? null,
  };
}

/** All of a picture where it is small or must be decoded whole and won't stay in memory; else tiles or rows. */
function chunkOf({ width, height, dtype, samples, unit }: Picture): Vec3 {
  const bytes = width * height * bytesPerVoxel[dtype];
  if (bytes <= wholeBytes) return [width, height, 1];
  if (unit[0] < width || unit[1] < height) return [unit[0], unit[1], 1];
  if (bytes * samples > cachedBytes) return [width, height, 1];
  return [width, Math.max(1, Math.floor((wholeBytes / bytes) * height)), 1];
}

const colours = [
  ['red', 'FF0000'],
  ['green', '00FF00'],
  ['blue', '0000FF'],
  ['alpha', null],
] as const;

function channelsOf({ samples }: Picture): ChannelPlan[] {
  const names =
    samples >= 3
      ? colours.slice(0, samples)
      : (
          [
            ['', null],
            ['alpha', null],
          ] as const
        ).slice(0, samples);
  const known = names.map(([name, color]) => ({ name, color, window: null }));
  const more = Array.from({ length: samples - known.length }, (_, i) => ({
    name: `sample ${known.length + i + 1}`,
    color: null,
    window: null,
  }));
  return [...known, ...more];
}

const storageOf = ({ names }: StackFiles): string =>
  `${names.length} ${(/\.(\w+)$/.exec(names[0] ?? '')?.[1] ?? '').toUpperCase()} files, such as ${names[0]}`;
