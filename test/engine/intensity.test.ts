import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LightReport } from '../../preload/contract/intensity.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { acquireTiles, type TestRequest, type TestTile } from './acquisition.ts';
import { importTiles, type TempEngine, tempEngine, tilesByName } from './temp-engine.ts';

interface Lit {
  readonly stack: string;
  readonly tiles: number;
  readonly verdict: string;
  readonly report: LightReport;
}

interface Stitched {
  readonly at: TempEngine;
  readonly dataset: string;
  readonly stack: string;
  readonly truth: readonly TestTile[];
}

async function stitched(request: TestRequest, model: 'translation' | 'affine' = 'translation'): Promise<Stitched> {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  const truth = acquireTiles(source, request);
  const { dataset } = await importTiles(at, source);
  const { stack } = await at.result<{ stack: string }>(at.client.stitch.start({ library: at.library, dataset, model }));
  return { at, dataset, stack, truth };
}

type Options = Partial<Omit<Parameters<TempEngine['client']['intensity']['estimate']>[0], 'library' | 'stack'>>;

const estimate = ({ at, stack }: Stitched, options: Options = {}): Promise<Lit> =>
  at.result<Lit>(at.client.intensity.estimate({ library: at.library, stack, ...options }));

/** Levels of a box as the engine draws them. */
async function drawn({ at }: Stitched, stack: string, section: number, side: number): Promise<Uint8Array> {
  const box = { section, x: 0, y: 0, width: side, height: side, blend: 'nearest-centre' } as const;
  const { bytes } = await at.client.render.box({ library: at.library, stack, ...box, levels: 'stored', format: 'raw' });
  if (!bytes) throw new Error('no picture came');
  return bytes;
}

const meanOf = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
const sdOf = (values: readonly number[]): number => Math.sqrt(meanOf(values.map((v) => (v - meanOf(values)) ** 2)));

/** A camera that darkens by a third towards its corners. */
const vignette = (u: number, v: number, side: number): number => 1 - (0.17 * ((2 * u) ** 2 + (2 * v) ** 2)) / side ** 2;

const uneven = (row: number, col: number): number => 0.8 + 0.1 * ((row * 3 + col * 2) % 5);

test('vignetting and gains of tiles go: seams within a grey level, sections with a flat field within a hundredth', async () => {
  const tilePx = 128;
  const at = await stitched({
    rows: 5,
    cols: 5,
    sections: 2,
    tilePx,
    overlapPx: 24,
    errorPx: 1,
    seed: 21,
    light: (level, { row, col }, u, v) => level * uneven(row, col) * vignette(u, v, tilePx),
  });
  const { report, verdict, stack, tiles } = await estimate(at);
  expect({ verdict, tiles }).toEqual({ verdict: 'pass', tiles: 50 });
  expect(report.seamStep.before).toBeGreaterThan(8);
  expect(report.seamStep.after).toBeLessThan(1);
  // What 50 tiles show on average is not even either: the vignette was 10 %.
  expect(report.nonUniformity.before).toBeGreaterThan(0.08);
  expect(report.nonUniformity.after).toBeLessThan(0.03);
  const fused = await drawn(at, stack, 0, 500);
  const plain = await drawn(at, at.stack, 0, 500);
  expect(meanOf(fused)).toBeGreaterThan(0);
  expect(Buffer.compare(Buffer.from(fused), Buffer.from(plain))).not.toBe(0);
  const info = (await at.at.client.library.info({ library: at.at.library })).value;
  expect(info.stacks.map(({ version }) => version)).toEqual([1, 2]);
  const kept = await at.at.client.intensity.report({ library: at.at.library, stack });
  expect(kept.value.report).toEqual(report);
  await at.at.client.library.undo({ library: at.at.library });
  expect((await at.at.client.library.info({ library: at.at.library })).value.stacks).toHaveLength(1);
});
