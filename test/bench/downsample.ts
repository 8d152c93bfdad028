import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKernels, runTask } from '../../native-workers/load.ts';
import { cancelWords } from '../../native-workers/tasks.ts';
import { emSource, threadFiles, writeEmVolume } from './em-volume.ts';
import { labelSource, voronoi, withRealTiles } from './label-volume.ts';
import { type Bench, type BenchPeer, type BenchRow, medianOf, timesOf } from './row.ts';

const [side, times] = [512, 5];

interface Kind {
  readonly method: 'mean' | 'mode';
  readonly dtype: 'uint8' | 'uint64';
  readonly threads: 1 | 2;
}

/** The volume, also in a file for the peer. */
async function inputOf(folder: string, { method }: Kind): Promise<Uint8Array<SharedArrayBuffer>> {
  const file = join(folder, 'volume.raw');
  if (method === 'mode') {
    const labels = withRealTiles(voronoi(side, 4096), side);
    writeFileSync(file, labels);
    return new Uint8Array(labels.buffer);
  }
  const bytes = readFileSync(await writeEmVolume(folder, side));
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  shared.set(bytes);
  return shared;
}

/** Milliseconds of the kernel, called through the addon. */
async function measure({ folder }: Bench, kind: Kind): Promise<number> {
  const voxels = await inputOf(folder, kind);
  const { method, dtype, threads } = kind;
  const header = { dtype, method, threads, factorXyz: [2, 2, 2] as const, sizeXyz: [side, side, side] as const };
  const kernels = loadKernels(threadFiles.kernelsFile);
  const whole = () =>
    runTask(
      kernels,
      'downsample-voxels',
      header,
      [voxels],
      new Int32Array(new SharedArrayBuffer(4 * cancelWords.length)),
    );
  writeFileSync(join(folder, 'ours.raw'), whole().outputs[0] ?? new Uint8Array());
  // Let go at once, as the peer does: JavaScript would keep the memory until it next collects.
  const release = ({ outputs: [out] }: ReturnType<typeof whole>): unknown =>
    out && (out.buffer as unknown as { transfer(bytes: number): unknown }).transfer(0);
  return medianOf(await timesOf(times, 1, async () => release(whole())));
}

function tensorstore({ method, dtype, threads }: Kind): BenchPeer {
  return {
    name: `tensorstore 0.1.86 downsample, data_copy_concurrency ${threads}`,
    requirements: ['numpy==2.4.6', 'tensorstore==0.1.86'],
    measure: async ({ folder }, python) => {
      const files = [join(folder, 'volume.raw'), join(folder, 'ours.raw')];
      const out = await python('downsample.py', ...files, dtype, method, ...[side, threads, times].map(String));
      const [median, ...notes] = out.trim().split('\n');
      for (const note of notes) console.error(`  ${note}`);
      return Number(median);
    },
  };
}

function row(kind: Kind): BenchRow {
  const { method, dtype, threads } = kind;
  return {
    id: `downsample-${method}${threads === 1 ? '-1' : ''}`,
    workload: `${method} of 2x2x2 of ${side}^3 ${dtype} (${method === 'mean' ? emSource : labelSource}), ${threads} thread${threads === 1 ? '' : 's'}; the result compared with the peer's`,
    unit: 'ms',
    target: 'at least 5x the speed of tensorstore',
    isMet: (ours, theirs) => theirs === null || ours * 5 <= theirs,
    measure: (bench) => measure(bench, kind),
    peer: tensorstore(kind),
  };
}

export const downsampling: readonly BenchRow[] = [
  row({ method: 'mean', dtype: 'uint8', threads: 1 }),
  row({ method: 'mean', dtype: 'uint8', threads: 2 }),
  row({ method: 'mode', dtype: 'uint64', threads: 1 }),
  row({ method: 'mode', dtype: 'uint64', threads: 2 }),
];
