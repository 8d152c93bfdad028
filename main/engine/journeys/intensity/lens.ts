import type { z } from 'zod';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { intensityProcedures } from '../../../../preload/contract/intensity.ts';
import type { Placement } from '../../../../preload/contract/registration.ts';
import type { TransformSpec } from '../../../../preload/contract/transform.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { deriveStack, type DerivedStack } from '../../stacks/derive-stack.ts';
import { misfitOf } from '../../stacks/link-misfits.ts';
import { type NewLink, placementsOf, stackRow } from '../../stacks/stack-rows.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { datasetRow } from '../../store/tiles.ts';
import { formatAffine } from '../../transforms/tile/affine-classes.ts';
import { nearestAffine } from '../../transforms/tile/nearest-affine.ts';
import { formatPolynomial } from '../../transforms/tile/polynomial.ts';
import { tileMapOf } from '../../transforms/tile/tile-map.ts';
import { type LitTile, litTilesOf } from './lit-tiles.ts';
import { type LensPoints, matchForLens } from './lens-points.ts';
import { type SolvedLens, solveLens } from './lens-solve.ts';

type Input = Omit<z.output<typeof intensityProcedures.lens.input>, 'library'>;
type Output = z.output<typeof intensityProcedures.lens.output>;

const lensId = 'lens';
/** Overlaps of fewer points keep the link that they had. */
const leastOfLink = 3;

/** Matches overlaps closely, solves the shared distortion with the tiles' shifts, and puts it before their places. */
export async function estimateLens(job: JobRun, input: Input): Promise<JobEnding<Output>> {
  const tiles = litTilesOf(job, input.stack, '');
  checkPlain(tiles);
  const points = await matchForLens(job, tiles, input);
  const solved = await solveLens(job, points, input.degree);
  return finish(job, input, points, solved);
}

/** A lens comes before everything else: tiles that are bent already have one, or lie where it would not fit. */
function checkPlain(tiles: readonly LitTile[]): void {
  const bent = tiles.find(({ map }) => map.affine === null);
  if (!bent) return;
  throw new LamellaError('invalid-input', `The tile ${bent.name} is bent by transforms of its stack already.`, {
    hint: 'Estimate the lens of a stack whose tiles are only moved, turned or sheared: the one that stitching made.',
    fields: { tile: bent.name },
  });
}

function finish(job: JobRun, input: Input, points: LensPoints, solved: SolvedLens): JobEnding<Output> {
  const { read } = job.library;
  const { dataset, version } = stackRow(read, input.stack);
  const { name } = datasetRow(read, dataset);
  const { degree, minNcc } = input;
  const { about } = solved;
  const isBetter = about.rmsAfterPx < about.rmsBeforePx;
  const isKnown = about.uncertaintyPx < Math.max(0.1, 0.3 * about.displacementPx[0]);
  if (!isBetter || !isKnown) {
    throw new LamellaError(
      'not-good-enough',
      `The lens of ${name} cannot be told: it is known to ${about.uncertaintyPx.toFixed(2)} px, and is ${about.displacementPx[0].toFixed(2)} px.`,
      {
        hint: 'Look at more overlaps (--max-pairs), at a lower degree, or take tiles that overlap by more.',
        fields: { ...about, displacementPx: about.displacementPx[0] },
      },
    );
  }
  const places = placesOf(placementsOf(read, input.stack), points, solved);
  const derived: DerivedStack = {
    id: idOfJob('stack', job.id),
    parent: input.stack,
    job: job.id,
    madeBy: 'intensity',
    parameters: { lens: { degree, minNcc, ...about } },
    places,
    links: linksThrough(points, places),
    intensity: { corrections: [], inherit: true },
  };
  const { rmsBeforePx, rmsAfterPx, displacementPx, uncertaintyPx } = about;
  return {
    label: `Correct the lens of ${name} v${version}`,
    commit: (tx) => {
      deriveStack(tx, derived);
      return {
        ...{ stack: derived.id, points: about.points, rmsBeforePx, rmsAfterPx, displacementPx, uncertaintyPx },
        verdict: 'pass',
      };
    },
  };
}

/** The lens, then where each tile was, shifted as the solve says; tiles of another size have another camera. */
function placesOf(
  placements: readonly Placement[],
  { sizePx, number, ofSize }: LensPoints,
  { polynomial, shifts }: SolvedLens,
): NonNullable<DerivedStack['places']> {
  const spec: TransformSpec = leaf('PolynomialTransform2D', formatPolynomial(polynomial));
  const shared = new Map([[lensId, spec]]);
  const placed = placements.flatMap((placement): Placement[] => {
    if (!ofSize.has(placement.tile)) return [];
    const at = number.get(placement.tile);
    const [a, b, c, d, e, f] = placement.stackFromTile;
    const [dx, dy] = at === undefined ? [0, 0] : [shifts[2 * at] ?? 0, shifts[2 * at + 1] ?? 0];
    const affine = [a, b, c, d, e + dx, f + dy] as const;
    const transforms = [{ type: 'ref', refId: lensId }, leaf('AffineModel2D', formatAffine(affine))];
    const { map } = tileMapOf(transforms, shared, sizePx);
    return [{ ...placement, transforms, stackFromTile: nearestAffine(map, sizePx) ?? affine }];
  });
  return { placed, sharedTransforms: shared };
}

/** The points as links of the tiles, many a pair: solving again has more to go by than what stitching left. */
function linksThrough(
  { pairs, sizePx }: LensPoints,
  { placed, sharedTransforms = new Map() }: NonNullable<DerivedStack['places']>,
): readonly NewLink[] {
  const mapOf = new Map(
    placed.map(({ tile, transforms = [] }) => [tile, tileMapOf(transforms, sharedTransforms, sizePx).map]),
  );
  return pairs
    .filter(({ points }) => points.length >= leastOfLink)
    .map(({ a, b, ncc, peakRatio, points }): NewLink => {
      const [ofA, ofB] = [mapOf.get(a.id), mapOf.get(b.id)];
      const residualPx = ofA && ofB ? misfitOf(points, ofA, ofB).rmsPx : 0;
      const about = { tileA: a.id, tileB: b.id, section: a.section, points: points.length, matches: points };
      return { ...about, ncc, peakRatio, residualPx, state: 'kept', reason: '' };
    });
}

const leaf = (name: string, dataString: string): TransformSpec => ({
  type: 'leaf',
  className: `mpicbg.trakem2.transform.${name}`,
  dataString,
});
