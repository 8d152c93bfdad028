import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Pool } from '../../main/engine/jobs/pool.ts';
import type { TaskInput } from '../../native-workers/tasks.ts';
import { makeTexture, type Texture } from '../engine/acquisition.ts';
import { encodePng } from '../engine/png.ts';
import { seededRandom } from '../formats/mutate.ts';
import { threadFiles } from './em-volume.ts';
import { type Bench, type BenchPeer, type BenchRow, medianOf, timesOf } from './row.ts';

/** Two tiles of one texture, b shifted against a, and what of them overlaps; both as PNG and as raw bytes. */
interface PairWorkload {
  readonly tilePx: readonly [number, number];
  /** Where b's corner lies in a, pixels. */
  readonly shiftPx: readonly [number, number];
  readonly searchPx: number;
}

async function measurePair(bench: Bench, work: PairWorkload, times: number): Promise<number> {
  return (await placedPair(bench, work, times)).ms;
}

async function placedPair(
  bench: Bench,
  work: PairWorkload,
  times: number,
): Promise<{ readonly ms: number; readonly errorPx: number }> {
  const header = writePair(bench.folder, work);
  const pool = new Pool({ ...threadFiles, threads: 1, log: (line) => console.error(line) });
  try {
    const check = await pool.run('correlate-pair', header);
    const [point] = check.header.points;
    const error = point
      ? Math.hypot(point.a[0] - point.b[0] - work.shiftPx[0], point.a[1] - point.b[1] - work.shiftPx[1])
      : Infinity;
    if (error > 0.1) throw new Error(`the pair was placed ${error} px off: ${check.header.reason}`);
    return { ms: medianOf(await timesOf(times, 3, () => pool.run('correlate-pair', header))), errorPx: error };
  } finally {
    await pool.close();
  }
}

function writePair(
  folder: string,
  { tilePx: [width, height], shiftPx, searchPx }: PairWorkload,
): TaskInput<'correlate-pair'> {
  const texture = makeTexture(Math.ceil(Math.max(width + shiftPx[0], height + shiftPx[1])) + 16, 5);
  const random = seededRandom(9);
  const images = [[0, 0] as const, shiftPx].map((corner, i) => {
    const pixels = photograph(texture, corner, [width, height], random);
    const path = join(folder, `${i}.png`);
    writeFileSync(path, encodePng({ width, height, pixels }));
    writeFileSync(join(folder, `${i}.raw`), pixels);
    return { path, scale: 1, sizePx: [width, height] as const };
  });
  const [a, b] = images;
  if (!a || !b) throw new Error('two images are needed');
  const [x, y] = stageOf({ shiftPx });
  return { a, b, bFromA: [1, 0, 0, 1, -x, -y], searchPx, model: 'translation' };
}

/** Where the stage says that b's corner lies in a: a few pixels off. */
const stageOf = ({ shiftPx: [x, y] }: Pick<PairWorkload, 'shiftPx'>): readonly [number, number] => [
  Math.round(x) - 4,
  Math.round(y) + 3,
];

function photograph(
  texture: Texture,
  [left, top]: readonly [number, number],
  [width, height]: readonly [number, number],
  random: () => number,
): Uint8Array {
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      pixels[y * width + x] = Math.min(
        255,
        Math.max(0, Math.round(128 + 25 * texture.at(8 + left + x, 8 + top + y) + 20 * (random() - 0.5))),
      );
  }
  return pixels;
}

function skimage(work: PairWorkload, times: number): BenchPeer {
  return {
    name: 'scikit-image 0.26.0 phase_cross_correlation, upsample 10',
    requirements: ['numpy==2.4.6', 'scipy==1.17.1', 'scikit-image==0.26.0'],
    measure: async (bench, python) => {
      const [width, height] = work.tilePx;
      const [dx, dy] = work.shiftPx.map(Math.round);
      const out = await python(
        'pair.py',
        join(bench.folder, '0.raw'),
        join(bench.folder, '1.raw'),
        ...[width, height, dx, dy, times].map(String),
      );
      return Number(out.trim());
    },
  };
}

const strip: PairWorkload = { tilePx: [512, 512], shiftPx: [410.25, 2.5], searchPx: 40 };
export const pair512: BenchRow = {
  id: 'pair-512x102',
  workload: 'sub-pixel match of two 512 px tiles over a 512 x 102 px overlap, decoded before, one thread',
  unit: 'ms',
  target: 'at most 15 ms',
  isMet: (ours) => ours <= 15,
  measure: (bench) => measurePair(bench, strip, 41),
  peer: skimage(strip, 21),
};

const whole: PairWorkload = { tilePx: [2048, 2048], shiftPx: [20.5, -13.25], searchPx: 64 };
export const pair2048: BenchRow = {
  id: 'pair-2048',
  workload: 'sub-pixel match of two 2048 px tiles that overlap nearly whole, decoded before, one thread',
  unit: 'ms',
  target: 'at most 400 ms',
  isMet: (ours) => ours <= 400,
  measure: (bench) => measurePair(bench, whole, 7),
  peer: skimage(whole, 3),
};

/** A row against OpenCV: it must be placed at least as well, and in no more time. */
function cv2Row(id: string, what: string, work: PairWorkload, times: number): BenchRow {
  let oursPx = Infinity;
  return {
    id,
    workload: `sub-pixel match ${what}, decoded before, the stage 5 px off, one thread`,
    unit: 'ms',
    target: 'no slower than OpenCV, at equal or smaller error',
    isMet: (ours, theirs) => theirs === null || ours <= theirs,
    measure: async (bench) => {
      const { ms, errorPx } = await placedPair(bench, work, times);
      oursPx = errorPx;
      return ms;
    },
    peer: {
      name: 'OpenCV 5.0.0.93 phaseCorrelate with a Hanning window',
      requirements: ['numpy==2.4.6', 'opencv-python-headless==5.0.0.93'],
      measure: async (bench, python) => {
        const out = await python(
          'pair_cv2.py',
          join(bench.folder, '0.raw'),
          join(bench.folder, '1.raw'),
          ...[...work.tilePx, ...stageOf(work), times, ...work.shiftPx].map(String),
        );
        const { ms, errorPx } = z.object({ ms: z.number(), errorPx: z.number() }).parse(JSON.parse(out));
        if (oursPx > errorPx) throw new Error(`OpenCV placed the pair better: ${errorPx} px off, ours ${oursPx} px`);
        return ms;
      },
    },
  };
}

export const cv2Rows: readonly BenchRow[] = [
  cv2Row('pair-cv2-102', 'of two 512 px tiles over a 512 x 102 px overlap', strip, 101),
  cv2Row(
    'pair-cv2-512',
    'of two 512 px tiles that overlap nearly whole',
    { tilePx: [512, 512], shiftPx: [6.25, -3.5], searchPx: 40 },
    61,
  ),
  cv2Row(
    'pair-cv2-2160',
    'of two 2560 x 2160 px tiles over a 256 px overlap',
    { tilePx: [2560, 2160], shiftPx: [2304.25, 2.5], searchPx: 40 },
    41,
  ),
];
