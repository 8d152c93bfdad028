// npm run test:interop [-- published|theirs|ours|buckets|warps|stacks|solves|grids|tissue|registrations]: programs of others read what Lamella publishes and
// writes, and it reads what they write. Makes its own Python environments in .venv/.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { Dtype, Vec3 } from '../../preload/contract/space.ts';
import { finishedJob } from '../engine/finished-job.ts';
import { makeSampleVolume, newFolder } from '../engine/sample-volume.ts';
import { readBuckets } from './buckets.ts';
import { compareGrids } from './grids.ts';
import { compareRegistrations } from './registrations.ts';
import { compareSolves } from './solves.ts';
import { compareStacks } from './stacks.ts';
import { alignTissue } from './tissue.ts';
import { letThemRead, readTheirs, type Line } from './volumes.ts';
import { compareWarps } from './warps.ts';

const here = import.meta.dirname;
const root = join(here, '..', '..');

interface Case {
  readonly id: string;
  readonly format: 'precomputed' | 'ome-zarr';
  readonly folder: string;
  readonly dtype: Dtype;
  readonly levels: readonly { readonly npy: string; readonly voxelSizeNm: Vec3; readonly originNm: Vec3 }[];
}

/** Origins are whole voxels of every level, as those of fused volumes are; sizes are odd, one is a single section. */
const volumes: readonly { readonly dtype: Dtype; readonly sizeXyz: Vec3; readonly originVoxel: Vec3 }[] = [
  { dtype: 'uint8', sizeXyz: [150, 130, 11], originVoxel: [-32, 64, 7] },
  { dtype: 'uint16', sizeXyz: [201, 77, 9], originVoxel: [0, -8, 100] },
  { dtype: 'uint8', sizeXyz: [131, 1, 1], originVoxel: [4, 0, 0] },
];

const metadata = {
  title: 'Interoperability',
  creators: [{ name: 'Lovelace, Ada' }],
  licence: 'CC0-1.0',
  modality: 'EM' as const,
  species: 'none',
  voxelSizeNm: [4, 4, 40] as const,
};

async function publishAll(folder: string): Promise<readonly Case[]> {
  const engine = createEngine({ threads: 2 });
  const client = engine.client();
  const cases: Case[] = [];
  for (const [n, request] of volumes.entries()) {
    const home = join(folder, String(n));
    const sample = await makeSampleVolume(home, request);
    const { library, volume } = sample;
    const levels = [];
    for (const [level, { sizeXyz, voxelSizeNm }] of sample.plan.levels.entries()) {
      const npy = join(home, `level-${level}.npy`);
      await client.volume.cutout({
        library,
        source: volume,
        box: sizeXyz.map((size) => `0:${size}`).join(','),
        level,
        out: npy,
      });
      levels.push({ npy, voxelSizeNm, originNm: sample.plan.levels[level]?.originNm ?? [0, 0, 0] });
    }
    for (const format of ['precomputed', 'ome-zarr'] as const) {
      const out = join(home, format);
      const { job } = await client.publish.start({ library, volume, format, metadata, out });
      const { state, error } = await finishedJob(client, library, job);
      if (state !== 'done') throw new Error(`publishing ended ${state}: ${error?.message}`);
      cases.push({
        id: `${request.dtype} ${request.sizeXyz.join('x')} ${format}`,
        format,
        folder: out,
        dtype: request.dtype,
        levels,
      });
    }
  }
  await engine.close();
  return cases;
}

/** The environment is made anew only when the requirements changed. */
function python(name = 'interop', file = 'requirements.txt'): string {
  const venv = join(root, '.venv', name);
  const [bin, stamp] = [join(venv, 'bin', 'python'), join(venv, 'requirements.txt')];
  const requirements = join(here, file);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(requirements, 'utf8')) return bin;
  process.stderr.write(`Making a Python environment in .venv/${name} (a few minutes, once)\n`);
  mkdirSync(join(root, '.venv'), { recursive: true });
  runOrStop('python3', ['-m', 'venv', venv]);
  runOrStop(bin, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(stamp, readFileSync(requirements));
  return bin;
}

/** ANTs wants an older numpy than the others. */
const antsPython = (): string => python('interop-ants', 'requirements-ants.txt');

function runOrStop(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

function readAll(bin: string, cases: readonly Case[], folder: string): readonly Line[] {
  const file = join(folder, 'cases.json');
  writeFileSync(file, JSON.stringify(cases));
  const { status, stdout } = spawnSync(bin, [join(here, 'read_published.py'), file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`the Python readers ended with ${status}`);
  return stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Line] : []));
}

const { folder, remove } = newFolder();
const parts: Readonly<Record<string, () => Promise<readonly Line[]>>> = {
  published: async () => readAll(python(), await publishAll(folder), folder),
  theirs: () => readTheirs(python(), join(folder, 'theirs')),
  ours: () => letThemRead(python(), join(folder, 'ours')),
  buckets: () => readBuckets(python()),
  warps: () => compareWarps(python(), join(folder, 'warps')),
  stacks: () => compareStacks(join(folder, 'stacks')),
  solves: () => compareSolves(join(folder, 'solves')),
  grids: () => compareGrids(join(folder, 'grids')),
  registrations: () => compareRegistrations(python(), antsPython(), join(folder, 'registrations')),
  tissue: () => alignTissue(join(folder, 'tissue')),
};
const asked = process.argv.slice(2);
try {
  const lines: Line[] = [];
  for (const [name, run] of Object.entries(parts))
    if (asked.length === 0 || asked.includes(name)) lines.push(...(await run()));
  // Thousands pass: one line for each would bury the others.
  for (const { id, reader, detail } of lines.filter(({ ok }) => !ok))
    console.log(`FAILS  ${reader.padEnd(24)} ${id}\n       ${detail}`);
  for (const { says, reader } of lines) if (says !== undefined) console.log(`       ${reader.padEnd(24)} ${says}`);
  for (const reader of new Set(lines.map((line) => line.reader)))
    console.log(
      `agrees ${reader.padEnd(24)} ${lines.filter((line) => line.ok && line.reader === reader).length} times`,
    );
  const failed = lines.filter(({ ok }) => !ok).length;
  console.log(`${lines.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || lines.length === 0 ? 1 : 0;
} finally {
  remove();
}
