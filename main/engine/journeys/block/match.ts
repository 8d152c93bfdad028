import { tasks } from '../../../../native-workers/tasks.ts';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import type { StoredBlock } from '../../stacks/block-rows.ts';
import type { BlockReader } from './block-reader.ts';
import { combineSlabs, type PairMatch, type SlabMatch } from './combine.ts';
import { type BlockPair, expectedInBox, shiftOfPlaces, type Slab, slabsOf, type VoxelRange } from './pairs.ts';

export interface MatchParameters {
  readonly channel: number;
  readonly searchVox: Vec3;
  readonly slabVox: number;
  readonly minNcc: number;
}

/** Slabs at once: each holds its voxels several times over. */
const mostInFlight = 3;

/** Matches every pair, slab by slab; one whose files cannot be read any more says why. Same order as given. */
export async function matchPairs(
  job: JobRun,
  reader: BlockReader,
  pairs: readonly BlockPair[],
  parameters: MatchParameters,
  name = 'Matching overlaps',
): Promise<readonly PairMatch[]> {
  const slabs = pairs.flatMap((pair) =>
    slabsOf(pair, parameters.searchVox, parameters.slabVox).map((slab) => ({ pair, slab })),
  );
  const matched = await job.stage<SlabMatch>({
    name,
    unit: 'slabs',
    units: slabs.map(({ pair, slab }) => slabUnit(job, reader, pair, slab, parameters)),
    inFlight: Math.min(mostInFlight, job.kernels.threads + 1),
    weight: 8,
    onFailure: (error) => {
      if (!isLamellaError(error, 'bad-source', 'not-found', 'over-budget', 'worker-died')) throw error;
      return { ...unread, reason: error.message };
    },
  });
  return pairs.map((pair) =>
    combineSlabs(
      matched.filter((_, i) => slabs[i]?.pair === pair),
      pair.expected,
      parameters.minNcc,
    ),
  );
}

const noAxis = { reliability: 0, nccPeak: 0, nccWidth: 0, agreed: false };
const unread: SlabMatch = {
  shift: [0, 0, 0],
  sigma: [0, 0, 0],
  ncc: 0,
  peakRatio: 1,
  axes: [noAxis, noAxis, noAxis],
  reason: '',
};

function slabUnit(
  job: JobRun,
  reader: BlockReader,
  pair: BlockPair,
  slab: Slab,
  { channel, searchVox }: MatchParameters,
): Unit<SlabMatch> {
  const { a, b } = pair;
  const expected = expectedInBox(pair, slab);
  return {
    key: unitKey(
      'match-blocks',
      tasks['match-blocks'].version,
      ...[a.fingerprint, b.fingerprint, channel, slab, expected, searchVox],
    ),
    subject: `${a.name} and ${b.name}`,
    run: async (signal) => {
      const dtype = a.dtype === 'uint16' || b.dtype === 'uint16' ? 'uint16' : 'uint8';
      const voxels = (block: StoredBlock, range: VoxelRange): Promise<Uint8Array> => {
        const source = block.sources[channel];
        return source ? reader.read(source, range, dtype, signal) : Promise.resolve(new Uint8Array());
      };
      const inputs = [await voxels(a, slab.a), await voxels(b, slab.b)];
      const { header } = await job.kernels.run(
        'match-blocks',
        { dtype, sizeA: slab.a.size, sizeB: slab.b.size, expected, searchVox },
        { inputs, signal },
      );
      return { ...header, shift: shiftOfPlaces(slab, header.shift) };
    },
  };
}
