import type { WarpTaskStep } from '../../../../native-workers/warp-tasks.ts';
import type { ChainStep } from './chain.ts';

/** Steps that need nothing read, until one does. */
export function waitingSteps() {
  const [steps, inputs]: [WarpTaskStep[], Uint8Array[]] = [[], []];
  const add = (step: Exclude<ChainStep, { type: 'field' }>): void => {
    if (step.type === 'affine') return void steps.push({ type: 'affine', matrix: [...step.matrix] });
    const { kernel, affine, frame, nodes, weights } = step;
    steps.push({ type: 'spline', kernel, affine: [...affine], frame: [...frame], nodes: nodes.length / 3 });
    inputs.push(bytesOf(nodes), bytesOf(weights));
  };
  return { steps, inputs, add };
}

export const bytesOf = (numbers: Float64Array | Float32Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
