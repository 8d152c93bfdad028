import type { Placement } from '../../../../preload/contract/registration.ts';
import type { Steps } from '../../formats/steps.ts';
import { each } from '../../jobs/in-turns.ts';
import type { StackQuality } from '../../stacks/stack-rows.ts';
import { numbersOfMatch, type Solution } from '../../stacks/solve-problems.ts';
import { solvedPlace } from '../../stacks/tile-lens.ts';
import type { StoredLinks } from '../../stacks/stored-links.ts';
import { pointsOf, type SolveGroup } from './groups.ts';
import { judge } from './verdict.ts';

/** What became of a stored link. */
export interface LinkFate {
  readonly tileA: number;
  readonly tileB: number;
  /** RMS of its points, those kept where the link is, pixels. */
  readonly residualPx: number;
  readonly kept: boolean;
  readonly reason: string;
}

export interface SolvedGroup {
  readonly group: SolveGroup;
  readonly solution: Solution;
}

/** Where each tile is now, behind the lens that it had. A tile that the user moved stays the user's. */
export function placementSteps({ group, solution }: SolvedGroup): Steps<readonly Placement[]> {
  const rms = rmsOfTiles(group, solution);
  return each(group.of, ({ id, placed, lens }, i): Placement => {
    const { stackFromTile, transforms } = placed.fixed === true ? placed : solvedPlace(lens, solution, i);
    const byHand = placed.fixed === true || placed.placedBy === 'user';
    return {
      tile: id,
      stackFromTile,
      ...(transforms && { transforms }),
      rmsPx: rms[i] ?? 0,
      placedBy: byHand ? placed.placedBy : (solution.component[i] ?? -1) < 0 ? 'stage' : 'links',
      ...(placed.fixed === true && { fixed: true }),
    };
  });
}

function rmsOfTiles({ matches, tiles }: SolveGroup, { residuals, kept }: Solution): Float64Array {
  const [squares, counts] = [new Float64Array(tiles), new Uint32Array(tiles)];
  residuals.forEach((residual, match) => {
    if (kept[match] !== 1) return;
    for (const end of [0, 1]) {
      const tile = matches[match * numbersOfMatch + end] ?? 0;
      squares[tile] = (squares[tile] ?? 0) + residual * residual;
      counts[tile] = (counts[tile] ?? 0) + 1;
    }
  });
  return squares.map((square, i) => Math.sqrt(square / Math.max(1, counts[i] ?? 0)));
}

/** A link is kept where at least half of its points are. */
export function fateSteps({ group, solution }: SolvedGroup, links: StoredLinks): Steps<readonly LinkFate[]> {
  let at = 0;
  return each(group.links, (link): LinkFate => {
    const [from, to] = [at, at + pointsOf(links, link)];
    at = to;
    const kept = solution.kept.subarray(from, to);
    const residuals = solution.residuals.subarray(from, to);
    const count = kept.reduce((sum, one) => sum + one, 0);
    const isKept = count > 0 && count * 2 >= kept.length;
    const used = isKept ? residuals.filter((_, i) => kept[i] === 1) : residuals;
    const residualPx = Math.sqrt(used.reduce((sum, r) => sum + r * r, 0) / Math.max(1, used.length));
    const reason = isKept ? '' : `it disagrees with the other links by ${residualPx.toFixed(1)} px`;
    return { tileA: links.tileA[link] ?? 0, tileB: links.tileB[link] ?? 0, residualPx, kept: isKept, reason };
  });
}

/** How good it is, over the kept points. `kept` and `dropped` count links. */
export function qualityOf(
  solved: readonly SolvedGroup[],
  placed: readonly Placement[],
  { kept, dropped }: { readonly kept: number; readonly dropped: number },
): StackQuality {
  let [square, count, maxPx] = [0, 0, 0];
  for (const { solution } of solved) {
    solution.residuals.forEach((residual, match) => {
      if (solution.kept[match] !== 1) return;
      square += residual * residual;
      count += 1;
      maxPx = Math.max(maxPx, residual);
    });
  }
  const rmsPx = Math.sqrt(square / Math.max(1, count));
  const islands = solved.filter(({ solution }) => solution.report.components > 1);
  const unlinked = placed.filter(({ placedBy }) => placedBy === 'stage').length;
  return {
    links: kept,
    dropped,
    rmsPx,
    maxPx,
    ...judge({
      rmsPx,
      kept,
      dropped,
      unlinked,
      tiles: placed.length,
      islands: islands.map(({ group, solution }) => ({ subject: group.subject, parts: solution.report.components })),
    }),
  };
}
