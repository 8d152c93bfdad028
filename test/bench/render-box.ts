import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import type { Affine } from '../../preload/contract/space.ts';
import { resultOf } from '../engine/follow-job.ts';
import { polynomial } from '../engine/placed-tiles.ts';
import { encodePng } from '../engine/png.ts';
import { seededRandom } from '../formats/mutate.ts';
import { type Bench, type BenchRow, timesOf } from './row.ts';

const [tilePx, boxPx, overlapPx] = [2048, 1024, 205];
/** The middle of the four tiles. */
const cornerPx = tilePx - overlapPx / 2 - boxPx / 2;
const affines: readonly Affine[] = [0, 1, 2, 3].map((i) => [
  ...([1.001, 0.0015 * i, -0.0015 * i, 0.999] as const),
  (i % 2) * (tilePx - overlapPx) + 0.3 * i,
  (i >> 1) * (tilePx - overlapPx) - 0.7 * i,
]);

/** Four tiles as files and as a stack of a library; gives the stack's id. */
async function makeStack(folder: string, client: LamellaClient, library: string): Promise<string> {
  const source = join(folder, 'tiles');
  mkdirSync(source, { recursive: true });
  const random = seededRandom(4);
  const specs = affines.map((affine, i) => {
    const pixels = Uint8Array.from({ length: tilePx ** 2 }, (_, at) =>
      Math.round(
        128 + 60 * Math.sin((at % tilePx) / 9) * Math.cos(Math.floor(at / tilePx) / 7) + 40 * (random() - 0.5),
      ),
    );
    writeFileSync(join(source, `t${i}.png`), encodePng({ width: tilePx, height: tilePx, pixels }));
    writeFileSync(join(folder, `t${i}.raw`), pixels);
    const place = { className: 'mpicbg.trakem2.transform.AffineModel2D', dataString: affine.join(' ') };
    const mipmapLevels = { '0': { imageUrl: `t${i}.png` } };
    const size = { width: tilePx, height: tilePx };
    return { tileId: `t${i}`, z: 0, ...size, mipmapLevels, transforms: { type: 'list', specList: [place] } };
  });
  // A tile far off makes the import a stack version of its own, as one with places that are not affine is.
  const far = {
    ...specs[0]!,
    tileId: 'far',
    z: 1,
    transforms: { type: 'list', specList: [polynomial('0 1 0 0 0 0 0 0 1 0 0 0')] },
  };
  writeFileSync(join(source, 'layout.json'), JSON.stringify([...specs, far]));
  await resultOf(client, library, client.ingest.start({ library, source, layout: 'render:layout.json' }));
  const { value } = await client.stack.list({ library });
  const [stack] = value.stacks;
  if (!stack) throw new Error('the import made no stack version');
  return stack.id;
}

/** By an engine of its own, so that nothing of it is warm later. */
async function madeStack(bench: Bench, library: string): Promise<string> {
  const maker = createEngine({ threads: bench.threads });
  try {
    return await makeStack(bench.folder, maker.client(), library);
  } finally {
    await maker.close();
  }
}

async function withStack<T>(bench: Bench, work: (ask: (turn: number) => Promise<unknown>) => Promise<T>): Promise<T> {
  const library = join(bench.folder, 'library');
  const stack = await madeStack(bench, library);
  const engine = createEngine({ threads: bench.threads });
  const client = engine.client();
  await client.library.open({ library });
  try {
    // Each box lies a little elsewhere, so that none comes ready from the cache.
    return await work(async (turn) => {
      const [x, y] = [cornerPx + turn * 0.37, cornerPx + turn * 0.37];
      const box = { library, stack, section: 0, x, y, width: boxPx, height: boxPx };
      const { value } = await client.render.box({ ...box, format: 'raw' });
      if (value.tiles !== 4 || value.coveredPx !== boxPx ** 2) throw new Error('the box is not of four tiles');
    });
  } finally {
    await engine.close();
  }
}

const percentile95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(0.95 * values.length) - 1] ?? NaN;

const turns = 60;
const box1024: BenchRow = {
  id: 'box-1024',
  workload:
    'a box of 1024 x 1024 px of four affine tiles, feathered, asked of the engine, tiles decoded before; 95th percentile',
  unit: 'ms',
  target: 'at most 60 ms, and twice the time of OpenCV',
  isMet: (ours, theirs) => ours <= 60 && (theirs === null || ours <= 2 * theirs),
  measure: (bench) =>
    withStack(bench, async (ask) => {
      let turn = 0;
      return percentile95(await timesOf(turns, 5, () => ask(turn++)));
    }),
  peer: {
    name: 'OpenCV 5.0.0 warpAffine of each tile and its weights, blended, two threads',
    requirements: ['numpy==2.4.6', 'opencv-python-headless==5.0.0.93'],
    measure: async ({ folder }, python) => {
      const boxFromTile = affines.flatMap(([a, b, c, d, e, f]) => [a, c, e - cornerPx, b, d, f - cornerPx]);
      const numbers = [tilePx, boxPx, turns, ...boxFromTile].map(String);
      return Number((await python('render_box.py', folder, ...numbers)).trim());
    },
  },
};

const box1024Cold: BenchRow = {
  id: 'box-1024-cold',
  workload: 'the same as the first thing after the library was opened: its four tiles of 2048 px (PNG) are decoded',
  unit: 'ms',
  target: 'at most 1000 ms',
  isMet: (ours) => ours <= 1000,
  measure: (bench) => withStack(bench, async (ask) => (await timesOf(1, 0, () => ask(0)))[0] ?? NaN),
};

export const renderRows: readonly BenchRow[] = [box1024, box1024Cold];
