import { createHash } from 'node:crypto';
import { type TaskOutput, tasks } from '../../../../native-workers/tasks.ts';
import type { BlockLink, BlockPlacement } from '../../../../preload/contract/block.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { type JobRun, unitKey } from '../../jobs/job.ts';
import type { StoredBlock } from '../../stacks/block-rows.ts';
import type { PairMatch } from './combine.ts';
import { length3, rms } from './numbers.ts';
import type { BlockPair } from './pairs.ts';

export interface SolvedBlocks {
  readonly placements: readonly BlockPlacement[];
  readonly links: readonly BlockLink[];
  readonly report: TaskOutput<'solve-blocks'>;
}

/** Plain JSON, kept in the ledger. */
interface Solution {
  readonly places: readonly number[];
  readonly residuals: readonly number[];
  readonly kept: readonly number[];
  readonly component: readonly number[];
  readonly report: TaskOutput<'solve-blocks'>;
}

/** Places all blocks at once; those that are not matched follow their neighbours. */
export async function placeBlocks(
  job: JobRun,
  blocks: readonly StoredBlock[],
  pairs: readonly BlockPair[],
  matches: readonly PairMatch[],
  searchVox: Vec3,
): Promise<SolvedBlocks> {
  const indexOf = new Map(blocks.map(({ id }, i) => [id, i]));
  const used = pairs.flatMap((pair, i) => (matches[i]?.reason === '' ? [{ pair, match: matches[i] }] : []));
  const rows = used.flatMap(({ pair, match: { shift, sigma } }) => [
    indexOf.get(pair.a.id) ?? -1,
    indexOf.get(pair.b.id) ?? -1,
    ...shift,
    ...sigma,
  ]);
  const inputs = [doubles(blocks.flatMap(({ stage }) => [...stage])), doubles(rows)];
  const header = { blocks: blocks.length, links: used.length, stageSigmaVox: Math.max(3, Math.max(...searchVox) / 3) };
  const [solution] = await job.stage<Solution>({
    name: 'Placing blocks',
    unit: 'sets',
    units: [
      {
        key: unitKey('solve-blocks', tasks['solve-blocks'].version, header, digestOf(inputs)),
        subject: 'all blocks',
        run: async (signal) => {
          const { header: report, outputs } = await job.kernels.run('solve-blocks', header, { inputs, signal });
          const [places, residuals, kept, component] = outputs;
          return {
            places: f64(places),
            residuals: f64(residuals),
            kept: [...(kept ?? [])],
            component: [...new Int32Array((component ?? new Uint8Array()).slice().buffer)],
            report,
          };
        },
      },
    ],
    weight: 1,
  });
  if (!solution) throw new Error('the solve gave nothing');
  const links = linksOf(pairs, matches, solution);
  return { placements: placementsOf(blocks, links, solution), links, report: solution.report };
}

const doubles = (values: readonly number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);
const f64 = (bytes: Uint8Array | undefined): number[] => (bytes ? [...new Float64Array(bytes.slice().buffer)] : []);
const digestOf = (inputs: readonly Uint8Array[]): string =>
  inputs.reduce((hash, bytes) => hash.update(bytes), createHash('sha256')).digest('hex');

const triple = (values: readonly number[], i: number): Vec3 => [
  values[i * 3] ?? 0,
  values[i * 3 + 1] ?? 0,
  values[i * 3 + 2] ?? 0,
];

/** Every pair with its state: `weak` was not used, `outlier` was used and dropped by the solve. */
function linksOf(
  pairs: readonly BlockPair[],
  matches: readonly PairMatch[],
  { residuals, kept }: Solution,
): readonly BlockLink[] {
  let next = 0;
  return pairs.flatMap(({ a, b }, i): BlockLink[] => {
    const match = matches[i];
    if (!match) return [];
    const ends = { blockA: a.id, blockB: b.id };
    if (match.reason !== '') return [{ ...match, ...ends, residual: [0, 0, 0], state: 'weak' }];
    const at = next++;
    const residual = triple(residuals, at);
    if (kept[at] === 1) return [{ ...match, ...ends, residual, state: 'kept' }];
    const reason = `it disagrees with the other links by ${length3(residual).toFixed(1)} voxels`;
    return [{ ...match, ...ends, residual, state: 'outlier', reason }];
  });
}

function placementsOf(
  blocks: readonly StoredBlock[],
  links: readonly BlockLink[],
  { places, component }: Solution,
): readonly BlockPlacement[] {
  const misses = new Map<number, number[]>();
  for (const { blockA, blockB, residual, state } of links) {
    if (state !== 'kept') continue;
    for (const end of [blockA, blockB]) misses.set(end, [...(misses.get(end) ?? []), length3(residual)]);
  }
  return blocks.map(({ id }, i) => ({
    block: id,
    place: triple(places, i),
    rmsVox: rms(misses.get(id) ?? []),
    placedBy: (component[i] ?? -1) < 0 ? 'stage' : 'links',
  }));
}
