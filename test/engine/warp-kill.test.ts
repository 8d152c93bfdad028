// Warped volumes made and changed by processes that are killed: either the change is there, whole and undoable, or not.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import type { Warp, WarpStep } from '../../preload/contract/warp.ts';
import { finishedJob } from './finished-job.ts';
import { cli, fromSources, run, seeded } from './kill-harness.ts';
import { tempFolder } from './temp-library.ts';

const kills = 7;
const landmarks = (shiftNm: number): WarpStep[] => [
  {
    ...{ type: 'landmarks', fit: 'thin-plate', stiffness: 0 },
    landmarks: [
      [0, 0, 0],
      [800, 0, 0],
      [0, 800, 0],
      [0, 0, 800],
      [500, 500, 500],
    ].map(([x = 0, y = 0, z = 0], i) => ({
      ...{ id: String(i), name: '', on: true },
      source: [x, y, z] as const,
      target: [x + shiftNm, y, z + (i === 4 ? 30 : 0)] as const,
    })),
  },
];

/** A library with one volume of 8³ voxels of 100 nm. */
async function begun(folder: string): Promise<{ readonly library: string; readonly volume: string }> {
  const source = join(folder, 'grey');
  mkdirSync(join(source, 'a'), { recursive: true });
  const voxels = Uint8Array.from({ length: 512 }, (_, i) => (i % 251) + 1);
  writeFileSync(join(source, 'a', '0-8_0-8_0-8'), voxels);
  const scale = { key: 'a', size: [8, 8, 8], resolution: [100, 100, 100], voxel_offset: [0, 0, 0] };
  const scales = [{ ...scale, chunk_sizes: [[8, 8, 8]], encoding: 'raw' }];
  const type = { '@type': 'neuroglancer_multiscale_volume', type: 'image', data_type: 'uint8', num_channels: 1 };
  writeFileSync(join(source, 'info'), JSON.stringify({ ...type, scales }));
  const engine = createEngine({ threads: 1 });
  const library = join(folder, 'library');
  const { job } = await engine.client().volume.add({ library, source });
  const { result } = await finishedJob(engine.client(), library, job);
  await engine.close();
  return { library, volume: (result as { volume: string }).volume };
}

/** What a fresh process finds: every warped volume opens, leads points and has voxels. `undo`: as often, before. */
async function foundIn(library: string, undo = 0): Promise<readonly Warp[]> {
  const engine = createEngine({ threads: 1 });
  const client = engine.client();
  try {
    for (let n = 0; n < undo; n++) await client.library.undo({ library });
    const { warps } = (await client.warp.list({ library })).value;
    for (const { volume } of warps) {
      const { points } = (await client.warp.points({ library, volume, points: [[400, 400, 400]] })).value;
      expect(points[0]).not.toBeNull();
      const { bytes } = await client.volume.cutout({ library, source: volume, box: '0:8,0:8,0:8' });
      expect(bytes?.some((value) => value > 0)).toBe(true);
    }
    return warps;
  } finally {
    await engine.close();
  }
}

const shiftOf = ({ steps: [step] }: Warp): number | undefined =>
  step?.type === 'landmarks' ? step.landmarks[0]?.target?.[0] : undefined;

test('a killed warp.create or warp.update is there whole, or not at all; undo takes back what is there', async () => {
  const folder = tempFolder();
  const { library, volume } = await begun(folder);
  const random = seeded(25);
  const steps = (shiftNm: number): string => JSON.stringify(landmarks(shiftNm));
  const create = (shiftNm: number) =>
    cli(['warp', 'create', '--library', library, '--volume', volume, '--steps', steps(shiftNm), '--json'], fromSources);
  const before = performance.now();
  expect((await run(create(1))).code).toBe(0);
  const tookMs = performance.now() - before;
  let known = await foundIn(library);
  expect(known.map(shiftOf)).toEqual([1]);
  let changes = 1;
  for (let kill = 0; kill < kills; kill++) {
    const shiftNm = 10 + kill;
    const target = known.at(-1)!.volume;
    const update = ['warp', 'update', '--library', library, '--volume', target, '--steps', steps(shiftNm), '--json'];
    const command = kill % 2 === 0 ? create(shiftNm) : cli(update, fromSources);
    const ran = await run(command, { ms: tookMs * (0.5 + 0.6 * random()), since: 'start' });
    const found = await foundIn(library);
    const isThere = found.some((warp) => shiftOf(warp) === shiftNm);
    // Who was told that it is done finds it.
    if (ran.code === 0) expect(isThere).toBe(true);
    if (isThere) changes++;
    else expect(found).toEqual(known);
    known = found;
  }
  expect(await foundIn(library, changes - 1)).toMatchObject([{ source: volume }]);
  expect(await foundIn(library, 1)).toEqual([]);
});
