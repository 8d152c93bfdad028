import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { threadFiles } from './em-volume.ts';
import { tilesUnderFalloff, type FalloffKind, type FalloffScene } from './falloff-scene.ts';
import type { Bench, BenchPeer, BenchRow } from './row.ts';

const cells = 32;
const nodes = [17, 17] as const;

interface Left {
  readonly percent: number;
  readonly secs: number;
}

/** What the correction leaves of the field that was put in (SD over mean, %), and the time from files to grids. */
async function corrected(scene: FalloffScene): Promise<Left> {
  const pool = new Pool({ ...threadFiles, threads: 1, log: (line) => console.error(line) });
  try {
    const started = performance.now();
    const { means, typical } = await litCells(pool, scene);
    const header = { tiles: scene.images.length, columns: cells, rows: cells, dark: scene.hasOffset, nodes };
    const { header: about, outputs } = await pool.run('flat-field', header, { inputs: [means, typical] });
    const secs = (performance.now() - started) / 1000;
    const gain = outputs[0] ?? new Uint8Array();
    const percent = 100 * unevenness(scene, new Float32Array(gain.buffer, gain.byteOffset, gain.length / 4));
    console.error(`  ours: ${percent.toFixed(3)} % is left, in ${secs.toFixed(2)} s; ${JSON.stringify(about)}`);
    return { percent, secs };
  } finally {
    await pool.close();
  }
}

async function litCells(pool: Pool, { images }: FalloffScene): Promise<{ means: Uint8Array; typical: Uint8Array }> {
  const size = cells * cells * 4;
  const [means, typical] = [new Uint8Array(images.length * size), new Uint8Array(images.length * size)];
  for (const [i, image] of images.entries()) {
    const { outputs } = await pool.run('tile-light', { image, columns: cells, rows: cells });
    means.set(outputs[0] ?? [], i * size);
    typical.set(outputs[2] ?? [], i * size);
  }
  return { means, typical };
}

/** SD over mean of the field times a gain given at nodes. */
function unevenness({ falloff, sidePx }: FalloffScene, gain: Float32Array): number {
  const at = (place: number): readonly [number, number] => {
    const node = Math.min(place * (nodes[0] - 1), nodes[0] - 1.001);
    return [Math.floor(node), node % 1];
  };
  const left = Array.from({ length: sidePx * sidePx }, (_, i) => {
    const [x, y] = [((i % sidePx) + 0.5) / sidePx, (Math.floor(i / sidePx) + 0.5) / sidePx];
    const [[column, fx], [row, fy]] = [at(x), at(y)];
    const value = (dx: number, dy: number): number => gain[(row + dy) * nodes[0] + column + dx] ?? Number.NaN;
    const upper = (1 - fx) * value(0, 0) + fx * value(1, 0);
    return falloff(x, y) * ((1 - fy) * upper + fy * ((1 - fx) * value(0, 1) + fx * value(1, 1)));
  });
  const mean = left.reduce((sum, v) => sum + v, 0) / left.length;
  return Math.sqrt(left.reduce((sum, v) => sum + (v - mean) ** 2, 0) / left.length) / mean;
}

function rowOf(id: string, kind: FalloffKind, workload: string): BenchRow {
  let ours: Left | undefined;
  const peer: BenchPeer = {
    name: 'BaSiC (basicpy 1.2.0, the fit alone)',
    requirements: [
      'basicpy==1.2.0',
      'hyperactive==4.8.0',
      'gradient-free-optimizers==1.7.2',
      'jax==0.4.23',
      'jaxlib==0.4.23',
      'scipy==1.12.0',
      'pydantic==2.14.3',
    ],
    measure: async ({ folder }, python) => {
      const { percent, secs } = JSON.parse(await python('flat_field.py', folder)) as Left;
      console.error(`  BaSiC: ${percent.toFixed(3)} % is left, in ${secs.toFixed(2)} s`);
      if (ours && ours.secs > secs) throw new Error(`BaSiC takes ${secs} s, Lamella ${ours.secs} s`);
      return percent;
    },
  };
  return {
    id,
    workload: `${workload}: what is left of a fall-off by 20 %, SD over mean`,
    unit: '%',
    target: 'at most 1 %, and no more than the peer leaves, in less time',
    isMet: (own, theirs) => own <= 1 && (theirs === null || own <= theirs),
    measure: async (bench: Bench) => {
      const scene = tilesUnderFalloff(bench.folder, kind);
      const { sidePx, hasOffset, images } = scene;
      writeFileSync(join(bench.folder, 'about.json'), JSON.stringify({ sidePx, hasOffset, tiles: images.length }));
      ours = await corrected(scene);
      return ours.percent;
    },
    peer,
  };
}

export const flatFieldRows: readonly BenchRow[] = [
  rowOf('flat-field', 'dense', '8 x 8 tiles of 256 px, full of tissue'),
  rowOf('flat-field-sparse', 'sparse', '8 x 8 tiles of 256 px of cells that glow, 95 % dark, over a camera offset'),
];
