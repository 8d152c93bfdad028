import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import type { Placement } from '../../preload/contract/registration.ts';
import type { SweepPoint } from '../../preload/contract/solve.ts';
import { tileMapOf } from '../../main/engine/transforms/tile/tile-map.ts';
import { acquireTiles, type TestTile } from './acquisition.ts';
import { placementError } from './placement-error.ts';
import { resultOf } from './follow-job.ts';
import { type TempEngine, tempEngine, tilesByName } from './temp-engine.ts';

interface Solved {
  readonly stack: string;
  readonly tiles: number;
  readonly links: number;
  readonly rmsPx: number;
  readonly verdict: string;
}

interface Made {
  readonly library: string;
  readonly dataset: string;
  readonly stack: string;
  readonly truth: readonly TestTile[];
}

const folder = mkdtempSync(join(tmpdir(), 'lamella-test-'));
let made: Made;

/** Two sections of 3 x 3 tiles, stitched with many points a link: once, and copied for each test. */
beforeAll(async () => {
  const [library, source] = [join(folder, 'library'), join(folder, 'tiles')];
  const truth = acquireTiles(source, { sections: 2, rows: 3, cols: 3, errorPx: 4, seed: 5 });
  const engine = createEngine({ threads: 2 });
  const client = engine.client();
  const imported = client.ingest.start({ library, source, layout: 'tiles:TileConfiguration.txt' });
  const { dataset } = await resultOf<{ dataset: string }>(client, library, imported);
  const matched = client.stitch.start({ library, dataset, model: 'affine' });
  const { stack } = await resultOf<Solved>(client, library, matched);
  await engine.close();
  made = { library, dataset, stack, truth };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function stitched(): Made & { readonly at: TempEngine } {
  const at = tempEngine();
  cpSync(made.library, at.library, { recursive: true });
  return { ...made, at };
}

const solve = (
  { client, library, result }: TempEngine,
  stack: string,
  how: Partial<Parameters<TempEngine['client']['solve']['start']>[0]> = {},
): Promise<Solved> => result<Solved>(client.solve.start({ library, stack, ...how }));
const placementsOf = async ({ client, library }: TempEngine, stack: string): Promise<readonly Placement[]> =>
  (await client.stitch.placements({ library, stack })).value.placements;
const stacksOf = async ({ client, library }: TempEngine) => (await client.library.info({ library })).value.stacks;

test('solves a version again with every model, without matching, into a version of its own', async () => {
  const { at, dataset, stack, truth } = stitched();
  const tiles = [...(await tilesByName(at, dataset)).values()];
  for (const model of ['translation', 'rigid', 'similarity', 'affine', 'polynomial'] as const) {
    const solved = await solve(at, stack, { model });
    expect(solved).toMatchObject({ tiles: 18, links: 24, verdict: 'pass' });
    const placements = await placementsOf(at, solved.stack);
    const error = placementError(
      tiles,
      placements,
      (tile) => truth.find((one) => one.name === tile.fileName)?.truePx ?? null,
    );
    expect(error.maxPx).toBeLessThan(0.6);
    expect(placements.every(({ transforms }) => (transforms !== undefined) === (model === 'polynomial'))).toBe(true);
    expect((await stacksOf(at)).find(({ id }) => id === solved.stack)).toMatchObject({ model, parent: stack });
  }
}, 60_000);

test('polynomials are kept as transforms that put points where the nearest affine map about does', async () => {
  const { at, stack } = stitched();
  for (const order of [2, 3] as const) {
    const { stack: bent } = await solve(at, stack, { model: 'polynomial', order });
    for (const { transforms, stackFromTile: m } of await placementsOf(at, bent)) {
      const { map, problems } = tileMapOf(transforms ?? [], new Map());
      expect(problems).toEqual([]);
      const [points, there] = [Float64Array.of(0, 0, 100, 40), new Float64Array(4)];
      map.forward(points, there);
      [0, 2].forEach((k) => {
        const [x, y] = [points[k] ?? 0, points[k + 1] ?? 0];
        const [nearX, nearY] = [m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]];
        expect(Math.hypot((there[k] ?? 0) - nearX, (there[k + 1] ?? 0) - nearY)).toBeLessThan(1.5);
      });
    }
  }
}, 60_000);

test('pinned tiles stay exactly, moved ones about where they were put, and undo takes the version away', async () => {
  const { at, stack } = stitched();
  const { client, library } = at;
  const before = await placementsOf(at, stack);
  const [first, second] = before.map(({ tile }) => tile);
  if (first === undefined || second === undefined) throw new Error('there are tiles');
  const moved = await client.solve.move({ library, stack, tiles: [first], byXPx: 6.25, byYPx: -2, hold: 'pinned' });
  const here = (await placementsOf(at, moved.stack))[0];
  expect(here).toMatchObject({ placedBy: 'user', fixed: true });
  expect(here?.stackFromTile[4]).toBe((before[0]?.stackFromTile[4] ?? 0) + 6.25);
  await expectResidualsOf(at, stack, moved.stack, first, [6.25, -2]);
  const far = await client.solve.move({ library, stack, tiles: [first], byXPx: 80 });
  const [worse] = (await stacksOf(at)).filter(({ id }) => id === far.stack);
  expect(worse).toMatchObject({ verdict: 'fail' });
  expect(worse?.reasons.join()).toMatch(/links disagree by \d+\.\d px/);
  const solved = await solve(at, moved.stack, { model: 'translation' });
  const after = await placementsOf(at, solved.stack);
  expect(after[0]).toMatchObject({ stackFromTile: here?.stackFromTile, fixed: true, placedBy: 'user' });
  // The whole section comes along: its links are good, and a pin is a pin.
  const shift = (after[4]?.stackFromTile[4] ?? 0) - (before[4]?.stackFromTile[4] ?? 0);
  expect(shift).toBeGreaterThan(5);
  const freed = await client.solve.move({ library, stack: solved.stack, tiles: [first], hold: 'free' });
  expect((await placementsOf(at, freed.stack))[0]).not.toHaveProperty('fixed');
  await client.library.undo({ library });
  expect((await stacksOf(at)).some(({ id }) => id === freed.stack)).toBe(false);
  await expect(client.solve.move({ library, stack, tiles: [987_654] })).rejects.toMatchObject({ tag: 'not-found' });
}, 60_000);

/** The links of a moved tile have the residuals of its new place, as its misfits before say; the others theirs. */
async function expectResidualsOf(
  { client, library }: TempEngine,
  before: string,
  after: string,
  tile: number,
  [dx, dy]: readonly [number, number],
): Promise<void> {
  const { misfits } = (await client.solve.misfits({ library, stack: before, tiles: [tile] })).value;
  expect(misfits.length).toBeGreaterThan(1);
  const linksOf = async (stack: string) => (await client.stitch.links({ library, stack })).value.links;
  const [was, is] = [await linksOf(before), await linksOf(after)];
  is.forEach((link, i) => {
    const misfit = misfits.find(({ tileA, tileB }) => tileA === link.tileA && tileB === link.tileB);
    if (!misfit) return expect(link.residualPx).toBe(was[i]?.residualPx);
    const side = misfit.tileB === tile ? 2 : -2;
    const square = misfit.rmsPx ** 2 + side * (dx * misfit.meanPx[0] + dy * misfit.meanPx[1]) + dx * dx + dy * dy;
    expect(link.residualPx).toBeCloseTo(Math.sqrt(square), 6);
    expect(link.residualPx).toBeGreaterThan((was[i]?.residualPx ?? 0) + 4);
  });
  const { value } = await client.library.info({ library });
  const [first, moved] = [before, after].map((id) => value.stacks.find((stack) => stack.id === id));
  expect(moved?.rmsPx).toBeGreaterThan((first?.rmsPx ?? 0) + 1);
}

test('a sweep shows residual against deformation, and its corner', async () => {
  const { at, stack } = stitched();
  const { client, library, result } = at;
  const { points, corner } = await result<{ points: readonly SweepPoint[]; corner: number }>(
    client.solve.sweep({ library, stack, model: 'affine', to: 1e6, steps: 11 }),
  );
  expect(points).toHaveLength(11);
  const [loose, tight] = [points[0], points.at(-1)];
  expect(loose?.residualPx).toBeLessThan(0.5);
  expect(tight?.residualPx).toBeGreaterThan(1);
  expect(tight?.deformationPx).toBeLessThan(0.02 * (loose?.deformationPx ?? 0));
  points.slice(1).forEach((point, i) => {
    expect(point.residualPx).toBeGreaterThanOrEqual((points[i]?.residualPx ?? 0) - 1e-6);
    expect(point.deformationPx).toBeLessThanOrEqual((points[i]?.deformationPx ?? 0) + 1e-6);
  });
  const chosen = points.find(({ lambda }) => lambda === corner);
  expect(chosen?.residualPx).toBeLessThan(1);
  expect((await stacksOf(at)).length).toBe(1);
}, 60_000);

test('matches go out as CanvasMatches and come back to the same placements', async () => {
  const { at, dataset, stack } = stitched();
  const { client, library } = at;
  const out = join(at.folder, 'matches.json');
  const written = await client.solve.exportMatches({ library, stack, out });
  expect(written.links).toBe(24);
  const [entry] = JSON.parse(readFileSync(out, 'utf8')) as {
    pId: string;
    matchCount: number;
    matches: { w: number[] };
  }[];
  expect(entry?.matchCount).toBe(entry?.matches.w.length);
  const taken = await client.solve.importMatches({ library, dataset, file: out });
  expect(taken).toMatchObject({ links: 24, points: written.points, unknown: 0 });
  const [again, direct] = [await solve(at, taken.stack), await solve(at, stack)];
  const [a, b] = [await placementsOf(at, again.stack), await placementsOf(at, direct.stack)];
  a.forEach(({ stackFromTile }, i) =>
    stackFromTile.forEach((v, k) => expect(v).toBeCloseTo(b[i]?.stackFromTile[k] ?? Number.NaN, 5)),
  );
}, 60_000);

test('matches that cannot be read or used are named', async () => {
  const { at, dataset } = stitched();
  const { client, library } = at;
  const file = join(at.folder, 'bad.json');
  const refuses = async (text: string, says: RegExp): Promise<void> => {
    writeFileSync(file, text);
    await expect(client.solve.importMatches({ library, dataset, file })).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringMatching(says) as string,
    });
  };
  await refuses('{}', /bad\.json.*no JSON list/);
  const entry = { pGroupId: '1', pId: 'x', qGroupId: '1', qId: 'y', matches: { p: [[1], [1]], q: [[1], [1]], w: [1] } };
  await refuses(JSON.stringify([entry, { ...entry, pId: 7 }]), /entry 2: pId/);
  await refuses(JSON.stringify([{ ...entry, matches: { ...entry.matches, w: [1, 1] } }]), /entry 1: .*as many/);
  await refuses(JSON.stringify([entry]), /None of the 1 entries/);
}, 60_000);
