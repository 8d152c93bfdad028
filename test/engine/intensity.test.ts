import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LightReport } from '../../preload/contract/intensity.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { acquireTiles, type TestRequest, type TestTile } from './acquisition.ts';
import { importTiles, type TempEngine, tempEngine } from './temp-engine.ts';

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
function sdOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((v) => (v - mean) ** 2)));
}

/** A camera that darkens by a third towards its corners. */
const vignette = (u: number, v: number, side: number): number => 1 - (0.17 * ((2 * u) ** 2 + (2 * v) ** 2)) / side ** 2;

const uneven = (row: number, col: number): number => 0.8 + 0.1 * ((row * 3 + col * 2) % 5);

test('vignetting and gains of tiles go: seams within a grey level, the mean tile even to three hundredths', async () => {
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
  expect(info.stacks.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual([1, 2]);
  const kept = await at.at.client.intensity.report({ library: at.at.library, stack });
  expect(kept.value.report).toEqual(report);
  await at.at.client.library.undo({ library: at.at.library });
  expect((await at.at.client.library.info({ library: at.at.library })).value.stacks).toHaveLength(1);
});

test('the flat field of a camera is told to a hundredth by 64 tiles of faint tissue', async () => {
  const tilePx = 96;
  const at = await stitched({
    rows: 8,
    cols: 8,
    tilePx,
    overlapPx: 16,
    errorPx: 1,
    bits: 16,
    grey: (texture, _tile, random) => 100 * (128 + 14 * texture + 3 * random()),
    light: (level, _tile, u, v) => level * vignette(u, v, tilePx),
  });
  const { stack } = await estimate(at, { overlap: false, seams: false, flicker: false });
  const side = 600;
  const [before, after] = [await levels16(at, at.stack, side), await levels16(at, stack, side)];
  const centreOf = await centreAt(at);
  const left: number[] = [];
  for (let y = 0; y < side; y += 3)
    for (let x = 0; x < side; x += 3) {
      const [stored, drawnLevel] = [before[y * side + x] ?? 0, after[y * side + x] ?? 0];
      const [cx, cy] = centreOf(x, y);
      if (stored > 0) left.push((drawnLevel / stored) * vignette(x + 0.5 - cx, y + 0.5 - cy, tilePx));
    }
  expect(left.length).toBeGreaterThan(30_000);
  expect(sdOf(left) / meanOf(left)).toBeLessThan(0.01);
});

test('a stack of fifty sections stops flickering, and edges keep their contrast', async () => {
  const at = await stitched({
    sections: 50,
    rows: 1,
    cols: 2,
    tilePx: 96,
    overlapPx: 24,
    errorPx: 1,
    oneTissue: true,
    light: (level, { section }) => level * (0.85 + (0.3 * ((section * 37) % 50)) / 49),
  });
  const { report, stack } = await estimate(at, { flat: false, seams: false });
  expect(report.sliceSd.before).toBeGreaterThan(0.08);
  expect(report.sliceSd.after).toBeLessThan(0.1 * report.sliceSd.before);
  const labels = await drawn(at, at.stack, 25, 90);
  const contrasts = async (of: string): Promise<number[]> => {
    const sections = [0, 9, 17, 26, 33, 41, 49];
    return Promise.all(sections.map(async (section) => labelledContrast(await drawn(at, of, section, 90), labels)));
  };
  const [before, after] = [await contrasts(at.stack), await contrasts(stack)];
  expect(meanOf(after) / meanOf(before)).toBeGreaterThan(0.98);
  after.forEach((contrast, i) => expect(contrast / (before[i] ?? 0)).toBeGreaterThan(0.95));
});

/** Step between what is light and what is dark in the labels, as a part of the mean level. */
function labelledContrast(levels: Uint8Array, labels: Uint8Array): number {
  const middle = meanOf(labels);
  const of = (isLight: boolean): number => meanOf(levels.filter((_, i) => (labels[i] ?? 0) > middle === isLight));
  return (of(true) - of(false)) / meanOf(levels);
}

test('the gradient-domain step alone takes steps away, and nothing of what tiles show', async () => {
  const at = await stitched({
    rows: 8,
    cols: 8,
    tilePx: 96,
    overlapPx: 16,
    errorPx: 1,
    bits: 16,
    grey: (texture, _tile, random) => 100 * (128 + 28 * texture + 3 * random()),
    light: (level, { row, col }) => level * uneven(row, col),
  });
  const { report, stack } = await estimate(at, { flat: false, overlap: false, flicker: false });
  expect(report.seamStep.after).toBeLessThan(0.05 * report.seamStep.before);
  const side = 600;
  const [before, after] = [await levels16(at, at.stack, side), await levels16(at, stack, side)];
  const covered = before.map((v, i) => (v > 0 && (after[i] ?? 0) > 0 ? 1 : 0));
  const of = (values: Uint16Array): number => meanOf(values.filter((_, i) => covered[i] === 1));
  expect(Math.abs(of(after) / of(before) - 1)).toBeLessThan(0.005);
  const centreOf = await centreAt(at);
  const [p, q]: [number[], number[]] = [[], []];
  for (let y = 4; y < side - 4; y += 4)
    for (let x = 4; x < side - 4; x += 3) {
      const i = y * side + x;
      if (covered[i] === 0 || covered[i + 1] === 0 || centreOf(x, y) !== centreOf(x + 1, y)) continue;
      p.push((before[i + 1] ?? 0) - (before[i] ?? 0));
      q.push((after[i + 1] ?? 0) - (after[i] ?? 0));
    }
  expect(p.length).toBeGreaterThan(20_000);
  expect(correlation(p, q)).toBeGreaterThan(0.999);
});

async function levels16(at: Stitched, stack: string, side: number): Promise<Uint16Array> {
  const bytes = await drawn(at, stack, 0, side);
  return new Uint16Array(bytes.slice().buffer);
}

/** The centre that is nearest, of a tile of 96 px: its picture was drawn there. */
async function centreAt({ at, stack }: Stitched): Promise<(x: number, y: number) => readonly [number, number]> {
  const { value } = await at.client.stitch.placements({ library: at.library, stack });
  const centres = value.placements.map(({ stackFromTile }) => [stackFromTile[4] + 48, stackFromTile[5] + 48] as const);
  return (x, y) => {
    const away = centres.map(([cx, cy]) => (cx - x - 0.5) ** 2 + (cy - y - 0.5) ** 2);
    return centres[away.indexOf(Math.min(...away))] ?? [Number.NaN, Number.NaN];
  };
}

function correlation(p: readonly number[], q: readonly number[]): number {
  const [mp, mq] = [meanOf(p), meanOf(q)];
  const covariance = p.reduce((sum, v, i) => sum + (v - mp) * ((q[i] ?? 0) - mq), 0) / p.length;
  return covariance / (sdOf(p) * sdOf(q));
}

test('a barrel distortion that all tiles share is told from their overlaps, and stays when they are solved again', async () => {
  const tilePx = 400;
  const bend = 3e-7;
  const deform = (_tile: TestTile, u: number, v: number): [number, number] => {
    const shrunk = 1 - bend * (u * u + v * v);
    return [u * shrunk, v * shrunk];
  };
  const at = await stitched({ rows: 5, cols: 5, tilePx, overlapPx: 110, errorPx: 2, seed: 5, deform });
  const lens = await at.at.result<{ stack: string; rmsBeforePx: number; rmsAfterPx: number; points: number }>(
    at.at.client.intensity.lens({ library: at.at.library, stack: at.stack }),
  );
  expect(lens.rmsAfterPx).toBeLessThan(0.2 * lens.rmsBeforePx);
  const { value } = await at.at.client.stitch.placements({ library: at.at.library, stack: lens.stack });
  expect(value.placements.every(({ transforms }) => transforms?.[0]?.['refId'] === 'lens')).toBe(true);
  const { client, library } = at.at;
  const solve = (stack: string) =>
    at.at.result<{ stack: string; rmsPx: number }>(client.solve.start({ library, stack, model: 'translation' }));
  const [solved, plain] = [await solve(lens.stack), await solve(at.stack)];
  expect(await offTruth(at, solved.stack, deform)).toBeLessThan(0.25);
  expect(await offTruth(at, plain.stack, deform)).toBeGreaterThan(1);
  // What overlapping tiles show alike, they lead to one place.
  expect(solved.rmsPx).toBeLessThan(0.1);
  const kept = await client.stitch.placements({ library, stack: solved.stack });
  expect(kept.value.placements.every(({ transforms }) => transforms?.[0]?.['refId'] === 'lens')).toBe(true);
  // Tiles that come with it from another program keep it when they are stitched.
  await client.stitch.export({ library, stack: lens.stack, out: join(at.at.folder, 'tiles', 'lens.json') });
  const { dataset } = await importTiles(at.at, join(at.at.folder, 'tiles'), 'render:lens.json');
  const anew = await at.at.result<{ stack: string }>(client.stitch.start({ library, dataset, model: 'affine' }));
  expect(await offTruth(at, anew.stack, deform)).toBeLessThan(0.6);
  const points = Float64Array.from({ length: 2 * 21 * 21 }, (_, k) =>
    k % 2 === 0 ? ((k >> 1) % 21) * 20 : Math.floor((k >> 1) / 21) * 20,
  );
  const found = await ledBy(at, lens.stack, points);
  const off = found.map((v, k) => {
    const [u, w] = [(points[k - (k % 2)] ?? 0) - 200, (points[k - (k % 2) + 1] ?? 0) - 200];
    const along = k % 2 === 0 ? u : w;
    return v - (200 + along * (1 - bend * (u * u + w * w)));
  });
  expect(besidesAffine(points, off)).toBeLessThan(0.1);
  // As it was, it is off by a pixel.
  expect(
    besidesAffine(
      points,
      Float64Array.from(off, (v, k) => v - ((found[k] ?? 0) - (points[k] ?? 0))),
    ),
  ).toBeGreaterThan(0.5);
});

/** Where a stack puts points (x, y pairs) of a tile. */
async function ledBy(
  { at }: Stitched,
  stack: string,
  points: Float64Array,
  name = 's0_r2_c2.png',
): Promise<Float64Array> {
  const pairs = Array.from({ length: points.length / 2 }, (_, i) => ({
    name,
    x: points[2 * i] ?? 0,
    y: points[2 * i + 1] ?? 0,
  }));
  const { value } = await at.client.stack.localToWorld({ library: at.library, stack, points: pairs });
  return Float64Array.from(value.points.flatMap(({ place }) => [place?.x ?? NaN, place?.y ?? NaN]));
}

/**
 * RMS of how far places of all tiles are from the truth, pixels, less an affine map of the whole section,
 * which no overlap tells.
 */
async function offTruth(at: Stitched, stack: string, deformed: TestRequest['deform']): Promise<number> {
  const points = Float64Array.from(
    { length: 2 * 49 },
    (_, k) => 8 + 64 * (k % 2 === 0 ? (k >> 1) % 7 : Math.floor((k >> 1) / 7)),
  );
  const [places, off]: [number[], number[]] = [[], []];
  for (const tile of at.truth) {
    const found = await ledBy(at, stack, points, tile.name);
    for (let k = 0; k < points.length; k += 2) {
      const [u, v] = deformed!(tile, points[k]! - 200, points[k + 1]! - 200);
      const truth = [tile.truePx[0] + 200 + u, tile.truePx[1] + 200 + v] as const;
      places.push(...truth);
      off.push(found[k]! - truth[0], found[k + 1]! - truth[1]);
    }
  }
  return besidesAffine(places, off);
}

/** RMS of displacements (x, y pairs), less the affine map nearest to them, which no overlap tells from places. */
function besidesAffine(points: ArrayLike<number>, off: ArrayLike<number>): number {
  const axisOf = (values: ArrayLike<number>, axis: number) => Array.from(values).filter((_, k) => k % 2 === axis);
  const centred = (values: readonly number[]): number[] => values.map((v) => v - meanOf(values));
  const along = [centred(axisOf(points, 0)), centred(axisOf(points, 1))];
  const left = [0, 1].map((axis) => {
    let own = centred(axisOf(off, axis));
    // In turn along x and y, since places of tiles are not quite a grid.
    for (const by of [...along, ...along, ...along]) {
      const slope = by.reduce((s, a, i) => s + a * own[i]!, 0) / by.reduce((s, a) => s + a * a, 0);
      own = own.map((v, i) => v - slope * by[i]!);
    }
    return own;
  });
  const squares = left[0]!.map((v, i) => v ** 2 + left[1]![i]! ** 2);
  return Math.sqrt(meanOf(squares));
}

test('tiles that are gone, channels that are not there and bent tiles are named; the rest goes on', async () => {
  const at = await stitched({
    rows: 3,
    cols: 3,
    tilePx: 96,
    overlapPx: 24,
    seed: 4,
    light: (l, { col }) => l - 20 * col,
  });
  const { client, library, folder } = at.at;
  const failed = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(() => null).catch((error: unknown) => error);
  const wrong = await failed(estimate(at, { channel: 'dapi' }));
  expect(isLamellaError(wrong, 'not-found') && wrong.message).toMatch(/dapi/);
  rmSync(join(folder, 'tiles', 's0_r1_c1.png'));
  const { report, stack, tiles } = await estimate(at);
  expect(tiles).toBe(9);
  expect(report.seamStep.after).toBeLessThan(0.2 * report.seamStep.before);
  const { value } = await client.intensity.corrections({ library, stack });
  expect(value.corrections).toHaveLength(9);
  const contentOf = async (of: string): Promise<string | undefined> =>
    (await client.stack.describe({ library, stack: of })).value.lineage[0]?.contentSha256;
  const lit = await contentOf(stack);
  const { stack: plain } = await client.intensity.reset({ library, stack });
  const reset = await contentOf(plain);
  await client.library.undo({ library });
  const { stacks } = (await client.library.info({ library })).value;
  expect(stacks.map(({ id }) => id).toSorted()).toEqual([at.stack, stack].toSorted());
  expect(await contentOf(stack)).toBe(lit);
  await client.library.redo({ library });
  expect([await contentOf(plain), await contentOf(stack)]).toEqual([reset, lit]);
  expect((await client.intensity.corrections({ library, stack: plain })).value.corrections).toEqual([]);
  const few = await failed(at.at.result(client.intensity.lens({ library, stack: at.stack })));
  expect(isLamellaError(few, 'not-good-enough')).toBe(true);
});
