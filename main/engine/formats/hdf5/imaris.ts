import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes } from '../pyramid.ts';
import { isLength, nmOfUnit } from '../tiff/length-units.ts';
import type { ChannelPlan, VolumeLevelPlan } from '../volume-format.ts';
import {
  type Hdf5Contents,
  type Hdf5Layout,
  badHdf5,
  chunksXyz,
  levelWithChunks,
  readable,
  storageOf,
  zyxBox,
} from './layout.ts';
import { saysNoSize } from '../unsized.ts';

/**
 * Imaris 5.5 (.ims): /DataSet/ResolutionLevel r/TimePoint t/Channel c/Data, padded to whole chunks; how large the
 * picture is, is said by attributes of the channel, all of them texts.
 */
export const isImaris = ({ groups }: Hdf5Contents): boolean => groups.has('/DataSet/ResolutionLevel 0');

const channelPath = (level: number, time: number, channel: number): string =>
  `/DataSet/ResolutionLevel ${level}/TimePoint ${time}/Channel ${channel}`;

const mostLevels = 32;
const mostTimes = 100_000;
const mostChannels = 1000;

export function imarisLayout(contents: Hdf5Contents): Hdf5Layout {
  const { groups } = contents;
  const count = (most: number, path: (i: number) => string): number => {
    let n = 0;
    while (n < most && groups.has(path(n))) n++;
    return n;
  };
  const levelCount = count(mostLevels, (r) => channelPath(r, 0, 0));
  const times = count(mostTimes, (t) => channelPath(0, t, 0));
  const channels = count(mostChannels, (c) => channelPath(0, 0, c));
  if (levelCount === 0) throw badHdf5(contents.name, 'its Imaris data has no channel 0 at time 0');
  const first = readable(contents, `${channelPath(0, 0, 0)}/Data`);
  const warnings: string[] = [];
  const { extentNm, originNm } = extentOf(contents, warnings);
  const levels: VolumeLevelPlan[] = [];
  for (let r = 0; r < levelCount; r++) levels.push(levelOf(contents, r, { extentNm, originNm, finer: levels.at(-1) }));
  return {
    plan: {
      ...{ name: '', kind: 'image', dtype: first.dtype, levels, times, transforms: [] },
      channels: Array.from({ length: channels }, (_, c) => channelOf(contents, c)),
      secondsPerTime: secondsPerTime(contents),
    },
    storedDtype: first.dtype,
    warnings,
    storage: storageOf(first),
    box: ({ level, channel, time, ...part }) => {
      const path = `${channelPath(level, time, channel)}/Data`;
      return contents.datasets.has(path) ? zyxBox(path, part) : undefined;
    },
  };
}

/** Texts, but for files of other writers. */
function numberOf(value: unknown): number | undefined {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string'
        ? Number.parseFloat(value)
        : Array.isArray(value) && value.length === 1
          ? Number(value[0])
          : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

function sizeOf(contents: Hdf5Contents, level: number): Vec3 {
  const path = channelPath(level, 0, 0);
  const attributes = contents.groups.get(path) ?? {};
  const { shape } = readable(contents, `${path}/Data`);
  return mapAxes((i) => {
    const padded = shape[2 - i] ?? 0;
    const said = numberOf(attributes[`ImageSize${'XYZ'[i]}`]) ?? padded;
    if (Number.isInteger(said) && said >= 1 && said <= padded) return said;
    throw badHdf5(
      contents.name,
      `level ${level} should be ${said} voxels along ${'xyz'[i]}, but its data has ${padded}`,
    );
  });
}

interface Placing {
  readonly extentNm: Vec3 | undefined;
  readonly originNm: Vec3;
  readonly finer: VolumeLevelPlan | undefined;
}

function levelOf(contents: Hdf5Contents, index: number, { extentNm, originNm, finer }: Placing): VolumeLevelPlan {
  const sizeXyz = sizeOf(contents, index);
  const dataset = readable(contents, `${channelPath(index, 0, 0)}/Data`);
  const stepXyz: Vec3 = finer ? mapAxes((i) => Math.max(1, Math.round(finer.sizeXyz[i] / sizeXyz[i]))) : [1, 1, 1];
  const voxelSizeNm = finer
    ? mapAxes((i) => finer.voxelSizeNm[i] * stepXyz[i])
    : mapAxes((i) => (extentNm ? extentNm[i] / sizeXyz[i] : 1));
  return levelWithChunks(
    { key: String(index), sizeXyz, voxelSizeNm, originNm, stepXyz },
    chunksXyz(dataset),
    dataset.dtype,
  );
}

/** The corners of the volume, in the unit that the file names (micrometres as a rule). */
function extentOf(contents: Hdf5Contents, warnings: string[]): { extentNm: Vec3 | undefined; originNm: Vec3 } {
  const image = contents.groups.get('/DataSetInfo/Image') ?? {};
  const unit = nmOfUnit(String(image['Unit'] ?? 'um'));
  const corner = (name: string): Vec3 =>
    mapAxes((i) => (numberOf(image[`${name}${i}`]) ?? Number.NaN) * (unit ?? Number.NaN));
  const [min, max] = [corner('ExtMin'), corner('ExtMax')];
  const size = sizeOf(contents, 0);
  const extentNm = mapAxes((i) => max[i] - min[i]);
  if (extentNm.every((nm, i) => isLength(nm / (size[i] ?? 1)))) return { extentNm, originNm: min };
  warnings.push(saysNoSize);
  return { extentNm: undefined, originNm: [0, 0, 0] };
}

function channelOf(contents: Hdf5Contents, index: number): ChannelPlan {
  const attributes = contents.groups.get(`/DataSetInfo/Channel ${index}`) ?? {};
  const numbers = (name: string): number[] =>
    String(attributes[name] ?? '')
      .trim()
      .split(/\s+/)
      .map(Number);
  const rgb = numbers('Color');
  const isColor = rgb.length === 3 && rgb.every((part) => part >= 0 && part <= 1);
  const [low = Number.NaN, high = Number.NaN] = numbers('ColorRange');
  return {
    name: String(attributes['Name'] ?? '')
      .trim()
      .slice(0, 500),
    color: isColor
      ? rgb
          .map((part) =>
            Math.round(part * 255)
              .toString(16)
              .padStart(2, '0'),
          )
          .join('')
          .toUpperCase()
      : null,
    window: high > low && Number.isFinite(high - low) ? [low, high] : null,
  };
}

function secondsPerTime({ groups }: Hdf5Contents): number | null {
  const info = groups.get('/DataSetInfo/TimeInfo') ?? {};
  const at = (name: string): number =>
    Date.parse(
      `${String(info[name] ?? '')
        .trim()
        .replace(' ', 'T')}Z`,
    );
  const seconds = (at('TimePoint2') - at('TimePoint1')) / 1000;
  return seconds > 0 ? seconds : null;
}
