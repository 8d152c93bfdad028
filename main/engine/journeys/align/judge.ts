import { tasks, type TaskInput } from '../../../../native-workers/tasks.ts';
import type { Affine } from '../../../../preload/contract/space.ts';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import type { LooksOf, PairLooks } from './match.ts';
import type { AlignSection } from './sections.ts';
import { type SectionMap, wholeAffine } from './solve.ts';

/** Correlation of two sections as they lay and as they lie now; null where it could not be measured. */
export interface Agreement {
  readonly before: number | null;
  readonly after: number | null;
}

/** Two sections with where they lay and where they lie. */
export interface Compared {
  readonly a: AlignSection;
  readonly b: AlignSection;
  readonly before: readonly [Affine, Affine];
  readonly after: readonly [SectionMap, SectionMap];
}

/** Less overlap than this says nothing. */
const leastOverlap = 0.05;

/** Compares small pictures of neighbouring sections before and after. */
export function compareSections(
  job: JobRun,
  pairs: readonly Compared[],
  looksOf: LooksOf,
): Promise<readonly Agreement[]> {
  return job.stage<Agreement>({
    name: 'Comparing neighbours',
    unit: 'pairs',
    units: pairs.map((pair, i) => compareUnit(job, pair, looksOf(i))),
    weight: 1,
    onFailure: (error) => {
      if (!isLamellaError(error, 'bad-source', 'not-found', 'over-budget', 'worker-died')) throw error;
      return { before: null, after: null };
    },
  });
}

type MapHeader = TaskInput<'compare-sections'>['mapA'];
interface KernelMap {
  readonly header: MapHeader;
  readonly nodes: Uint8Array;
}

const affineMap = (affine: Affine): KernelMap => ({ header: { affine }, nodes: new Uint8Array() });

/** A section that lay upside down is compared as it was turned over, so its picture is led there first: see `seen`. */
function bentMap(map: SectionMap): KernelMap {
  if (!map.mesh || map.seen) return affineMap(wholeAffine(map));
  const { nodes, originPx, spacingPx, columns, rows } = map.mesh;
  return {
    header: { affine: map.affine, mesh: { originPx, spacingPx, columns, rows } },
    nodes: new Uint8Array(nodes.slice().buffer),
  };
}

function compareUnit(
  job: JobRun,
  { a, b, before, after }: Compared,
  { ofA, ofB, settings }: PairLooks,
): Unit<Agreement> {
  const facts = after.map(({ seen, affine, mesh }) => [seen, affine, mesh && [mesh.originPx, [...mesh.nodes]]]);
  return {
    key: unitKey('compare-sections', tasks['compare-sections'].version, a.hash, b.hash, settings, before, facts),
    subject: `${a.name} and ${b.name}`,
    run: async (signal) => {
      const [p, q] = await Promise.all([ofA.overview(a), ofB.overview(b)]);
      const ncc = async ([mapA, mapB]: readonly [KernelMap, KernelMap]): Promise<number | null> => {
        const header = { a: p.frame, b: q.frame, contrast: settings.contrast, mapA: mapA.header, mapB: mapB.header };
        const inputs = [p.pixels, q.pixels, mapA.nodes, mapB.nodes];
        const { header: said } = await job.kernels.run('compare-sections', header, { inputs, signal, lane: 'batch' });
        return said.overlap < leastOverlap ? null : said.ncc;
      };
      return {
        before: await ncc([affineMap(before[0]), affineMap(before[1])]),
        after: await ncc([bentMap(after[0]), bentMap(after[1])]),
      };
    },
  };
}
