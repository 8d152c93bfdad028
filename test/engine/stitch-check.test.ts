import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatTileConfiguration } from '../../main/engine/formats/tile-configuration.ts';
import { isLamellaError, type LamellaError } from '../../preload/contract/errors.ts';
import type { LayoutCheck } from '../../preload/contract/registration.ts';
import { seededRandom } from '../formats/mutate.ts';
import { acquireTiles, type TestRequest, type TestTile } from './acquisition.ts';
import { placementError } from './placement-error.ts';
import { encodePng } from './png.ts';
import { importTiles, type TempEngine, tempEngine, tilesByName } from './temp-engine.ts';

const check = ({ client, library, result }: TempEngine, dataset: string): Promise<LayoutCheck> =>
  result<LayoutCheck>(client.stitch.check({ library, dataset }));

const failure = async (work: Promise<unknown>): Promise<LamellaError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isLamellaError(error)) throw new Error('it did not fail as it should', { cause: error });
  return error;
};

/** A 4 x 5 grid whose layout puts tiles elsewhere than they were taken. */
function acquire(
  at: TempEngine,
  placed: (tile: TestTile) => readonly [x: number, y: number],
  request: TestRequest = {},
): { readonly source: string; readonly truth: readonly TestTile[] } {
  const source = join(at.folder, 'tiles');
  const truth = acquireTiles(source, { rows: 4, cols: 5, errorPx: 3, seed: 21, ...request });
  const layout = truth.map((tile) => {
    const [xPx, yPx] = placed(tile);
    return { name: tile.name, xPx, yPx, section: tile.section };
  });
  writeFileSync(join(source, 'TileConfiguration.txt'), formatTileConfiguration(3, layout));
  return { source, truth };
}

test('a layout that is right is said to fit, with the overlap that was measured', async () => {
  const at = tempEngine();
  const { source } = acquire(at, (tile) => tile.stagePx);
  const { dataset } = await importTiles(at, source);
  const found = await check(at, dataset);
  expect(found).toMatchObject({ verdict: 'fits', fix: '', faults: [] });
  expect(found.overlap.x?.measured).toBeCloseTo(0.25, 1);
  expect(found.tried).toHaveLength(1);
  expect(found.places).toHaveLength(20);
  for (const { asWritten, asItFits } of found.places) expect(asItFits).toEqual(asWritten);
});

const wrongOrders: readonly [string, (tile: TestTile) => readonly [number, number]][] = [
  ['exchange', ({ stagePx: [x, y] }) => [y, x]],
  ['flip-x', ({ stagePx: [x, y] }) => [-x, y]],
  ['flip-y', ({ stagePx: [x, y] }) => [x, -y]],
  ['snake-rows', ({ stagePx: [x, y], row }) => [row % 2 === 1 ? 600 - x : x, y]],
  ['snake-columns', ({ stagePx: [x, y], col }) => [x, col % 2 === 1 ? 450 - y : y]],
];

/** Drawn as it fits, every tile lies by its neighbours as it was taken, but for the stage's error and a common shift. */
async function expectTruePlaces(
  at: TempEngine,
  dataset: string,
  truth: readonly TestTile[],
  { places }: LayoutCheck,
): Promise<void> {
  const tiles = [...(await tilesByName(at, dataset)).values()];
  const off = places.map(({ tile, asItFits: [x, y] }) => {
    const name = tiles.find(({ id }) => id === tile)?.fileName;
    const [trueX, trueY] = truth.find((one) => one.name === name)?.truePx ?? [Number.NaN, Number.NaN];
    return [x - trueX, y - trueY] as const;
  });
  const [firstX, firstY] = off[0] ?? [0, 0];
  expect(off).toHaveLength(truth.length);
  for (const [x, y] of off) expect(Math.hypot(x - firstX, y - firstY)).toBeLessThan(10);
}

test.each(wrongOrders)(
  '%s: the layout is refused with what would fit, and imported again it stitches',
  async (order, placed) => {
    const at = tempEngine();
    const { source, truth } = acquire(at, placed);
    const { dataset } = await importTiles(at, source);
    const error = await failure(at.result(at.client.stitch.start({ library: at.library, dataset })));
    expect(error.tag).toBe('bad-layout');
    expect(error.message).toMatch(/The layout fits with .*: NCC 0\.[89]\d? against -?0\.[0-4]/);
    expect(error.fields).toMatchObject({ dataset, order });
    const found = await check(at, dataset);
    expect(found).toMatchObject({ verdict: 'reorder', finding: error.message });
    await expectTruePlaces(at, dataset, truth, found);
    expect(found.fix).toMatch(new RegExp(`^tiles:.*;order=${order.replace('+', '\\+')}$`));
    const { library, client } = at;
    const mended = await at.result<{ dataset: string }>(client.ingest.again({ library, dataset, order }));
    const { stack } = await at.result<{ stack: string }>(client.stitch.start({ library, dataset: mended.dataset }));
    const placements = (await client.stitch.placements({ library, stack })).value.placements;
    const tiles = [...(await tilesByName(at, mended.dataset)).values()];
    const off = placementError(
      tiles,
      placements,
      (tile) => truth.find((t) => t.name === tile.fileName)?.truePx ?? null,
    );
    expect(off.maxPx).toBeLessThan(0.5);
  },
);

test('a layout in no order at all is not made to fit', async () => {
  const at = tempEngine();
  const { source } = acquire(at, ({ row, col }) => [((3 * row + 2 * col) % 5) * 150, ((row * 2 + col * 3) % 4) * 150]);
  const { dataset } = await importTiles(at, source);
  expect(await check(at, dataset)).toMatchObject({ verdict: 'unclear', fix: '' });
});

test('a wrong overlap is measured and named', async () => {
  const at = tempEngine();
  const { source } = acquire(at, ({ stagePx: [x, y] }) => [x * 1.2, y * 1.2]);
  const { dataset } = await importTiles(at, source);
  const found = await check(at, dataset);
  expect(found.verdict).toBe('spacing');
  expect(found.finding).toMatch(/overlap by 2[3-7]\.\d % along x \(the layout says 10\.0 %\).*0\.8\d\d times/);
  expect(found.overlap.y?.measured).toBeCloseTo(0.25, 1);
});

test('missing, double and copied tiles are named', async () => {
  const at = tempEngine();
  const { source } = acquire(at, (tile) => (tile.name === 's0_r2_c3.png' ? [150, 300] : tile.stagePx));
  copyFileSync(join(source, 's0_r0_c0.png'), join(source, 's0_r3_c4.png'));
  const { dataset } = await importTiles(at, source);
  const messages = (await check(at, dataset)).faults.map((fault) => fault.message);
  expect(messages).toEqual([
    expect.stringMatching(/one tile is missing from its 4 x 5 grid \(row 3, column 4\)/),
    expect.stringMatching(/s0_r2_c1.png and .*s0_r2_c3.png lie at the same place/),
    expect.stringMatching(/s0_r0_c0.png and .*s0_r3_c4.png show the same picture/),
  ]);
});

test('texture that repeats itself is ambiguous and not used', async () => {
  const at = tempEngine();
  const period = 24;
  const { source } = acquire(at, (tile) => tile.stagePx);
  const random = seededRandom(4);
  const wave = (v: number): number => Math.sin((2 * Math.PI * v) / period);
  for (let row = 0; row < 4; row++)
    for (let col = 0; col < 5; col++) {
      const pixels = Uint8Array.from({ length: 200 * 200 }, (_, i) => {
        const [x, y] = [(i % 200) + col * 150, Math.floor(i / 200) + row * 150];
        return Math.round(128 + 40 * wave(x) + 40 * wave(y) + 10 * (random() - 0.5));
      });
      writeFileSync(join(source, `s0_r${row}_c${col}.png`), encodePng({ width: 200, height: 200, pixels }));
    }
  const { dataset } = await importTiles(at, source);
  const error = await failure(at.result(at.client.stitch.start({ library: at.library, dataset })));
  expect(error.tag).toBe('not-good-enough');
  expect(error.message).toMatch(/repeat/);
  const { links } = (await at.client.stitch.links({ library: at.library, stack: String(error.fields['stack']) })).value;
  expect(links.filter(({ state }) => state !== 'weak')).toEqual([]);
  expect(links.filter(({ reason }) => reason === 'several places fit alike').length).toBeGreaterThan(links.length / 2);
});
