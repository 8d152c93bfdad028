import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isLamellaError, type LamellaError } from '../../preload/contract/errors.ts';
import type { Link, Placement } from '../../preload/contract/registration.ts';
import { applyAffine } from '../../preload/contract/space.ts';
import { acquireTiles, type TestTile } from './acquisition.ts';
import { placementError } from './placement-error.ts';
import { importTiles, type TempEngine, tempEngine, tilesByName } from './temp-engine.ts';

interface Stitched {
  readonly stack: string;
  readonly tiles: number;
  readonly links: number;
  readonly rmsPx: number;
  readonly maxPx: number;
  readonly verdict: string;
}

type Options = {
  readonly model?: 'translation' | 'rigid' | 'affine';
  readonly searchPx?: number;
  readonly minNcc?: number;
};

const stitch = ({ client, library, result }: TempEngine, dataset: string, options: Options = {}): Promise<Stitched> =>
  result<Stitched>(client.stitch.start({ library, dataset, ...options }));

const linksOf = async ({ client, library }: TempEngine, stack: string): Promise<readonly Link[]> =>
  (await client.stitch.links({ library, stack })).value.links;
const placementsOf = async ({ client, library }: TempEngine, stack: string): Promise<readonly Placement[]> =>
  (await client.stitch.placements({ library, stack })).value.placements;

async function errorOf(at: TempEngine, dataset: string, stack: string, truth: readonly TestTile[]) {
  const tiles = [...(await tilesByName(at, dataset)).values()];
  return placementError(
    tiles,
    await placementsOf(at, stack),
    (tile) => truth.find((t) => t.name === tile.fileName)?.truePx ?? null,
  );
}

const failure = async (work: Promise<unknown>): Promise<LamellaError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isLamellaError(error)) throw new Error('it did not fail as it should', { cause: error });
  return error;
};

test('places tiles to a fraction of a pixel under stage error, noise, gain, offset and vignetting', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  const truth = acquireTiles(source, {
    sections: 2,
    rows: 4,
    cols: 4,
    errorPx: 5,
    seed: 11,
    grey: (texture, { row, col }, random) =>
      (0.8 + 0.1 * ((row * 3 + col) % 5)) * (120 + 25 * texture) + 10 * (col - row) + 12 * (random() - 0.5),
  });
  const { dataset } = await importTiles(at, source);
  const stitched = await stitch(at, dataset);
  expect(stitched).toMatchObject({ tiles: 32, links: 48, verdict: 'pass' });
  expect(stitched.rmsPx).toBeLessThan(0.2);
  const error = await errorOf(at, dataset, stitched.stack, truth);
  expect(error.rmsPx).toBeLessThan(0.15);
  expect(error.maxPx).toBeLessThan(0.4);
  const { value } = await at.client.library.info({ library: at.library });
  expect(value.stacks).toMatchObject([
    { id: stitched.stack, dataset, version: 1, state: 'COMPLETE', dropped: 0, reasons: [] },
  ]);
});

test('correlation does not change with gain and offset (mean 180, SD 12 and its like)', async () => {
  const ncc = async (scale: number, offset: number): Promise<readonly number[]> => {
    const at = tempEngine();
    const source = join(at.folder, 'tiles');
    acquireTiles(source, {
      rows: 2,
      cols: 2,
      bits: 16,
      seed: 5,
      grey: (texture) => scale * Math.round(1800 + 120 * texture) + offset,
    });
    const { dataset } = await importTiles(at, source);
    return (await linksOf(at, (await stitch(at, dataset)).stack)).map((link) => link.ncc);
  };
  const [plain, moved] = [await ncc(1, 0), await ncc(7, 20_000)];
  expect(plain).toHaveLength(4);
  plain.forEach((value, i) => {
    expect(value).toBeGreaterThan(0.95);
    expect(Math.abs(value - (moved[i] ?? NaN))).toBeLessThan(1e-6);
  });
});

test('blank tiles are flagged and stay near the stage; none flies away', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  const blank = new Set(['0-0', '1-3', '2-2', '3-4', '4-1']);
  const truth = acquireTiles(source, {
    rows: 5,
    cols: 5,
    errorPx: 2.5,
    seed: 3,
    grey: (texture, { row, col }, random) =>
      blank.has(`${row}-${col}`) ? 128 + 6 * (random() - 0.5) : 128 + 28 * texture,
  });
  const { dataset } = await importTiles(at, source);
  const tiles = await tilesByName(at, dataset);
  expect(
    [...tiles.values()]
      .filter((tile) => tile.verdict === 'bad')
      .map((tile) => tile.fileName)
      .toSorted(),
  ).toEqual([...blank].map((place) => `s0_r${place.replace('-', '_c')}.png`).toSorted());
  const stitched = await stitch(at, dataset);
  expect(stitched.verdict).toBe('warn');
  const byId = new Map([...tiles.values()].map((tile) => [tile.id, tile]));
  for (const { tile: id, stackFromTile, placedBy } of await placementsOf(at, stitched.stack)) {
    const tile = byId.get(id);
    expect(placedBy).toBe(tile?.verdict === 'bad' ? 'stage' : 'links');
    if (placedBy === 'stage')
      expect(
        Math.hypot(
          stackFromTile[4] - (tile?.stageFromTile[4] ?? NaN),
          stackFromTile[5] - (tile?.stageFromTile[5] ?? NaN),
        ),
      ).toBeLessThan(3);
  }
  const linked = truth.filter(({ row, col }) => !blank.has(`${row}-${col}`));
  expect((await errorOf(at, dataset, stitched.stack, linked)).maxPx).toBeLessThan(0.4);
});

test('a link that disagrees with the others is dropped and named', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  const truth = acquireTiles(source, { rows: 4, cols: 4, seed: 8 });
  // The camera jumped while it read out the right edge of one tile: that strip shows tissue 9 px further down.
  acquireTiles(join(at.folder, 'jumped'), {
    rows: 4,
    cols: 4,
    seed: 8,
    deform: ({ row, col }, u, v) => [u, row === 1 && col === 1 && u > 40 ? v + 9 : v],
  });
  writeFileSync(join(source, 's0_r1_c1.png'), readFileSync(join(at.folder, 'jumped', 's0_r1_c1.png')));
  const { dataset } = await importTiles(at, source);
  const stitched = await stitch(at, dataset);
  const tiles = await tilesByName(at, dataset);
  const [a, b] = [tiles.get('s0_r1_c1.png')?.id, tiles.get('s0_r1_c2.png')?.id];
  const links = await linksOf(at, stitched.stack);
  expect(links.filter((link) => link.state === 'outlier').map(({ tileA, tileB }) => [tileA, tileB])).toEqual([[a, b]]);
  expect(links.find((link) => link.tileA === a && link.tileB === b)?.reason).toMatch(
    /disagrees with the other links by (8|9)\.\d px/,
  );
  const error = await errorOf(at, dataset, stitched.stack, truth);
  expect(error.rmsPx).toBeLessThan(0.3);
  expect(error.maxPx).toBeLessThan(0.8);
});

test('two islands keep the distance that the stage gives them', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  const truth = acquireTiles(source, {
    rows: 3,
    cols: 5,
    errorPx: 2,
    seed: 21,
    grey: (texture, { col }, random) => (col === 2 ? 100 : 128 + 28 * texture) + 4 * (random() - 0.5),
  });
  const { dataset } = await importTiles(at, source);
  const stitched = await stitch(at, dataset);
  const tiles = [...(await tilesByName(at, dataset)).values()];
  const placements = new Map((await placementsOf(at, stitched.stack)).map((p) => [p.tile, p.stackFromTile]));
  const meanX = (cols: readonly number[]): number => {
    const xs = tiles
      .filter((tile) => cols.includes(Number(/c(\d)/.exec(tile.fileName)?.[1])))
      .map((tile) => placements.get(tile.id)?.[4] ?? NaN);
    return xs.reduce((sum, x) => sum + x, 0) / xs.length;
  };
  expect(Math.abs(meanX([3, 4]) - meanX([0, 1]) - 3 * 150)).toBeLessThan(2);
  for (const cols of [
    [0, 1],
    [3, 4],
  ])
    expect(
      (
        await errorOf(
          at,
          dataset,
          stitched.stack,
          truth.filter((t) => cols.includes(t.col)),
        )
      ).maxPx,
    ).toBeLessThan(0.4);
  const { value } = await at.client.library.info({ library: at.library });
  expect(value.stacks[0]?.reasons.join()).toContain('2 parts');
});

test.each(['rigid', 'affine'] as const)('the %s model undoes what it can express', async (model) => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  const turnOf = ({ row, col }: TestTile): number => 0.012 * Math.sin(3 * row + 5 * col);
  const linear = (tile: TestTile): readonly [number, number, number, number] => {
    const [cos, sin, scale] = [
      Math.cos(turnOf(tile)),
      Math.sin(turnOf(tile)),
      model === 'affine' ? 1 + 0.006 * Math.cos(tile.row + 2 * tile.col) : 1,
    ];
    return [scale * cos, scale * sin, -sin, cos];
  };
  const truth = acquireTiles(source, {
    rows: 3,
    cols: 3,
    tilePx: 300,
    overlapPx: 90,
    seed: 2,
    deform: (tile, u, v) => {
      const [a, b, c, d] = linear(tile);
      return [a * u + c * v, b * u + d * v];
    },
  });
  const { dataset } = await importTiles(at, source);
  const { stack } = await stitch(at, dataset, { model });
  const tiles = [...(await tilesByName(at, dataset)).values()];
  const placements = new Map((await placementsOf(at, stack)).map((p) => [p.tile, p.stackFromTile]));
  // Every pair of neighbours agrees on where the tissue of their overlap lies.
  const misfits: number[] = [];
  for (const [i, tile] of tiles.entries()) {
    for (const other of tiles.slice(i + 1)) {
      const [p, q] = [truth.find((t) => t.name === tile.fileName), truth.find((t) => t.name === other.fileName)];
      if (!p || !q || Math.abs(p.row - q.row) + Math.abs(p.col - q.col) !== 1) continue;
      const tissue = [(p.truePx[0] + q.truePx[0]) / 2 + 150, (p.truePx[1] + q.truePx[1]) / 2 + 150] as const;
      const [a, b] = [[tile, p] as const, [other, q] as const].map(([t, known]) => {
        const [m00, m10, m01, m11] = linear(known);
        const [u, v] = [tissue[0] - known.truePx[0] - 150, tissue[1] - known.truePx[1] - 150];
        const det = m00 * m11 - m01 * m10;
        return applyAffine(
          placements.get(t.id) ?? [0, 0, 0, 0, 0, 0],
          (m11 * u - m01 * v) / det + 150,
          (m00 * v - m10 * u) / det + 150,
        );
      });
      misfits.push(Math.hypot((a?.[0] ?? NaN) - (b?.[0] ?? NaN), (a?.[1] ?? NaN) - (b?.[1] ?? NaN)));
    }
  }
  expect(misfits).toHaveLength(12);
  expect(Math.max(...misfits)).toBeLessThan(0.6);
});

test('rejected tiles stay out; bad tiles that the user accepts come in', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 2, cols: 3 });
  const cut = join(source, 's0_r0_c0.png');
  writeFileSync(cut, readFileSync(cut).subarray(0, statSync(cut).size - 40));
  const { dataset } = await importTiles(at, source);
  const tiles = await tilesByName(at, dataset);
  const idOf = (name: string): number => tiles.get(name)?.id ?? -1;
  expect(tiles.get('s0_r0_c0.png')?.verdict).toBe('bad');
  await client.tile.review({ library, dataset, tiles: [idOf('s0_r1_c2.png')], review: 'rejected' });
  const first = await stitch(at, dataset);
  expect(first).toMatchObject({ tiles: 6, links: 3, verdict: 'warn' });
  const by = new Map((await placementsOf(at, first.stack)).map((p) => [p.tile, p.placedBy]));
  expect([by.get(idOf('s0_r0_c0.png')), by.get(idOf('s0_r1_c2.png')), by.get(idOf('s0_r1_c1.png'))]).toEqual([
    'stage',
    'stage',
    'links',
  ]);
  await client.tile.review({ library, dataset, tiles: [idOf('s0_r0_c0.png')], review: 'accepted' });
  const second = await stitch(at, dataset);
  expect(second.links).toBe(5);
  const { value } = await client.library.info({ library });
  expect(new Set(value.stacks.map((stack) => stack.version))).toEqual(new Set([1, 2]));
  await client.library.undo({ library });
  expect((await client.library.info({ library })).value.stacks.map((stack) => stack.id)).toEqual([first.stack]);
});

test('tiles that do not belong together fail, and the stack can still be looked at', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  for (const seed of [1, 2, 3, 4]) acquireTiles(join(at.folder, `of-${seed}`), { rows: 2, cols: 2, seed });
  acquireTiles(source, { rows: 2, cols: 2 });
  ['s0_r0_c0.png', 's0_r0_c1.png', 's0_r1_c0.png', 's0_r1_c1.png'].forEach((name, i) =>
    writeFileSync(join(source, name), readFileSync(join(at.folder, `of-${i + 1}`, name))),
  );
  const { dataset } = await importTiles(at, source);
  const error = await failure(stitch(at, dataset));
  expect(error.tag).toBe('not-good-enough');
  expect(error.message).toContain('none of the 4 overlaps could be matched');
  const stack = String(error.fields['stack']);
  expect((await linksOf(at, stack)).every((link) => link.state === 'weak' && link.reason !== '')).toBe(true);
  expect(await placementsOf(at, stack)).toHaveLength(4);
  const { value } = await at.client.library.info({ library: at.library });
  expect(value.stacks).toMatchObject([{ id: stack, verdict: 'fail' }]);
});

test('overlaps that matched, but below the correlation asked for, are told from those that did not match', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 2, cols: 2 });
  const { dataset } = await importTiles(at, source);
  const error = await failure(stitch(at, dataset, { minNcc: 1 }));
  expect(error.tag).toBe('not-good-enough');
  expect(error.message).toMatch(/none of the 4 overlaps could be used: 4 matched, but below .* \(0\.\d\d at best\)/);
  expect(error.hint).toContain('--min-ncc');
});

test('exports tilespecs that come back to the same places', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { sections: 2, rows: 2, cols: 2, seed: 4 });
  const { dataset } = await importTiles(at, source);
  const { stack } = await stitch(at, dataset, { model: 'affine' });
  const out = join(at.folder, 'stack.json');
  const exported = await client.stitch.export({ library, stack, out });
  expect(exported).toMatchObject({ file: out, tiles: 8 });
  const again = await importTiles(at, source, `render:${out}`);
  const placed = new Map((await placementsOf(at, stack)).map((p) => [p.tile, p.stackFromTile]));
  const back = await tilesByName(at, again.dataset);
  for (const [name, tile] of await tilesByName(at, dataset)) {
    const copy = back.get(name);
    expect(copy).toMatchObject({ section: tile.section, sha256: tile.sha256, widthPx: tile.widthPx });
    copy?.stageFromTile.forEach((value, i) =>
      expect(Math.abs(value - (placed.get(tile.id)?.[i] ?? NaN))).toBeLessThan(1e-9),
    );
  }
  // What came as a tilespec goes out with all that it had, and the second export is like the first.
  const second = await stitch(at, again.dataset);
  const specs = JSON.parse(readFileSync(out, 'utf8')) as object[];
  writeFileSync(out, JSON.stringify(specs.map((spec, i) => ({ ...spec, groupId: `g${i}`, deep: { kept: [i] } }))));
  const third = await importTiles(at, source, `render:${out}`);
  await client.stitch.export({
    library,
    stack: (await stitch(at, third.dataset)).stack,
    out: join(at.folder, 'again.json'),
  });
  const kept = JSON.parse(readFileSync(join(at.folder, 'again.json'), 'utf8')) as { groupId: string; deep: unknown }[];
  expect(kept.map((spec) => [spec.groupId, spec.deep])).toEqual(specs.map((_, i) => [`g${i}`, { kept: [i] }]));
  expect(second.tiles).toBe(8);
});

test('never writes over a file of the source', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 2, cols: 2 });
  const { dataset } = await importTiles(at, source);
  const { stack } = await stitch(at, dataset);
  const file = join(source, 'TileConfiguration.txt');
  const before = readFileSync(file, 'utf8');
  expect((await failure(at.client.stitch.export({ library: at.library, stack, out: file }))).tag).toBe('conflict');
  expect(readFileSync(file, 'utf8')).toBe(before);
});

test('sources that are gone or changed are named before any work', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 2, cols: 2 });
  const { dataset } = await importTiles(at, source);
  rmSync(join(source, 's0_r0_c0.png'));
  writeFileSync(join(source, 's0_r1_c1.png'), 'other');
  const error = await failure(stitch(at, dataset));
  expect(error.tag).toBe('bad-source');
  expect(error.message).toBe('Of 4 files, 1 is not found: s0_r0_c0.png; 1 is changed since the import: s0_r1_c1.png.');
});
