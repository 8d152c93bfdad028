import { createHash } from 'node:crypto';
import { type TaskOutput, tasks } from '../../../../native-workers/tasks.ts';
import type { Affine } from '../../../../preload/contract/space.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import type { StoredTile } from '../../store/tiles.ts';
import type { MatchParameters, PairMatch } from './match.ts';
import { affineAt, f64Bytes, f64Of, groupBy, i32Of } from './numbers.ts';
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

interface SectionProblem {
  readonly section: number;
  readonly tiles: readonly StoredTile[];
  readonly links: readonly Link[];
  readonly priors: Uint8Array;
  readonly sizes: Uint8Array;
  readonly matches: Uint8Array;
}

/** Plain JSON, kept in the ledger. */
interface SectionSolution {
  readonly solved: readonly number[];
  readonly residuals: readonly number[];
  readonly kept: readonly number[];
  readonly component: readonly number[];
  readonly report: TaskOutput<'solve-stack'>;
}

/**
 * Solves each section on its own: links never cross sections. Tiles that are left out of the matching take part without
 * links, so that they follow their neighbours.
 */
export async function solveSections(
  job: JobRun,
  tiles: readonly StoredTile[],
  links: readonly Link[],
  parameters: MatchParameters,
): Promise<readonly SolvedSection[]> {
  const tilesBySection = groupBy(tiles, (tile) => tile.section);
  const linksBySection = groupBy(links, (link) => link.pair.section);
  const sections = [...tilesBySection.keys()].toSorted((a, b) => a - b);
  const problems = sections.map((section) =>
    problemOf(section, tilesBySection.get(section) ?? [], linksBySection.get(section) ?? []),
  );
  const solutions = await job.stage<SectionSolution>({
    name: 'Solving placements',
    unit: 'sections',
    units: problems.map((problem) => solveUnit(job, problem, parameters)),
    weight: 1,
  });
  return problems.flatMap((problem, i) => {
    const solution = solutions[i];
    return solution ? [solvedSection(problem, solution)] : [];
  });
}

function problemOf(section: number, tiles: readonly StoredTile[], links: readonly Link[]): SectionProblem {
  const indexById = new Map(tiles.map((tile, i) => [tile.id, i]));
  const matches = links.flatMap(({ pair, points }, link) =>
    points.flatMap(({ a, b, ncc, sigmaPx }) => [
      indexById.get(pair.a.id) ?? -1,
      indexById.get(pair.b.id) ?? -1,
      ...a,
      ...b,
      weightOf(ncc, sigmaPx, points.length),
      link,
    ]),
  );
  return {
    section,
    tiles,
    links,
    priors: f64Bytes(tiles.flatMap((tile) => [...tile.stageFromTile])),
    sizes: f64Bytes(tiles.flatMap((tile) => [tile.widthPx, tile.heightPx])),
    matches: f64Bytes(matches),
  };
}

/**
 * Trust in a point: inverse variance with a floor for what tiles distort, times its correlation squared; the points of
 * a link share the weight of about two, since patches of one overlap are no independent witnesses.
 */
function weightOf(ncc: number, sigmaPx: number, pointsOfLink: number): number {
  const variance = 0.25 ** 2 + Math.min(sigmaPx, 10) ** 2;
  return ((ncc * ncc * 0.25 ** 2) / variance) * Math.min(1, 2 / pointsOfLink);
}

/** The stage is trusted to about a third of how far the search reaches. */
const stageSigmaOf = ({ searchPx }: MatchParameters): number => Math.max(5, searchPx / 3);

function solveUnit(job: JobRun, problem: SectionProblem, parameters: MatchParameters): Unit<SectionSolution> {
  const { section, tiles, priors, sizes, matches } = problem;
  const header = {
    model: parameters.model,
    tiles: tiles.length,
    matches: matches.byteLength / 64,
    stageSigmaPx: stageSigmaOf(parameters),
  };
  const inputs = [priors, sizes, matches];
  const digest = inputs.reduce((hash, bytes) => hash.update(bytes), createHash('sha256')).digest('hex');
  return {
    key: unitKey('solve-stack', tasks['solve-stack'].version, header, digest),
    subject: `section ${section}`,
    run: async (signal) => {
      const { header: report, outputs } = await job.kernels.run('solve-stack', header, { inputs, signal });
      return {
        solved: f64Of(outputs[0]),
        residuals: f64Of(outputs[1]),
        kept: [...(outputs[2] ?? [])],
        component: i32Of(outputs[3]),
        report,
      };
    },
  };
}

function solvedSection(
  { section, tiles, links }: SectionProblem,
  { solved, residuals, kept, component, report }: SectionSolution,
): SolvedSection {
  let at = 0;
  const solvedLinks = links.map((link) => {
    const [from, to] = [at, at + link.points.length];
    at = to;
    return { ...link, residuals: residuals.slice(from, to), kept: kept.slice(from, to).map((k) => k === 1) };
  });
  return {
    section,
    tiles,
    links: solvedLinks,
    stackFromTile: tiles.map((_, i) => affineAt(solved, i)),
    component,
    report,
  };
}
