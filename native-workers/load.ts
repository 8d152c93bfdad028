import { fromWireError, LamellaError, wireErrorSchema } from '../preload/contract/errors.ts';
import { tasks } from './tasks.ts';
import type { TaskInput, TaskName, TaskOutput } from './tasks.ts';

/** The compiled kernels: one function that runs a task of the table on the calling thread. */
export interface Kernels {
  run(
    task: string,
    headerJson: string,
    inputs: readonly Uint8Array[],
    cancel: Int32Array,
  ): { header: string; outputs: Uint8Array[] };
  version(): string;
}

export interface Ran<T extends TaskName> {
  readonly header: TaskOutput<T>;
  readonly outputs: readonly Uint8Array[];
}

/** Loads the compiled kernels; works in any thread, from ES modules and CommonJS alike. */
export function loadKernels(path: string): Kernels {
  const addon = { exports: {} as Kernels };
  try {
    process.dlopen(addon, path);
  } catch (cause) {
    throw new LamellaError('internal', `The kernels at ${path} could not be loaded.`, {
      hint: 'Build them with npm run build, on the machine that is to run them.',
      fields: { file: path },
      cause,
    });
  }
  return addon.exports;
}

/** Runs one task on this thread; the header is checked against the table on the way in and out. */
export function runTask<T extends TaskName>(
  kernels: Kernels,
  task: T,
  header: unknown,
  inputs: readonly Uint8Array[],
  cancel: Int32Array,
): Ran<T> {
  const headerIn = checkedInput(task, header);
  const ran = callKernel(kernels, task, JSON.stringify(headerIn), inputs, cancel);
  const headerOut = tasks[task].output.safeParse(JSON.parse(ran.header));
  if (headerOut.success) return { header: headerOut.data as TaskOutput<T>, outputs: ran.outputs };
  throw new LamellaError(
    'internal',
    `The kernel ${task} gave a header that its table entry does not allow: ${headerOut.error.message}`,
    {
      hint: 'Report it with the log; the compiled kernels may be older than the table: npm run build.',
      fields: { task },
    },
  );
}

function checkedInput(task: TaskName, header: unknown): TaskInput<TaskName> {
  const entry = Object.hasOwn(tasks, task) ? tasks[task] : undefined;
  const checked = entry?.input.safeParse(header);
  if (checked?.success === true) return checked.data;
  const why =
    checked?.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ') ?? 'there is no such kernel';
  throw new LamellaError(
    'invalid-input',
    `The kernel ${task} was called with a header that it does not take: ${why}.`,
    {
      hint: 'This is a call that the task table does not allow; report it with the log.',
      fields: { task },
    },
  );
}

function callKernel(
  kernels: Kernels,
  task: string,
  header: string,
  inputs: readonly Uint8Array[],
  cancel: Int32Array,
): ReturnType<Kernels['run']> {
  try {
    return kernels.run(task, header, inputs, cancel);
  } catch (error) {
    throw asLamellaError(error);
  }
}

/** The kernels throw errors whose message is the JSON of a wire error. */
function asLamellaError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  try {
    return fromWireError(wireErrorSchema.parse(JSON.parse(error.message)));
  } catch {
    return error;
  }
}
