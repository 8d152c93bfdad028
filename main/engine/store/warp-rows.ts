import { createHash } from 'node:crypto';
import { z } from 'zod';
import { matrix34Schema } from '../../../preload/contract/view-state.ts';
import { type WarpStep, warpGridSchema, warpStepsSchema } from '../../../preload/contract/warp.ts';

/** What makes a volume of the library a warped one. JSON of the column `warp` of its row. */
export const storedWarpSchema = z.object({
  /** Id of the volume that is seen through it. */
  source: z.string(),
  /** Of the source when this was made, to show. */
  sourceName: z.string(),
  steps: warpStepsSchema,
  grid: warpGridSchema,
  /** Where the result lies beside its own nanometres: as the volume that the grid was taken from. */
  worldFromVolume: matrix34Schema.nullable(),
  /** Of what space that is: 'scanner', 'left-posterior-superior'. */
  space: z.string(),
});
export type StoredWarp = z.infer<typeof storedWarpSchema>;

/** Another for another map, source or grid. `levels`: as they are drawn. */
export const stampOf = ({ source, steps, grid }: StoredWarp, levels: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([1, source, steps.map(drawnOf), grid, levels]))
    .digest('hex')
    .slice(0, 12);

/** What of a step is seen: the names of landmarks are not, nor those that are not used. */
function drawnOf(step: WarpStep): unknown {
  if (step.type !== 'landmarks') return step;
  const used = step.landmarks.filter(({ on, source, target }) => on && source && target);
  return { ...step, landmarks: used.map(({ source, target }) => [source, target]) };
}

/** "24 landmarks (thin-plate), affine", to show. */
export const stepsInWords = (steps: readonly WarpStep[]): string => steps.map(inWords).join(', ');

function inWords(step: WarpStep): string {
  if (step.type === 'landmarks') return `${step.landmarks.length} landmarks (${step.fit})`;
  const name = step.type === 'field' ? `field ${step.source.split(/[\\/]/).at(-1) ?? ''}` : 'affine map';
  return step.inverse ? `inverse of ${name}` : name;
}
