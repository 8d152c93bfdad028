import { type Affine, composeAffine, identityAffine, invertAffine } from '../../../../preload/contract/space.ts';
import type { JobRun } from '../../jobs/job.ts';
import { groupBy } from '../../stacks/group-by.ts';
import { affinePlane } from '../../transforms/tile/plane-map.ts';
import { type SectionMesh, warpFieldOfMesh } from '../../transforms/tile/section-mesh.ts';
import { tileMapOf } from '../../transforms/tile/tile-map.ts';
import type { LinkedPair } from './pairs.ts';
import type { Session } from './session-source.ts';
import { type SectionMap, type SolveAsked, solveAligned, still, wholeAffine } from './solve.ts';

/** Where one section of a session comes to in the frame, common pixels. */
export interface SessionPlace {
  readonly session: number;
  readonly section: number;
  readonly map: SectionMap;
}

/** Steps that lead back through a bent frame: each comes nearer by the slope of the bend, far below one half. */
const backSteps = 24;

/**
 * Solves each section by itself, all its sessions at once, then tells every map as seen from the frame, which so stays
 * exactly where it is. Sections that no chain of matches joins to the frame have no place.
 */
export async function solveSessions(
  job: JobRun,
  sessions: readonly Session[],
  frame: number,
  pairs: readonly LinkedPair[],
  asked: Pick<SolveAsked, 'model'>,
  spacingPx: number,
): Promise<readonly SessionPlace[]> {
  const groups = groupsOf(sessions, pairs);
  const free = { ...asked, keepTrend: false, unit: 'sections', linearPrior: 0 } as const;
  const solved = await solveAligned(
    job,
    groups.map(({ problem }) => problem),
    free,
    { spacingPx },
  );
  return groups.flatMap(({ section, members }, g): SessionPlace[] => {
    const { maps, part } = solved[g]!;
    const at = members.indexOf(frame);
    const ofFrame = maps[at];
    if (!ofFrame || (part[at] ?? -1) < 0) return [];
    const back = wayBack(ofFrame);
    return members.flatMap((session, i): SessionPlace[] => {
      if (session === frame) return [{ session, section, map: still }];
      return part[i] === part[at] ? [{ session, section, map: seenFrom(back, maps[i]!) }] : [];
    });
  });
}

interface Group {
  readonly section: number;
  /** Numbers of the sessions. */
  readonly members: readonly number[];
  readonly problem: Parameters<typeof solveAligned>[1][number];
}

/** In a group the order of sessions stands for z, and its pairs count alike: their sections are at one z. */
function groupsOf(sessions: readonly Session[], pairs: readonly LinkedPair[]): readonly Group[] {
  const kept = pairs.filter(({ state }) => state === 'kept');
  return [...groupBy(kept, ({ a }) => a.section)]
    .toSorted(([p], [q]) => p - q)
    .map(([section, own]) => {
      const members = [...sessions.keys()].filter((i) => sessions[i]!.bySection.has(section));
      const within = own.map((pair) => {
        const [indexA, indexB] = [members.indexOf(pair.indexA), members.indexOf(pair.indexB)];
        return { ...pair, indexA, indexB };
      });
      const sections = members.map((i, n) => ({ ...sessions[i]!.bySection.get(section)!, section: n }));
      return { section, members, problem: { subject: `section ${section}`, sections, pairs: within } };
    });
}

interface WayBack {
  readonly affine: Affine;
  /** Leads x, y pairs back to where they came from. */
  lead(points: Float64Array): Float64Array;
}

/** Back through a map: its affine part at once, its bend by fixed points. Beyond the mesh, as its edge is bent. */
function wayBack(map: SectionMap): WayBack {
  const affine = invertAffine(wholeAffine(map)) ?? identityAffine;
  const { mesh } = map;
  if (!mesh) return { affine, lead: (points) => led(affine, points) };
  const forward = tileMapOf([warpFieldOfMesh(mesh)], new Map()).map;
  const unbent = invertAffine(map.affine) ?? identityAffine;
  const unseen = (map.seen && invertAffine(map.seen)) ?? identityAffine;
  const bendAt = (points: Float64Array): Float64Array => {
    const inside = clamped(mesh, points);
    const to = new Float64Array(points.length);
    forward.forward(inside, to);
    const straight = led(map.affine, inside);
    return to.map((v, i) => v - straight[i]!);
  };
  const lead = (points: Float64Array): Float64Array => {
    let at = led(unbent, points);
    for (let step = 0; step < backSteps; step++) {
      const bend = bendAt(at);
      at = led(
        unbent,
        points.map((v, i) => v - bend[i]!),
      );
    }
    return led(unseen, at);
  };
  return { affine, lead };
}

function clamped({ originPx, spacingPx, columns, rows }: SectionMesh, points: Float64Array): Float64Array {
  const most = [(columns - 1) * spacingPx, (rows - 1) * spacingPx] as const;
  return points.map((v, i) => {
    const axis = i % 2 === 0 ? 0 : 1;
    return Math.min(originPx[axis] + most[axis], Math.max(originPx[axis], v));
  });
}

function led(affine: Affine, points: Float64Array): Float64Array {
  const to = points.slice();
  affinePlane(affine).lead(to);
  return to;
}

function seenFrom(back: WayBack, { seen, affine, mesh }: SectionMap): SectionMap {
  const whole = composeAffine(back.affine, affine);
  return { seen, affine: whole, mesh: mesh && { ...mesh, nodes: back.lead(mesh.nodes) } };
}

/** The same map in a session's own pixels, of which each is `pxScale` common ones. */
export function inOwnPixels({ seen, affine, mesh }: SectionMap, pxScale: number): SectionMap {
  const own = ([a, b, c, d, e, f]: Affine): Affine => [a, b, c, d, e / pxScale, f / pxScale];
  return {
    seen: seen && own(seen),
    affine: own(affine),
    mesh: mesh && {
      ...mesh,
      originPx: [mesh.originPx[0] / pxScale, mesh.originPx[1] / pxScale],
      spacingPx: mesh.spacingPx / pxScale,
      nodes: mesh.nodes.map((v) => v / pxScale),
    },
  };
}
