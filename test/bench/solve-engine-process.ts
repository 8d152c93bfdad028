// 100,000 tiles through the real engine, in a process of its own: tilespecs and point matches imported as files, then
// solved from the rows of the library into the rows of a new version. Says what each step took, how long the engine
// kept others waiting at most, and the peak memory of it all.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { createEngine } from '../../main/engine/index.ts';
import { resultOf } from '../engine/follow-job.ts';
import { type MadeSolve, makeSolve, type SolveWorkload, tileSidePx } from './solve-workload.ts';

const [folder = '.', columns = '320', rows = '313', pointsOfLink = '5'] = process.argv.slice(2);
const workload: SolveWorkload = {
  columns: Number(columns),
  rows: Number(rows),
  sections: 1,
  pointsOfLink: Number(pointsOfLink),
};
const library = join(folder, 'library');
const [specs, matches] = [join(folder, 'tilespecs.json'), join(folder, 'matches.json')];

const nameOf = (tile: number): string => `tile-${String(tile).padStart(6, '0')}`;

async function writeList(path: string, entries: Iterable<unknown>): Promise<void> {
  const file = createWriteStream(path);
  let before = '[';
  for (const entry of entries) {
    if (!file.write(`${before}${JSON.stringify(entry)}`)) await once(file, 'drain');
    before = ',\n';
  }
  file.end(']');
  await once(file, 'finish');
}

function* tilespecsOf({ tiles, priors }: MadeSolve): Generator<unknown> {
  for (let t = 0; t < tiles; t++)
    yield {
      tileId: nameOf(t),
      z: 1,
      width: tileSidePx,
      height: tileSidePx,
      minIntensity: 0,
      maxIntensity: 255,
      mipmapLevels: { 0: { imageUrl: `file:/microscope/${nameOf(t)}.png` } },
      transforms: {
        type: 'list',
        specList: [
          {
            type: 'leaf',
            className: 'mpicbg.trakem2.transform.AffineModel2D',
            dataString: priors.subarray(t * 6, t * 6 + 6).join(' '),
          },
        ],
      },
    };
}

function* matchesOf(made: MadeSolve, points: number): Generator<unknown> {
  for (let at = 0; at < made.matches.length; at += 8 * points) {
    const table = made.matches.subarray(at, at + 8 * points);
    const column = (k: number): number[] =>
      [...table.filter((_, i) => i % 8 === k)].map((v) => Math.round(v * 1e4) / 1e4);
    yield {
      pGroupId: '1.0',
      pId: nameOf(table[0] ?? 0),
      qGroupId: '1.0',
      qId: nameOf(table[1] ?? 0),
      matches: { p: [column(2), column(3)], q: [column(4), column(5)], w: column(6) },
    };
  }
}

/** The longest time that the engine answered nothing while `work` ran, ms, and how long that took, s. */
async function watched<T>(name: string, work: () => Promise<T>): Promise<{ result: T; secs: number; gapMs: number }> {
  const started = performance.now();
  let [last, gapMs] = [started, 0];
  const look = (): void => {
    const now = performance.now();
    gapMs = Math.max(gapMs, now - last);
    last = now;
  };
  const timer = setInterval(look, 5);
  const result = await work();
  look();
  clearInterval(timer);
  const secs = (performance.now() - started) / 1000;
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.error(`  ${name}: ${secs.toFixed(1)} s, longest silence ${gapMs.toFixed(0)} ms, peak so far ${peak} MB`);
  return { result, secs, gapMs };
}

const made = makeSolve(workload);
await writeList(specs, tilespecsOf(made));
await writeList(matches, matchesOf(made, workload.pointsOfLink));
console.error(`  files written, ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
const engine = createEngine({ threads: 2 });
const client = engine.client();
const imported = await watched('import of tilespecs', () =>
  resultOf<{ dataset: string; stack: string }>(
    client,
    library,
    client.stack.import({ library, source: specs, name: 'block' }),
  ),
);
const { dataset } = imported.result;
const linked = await watched('import of point matches', () =>
  client.solve.importMatches({ library, dataset, file: matches }),
);
const { stack } = linked.result;
const solved = await watched('solve', () =>
  resultOf<{ rmsPx: number; tiles: number; links: number; verdict: string }>(
    client,
    library,
    client.solve.start({ library, stack, model: 'affine' }),
  ),
);
await engine.close();
const megabytes = process.resourceUsage().maxRSS / 1024;
const gapMs = Math.max(imported.gapMs, linked.gapMs);
console.error(`  ${JSON.stringify(solved.result)}; peak ${megabytes.toFixed(0)} MB`);
process.send?.({ secs: solved.secs, megabytes, gapMs, rmsPx: solved.result.rmsPx });
