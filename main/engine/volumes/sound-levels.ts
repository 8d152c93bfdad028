import { mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { ChunkAt, OpenVolume, VolumeLevelPlan } from '../formats/volume-format.ts';

/** Levels as they can be drawn: which of those of the dataset, from fine to coarse, and what was said of the others. */
export interface SoundLevels {
  /** Indices into the dataset's own levels. */
  readonly order: readonly number[];
  /** A sentence for each thing that was wrong. */
  readonly warnings: readonly string[];
}

/** Levels of one size differ by rounding. */
const alike = 0.99;
/** Levels are cut or filled up by so many of their own voxels, as they are rounded. */
const mostVoxelsOff = 2;
/** Formats whose levels say their own corners in voxels: they may cover different parts, and lie where they say. */
const placedOneByOne: ReadonlySet<string> = new Set(['precomputed']);
const axisNames = ['x', 'y', 'z'] as const;
const axes = [0, 1, 2] as const;

const voxelNm3 = ({ voxelSizeNm }: VolumeLevelPlan): number => voxelsIn(voxelSizeNm);

/**
 * The levels of a dataset from fine to coarse. One whose voxels are finer than those before it along some axis, or that
 * does not cover what the largest level covers, would be drawn in the wrong place and is left out, by name.
 */
export function soundLevels(levels: readonly VolumeLevelPlan[], format: string): SoundLevels {
  const warnings: string[] = [];
  const all = levels.map((level, index) => ({ level, index }));
  const sorted = all.toSorted(
    (a, b) => voxelNm3(a.level) - voxelNm3(b.level) || voxelsIn(b.level.sizeXyz) - voxelsIn(a.level.sizeXyz),
  );
  const base = placedOneByOne.has(format) ? sorted[0] : largest(sorted);
  if (!base) return { order: [], warnings };
  const kept: (typeof all)[number][] = [];
  for (const one of sorted) {
    const before = kept.at(-1)?.level;
    const axis = axes.find((i) => before && one.level.voxelSizeNm[i] < alike * before.voxelSizeNm[i]);
    const why =
      before && axis !== undefined
        ? `its voxels are finer than those of level ${named(before)} along ${axisNames[axis]}`
        : one === base
          ? null
          : otherPart(one.level, base.level);
    if (why === null) kept.push(one);
    else if (axis === undefined && placedOneByOne.has(format)) {
      kept.push(one);
      warnings.push(`Level ${named(one.level)}: ${why}; it is drawn where it says that it lies.`);
    } else warnings.push(`Level ${named(one.level)} is left out: ${why}.`);
  }
  const order = kept.map(({ index }) => index);
  if (order.some((index, i) => index < (order[i - 1] ?? -1)))
    warnings.push(`Its levels are not listed from fine to coarse; they are read in the order of their voxels' sizes.`);
  return { order, warnings };
}

const named = ({ key }: VolumeLevelPlan): string => `"${key.slice(0, 100)}"`;

function largest<T extends { readonly level: VolumeLevelPlan }>(sorted: readonly T[]): T | undefined {
  const voxels = ({ level }: T): number => voxelsIn(level.sizeXyz);
  return sorted.reduce<T | undefined>((best, one) => (best && voxels(best) >= voxels(one) ? best : one), undefined);
}

/** Where a level does not cover what the base covers, in words; filled up to whole chunks, of several, it may be. */
function otherPart(level: VolumeLevelPlan, base: VolumeLevelPlan): string | null {
  const [own, whole] = [boxOf(level), boxOf(base)];
  const axis = axes.find((i) => {
    const side = level.voxelSizeNm[i];
    const most = mostVoxelsOff * Math.max(side, base.voxelSizeNm[i]);
    const [before, after] = [Math.abs(own.min[i] - whole.min[i]), own.max[i] - whole.max[i]];
    const isWhole = level.sizeXyz[i] > level.chunkXyz[i] && level.sizeXyz[i] % level.chunkXyz[i] === 0;
    const isFilled = isWhole && after > 0 && after < level.chunkXyz[i] * side;
    return before > most || (Math.abs(after) > most && !isFilled);
  });
  if (axis === undefined) return null;
  const range = ({ min, max }: ReturnType<typeof boxOf>): string =>
    [min, max].map((nm) => Number(nm[axis].toPrecision(6))).join(' to ');
  return `by its size and place it covers ${range(own)} nm along ${axisNames[axis]}, and level ${named(base)} ${range(whole)} nm`;
}

const boxOf = ({ originNm, sizeXyz, voxelSizeNm }: VolumeLevelPlan) => ({
  min: originNm,
  max: mapAxes((i) => originNm[i] + sizeXyz[i] * voxelSizeNm[i]),
});

/** The volume with the levels that can be drawn, from fine to coarse. */
export function withSoundLevels(volume: OpenVolume, format: string): OpenVolume {
  const { order, warnings } = soundLevels(volume.plan.levels, format);
  if (warnings.length === 0) return volume;
  const chosen = order.flatMap((index) => volume.plan.levels[index] ?? []);
  const levels = chosen.map((level, i): VolumeLevelPlan => ({
    ...level,
    stepXyz: mapAxes((axis) =>
      Math.max(1, Math.round(level.voxelSizeNm[axis] / (chosen[i - 1] ?? level).voxelSizeNm[axis])),
    ),
  }));
  // A level that is not there is refused by the format, in its words.
  const own = (at: ChunkAt): ChunkAt => ({ ...at, level: order[at.level] ?? volume.plan.levels.length });
  return {
    plan: { ...volume.plan, levels },
    notes: { ...volume.notes, warnings: [...(volume.notes.warnings ?? []), ...warnings] },
    locate: (at, signal) => volume.locate(own(at), signal),
    readChunk: (at, signal) => volume.readChunk(own(at), signal),
    ...(volume.recipe && { recipe: async (at: ChunkAt, signal?: AbortSignal) => volume.recipe?.(own(at), signal) }),
    ...(volume.labels && { labels: async () => volume.labels?.() ?? [] }),
    ...(volume.close && { close: async () => volume.close?.() }),
  };
}
