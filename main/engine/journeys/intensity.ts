import { randomUUID } from 'node:crypto';
import { lightReportSchema } from '../../../preload/contract/intensity.ts';
import { deriveStack } from '../stacks/derive-stack.ts';
import { correctionsOf } from '../stacks/intensity-rows.ts';
import { stackRow } from '../stacks/stack-rows.ts';
import { idOfJob } from '../store/id-of-job.ts';
import type { HandlersOf } from './call.ts';
import { estimateIntensity } from './intensity/estimate.ts';
import { estimateLens } from './intensity/lens.ts';

export const intensityHandlers: HandlersOf<'intensity'> = {
  estimate: {
    kind: 'intensity.estimate',
    label: () => 'Even out the light',
    run: (job, input) => estimateIntensity(job, input),
  },

  lens: { kind: 'intensity.lens', label: () => 'Correct the lens', run: (job, input) => estimateLens(job, input) },

  report: ({ library, stack }, call) => {
    const { read } = call.library(library);
    stackRow(read, stack);
    const row = read.get<{ report: string | null }>(
      `SELECT json_extract(parameters, '$.report') AS report FROM stack WHERE id = ?`,
      stack,
    );
    return { value: { report: row?.report ? lightReportSchema.parse(JSON.parse(row.report)) : null } };
  },

  corrections: ({ library, stack, channel }, call) => {
    const { read } = call.library(library);
    stackRow(read, stack);
    const corrections = [...correctionsOf(read, stack, channel)].map(([tile, { columns, rows, gain, offset }]) => ({
      tile,
      columns,
      rows,
      gain: rangeOf(gain),
      offset: rangeOf(offset),
    }));
    return { value: { corrections } };
  },

  reset: ({ library, stack: parent }, call) => {
    const store = call.library(library);
    const { version } = stackRow(store.read, parent);
    const stack = idOfJob('stack', randomUUID());
    const job = store.read.get<{ job: string }>('SELECT job FROM stack WHERE id = ?', parent)?.job ?? '';
    const derived = { id: stack, parent, job, madeBy: 'intensity', parameters: { reset: true } } as const;
    store.edit(`Grey levels of stack v${version} as stored`, (tx) =>
      deriveStack(tx, { ...derived, intensity: { corrections: [], inherit: false } }),
    );
    return { stack };
  },
};

const rangeOf = (values: Float32Array): [number, number] => [Math.min(...values), Math.max(...values)];
