import { execFileSync, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Vec3 } from '../../preload/contract/space.ts';
import { writeSynthetic } from '../engine/synthetic-volume.ts';
import type { Bench, BenchRow } from './row.ts';

const memory = 1e9;
const small: Vec3 = [1024, 1024, 1024];
const large: Vec3 = [2048, 2048, 2560];

interface Converted {
  readonly nsPerVoxel: number;
  readonly peakBytes: number;
}

interface Measured {
  readonly small: Converted;
  readonly large: Converted;
}

/** Raw precomputed, made here, to OME-Zarr with a pyramid, in a process of its own. */
async function convert({ folder, threads }: Bench, name: string, size: Vec3): Promise<Converted> {
  const [source, out] = [join(folder, name), join(folder, `${name}.zarr`)];
  writeSynthetic(source, size);
  // What is still to be written of the source would be paid for by the first fsync of the conversion.
  if (process.platform !== 'win32') execFileSync('sync');
  const input = JSON.stringify({ source, out, format: 'ome-zarr', memory: `${memory}B` });
  const script = join(import.meta.dirname, '..', 'engine', 'convert-process.ts');
  const text = await outputOf([script, join(folder, 'library'), input, String(threads)]);
  const { seconds, cpuSeconds, peakBytes } = JSON.parse(text) as {
    seconds: number;
    cpuSeconds: number;
    peakBytes: number;
  };
  rmSync(source, { recursive: true });
  rmSync(out, { recursive: true });
  const voxels = size[0] * size[1] * size[2];
  console.error(
    `${name}: ${(voxels / seconds / 1e6).toFixed(1)} MB/s, ${((cpuSeconds * 1e9) / voxels).toFixed(2)} ns of CPU a voxel, peak ${(peakBytes / 1e6).toFixed(0)} MB of ${memory / 1e6} MB`,
  );
  return { nsPerVoxel: (seconds * 1e9) / voxels, peakBytes };
}

function outputOf(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`it ended with code ${code}`))));
  });
}

let measured: Promise<Measured> | undefined;

async function measureBoth(bench: Bench): Promise<Measured> {
  return { small: await convert(bench, '1-gb', small), large: await convert(bench, '10-gb', large) };
}

const workload = 'raw precomputed of uint8, 10.7 GB, to OME-Zarr (zstd) with a pyramid';

export const convertRows: readonly BenchRow[] = [
  {
    id: 'convert-10gb',
    workload: `${workload}; peak RSS as a part of --memory 1GB`,
    unit: '%',
    target: 'at most 110 %',
    isMet: (ours) => ours <= 110,
    measure: async (bench) => ((await (measured ??= measureBoth(bench))).large.peakBytes / memory) * 100,
  },
  {
    id: 'convert-growth',
    workload: `${workload}; time a voxel over that of 1.07 GB`,
    unit: '%',
    target: 'under 110 %',
    isMet: (ours) => ours < 110,
    measure: async (bench) => {
      const { small: one, large: ten } = await (measured ??= measureBoth(bench));
      return (ten.nsPerVoxel / one.nsPerVoxel) * 100;
    },
  },
];
