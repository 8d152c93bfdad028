import { createHash } from 'node:crypto';
import { tasks } from '../../../../native-workers/tasks.ts';
import { type Affine, composeAffine, identityAffine } from '../../../../preload/contract/space.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import type { SectionMesh } from '../../transforms/tile/section-mesh.ts';
import { type LinkedPair, thicknessOf } from './pairs.ts';
import type { AlignSection } from './sections.ts';
import type { AlignSettings } from './settings.ts';

/** Where sections come to, in their order. */
export interface SolvedSections {
  readonly maps: readonly SectionMap[];
  /** Part of the stack that a section is joined to; -1 = it lies as its neighbours say. */
  readonly part: readonly number[];
  /** Of each kept pair, how far its blocks lie apart. */
  readonly misses: ReadonlyMap<LinkedPair, Misses>;
  readonly trendPx: number;
}

export interface SectionMap {
  /** What turns a section over that lay upside down; done first. */
  readonly seen: Affine | null;
  /** From there on: all of the map, or what is nearest to the mesh. */
  readonly affine: Affine;
  readonly mesh: SectionMesh | null;
}

/** Of a section that stays where it is. */
export const still: SectionMap = { seen: null, affine: identityAffine, mesh: null };

export interface Misses {
  readonly medianPx: number;
  readonly p95Px: number;
}

export interface SolveAsked {
  readonly model: 'rigid' | 'affine' | 'elastic';
  readonly keepTrend: boolean;
  /** What is counted: a problem is one of these. */
  readonly unit: 'stacks' | 'sections';
  /** How strongly shear and scale are held to none; the kernel's own where left out. */
  readonly linearPrior?: number;
}

/** Sections that are solved at once; pairs know them by their numbers in the list. */
export interface SolveProblem {
  readonly subject: string;
  readonly sections: readonly AlignSection[];
  readonly pairs: readonly LinkedPair[];
}

interface Problem {
  readonly subject: string;
  readonly sections: readonly AlignSection[];
  readonly kept: readonly LinkedPair[];
  readonly seen: readonly (Affine | null)[];
  readonly bounds: Uint8Array;
  readonly matches: Uint8Array;
  readonly z: Uint8Array;
}

/**
 * Solves each problem, all sections of it at once: turned and moved (and sheared), then bent in two levels, the coarse
 * one first.
 */
export async function solveAligned(
  job: JobRun,
  asking: readonly SolveProblem[],
  asked: SolveAsked,
  { spacingPx }: Pick<AlignSettings, 'spacingPx'>,
): Promise<readonly SolvedSections[]> {
  const problems = asking.map(problemOf);
  const { unit } = asked;
  const units = problems.map((problem) => placeUnit(job, problem, asked));
  const placed = await job.stage({ name: 'Placing sections', unit, units, weight: 1 });
  const begun = problems.map((problem, i): Begun => {
    const { maps, part, misses } = placed[i]!;
    return { ...problem, part, misses, affines: between(problem.sections, maps, part) };
  });
  if (asked.model !== 'elastic') return begun.map(asAffine);
  const coarseLevel = { spacingPx: 2 * spacingPx, cutoffPx: 5 * spacingPx };
  const coarse = await relax(job, begun, coarseLevel, unit, null);
  const fineLevel = { spacingPx, cutoffPx: 2.5 * spacingPx, keepTrend: asked.keepTrend };
  const fine = await relax(job, begun, fineLevel, unit, { spacingPx: 2 * spacingPx, of: coarse });
  return begun.map((one, i) => asBent(one, fine[i]!, spacingPx));
}

interface Begun extends Problem {
  readonly part: readonly number[];
  readonly misses: Placed['misses'];
  readonly affines: readonly Affine[];
}

const asAffine = (one: Begun): SolvedSections => ({
  part: one.part,
  misses: missesByPair(one, one.misses),
  trendPx: 0,
  maps: one.affines.map((affine, i) => ({ seen: one.seen[i] ?? null, affine, mesh: null })),
});

function asBent(one: Begun, relaxed: Relaxed, spacingPx: number): SolvedSections {
  const meshes = meshesOf(relaxed, spacingPx);
  const maps = one.affines.map((affine, i) => ({
    seen: one.seen[i] ?? null,
    affine,
    mesh: (one.part[i] ?? -1) < 0 ? null : (meshes[i] ?? null),
  }));
  return { part: one.part, misses: missesByPair(one, relaxed.misses), trendPx: relaxed.trendPx, maps };
}

function problemOf({ subject, sections, pairs }: SolveProblem): Problem {
  const kept = pairs.filter(({ state }) => state === 'kept');
  const seen = turnedOver(sections, kept);
  const thickness = thicknessOf(sections);
  const matches = kept.flatMap(({ a, b, indexA, indexB, fine: { points } }) => {
    const far = Math.max(1, (b.section - a.section) / thickness);
    const rows: number[] = [];
    for (let i = 0; i + 4 < points.length; i += 5) {
      const [ax, ay, bx, by, ncc] = points.slice(i, i + 5) as [number, number, number, number, number];
      rows.push(indexA, indexB, ...seenAs(seen[indexA], ax, ay), ...seenAs(seen[indexB], bx, by), (ncc * ncc) / far);
    }
    return rows;
  });
  return {
    subject,
    sections,
    kept,
    seen,
    matches: f64(matches),
    bounds: f64(sections.flatMap(({ bounds: { minX, minY, maxX, maxY } }) => [minX, minY, maxX, maxY])),
    z: f64(sections.map(({ section }) => section / thickness)),
  };
}

/** Which sections lie upside down beside most of those that they are joined to: turned over about their middles. */
function turnedOver(sections: readonly AlignSection[], kept: readonly LinkedPair[]): readonly (Affine | null)[] {
  const over = new Map<number, boolean>();
  for (const first of sections.keys()) {
    if (over.has(first)) continue;
    const members = [first];
    over.set(first, false);
    for (const at of members)
      for (const { indexA, indexB, rough } of kept) {
        const other = indexA === at ? indexB : indexB === at ? indexA : null;
        if (other === null || over.has(other)) continue;
        over.set(other, over.get(at) !== rough.mirrored);
        members.push(other);
      }
    const isOver = members.filter((at) => over.get(at)).length * 2 > members.length;
    if (isOver) for (const at of members) over.set(at, !over.get(at));
  }
  return sections.map(({ bounds: { minX, maxX } }, i) => (over.get(i) ? [-1, 0, 0, 1, minX + maxX, 0] : null));
}

const seenAs = (seen: Affine | null | undefined, x: number, y: number): readonly [number, number] =>
  seen ? [seen[0] * x + seen[2] * y + seen[4], seen[1] * x + seen[3] * y + seen[5]] : [x, y];

interface Placed {
  readonly maps: readonly number[];
  readonly part: readonly number[];
  readonly misses: readonly (readonly [number, number])[];
}

function placeUnit(job: JobRun, problem: Problem, { model, keepTrend, linearPrior }: SolveAsked): Unit<Placed> {
  const header = {
    model: model === 'rigid' ? 'rigid' : 'affine',
    sections: problem.sections.length,
    keepTrend,
    ...(linearPrior !== undefined && { linearPrior }),
  } as const;
  const inputs = [problem.bounds, problem.matches, problem.z];
  return {
    key: unitKey('place-sections', tasks['place-sections'].version, header, digest(inputs)),
    subject: problem.subject,
    run: async (signal) => {
      const { outputs } = await job.kernels.run('place-sections', header, { inputs, signal, lane: 'batch' });
      return {
        maps: [...f64Of(outputs[0])],
        part: [...new Int32Array((outputs[2] ?? new Uint8Array()).slice().buffer)],
        misses: missesOf(problem, f64Of(outputs[1])),
      };
    },
  };
}

/** Sections joined to none lie between the nearest joined ones on both sides, by how far off each is. */
function between(
  sections: readonly AlignSection[],
  maps: readonly number[],
  part: readonly number[],
): readonly Affine[] {
  const at = (i: number): Affine => maps.slice(6 * i, 6 * i + 6) as unknown as Affine;
  return sections.map(({ section }, i) => {
    if ((part[i] ?? -1) >= 0) return at(i);
    const before = part.findLastIndex((p, k) => k < i && p >= 0);
    const after = part.findIndex((p, k) => k > i && p >= 0);
    if (before < 0 && after < 0) return at(i);
    if (before < 0 || after < 0) return at(Math.max(before, after));
    const [from, to] = [sections[before]!.section, sections[after]!.section];
    const share = (section - from) / (to - from);
    return at(before).map((v, k) => v + share * ((at(after)[k] ?? v) - v)) as unknown as Affine;
  });
}

interface Relaxed {
  /** Base64 of f64. */
  readonly nodes: string;
  readonly meshes: readonly {
    readonly originPx: readonly [number, number];
    readonly columns: number;
    readonly rows: number;
  }[];
  readonly misses: readonly (readonly [number, number])[];
  readonly trendPx: number;
}

interface Level {
  readonly spacingPx: number;
  readonly cutoffPx: number;
  readonly keepTrend?: boolean;
}

async function relax(
  job: JobRun,
  problems: readonly Begun[],
  level: Level,
  unit: SolveAsked['unit'],
  start: { readonly spacingPx: number; readonly of: readonly Relaxed[] } | null,
): Promise<readonly Relaxed[]> {
  const units = problems.map((problem, i) => {
    const nodes = start?.of[i]?.nodes ?? '';
    return relaxUnit(job, problem, { ...level, startSpacingPx: start?.spacingPx ?? null }, nodes);
  });
  const name = start === null ? 'Bending sections, coarse' : 'Bending sections, fine';
  return job.stage({ name, unit, units, weight: start === null ? 1 : 3 });
}

function relaxUnit(
  job: JobRun,
  problem: Begun,
  level: Level & { readonly startSpacingPx: number | null },
  start: string,
): Unit<Relaxed> {
  const header = { sections: problem.sections.length, ...level };
  const begin = Uint8Array.from(Buffer.from(start, 'base64'));
  const inputs = [problem.bounds, f64(problem.affines.flat()), problem.matches, begin, problem.z];
  return {
    key: unitKey('relax-sections', tasks['relax-sections'].version, header, digest(inputs)),
    subject: problem.subject,
    run: async (signal) => {
      const { header: said, outputs } = await job.kernels.run('relax-sections', header, {
        inputs,
        signal,
        lane: 'batch',
      });
      return {
        nodes: Buffer.from(outputs[0] ?? new Uint8Array()).toString('base64'),
        meshes: said.meshes,
        misses: missesOf(problem, f64Of(outputs[1])),
        trendPx: said.trendPx,
      };
    },
  };
}

function meshesOf({ nodes, meshes }: Relaxed, spacingPx: number): readonly SectionMesh[] {
  const all = f64Of(Uint8Array.from(Buffer.from(nodes, 'base64')));
  let at = 0;
  return meshes.map((mesh) => {
    const from = at;
    at += 2 * mesh.columns * mesh.rows;
    return { ...mesh, spacingPx, nodes: all.slice(from, at) };
  });
}

/** Median and 95th percentile of the misses of each kept pair. */
function missesOf({ kept }: Problem, misses: Float64Array): readonly (readonly [number, number])[] {
  let at = 0;
  return kept.map(({ fine: { points } }) => {
    const own = misses.slice(at, at + points.length / 5).sort();
    at += points.length / 5;
    const part = (share: number): number => own[Math.floor(share * (own.length - 1))] ?? 0;
    return [part(0.5), part(0.95)];
  });
}

const missesByPair = ({ kept }: Problem, misses: Placed['misses']): ReadonlyMap<LinkedPair, Misses> =>
  new Map(kept.map((pair, i) => [pair, { medianPx: misses[i]?.[0] ?? 0, p95Px: misses[i]?.[1] ?? 0 }]));

/** All of a map that no mesh bends. */
export const wholeAffine = ({ seen, affine }: SectionMap): Affine => (seen ? composeAffine(affine, seen) : affine);

const f64 = (values: readonly number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);
const f64Of = (bytes: Uint8Array | undefined): Float64Array =>
  new Float64Array((bytes ?? new Uint8Array()).slice().buffer);
const digest = (inputs: readonly Uint8Array[]): string =>
  inputs.reduce((hash, bytes) => hash.update(bytes), createHash('sha256')).digest('hex');
