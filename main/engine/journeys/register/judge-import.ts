import { basename } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Registration } from '../../../../preload/contract/register.ts';
import type { ImportedNumbers } from '../../../../preload/contract/registration-import.ts';
import type { Evaluation } from '../../../../preload/contract/registration-evaluation.ts';
import { levelAt } from '../../formats/pyramid.ts';
import type { VolumeLevelPlan, VolumePlan } from '../../formats/volume-format.ts';
import { type JobRun, unitKey } from '../../jobs/job.ts';
import { mapOfChain } from '../../registrations/chain-of.ts';
import type { StraightField } from '../../registrations/imported-chain.ts';
import { percent } from '../../registrations/judge-evaluation.ts';
import { isIn, placesIn } from '../../registrations/local-change.ts';
import type { WorkingGrid } from '../../registrations/working-levels.ts';
import { affineMap, composeAffine3, invertAffine3 } from '../../transforms/affine3.ts';
import { physicalFromVolume, placeOfPlan } from '../../volumes/warped/physical-space.ts';
import type { EvaluatedPair } from './evaluated-pair.ts';
import type { ImportedFile } from './import-files.ts';

/** Places along the longest axis at which it is looked whither they lead. */
const mostPlaces = 24;
/** Of the fixed volume. Of less that is shown nothing is said by how well it fits; less that is displaced is rarely meant. */
const [littleSeen, littleCovered] = [0.5, 0.98];
/** A field that lies over less is one of another volume. */
const leastCovered = 0.25;

/** Share of the fixed volume that is led into the moving one. */
export async function shareSeen(
  job: JobRun,
  { movingFromFixed }: Pick<Registration, 'movingFromFixed'>,
  pair: EvaluatedPair,
): Promise<number> {
  const { plan } = pair.fixed.volume;
  const places = allPlaces(levelAt(plan, 0));
  const run = async (signal: AbortSignal): Promise<number> => {
    const led = places.slice();
    await mapOfChain(pair.after, pair.moving.volume.plan).apply(led, signal);
    return shareIn(led, levelAt(pair.moving.volume.plan, 0));
  };
  const key = unitKey('import-reach', 1, movingFromFixed, levelAt(plan, 0), mostPlaces);
  const units = [{ key, subject: plan.name, run }];
  const [seen = 0] = await job.stage<number>({ name: 'Looking where it leads', unit: 'volumes', units, weight: 0.1 });
  return seen;
}

/**
 * Share of the fixed volume that its first transform, where that is a field, lies over; by its header alone. Throws
 * 'bad-source' where it lies elsewhere.
 */
export function shareCovered(
  fixed: VolumePlan,
  there: readonly ImportedFile[],
  straight: readonly (StraightField | null)[],
): number | null {
  const [first] = there;
  const [field] = straight;
  if (!first || !field || first.inverted) return null;
  const gridFromPhysical = invertAffine3(field.physicalFromGrid);
  if (!gridFromPhysical) throw new Error('the space of a field has no inverse');
  const places = allPlaces(levelAt(fixed, 0));
  affineMap(composeAffine3(gridFromPhysical, physicalFromVolume(placeOfPlan(fixed)))).applyNow(places);
  const covered = shareIn(places, field.grid);
  if (covered >= leastCovered) return covered;
  throw new LamellaError(
    'bad-source',
    `"${basename(first.path)}" lies over ${percent(covered)} of "${fixed.name}": it is a field of another volume, or that volume lies elsewhere.`,
    {
      hint: 'Give the field that was made with this fixed volume, add the volume from the file that the other program read, or exchange --fixed and --moving.',
      fields: { file: first.path, covered },
    },
  );
}

function allPlaces(level: VolumeLevelPlan): Float64Array {
  const { sections, section } = placesIn(level, mostPlaces);
  const parts = Array.from({ length: sections }, (_, z) => section(z));
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function shareIn(points: Float64Array, box: WorkingGrid): number {
  let inside = 0;
  for (let at = 0; at < points.length; at += 3) if (isIn(points, at, box)) inside += 1;
  return (3 * inside) / points.length;
}

/** The verdict of its evaluation, and what is told by how far it reaches. */
export function judgeImport(
  { verdict, reasons }: Pick<Evaluation, 'verdict' | 'reasons'>,
  { seen, covered }: Pick<ImportedNumbers, 'seen' | 'covered'>,
): Pick<Registration, 'verdict' | 'reasons'> {
  const more = [
    ...(seen < littleSeen ? [`only ${percent(seen)} of the fixed volume is led into the moving one`] : []),
    ...(covered !== null && covered < littleCovered
      ? [`its field lies over ${percent(covered)} of the fixed volume: beyond, nothing is displaced`]
      : []),
  ];
  return { verdict: verdict === 'pass' && more.length > 0 ? 'warn' : verdict, reasons: [...reasons, ...more] };
}
