import { tasks, type TaskOutput } from '../../../../native-workers/tasks.ts';
import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import { type Affine, composeAffine, invertAffine } from '../../../../preload/contract/space.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import type { LitTile } from './lit-tiles.ts';
import { type LitPair, litPairs } from './overlaps.ts';

/** Points that overlapping tiles of one size both show. */
export interface LensPoints {
  readonly sizePx: readonly [number, number];
  /** All tiles of that size, by their ids. */
  readonly ofSize: ReadonlySet<number>;
  /** Those that points link, numbered. */
  readonly number: ReadonlyMap<number, number>;
  readonly tiles: readonly LitTile[];
  /** Tile a, tile b, x and y in a, in b, weight; of each point. */
  readonly rows: readonly number[];
  /** The pairs of tiles that have any. */
  readonly pairs: readonly LensPair[];
}

export interface LensPair {
  readonly a: LitTile;
  readonly b: LitTile;
  readonly ncc: number;
  readonly peakRatio: number;
  readonly points: Match['points'];
}

type Match = TaskOutput<'correlate-pair'>;

/** How far a lens may move what the stack's places say, and tiles that a solve takes. */
const [searchPx, mostTiles] = [24, 1200];
const leastPoints = 60;

/** Matches overlaps at many places each. 'not-good-enough' where too few points are found. */
export async function matchForLens(
  job: JobRun,
  tiles: readonly LitTile[],
  { minNcc, maxPairs }: { readonly minNcc: number; readonly maxPairs: number },
): Promise<LensPoints> {
  const [sizePx, same] = commonSize(tiles);
  const pairs = chosen(litPairs(same), maxPairs);
  const matches = await job.stage<Match>({
    name: 'Matching overlaps closely',
    unit: 'pairs',
    units: pairs.map((pair) => matchUnit(job, pair)),
    weight: 8,
    onFailure: (error) => {
      if (!isLamellaError(error, 'bad-source', 'not-found', 'over-budget', 'worker-died')) throw error;
      return { points: [], ncc: 0, peakRatio: 1, overlapPx: 0, reason: error.message };
    },
  });
  const number = new Map<number, number>();
  const linked: LitTile[] = [];
  const numberOf = (tile: LitTile): number => {
    const at = number.get(tile.id) ?? linked.push(tile) - 1;
    number.set(tile.id, at);
    return at;
  };
  const found = pairs.flatMap(({ a, b }, i): LensPair[] => {
    const { ncc, peakRatio, points } = matches[i] ?? { ncc: 0, peakRatio: 1, points: [] };
    const good = points.filter((point) => point.ncc >= minNcc);
    return good.length > 0 ? [{ a, b, ncc, peakRatio, points: good }] : [];
  });
  const rows = found.flatMap(({ a, b, points }) =>
    points.flatMap((point) => [numberOf(a), numberOf(b), ...point.a, ...point.b, weightOf(point)]),
  );
  if (rows.length / 7 < leastPoints) throw tooFew(rows.length / 7, pairs.length);
  return { sizePx, ofSize: new Set(same.map(({ id }) => id)), number, tiles: linked, rows, pairs: found };
}

const weightOf = ({ ncc, sigmaPx }: Match['points'][number]): number => (ncc * ncc) / (1 + (sigmaPx / 0.1) ** 2);

/** The size that most tiles have, and those tiles. */
function commonSize(tiles: readonly LitTile[]): readonly [readonly [number, number], readonly LitTile[]] {
  const groups = new Map<string, LitTile[]>();
  for (const tile of tiles) {
    const key = tile.image.sizePx.join();
    groups.set(key, [...(groups.get(key) ?? []), tile]);
  }
  const [most = []] = [...groups.values()].toSorted((p, q) => q.length - p.length);
  return [most[0]?.image.sizePx ?? [1, 1], most];
}

/** Evenly over the stack, and of no more tiles than a solve takes: whole runs of pairs, so that tiles hang together. */
function chosen(pairs: readonly LitPair[], most: number): readonly LitPair[] {
  const runs = Math.min(8, Math.ceil(pairs.length / most));
  const length = Math.floor(Math.min(most, pairs.length) / runs);
  const picked = Array.from({ length: runs }, (_, run) => {
    const start = runs > 1 ? Math.round((run * (pairs.length - length)) / (runs - 1)) : 0;
    return pairs.slice(start, start + length);
  }).flat();
  const seen = new Set<number>();
  return picked.filter(({ a, b }) => {
    if (seen.size >= mostTiles && !(seen.has(a.id) && seen.has(b.id))) return false;
    seen.add(a.id).add(b.id);
    return true;
  });
}

function matchUnit(job: JobRun, { a, b }: LitPair): Unit<Match> {
  const bFromStack = invertAffine(b.stackFromTile) ?? ([1, 0, 0, 1, 0, 0] as const);
  const bFromA: Affine = composeAffine(bFromStack, a.stackFromTile);
  const header = { a: a.image, b: b.image, bFromA, searchPx, model: 'affine' } as const;
  const about = [a.stamp, b.stamp, a.image.scale, b.image.scale, bFromA];
  return {
    key: unitKey('lens-points', tasks['correlate-pair'].version, ...about, searchPx),
    subject: `${a.name} and ${b.name}`,
    run: async (signal) => (await job.kernels.run('correlate-pair', header, { signal })).header,
  };
}

const tooFew = (points: number, pairs: number): LamellaError =>
  new LamellaError(
    'not-good-enough',
    `Only ${points} points of ${pairs} overlaps match: no lens can be told of them.`,
    {
      hint: 'Look at more overlaps (--max-pairs), take weaker points (--min-ncc), or tiles that overlap by more.',
      fields: { points, pairs },
    },
  );
