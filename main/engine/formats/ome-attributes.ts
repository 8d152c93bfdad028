import { bytesPerVoxel, type VoxelType } from '../../../preload/contract/space.ts';
import { mapAxes } from './pyramid.ts';
import type { ChannelPlan, VolumeLevelPlan, VolumePlan } from './volume-format.ts';

/** The version of NGFF that goes with a version of Zarr. */
export const omeVersion = { 2: '0.4', 3: '0.5' } as const;

type Axis = 't' | 'c' | 'z' | 'y' | 'x';

/** t and c only where there are several. */
export const writtenAxes = ({ times, channels }: VolumePlan): readonly Axis[] => [
  ...(times > 1 ? (['t'] as const) : []),
  ...(channels.length > 1 ? (['c'] as const) : []),
  'z',
  'y',
  'x',
];

/** What NGFF says of an image: under `ome` of zarr.json (0.5), or the whole of .zattrs (0.4). */
export function omeAttributesJson(plan: VolumePlan, version: '0.4' | '0.5'): Readonly<Record<string, unknown>> {
  const axes = writtenAxes(plan);
  const multiscale = {
    ...(version === '0.4' && { version }),
    name: plan.name,
    axes: axes.map((name) => axisJson(name, plan)),
    datasets: plan.levels.map((level) => ({
      path: level.key,
      coordinateTransformations: placeJson(level, axes, plan.secondsPerTime ?? 1),
    })),
  };
  const omero = omeroJson(plan);
  return {
    ...(version === '0.5' && { version }),
    multiscales: [multiscale],
    ...(omero === undefined ? {} : { omero }),
    ...(plan.kind === 'segmentation' && { 'image-label': { version } }),
  };
}

function axisJson(name: Axis, { secondsPerTime }: VolumePlan): unknown {
  if (name === 'c') return { name, type: 'channel' };
  if (name === 't') return { name, type: 'time', ...(secondsPerTime !== null && { unit: 'second' }) };
  return { name, type: 'space', unit: 'nanometer' };
}

/** The centre of voxel 0 is half a voxel in from the corner: NGFF counts from centres. `+ 0`: no reader likes -0. */
function placeJson({ voxelSizeNm, originNm }: VolumeLevelPlan, axes: readonly Axis[], seconds: number): unknown {
  const centre = mapAxes((i) => originNm[i] + voxelSizeNm[i] / 2 + 0);
  const scale = { x: voxelSizeNm[0], y: voxelSizeNm[1], z: voxelSizeNm[2], c: 1, t: seconds };
  const translation = { x: centre[0], y: centre[1], z: centre[2], c: 0, t: 0 };
  return [
    { type: 'scale', scale: axes.map((axis) => scale[axis]) },
    { type: 'translation', translation: axes.map((axis) => translation[axis]) },
  ];
}

/** Left out where nothing is known of any channel: a window that is made up would be taken for one that was chosen. */
function omeroJson({ channels, dtype }: VolumePlan): unknown {
  if (channels.every(({ name, color, window }) => name === '' && color === null && window === null)) return undefined;
  const isGrey = channels.length === 1 && (channels[0]?.color ?? 'FFFFFF') === 'FFFFFF';
  return {
    channels: channels.map((channel) => channelJson(channel, dtype)),
    rdefs: { model: isGrey ? 'greyscale' : 'color' },
  };
}

function channelJson({ name, color, window }: ChannelPlan, dtype: VoxelType): unknown {
  const [start, end] = window ?? [0, 0];
  const [min, max] = fullRange(dtype) ?? [start, end];
  return {
    active: true,
    ...(color !== null && { color }),
    label: name,
    ...(window && { window: { start, end, min, max } }),
  };
}

function fullRange(dtype: VoxelType): readonly [number, number] | undefined {
  const bits = bytesPerVoxel[dtype] * 8;
  if (bits > 16) return undefined;
  return dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}
