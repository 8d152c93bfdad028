import type { TaskOutput } from '../../../../native-workers/tasks.ts';
import type { BlockLink } from '../../../../preload/contract/block.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { mapAxes } from '../../formats/pyramid.ts';
import { rms, weightedMedian } from './numbers.ts';

/** What the kernel said of a slab, as a shift of places. */
export interface SlabMatch extends Omit<TaskOutput<'match-blocks'>, 'shift'> {
  readonly shift: Vec3;
}

/** A pair, all of its slabs together. */
export type PairMatch = Pick<BlockLink, 'shift' | 'sigma' | 'ncc' | 'peakRatio' | 'axes' | 'slabs' | 'reason'>;

/** Slabs that lie farther from the median of all, voxels, do not count. */
const slabsAgreeWithin = 1.5;
/** No slab is trusted to be better, voxels. */
const leastSigma = 0.02;

/** Robust over slabs: those near the weighted median of each axis, weighed by their variance. */
export function combineSlabs(slabs: readonly SlabMatch[], expected: Vec3, minNcc: number): PairMatch {
  const good = slabs.filter(({ reason, ncc }) => reason === '' && ncc >= minNcc);
  if (good.length === 0) return unmatched(slabs, expected, minNcc);
  const weightAt = ({ sigma }: SlabMatch, k: 0 | 1 | 2): number => 1 / Math.max(sigma[k], leastSigma) ** 2;
  const middle = mapAxes((k) => weightedMedian(good.map((slab) => [slab.shift[k], weightAt(slab, k)])));
  const near = good.filter(({ shift, sigma }) =>
    [0, 1, 2].every((k) => {
      const off = Math.abs((shift[k] ?? 0) - (middle[k] ?? 0));
      return off <= Math.max(slabsAgreeWithin, 3 * (sigma[k] ?? 0));
    }),
  );
  if (near.length * 2 < good.length) {
    const why = `its ${good.length} slabs do not agree`;
    return { ...unmatched(slabs, expected, minNcc), reason: why };
  }
  const total = mapAxes((k) => near.reduce((sum, slab) => sum + weightAt(slab, k), 0));
  const shift = mapAxes((k) => near.reduce((sum, slab) => sum + slab.shift[k] * weightAt(slab, k), 0) / total[k]);
  const sigma = mapAxes((k) => {
    const spread = rms(near.map((slab) => slab.shift[k] - shift[k])) / Math.sqrt(Math.max(1, near.length - 1));
    return Math.max(1 / Math.sqrt(total[k]), near.length > 1 ? spread : 0, leastSigma);
  });
  return {
    shift,
    sigma,
    ncc: near.reduce((sum, { ncc }) => sum + ncc, 0) / near.length,
    peakRatio: near.reduce((least, { peakRatio }) => Math.min(least, peakRatio), Infinity),
    axes: mapAxes((k) => k).map((k) => bestAxis(near, k)),
    slabs: near.length,
    reason: '',
  };
}

/** As the most reliable slab saw it. */
function bestAxis(slabs: readonly SlabMatch[], k: number): PairMatch['axes'][number] {
  const seen = slabs.flatMap(({ axes }) => axes[k] ?? []);
  const best = seen.reduce((top, axis) => (axis.reliability > top.reliability ? axis : top), seen[0] ?? noAxis);
  return { reliability: best.reliability, nccPeak: best.nccPeak, nccWidth: best.nccWidth };
}

const noAxis = { reliability: 0, nccPeak: 0, nccWidth: 0 };

function unmatched(slabs: readonly SlabMatch[], expected: Vec3, minNcc: number): PairMatch {
  const best = slabs.reduce<SlabMatch | undefined>((top, slab) => (top && top.ncc >= slab.ncc ? top : slab), undefined);
  const weak = best && best.reason === '' ? `its correlation ${shown(best.ncc)} is below ${minNcc}` : undefined;
  return {
    shift: best && best.reason === '' ? best.shift : expected,
    sigma: best?.sigma ?? [0, 0, 0],
    ncc: best?.ncc ?? 0,
    peakRatio: best?.peakRatio ?? 1,
    axes: [0, 1, 2].map((k) => bestAxis(slabs, k)),
    slabs: 0,
    reason: weak ?? best?.reason ?? 'too little overlap',
  };
}

/** Rounded down, so that it never reads as the limit that it stayed below. */
const shown = (ncc: number): string => (Math.floor(ncc * 100) / 100).toFixed(2);
