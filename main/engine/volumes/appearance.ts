import type { Volume } from '../../../preload/contract/library.ts';
import { mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { BoxAt, OpenVolume, VolumePlan } from '../formats/volume-format.ts';
import type { Kernels } from '../jobs/job.ts';
import { displayOf } from './bricks-of.ts';
import { type Histogram, histogramLevel, histogramOf, shownWindow, wholeLevel } from './histogram.ts';

/** How a volume looks where nobody has chosen: the columns of its row. */
export type Appearance = Pick<Volume, 'channels' | 'window' | 'display'>;

/** A level that is larger is counted in its middle only. */
const mostVoxels = 16_000_000;

/** Whether 0 is no data: the padding of images, and what no tile covers. */
export const isZeroEmpty = ({ dtype, kind }: Pick<VolumePlan, 'dtype' | 'kind'>): boolean =>
  kind === 'segmentation' || dtype.startsWith('uint');

/** Windows of the channels and the range of grey levels, counted at a coarse level of the first time. */
export async function appearanceOf(volume: OpenVolume, kernels: Kernels, signal: AbortSignal): Promise<Appearance> {
  const { plan } = volume;
  if (plan.kind === 'segmentation') return labelled(plan);
  const counted: Histogram[] = [];
  for (const channel of plan.channels.keys()) {
    const box = middleOf(wholeLevel(plan, histogramLevel(plan), channel));
    counted.push(await histogramOf(volume, { box, bins: 256, kernels, ignoreZero: isZeroEmpty(plan) }, signal));
  }
  const channels = plan.channels.map(({ name, color, window }, i) => {
    const histogram = counted[i];
    return {
      name,
      color,
      window: histogram ? shownWindow(window, histogram, plan.dtype) : (window ?? ([0, 1] as const)),
    };
  });
  const lows = counted.filter(({ voxels }) => voxels > 0).map(({ range }) => range[0]);
  const highs = counted.filter(({ voxels }) => voxels > 0).map(({ range }) => range[1]);
  const extremes = lows.length > 0 ? widened(Math.min(...lows), Math.max(...highs), histogramLevel(plan) > 0) : null;
  return { channels, window: channels[0]?.window ?? [0, 1], display: displayOf(plan.dtype, plan.kind, extremes) };
}

/** How a volume looks that could not be counted: all that its type holds, where that is little enough to be of use. */
export function appearanceUncounted(plan: VolumePlan): Appearance {
  if (plan.kind === 'segmentation') return labelled(plan);
  const whole = plan.dtype === 'uint8' ? ([0, 255] as const) : plan.dtype === 'uint16' ? ([0, 65_535] as const) : null;
  const channels = plan.channels.map(({ name, color, window }) => ({
    name,
    color,
    window: window ?? whole ?? ([0, 1] as const),
  }));
  return { channels, window: channels[0]?.window ?? [0, 1], display: displayOf(plan.dtype, plan.kind, whole) };
}

function labelled(plan: VolumePlan): Appearance {
  const window = [0, 65_535] as const;
  const channels = plan.channels.map(({ name, color }) => ({ name, color, window }));
  return { channels, window, display: displayOf(plan.dtype, 'segmentation', null) };
}

/** Finer levels reach a little beyond the means of a coarse one. */
function widened(low: number, high: number, isCoarse: boolean): readonly [number, number] {
  const margin = isCoarse ? (high - low) * 0.1 : 0;
  return [low - margin, high + margin];
}

export function middleOf(box: BoxAt): BoxAt {
  let size = box.size;
  for (const axis of [2, 1, 0] as const) {
    const over = voxelsIn(size) / mostVoxels;
    if (over > 1) size = mapAxes((i) => (i === axis ? Math.max(1, Math.floor(size[i] / over)) : size[i]));
  }
  return { ...box, size, min: mapAxes((i) => box.min[i] + Math.floor((box.size[i] - size[i]) / 2)) };
}
