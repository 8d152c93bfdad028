import { voxelsIn } from '../../formats/pyramid.ts';
import type { Kernels, Lane } from '../../jobs/job.ts';
import { determinant3 } from '../../transforms/affine3.ts';
import { type Chain, type ChainStep, sourceFromResult, tolerancePart } from './chain.ts';
import { stepOfField } from './needed-box.ts';
import { bytesOf, waitingSteps } from './waiting-steps.ts';
import { isSmallField, wholeField } from './whole-field.ts';

export interface LeadRequest {
  readonly kernels: Kernels;
  readonly lane: Lane;
  /** The smallest side of the voxels of the volume that the chain leads to. */
  readonly voxelNm: number;
  readonly signal: AbortSignal;
}

/** Fewer are led here: asking a thread takes longer. */
const leastSent = 2000;
/** Points of one call of a kernel. */
const mostSent = 2 ** 18;

/** Leads points (x, y, z of each, nanometres) through a chain, in place; NaN where it leads nowhere. */
export async function leadPoints(chain: Chain, points: Float64Array, request: LeadRequest): Promise<void> {
  const { kernels, lane, signal, voxelNm } = request;
  const isSent = points.length >= 3 * leastSent && chain.steps.every(isAtHand);
  if (!isSent) return sourceFromResult(chain, voxelNm).apply(points, signal);
  const { steps, inputs } = await stepsOf(chain, signal);
  for (let from = 0; from < points.length; from += 3 * mostSent) {
    const part = points.subarray(from, from + 3 * mostSent);
    const given = [bytesOf(part), ...inputs];
    const header = { steps: [...steps], toleranceNm: voxelNm * tolerancePart };
    const { outputs } = await kernels.run('warp-points', header, { inputs: given, signal, lane });
    const led = outputs[0]!;
    part.set(new Float64Array(led.buffer, led.byteOffset, part.length));
  }
}

const isAtHand = (step: ChainStep): boolean => step.type !== 'field' || isSmallField(step.field);

async function stepsOf(chain: Chain, signal: AbortSignal) {
  const waiting = waitingSteps();
  for (const step of chain.steps) {
    if (step.type !== 'field') {
      waiting.add(step);
      continue;
    }
    const { field, inverse } = step;
    const vectors = await wholeField(field, signal);
    const wide = vectors.byteLength === 24 * voxelsIn(field.sizeXyz);
    waiting.steps.push(stepOfField(field, { min: [0, 0, 0], size: field.sizeXyz }, { wide, inverse }));
    waiting.inputs.push(vectors);
  }
  return waiting;
}

/** Whether it turns left hands into right ones: fields and splines bend, and do not mirror. */
export const mirrors = ({ steps }: Chain): boolean =>
  steps.reduce((sign, step) => {
    if (step.type === 'field') return sign;
    return sign * determinant3(step.type === 'affine' ? step.matrix : step.affine);
  }, 1) < 0;
