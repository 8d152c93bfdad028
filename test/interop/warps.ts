// Displacement fields of ITK: volumes and points through them are where SimpleITK says.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { finishedJob } from '../engine/finished-job.ts';
import type { Line } from './volumes.ts';

interface Case {
  readonly name: string;
  readonly moving: string;
  readonly fixed: string;
  readonly fields: readonly string[];
  /** Float32 of the fixed grid: the moving volume through the field. */
  readonly made: string;
  /** Of the fixed grid, centres at whole numbers, and of the moving one where the field leads from there. */
  readonly indices: readonly Vec3[];
  readonly led: readonly Vec3[];
}

const mostVoxels = 0.1;
const mostGrey = 1;

/** Warped volumes, against SimpleITK's resampler and point maps. */
export async function compareWarps(bin: string, folder: string): Promise<readonly Line[]> {
  const script = join(import.meta.dirname, 'make_warps.py');
  const out = execFileSync(bin, [script, folder], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const cases = out.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Case] : []));
  const engine = createEngine({ threads: 2 });
  const client = engine.client();
  const library = join(folder, 'library');
  const lines: Line[] = [];
  for (const one of cases)
    for (const field of one.fields) {
      const found = await compare(client, library, one, field).catch((error: unknown) => toWireError(error).message);
      const ok = typeof found !== 'string' && found.voxels <= mostVoxels && found.grey <= mostGrey;
      const detail = typeof found === 'string' ? found : `${found.voxels} voxels, ${found.grey} grey levels`;
      const id = `${one.name}, ${field.split('.').slice(1).join('.')}`;
      lines.push({ id: `${id} (${detail})`, reader: 'Lamella, as ITK', ok, detail });
    }
  await engine.close();
  return lines;
}

async function added(client: LamellaClient, library: string, source: string): Promise<string> {
  const { job } = await client.volume.add({ library, source });
  const { result, error } = await finishedJob(client, library, job);
  if (error) throw new Error(error.message);
  return (result as { volume: string }).volume;
}

async function compare(client: LamellaClient, library: string, one: Case, field: string) {
  const [moving, fixed] = [await added(client, library, one.moving), await added(client, library, one.fixed)];
  const { volume } = await client.warp.create({
    library,
    volume: moving,
    steps: [{ type: 'field', source: field }],
    grid: { type: 'like', volume: fixed },
  });
  const result = volume.levels[0]!;
  const source = (await client.view.volume({ library, volume: moving })).value.levels[0]!;
  const at = (index: Vec3): Vec3 =>
    [0, 1, 2].map((i) => result.originNm[i]! + (index[i]! + 0.5) * result.voxelSizeNm[i]!) as unknown as Vec3;
  const asked = one.indices.map(at);
  const { points } = (await client.warp.points({ library, volume: volume.id, points: asked })).value;
  let voxels = 0;
  for (const [n, point] of points.entries())
    for (const i of [0, 1, 2] as const) {
      const index = ((point?.[i] ?? NaN) - source.originNm[i]) / source.voxelSizeNm[i] - 0.5;
      const off = Math.abs(index - one.led[n]![i]);
      voxels = off <= voxels ? voxels : off;
    }
  const box = result.size.map((n) => `0:${n}`).join(',');
  const { bytes } = await client.volume.cutout({ library, source: volume.id, box });
  return { voxels, grey: greyBetween(bytes!, new Float32Array(readFileSync(one.made).buffer), result.size) };
}

/** The largest difference. */
function greyBetween(ours: Uint8Array, theirs: Float32Array, size: Vec3): number {
  if (theirs.length !== size[0] * size[1] * size[2]) return Infinity;
  let most = 0;
  for (const [i, value] of theirs.entries()) most = Math.max(most, Math.abs(value - ours[i]!));
  return most;
}
