import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import { Pool } from '../../main/engine/jobs/pool.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { acquireBlocks, placeErrors, textureAt, voxelSizeNm } from '../engine/block-acquisition.ts';
import { resultOf } from '../engine/follow-job.ts';
import { threadFiles } from './em-volume.ts';
import { type BenchRow, medianOf, timesOf } from './row.ts';

const size: Vec3 = [102, 512, 200];
const radius = 25;

/** An overlap of 102 x 512 x 200, searched 25 voxels far: numpy by the definition took 610 ms where the goal was set. */
const blocksNcc: BenchRow = {
  id: 'blocks-ncc',
  workload: `NCC maps of 3 projections, ${size.join(' x ')} u16, 51 x 51 shifts each, every value within 1e-5`,
  unit: 'ms',
  target: '<= 100 ms and below numpy',
  isMet: (ours, theirs) => ours <= 100 && (theirs === null || ours < theirs),
  measure: async ({ folder }) => {
    const inputs = (
      [
        [0, 0, 0],
        [3.4, -5.2, 2.7],
      ] as const
    ).map((corner, i) => {
      const voxels = Uint16Array.from(textureAt(corner, size), (v) => 400 + v);
      const bytes = new Uint8Array(voxels.buffer);
      writeFileSync(join(folder, `${'ab'[i]}.raw`), bytes);
      return bytes;
    });
    const header = {
      dtype: 'uint16',
      sizeA: size,
      sizeB: size,
      expected: [0, 0, 0],
      searchVox: [radius, radius, radius],
    } as const;
    const pool = new Pool({ ...threadFiles, threads: 1, log: (line) => console.error(line) });
    try {
      const { outputs } = await pool.run('project-ncc', header, { inputs });
      for (const [i, name] of ['xy', 'xz', 'yz'].entries())
        writeFileSync(join(folder, `${name}.f64`), outputs[i] ?? new Uint8Array());
      return medianOf(await timesOf(7, 2, () => pool.run('project-ncc', header, { inputs })));
    } finally {
      await pool.close();
    }
  },
  peer: {
    name: 'numpy 2.4, by the definition; its values are those that ours are held to',
    requirements: ['numpy==2.4.6'],
    measure: async ({ folder }, python) => {
      const [width, height, depth] = size;
      return Number(await python('blocks_ncc.py', folder, ...[depth, height, width, radius].map(String)));
    },
  },
};

/** TeraStitcher rounds to whole voxels; here 98 % of all axes must lie within half a voxel of the truth. */
const blocks3x3: BenchRow = {
  id: 'blocks-3x3',
  workload:
    '3 x 3 blocks of 256 x 256 x 200 u16, stage error 8 voxels: import and stitch; 98th percentile of the error along an axis',
  unit: 'voxels',
  target: '<= 0.5',
  isMet: (ours) => ours <= 0.5,
  measure: async ({ folder, threads }) => {
    const source = join(folder, 'brain');
    const truth = acquireBlocks(source, {
      ...{ rows: 3, columns: 3, sizeXyz: [256, 256, 200], overlap: 51 },
      ...{ errorVox: 8, seed: 14, noise: 20 },
    });
    const engine = createEngine({ threads });
    try {
      const [client, library] = [engine.client(), join(folder, 'library')];
      const started = client.block.import({ library, source, layout: 'folders', voxelSizeNm: [...voxelSizeNm] });
      const { set } = await resultOf<{ set: string }>(client, library, started);
      const from = performance.now();
      const { stack } = await resultOf<{ stack: string }>(client, library, client.block.stitch({ library, set }));
      console.error(`    matched and placed in ${((performance.now() - from) / 1000).toFixed(1)} s`);
      const { blocks } = (await client.block.blocks({ library, set })).value;
      const { placements } = (await client.block.placements({ library, stack })).value;
      const places = placements.map(({ place }) => place);
      const trueOf = blocks.map(({ name }) => truth.find((one) => one.name === name)?.truth ?? ([0, 0, 0] as const));
      return placeErrors(places, trueOf).percentile98;
    } finally {
      await engine.close();
      rmSync(source, { recursive: true, force: true });
    }
  },
};

export const blockRows: readonly BenchRow[] = [blocksNcc, blocks3x3];
