import type { TaskOutput } from '../../../../native-workers/tasks.ts';
import type { Affine } from '../../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../../preload/contract/transform.ts';
import type { JobRun } from '../../jobs/job.ts';
import { groupBy } from '../../stacks/group-by.ts';
import {
  numbersOfMatch,
  type Solution,
  solveProblems,
  type SolveProblem,
  weightOfPoint,
} from '../../stacks/solve-problems.ts';
import { placeBehind, solvedPlace, throughLens, type TileLens } from '../../stacks/tile-lens.ts';
import type { StoredTile } from '../../store/tiles.ts';
import type { MatchParameters, PairMatch } from './match.ts';
import type { TilePair } from './pairs.ts';

/** A pair with its match, on its way into the solve. `points` are those good enough to use. */
export interface Link {
  readonly pair: TilePair;
  readonly match: PairMatch;
  readonly points: PairMatch['points'];
}

/** What the solve says of one section. Arrays go with `tiles` and `links` of the section. */
export interface SolvedSection {
  readonly section: number;
  readonly tiles: readonly StoredTile[];
  readonly links: readonly SolvedLink[];
  readonly stackFromTile: readonly Affine[];
  /** Of the polynomial model, and of tiles that came with a lens. */
  readonly transforms: ReadonlyArray<readonly TransformSpec[] | undefined>;
  /** Connected component, -1 for a tile without a kept link. */
  readonly component: readonly number[];
  readonly report: TaskOutput<'solve-stack'>;
}

export interface SolvedLink extends Link {
  /** Distance of each used point after the solve, pixels, and whether it was kept. */
  readonly residuals: readonly number[];
  readonly kept: readonly boolean[];
}

/** Points below `minNcc` are not used. */
export function linkOf(pair: TilePair, match: PairMatch, minNcc: number): Link {
  return { pair, match, points: match.points.filter((point) => point.ncc >= minNcc) };
}

interface SectionProblem extends SolveProblem {
  readonly section: number;
  readonly of: readonly StoredTile[];
  readonly links: readonly Link[];
  /** Of each tile. */
  readonly lenses: readonly (TileLens | null)[];
}

/**
 * Solves each section on its own: links never cross sections. Tiles that are left out of the matching take part without
 * links, so that they follow their neighbours. Tiles that came with a lens keep it: their pictures are placed without
 * its bend.
 */
export async function solveSections(
  job: JobRun,
  tiles: readonly StoredTile[],
  links: readonly Link[],
  parameters: MatchParameters,
  lensOf: ReadonlyMap<number, TileLens>,
): Promise<readonly SolvedSection[]> {
  const tilesBySection = groupBy(tiles, (tile) => tile.section);
  const linksBySection = groupBy(links, (link) => link.pair.section);
  const sections = [...tilesBySection.keys()].toSorted((a, b) => a - b);
  const problems = sections.map((section) =>
    problemOf(section, tilesBySection.get(section) ?? [], linksBySection.get(section) ?? [], lensOf),
  );
  const settings = { model: parameters.model, stageSigmaPx: stageSigmaOf(parameters) };
  const solutions = await solveProblems(job, problems, [settings], 'sections');
  return problems.flatMap((problem, i) => {
    const solution = solutions[i];
    return solution ? [solvedSection(problem, solution)] : [];
  });
}

function problemOf(
  section: number,
  tiles: readonly StoredTile[],
  links: readonly Link[],
  lensOf: ReadonlyMap<number, TileLens>,
): SectionProblem {
  const lenses = tiles.map(({ id }) => lensOf.get(id) ?? null);
  const indexById = new Map(tiles.map((tile, i) => [tile.id, i]));
  const matches = new Float64Array(links.reduce((sum, { points }) => sum + points.length, 0) * numbersOfMatch);
  let at = 0;
  links.forEach(({ pair, points }, link) => {
    const ends = [indexById.get(pair.a.id) ?? -1, indexById.get(pair.b.id) ?? -1] as const;
    const [lensA, lensB] = [lenses[ends[0]] ?? null, lenses[ends[1]] ?? null];
    for (const { a, b, ncc, sigmaPx } of points) {
      const weight = weightOfPoint(ncc, sigmaPx, points.length);
      matches.set([...ends, ...throughLens(lensA, ...a), ...throughLens(lensB, ...b), weight, link], at);
      at += numbersOfMatch;
    }
  });
  return {
    subject: `section ${section}`,
    section,
    of: tiles,
    links,
    lenses,
    tiles: tiles.length,
    priors: Float64Array.from(tiles.flatMap((tile, i) => [...placeBehind(lenses[i] ?? null, tile.stageFromTile)])),
    sizes: Float64Array.from(tiles.flatMap((tile) => [tile.widthPx, tile.heightPx])),
    matches,
  };
}

/** The stage is trusted to about a third of how far the search reaches. */
const stageSigmaOf = ({ searchPx }: MatchParameters): number => Math.max(5, searchPx / 3);

function solvedSection({ section, of, links, lenses }: SectionProblem, solution: Solution): SolvedSection {
  const { residuals, kept, component, report } = solution;
  let at = 0;
  const solvedLinks = links.map((link) => {
    const [from, to] = [at, at + link.points.length];
    at = to;
    return {
      ...link,
      residuals: [...residuals.slice(from, to)],
      kept: Array.from(kept.slice(from, to), (k) => k === 1),
    };
  });
  const places = of.map((_, i) => solvedPlace(lenses[i] ?? null, solution, i));
  return {
    section,
    tiles: of,
    links: solvedLinks,
    stackFromTile: places.map(({ stackFromTile }) => stackFromTile),
    transforms: places.map(({ transforms }) => transforms),
    component: [...component],
    report,
  };
}
