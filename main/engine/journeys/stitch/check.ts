import { applyAffine } from '../../../../preload/contract/space.ts';
import type { LayoutCheck, TriedOrder } from '../../../../preload/contract/registration.ts';
import type { JobRun } from '../../jobs/job.ts';
import { groupBy } from '../../stacks/group-by.ts';
import type { StoredTile } from '../../store/tiles.ts';
import {
  asWritten,
  describeGridOrder,
  formatGridOrder,
  type GridOrder,
  otherOrders,
} from '../../transforms/tile/grid-order.ts';
import { placesToDraw, reorderTiles } from './check-places.ts';
import { gridFaults } from './grid-faults.ts';
import { type MatchParameters, matchPairs, type PairMatch } from './match.ts';
import { medianOf } from './numbers.ts';
import { defaultSearchPx, findPairs, type TilePair } from './pairs.ts';
import { measuredOverlap, spacingFinding } from './spacing.ts';

/** Overlaps that are matched as the layout is written, and for each other way to read it. */
const samplePairs = 16;
const samplePairsOfOrder = 8;
/** A layout fits where this part of the sample matches; another does where more of it matches, and far more than as written. */
const fittingPart = 0.5;
const otherPart = 0.6;
const leastAdvantage = 2;
const leastMatched = 3;
/** How far a wide search goes, as a part of a tile's side: overlaps that were told wrong. */
const widePart = 0.4;

interface Sample {
  readonly tried: TriedOrder;
  readonly order: GridOrder;
  readonly pairs: readonly TilePair[];
  readonly matches: readonly PairMatch[];
  readonly share: number;
}

/**
 * Whether the places of a layout are what the pictures say: a sample of overlaps is matched as the layout is written
 * and, where few of them match, read in every other order, and with a wide search.
 */
export async function checkLayout(
  job: JobRun,
  tiles: readonly StoredTile[],
  layout: string,
  parameters: MatchParameters,
): Promise<LayoutCheck> {
  const { order, ...found } = await readingOf(job, tiles, layout, parameters);
  return { ...found, places: placesToDraw(tiles, order, found) };
}

/** What was found, and the order that fits. */
type Reading = Omit<LayoutCheck, 'places'> & { readonly order: GridOrder };

async function readingOf(
  job: JobRun,
  tiles: readonly StoredTile[],
  layout: string,
  parameters: MatchParameters,
): Promise<Reading> {
  const faults = gridFaults(tiles);
  const usual = await sampleOf(job, tiles, asWritten, parameters, samplePairs);
  if (usual.pairs.length === 0 || fits(usual)) return { ...asItIs(usual, faults), order: asWritten };
  const others: Sample[] = [];
  for (const order of otherOrders) others.push(await sampleOf(job, tiles, order, parameters, samplePairsOfOrder));
  const wide = await sampleOf(job, tiles, asWritten, wideSearch(tiles, parameters), samplePairsOfOrder);
  const tried = [usual, ...others].map((sample) => sample.tried);
  const best = [...others].toSorted((a, b) => shareOf(b) - shareOf(a) || b.tried.ncc - a.tried.ncc)[0];
  if (best && isBetter(best, usual) && shareOf(best) >= shareOf(wide))
    return { ...reorder(best, usual, layout), tried, overlap: measuredOverlap(best), faults, order: best.order };
  if (isBetter(wide, usual)) return { ...spaced(wide), tried, faults, order: asWritten };
  const finding = `Only ${usual.tried.matched} of ${usual.tried.pairs} sampled overlaps match as the layout is written, and no other order fits better.`;
  return { verdict: 'unclear', finding, fix: '', tried, overlap: measuredOverlap(usual), faults, order: asWritten };
}

/** Of the pairs beside and above each other that match, the smaller part: a flip leaves one of the two as it was. */
const shareOf = ({ share }: Sample): number => share;
const fits = (sample: Sample): boolean => shareOf(sample) >= fittingPart;
const isBetter = (one: Sample, usual: Sample): boolean =>
  shareOf(one) >= otherPart &&
  one.tried.matched >= Math.min(leastMatched, one.tried.pairs) &&
  shareOf(one) >= leastAdvantage * shareOf(usual);

function asItIs(usual: Sample, faults: LayoutCheck['faults']): Omit<Reading, 'order'> {
  const overlap = measuredOverlap(usual);
  const spacing = spacingFinding(overlap);
  const { matched, pairs, ncc } = usual.tried;
  const finding =
    pairs === 0
      ? 'No two tiles overlap by the layout, so it cannot be checked.'
      : `The layout fits as written: ${matched} of ${pairs} sampled overlaps match, NCC ${ncc.toFixed(2)}.`;
  const base = { fix: '', tried: [usual.tried], overlap, faults };
  return spacing === null
    ? { ...base, verdict: pairs === 0 ? 'unclear' : 'fits', finding }
    : { ...base, verdict: 'spacing', finding: spacing };
}

function reorder(
  { tried, order }: Sample,
  usual: Sample,
  layout: string,
): Pick<LayoutCheck, 'verdict' | 'finding' | 'fix'> {
  const against = usual.tried.ncc.toFixed(2);
  const finding = `The layout fits with ${describeGridOrder(order)}: NCC ${tried.ncc.toFixed(2)} against ${against} as written (${tried.matched} of ${tried.pairs} sampled overlaps match, against ${usual.tried.matched} of ${usual.tried.pairs}).`;
  return {
    verdict: 'reorder',
    finding,
    fix: layout.includes(';order=') ? '' : `${layout};order=${formatGridOrder(order)}`,
  };
}

function spaced(wide: Sample): Pick<LayoutCheck, 'verdict' | 'finding' | 'fix' | 'overlap'> {
  const overlap = measuredOverlap(wide);
  const finding =
    spacingFinding(overlap) ??
    'The sampled overlaps match only far from where the layout puts them; widen the search when stitching.';
  return { verdict: 'spacing', finding, fix: '', overlap };
}

function wideSearch(tiles: readonly StoredTile[], parameters: MatchParameters): MatchParameters {
  const side = medianOf(tiles.map((tile) => Math.min(tile.widthPx, tile.heightPx)));
  return { ...parameters, searchPx: Math.max(parameters.searchPx, Math.min(2000, Math.round(widePart * side))) };
}

async function sampleOf(
  job: JobRun,
  tiles: readonly StoredTile[],
  order: GridOrder,
  parameters: MatchParameters,
  most: number,
): Promise<Sample> {
  const all = findPairs(order === asWritten ? tiles : reorderTiles(tiles, order));
  const along = [...groupBy(all, liesBeside).values()];
  const pairs = along.flatMap((some) => evenly(some, Math.ceil(most / along.length)));
  const label = describeGridOrder(order);
  const searchPx = order === asWritten ? parameters.searchPx : defaultSearchPx(all);
  const name = `Checking the layout: ${label}`;
  const matches = await matchPairs(job, pairs, { ...parameters, searchPx }, { name, weight: 0.2 });
  const isMatch = ({ points }: PairMatch): boolean => points.some(({ ncc }) => ncc >= parameters.minNcc);
  const groups = [
    ...groupBy(
      matches.map((match, i) => ({ match, pair: pairs[i] })),
      ({ pair }) => pair && liesBeside(pair),
    ).values(),
  ];
  const partOf = (group: (typeof groups)[number]): number =>
    group.filter(({ match }) => isMatch(match)).length / group.length;
  const nccOf = (group: (typeof groups)[number]): number => medianOf(group.map(({ match }) => match.ncc));
  const tried = {
    order: formatGridOrder(order),
    label,
    pairs: pairs.length,
    matched: matches.filter(isMatch).length,
    ncc: groups.length === 0 ? 0 : Math.min(...groups.map(nccOf)),
  };
  return { tried, order, pairs, matches, share: groups.length === 0 ? 0 : Math.min(...groups.map(partOf)) };
}

/** Whether tiles lie side by side rather than one above the other. */
function liesBeside({ a, b }: TilePair): boolean {
  const [from, to] = [a, b].map((tile) => applyAffine(tile.stageFromTile, tile.widthPx / 2, tile.heightPx / 2));
  return Math.abs((to?.[0] ?? 0) - (from?.[0] ?? 0)) > Math.abs((to?.[1] ?? 0) - (from?.[1] ?? 0));
}

/** Spread over all, in steps of the golden section, so that no grid's period is met. */
function evenly<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  const picked = new Set(
    Array.from({ length: most }, (_, i) => Math.floor(((i * 0.618_033_988_75 + 0.5) % 1) * all.length)),
  );
  return all.filter((_, i) => picked.has(i));
}
