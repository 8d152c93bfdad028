import type { WarpTaskStep } from '../../../native-workers/warp-tasks.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Kernels } from '../jobs/job.ts';
import type { Chain, ChainStep } from '../volumes/warped/chain.ts';
import { fieldBox } from '../volumes/warped/needed-box.ts';
import { waitingSteps } from '../volumes/warped/waiting-steps.ts';

/** Places in equal steps along x, y and z, nm. */
export interface Places {
  readonly size: Vec3;
  readonly first: Vec3;
  readonly step: Vec3;
}

interface LedBy {
  readonly kernels: Kernels;
  /** How near inverse fields are searched for, nm. */
  readonly toleranceNm: number;
}

interface Led {
  readonly points: Uint8Array;
  /** null: none of them leads anywhere. */
  readonly bounds: readonly number[] | null;
}

/** How often a box of a field that a search left is made larger. */
const mostWider = 4;

/** Where a chain leads places (x, y, z of each, x fastest): doubles, NaN where it leads nowhere. */
export async function ledGrid(
  { steps }: Pick<Chain, 'steps'>,
  places: Places,
  { kernels, toleranceNm }: LedBy,
  signal: AbortSignal,
): Promise<Float64Array> {
  const run = async (from: Led | null, step: readonly WarpTaskStep[], inputs: readonly Uint8Array[]) => {
    const header = { ...(from ? {} : { grid: places }), steps: [...step], toleranceNm };
    const given = from ? [from.points, ...inputs] : inputs;
    const made = await kernels.run('warp-points', header, { inputs: given, signal, lane: 'batch' });
    const led: Led = { points: made.outputs[0] ?? new Uint8Array(), bounds: made.header.bounds };
    return { led, leftField: made.header.leftField };
  };
  let { led } = await run(null, [], []);
  for (const step of steps) {
    if (!led.bounds) break;
    if (step.type === 'field') led = await throughField(led, step, run, signal);
    else {
      const { steps: plain, inputs, add } = waitingSteps();
      add(step);
      ({ led } = await run(led, plain, inputs));
    }
  }
  return new Float64Array(led.points.slice().buffer);
}

type Run = (
  from: Led,
  step: readonly WarpTaskStep[],
  inputs: readonly Uint8Array[],
) => Promise<{ led: Led; leftField: number }>;

async function throughField(from: Led, step: Extract<ChainStep, { type: 'field' }>, run: Run, signal: AbortSignal) {
  for (let wider = 0; ; wider++) {
    const box = await fieldBox(step, from.bounds ?? [], { mostBytes: Infinity, wider }, signal);
    if (box === 'too much') throw new Error('a field is too much for a memory without bounds');
    const { led, leftField } = await run(from, [box.step], [box.vectors]);
    if (leftField === 0 || box.isWhole || wider >= mostWider) return led;
  }
}
