import type { z } from 'zod';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { intensityProcedures, LightReport } from '../../../../preload/contract/intensity.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { deriveStack, type DerivedStack } from '../../stacks/derive-stack.ts';
import type { TileCorrection } from '../../stacks/intensity-rows.ts';
import { stackRow } from '../../stacks/stack-rows.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { datasetRow } from '../../store/tiles.ts';
import { balanceSections } from './balance.ts';
import { compareOverlaps } from './compare.ts';
import { Corrections } from './corrections.ts';
import { correctFlatField } from './flat.ts';
import { removeFlicker } from './flicker.ts';
import { bySection, type LitTile, litTilesOf } from './lit-tiles.ts';
import { measureLight } from './measure.ts';
import { litPairs } from './overlaps.ts';
import { readLight } from './read-light.ts';
import { evenSeams } from './seams.ts';
import { judgeLight } from './judge-light.ts';

type Input = z.output<typeof intensityProcedures.estimate.input>;
type Output = z.output<typeof intensityProcedures.estimate.output>;

/** Fewer sections have no flicker to tell from what they show. */
const leastSections = 3;

/** Estimates the corrections step by step, each about what the ones before leave; measures, judges, stores. */
export async function estimateIntensity(job: JobRun, input: Input): Promise<JobEnding<Output>> {
  const tiles = litTilesOf(job, input.stack, input.channel);
  const sections = bySection(tiles);
  const corrections = new Corrections();
  const light = await readLight(job, tiles);
  const compared = await compareOverlaps(job, litPairs(tiles));
  if (input.flat) await correctFlatField(job, tiles, light, corrections, input.dark);
  if (input.overlap) await balanceSections(job, sections, compared, corrections, input);
  if (input.seams) await evenSeams(job, sections, compared, corrections);
  if (input.flicker && sections.size >= leastSections) await removeFlicker(job, sections, light, corrections);
  const report = measureLight(sections, light, compared, corrections);
  return finish(job, input, tiles, corrections, report);
}

/** What made things worse is stored, so that it can be looked at, and fails. */
function finish(
  job: JobRun,
  input: Input,
  tiles: readonly LitTile[],
  corrections: Corrections,
  report: LightReport,
): JobEnding<Output> {
  const { read } = job.library;
  const { dataset, version } = stackRow(read, input.stack);
  const { name } = datasetRow(read, dataset);
  const { verdict, reasons } = judgeLight(report, tiles.some(({ dtype }) => dtype === 'uint16') ? 257 : 1);
  // Where the library lies is nothing that a version is made by.
  const { stack: parent, channel, library: _library, ...steps } = input;
  const derived: DerivedStack = {
    id: idOfJob('stack', job.id),
    parent,
    job: job.id,
    madeBy: 'intensity',
    parameters: { channel, ...steps, report },
    judged: { verdict, reasons },
    intensity: { corrections: rowsOf(tiles, corrections, channel), inherit: true },
  };
  const label = `Even out the light of ${name} v${version}`;
  if (verdict === 'fail') {
    job.library.edit(label, (tx) => deriveStack(tx, derived));
    throw new LamellaError('not-good-enough', `The light of ${name} could not be evened out: ${reasons.join('; ')}.`, {
      hint: 'Look at the seams of the new version; then leave out the step that does harm, or choose another model.',
      fields: { stack: derived.id, seamStep: report.seamStep.after },
    });
  }
  for (const reason of reasons) job.warn({ subject: name, message: `${reason}.` });
  return {
    label,
    commit: (tx) => {
      deriveStack(tx, derived);
      return { stack: derived.id, tiles: tiles.length, verdict, report };
    },
  };
}

/** Of all tiles, also those that stay as they are: none is to keep what its parent said. */
function* rowsOf(tiles: readonly LitTile[], corrections: Corrections, channel: string): Generator<TileCorrection> {
  for (const { id } of tiles) yield { tile: id, channel, ...corrections.of(id) };
}
