import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import { storeCorrections } from '../../main/engine/stacks/intensity-rows.ts';
import { Library } from '../../main/engine/store/library.ts';
import { loadKernels, runTask } from '../../native-workers/load.ts';
import { applyAffine, invertAffine } from '../../preload/contract/space.ts';
import { flat, fourTiles, placedAsImported, polynomial, stackOf, type TestTile, texture } from './placed-tiles.ts';
import { decodePng, type Picture } from './png.ts';
import { importTiles, tempEngine, tilesByName } from './temp-engine.ts';
import { libraryOptions } from './temp-library.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The level as corrected at a place of the tile, 0 to 1 along each side. */
type Light = (level: number, u: number, v: number) => number;

/** Written from the definition, pixel by pixel: inverse map of the centre, bilinear, weight = distance to the edge. */
function reference(
  tiles: readonly (TestTile & { readonly light?: Light })[],
  { x: x0, y: y0, width, height }: Box,
): Float64Array {
  const out = new Float64Array(width * height);
  for (let i = 0; i < out.length; i++) {
    let [sum, weights] = [0, 0];
    for (const { picture, affine, mask, light } of tiles) {
      const inverse = invertAffine(affine);
      if (!inverse) continue;
      const [x, y] = applyAffine(inverse, x0 + (i % width) + 0.5, y0 + Math.floor(i / width) + 0.5);
      const edge = Math.min(x, y, picture.width - x, picture.height - y);
      if (edge <= 0) continue;
      const weight = edge * (mask ? bilinear(mask, x, y) / 255 : 1);
      const level = bilinear(picture, x, y);
      sum += weight * (light ? light(level, x / picture.width, y / picture.height) : level);
      weights += weight;
    }
    out[i] = weights > 0 ? sum / weights : 0;
  }
  return out;
}

function bilinear({ width, height, pixels }: Picture, x: number, y: number): number {
  const [px, py] = [Math.min(Math.max(x - 0.5, 0), width - 1), Math.min(Math.max(y - 0.5, 0), height - 1)];
  const [left, top] = [Math.floor(px), Math.floor(py)];
  const at = (dx: number, dy: number): number =>
    pixels[Math.min(top + dy, height - 1) * width + Math.min(left + dx, width - 1)] ?? 0;
  const [u, v] = [px - left, py - top];
  return (at(0, 0) * (1 - u) + at(1, 0) * u) * (1 - v) + (at(0, 1) * (1 - u) + at(1, 1) * u) * v;
}

const worst = (pixels: Uint8Array, truth: Float64Array): number =>
  truth.reduce((most, value, i) => Math.max(most, Math.abs((pixels[i] ?? NaN) - value)), 0);

test('a box is what its tiles say, to the grey level, at any place', async () => {
  const at = tempEngine();
  const { stack } = await stackOf(at, fourTiles);
  const { client, library } = at;
  for (const box of [
    { x: 40, y: 30, width: 210, height: 180 },
    { x: -20.25, y: 90.5, width: 64, height: 48 },
  ]) {
    const { value, bytes = new Uint8Array() } = await client.render.box({
      ...{ library, stack, section: 0, format: 'raw' },
      ...box,
    });
    expect([value.widthPx, value.heightPx, value.problems]).toEqual([box.width, box.height, []]);
    expect(worst(bytes, reference(fourTiles, box))).toBeLessThanOrEqual(1);
  }
});

test('masks and ranges of grey levels are honoured', async () => {
  const at = tempEngine();
  const mask = flat(150, 120, (x) => (x < 60 ? 0 : x < 90 ? 128 : 255));
  const tiles = fourTiles.map((tile, i) => (i === 1 ? { ...tile, mask } : tile));
  const { stack } = await stackOf(
    at,
    tiles.map((tile) => ({ ...tile, intensity: [50, 200] as const })),
  );
  const { client, library } = at;
  const box = { x: 40, y: 30, width: 210, height: 180 };
  const shown = await client.render.box({ library, stack, section: 0, format: 'raw', ...box });
  const stored = await client.render.box({ library, stack, section: 0, format: 'raw', levels: 'stored', ...box });
  const truth = reference(tiles, box);
  expect(worst(stored.bytes ?? new Uint8Array(), truth)).toBeLessThanOrEqual(1);
  const mapped = truth.map((v) => (v === 0 ? 0 : Math.min(255, Math.max(0, ((v - 50) / 150) * 255))));
  expect(worst(shown.bytes ?? new Uint8Array(), mapped)).toBeLessThanOrEqual(1);
});

test('corrections of grey levels that a version keeps are those that are drawn', async () => {
  const at = tempEngine();
  const { stack, dataset } = await stackOf(at, fourTiles);
  const tiles = await tilesByName(at, dataset);
  await at.engine.close();
  const store = Library.open(libraryOptions(at.library));
  // Darker to the right and lifted, and brighter downwards: bilinear between the nodes.
  const grids = {
    't0.png': { columns: 2, rows: 1, gain: Float32Array.of(1, 0.5), offset: Float32Array.of(0, 10) },
    't3.png': { columns: 1, rows: 2, gain: Float32Array.of(0.5, 0.75), offset: Float32Array.of(0, 0) },
  };
  const rows = Object.entries(grids).map(([name, grid]) => ({ tile: tiles.get(name)!.id, channel: '', ...grid }));
  store.record((tx) => storeCorrections(tx, stack, rows));
  store.close();
  const engine = createEngine({ threads: 1 });
  onTestFinished(() => engine.close());
  const lights: Readonly<Record<number, Light>> = {
    0: (level, u) => level * (1 - 0.5 * u) + 10 * u,
    3: (level, _u, v) => level * (0.5 + 0.25 * v),
  };
  const truth = fourTiles.map((tile, i) => ({ ...tile, ...(lights[i] && { light: lights[i] }) }));
  const box = { x: 40, y: 30, width: 210, height: 180 };
  const ask = { library: at.library, stack, section: 0, format: 'raw', levels: 'stored', ...box } as const;
  const { bytes = new Uint8Array() } = await engine.client().render.box(ask);
  expect(worst(bytes, reference(truth, box))).toBeLessThanOrEqual(1);
  expect(worst(bytes, reference(fourTiles, box))).toBeGreaterThan(50);
});

test('a transform of numbers that are none is named and left out: its tile is drawn by the others', async () => {
  const at = tempEngine();
  const bad = polynomial('0 NaN 0 0 0 0 0 0 1 0 0 0');
  await stackOf(
    at,
    fourTiles.map((tile, i) => (i === 1 ? { ...tile, more: [bad] } : tile)),
  );
  const { dataset, warnings } = await importTiles(at, join(at.folder, 'tiles'), 'render:layout.json');
  expect(warnings).toMatchObject([{ subject: 't1', message: expect.stringContaining('was left out') }]);
  const stack = await placedAsImported(at, dataset);
  const box = { x: 40, y: 30, width: 210, height: 180 };
  const ask = { library: at.library, stack, section: 0, format: 'raw', ...box } as const;
  const { bytes = new Uint8Array() } = await at.client.render.box(ask);
  expect(worst(bytes, reference(fourTiles, box))).toBeLessThanOrEqual(1);
});

test('a tile that is bent is drawn where its transforms lead, fused and in the view alike', async () => {
  const at = tempEngine();
  // x' = x + 0.0006 y^2 after the affine map; the y coefficients leave y as it is.
  const bend = polynomial('0 1 0 0 0 0.0006 0 0 1 0 0 0');
  const picture = texture(200, 160, 2);
  const { stack } = await stackOf(at, [{ tileId: 'bent', picture, affine: [1, 0, 0, 1, 0, 0], more: [bend] }]);
  const { client, library, result } = at;
  const box = { x: 0, y: 0, width: 200, height: 160 };
  const { bytes = new Uint8Array() } = await client.render.box({ library, stack, section: 0, format: 'raw', ...box });
  let compared = 0;
  for (let y = 1; y < 159; y++)
    for (let x = 30; x < 198; x++) {
      compared += 1;
      const truth = bilinear(picture, x + 0.5 - 0.0006 * (y + 0.5) ** 2, y + 0.5);
      if (Math.abs((bytes[y * 200 + x] ?? NaN) - truth) > 1) throw new Error(`${x}, ${y} differs`);
    }
  expect(compared).toBeGreaterThan(20_000);

  const { volume } = await result<{ volume: string }>(client.stitch.fuse({ library, stack }));
  const { value: fused } = await client.view.volume({ library, volume });
  const [ox, oy, oz] = fused.originVoxel;
  const cut = await client.volume.cutout({
    ...{ library, source: volume },
    box: `${-ox},${-oy},${-oz}`.replace(/(-?\d+),(-?\d+),(-?\d+)/, (_, a, b, c) =>
      [a, b, c].map((v, i) => `${v}:${Number(v) + [200, 160, 1][i]!}`).join(','),
    ),
  });
  expect(Buffer.compare(cut.bytes ?? new Uint8Array(), bytes)).toBe(0);
});

test('a small picture of a fine pattern is its mean, and comes from the cache again', async () => {
  const at = tempEngine();
  const board = flat(512, 512, (x, y) => ((x + y) % 2 === 0 ? 40 : 200));
  const { stack } = await stackOf(at, [
    // A stack version comes with what is not affine, though this moves nothing.
    { tileId: 'board', picture: board, affine: [1, 0, 0, 1, 0, 0], more: [polynomial('0 1 0 0 0 0 0 0 1 0 0 0')] },
  ]);
  const { client, library } = at;
  for (const scale of [1 / 2, 1 / 3, 1 / 16]) {
    const ask = { library, stack, section: 0, x: 0, y: 0, width: 384, height: 384, scale, format: 'raw' as const };
    const { value, bytes = new Uint8Array() } = await client.render.box(ask);
    expect([value.widthPx, bytes.byteLength]).toEqual([Math.floor(384 * scale), value.widthPx ** 2]);
    expect(Math.max(...bytes.map((v) => Math.abs(v - 120)))).toBeLessThanOrEqual(12);
    expect(await client.render.box(ask)).toEqual({ value, bytes });
  }
});

test('pictures are files that other programs read, and single tiles come in every part', async () => {
  const at = tempEngine();
  const mask = flat(150, 120, () => 255);
  const { stack } = await stackOf(
    at,
    fourTiles.map((tile, i) => (i === 0 ? { ...tile, mask } : tile)),
  );
  const { client, library, folder } = at;
  const ask = { library, stack, section: 0, x: 10, y: 20, width: 100, height: 80 };
  const raw = await client.render.box({ ...ask, format: 'raw' });
  const out = join(folder, 'box.png');
  const { value } = await client.render.box({ ...ask, out });
  expect(value.file).toBe(out);
  expect(decodePng(readFileSync(out)).pixels).toEqual(Uint8Array.from(raw.bytes ?? []));
  const tiff = await client.render.box({ ...ask, format: 'tiff', out: join(folder, 'box.tif') });
  expect(tiff.bytes?.subarray(0, 4)).toEqual(Uint8Array.from([0x49, 0x49, 42, 0]));
  expect(tiff.bytes?.subarray(-8000)).toEqual(Uint8Array.from(raw.bytes ?? []));
  const tile = { library, stack, tile: 't0' };
  const source = await client.render.tile({ ...tile, part: 'source' });
  expect(decodePng(source.bytes ?? new Uint8Array()).pixels).toEqual(fourTiles[0]?.picture.pixels);
  const own = await client.render.tile({ ...tile, part: 'mask', format: 'raw' });
  expect(own.bytes?.every((v) => v === 255)).toBe(true);
  const alone = await client.render.tile({ ...tile, part: 'placed', format: 'raw' });
  const among = await client.render.tile({ ...tile, part: 'neighbours', format: 'raw' });
  expect([alone.value.tiles, among.value.tiles]).toEqual([1, 4]);
  await expect(client.render.tile({ ...tile, tile: 't1', part: 'mask' })).rejects.toMatchObject({ tag: 'not-found' });
});

test('what cannot be made is said by name', async () => {
  const at = tempEngine();
  const { stack, dataset } = await stackOf(at, fourTiles);
  const { client, library, folder } = at;
  const ask = { library, stack, section: 0, x: 0, y: 0, width: 200, height: 200 };
  const refuses = (change: object, tag: string) =>
    expect(client.render.box({ ...ask, ...change })).rejects.toMatchObject({ tag });
  await refuses({ stack: 'stack-000000000000' }, 'not-found');
  await refuses({ width: 1e6, height: 1e6 }, 'over-budget');
  await refuses({ channel: 'DAPI' }, 'not-found');
  await refuses({ out: join(folder, 'box.jpg') }, 'invalid-input');
  const { value: elsewhere } = await client.render.box({ ...ask, section: 9 });
  expect([elsewhere.coveredPx, elsewhere.tiles]).toEqual([0, 0]);

  rmSync(join(folder, 'tiles', 't0.png'));
  const { value } = await client.render.box(ask);
  expect(value.problems).toHaveLength(1);
  expect(value.problems[0]).toContain('t0.png');
  expect(value.coveredPx).toBeGreaterThan(0);
  for (let i = 1; i < 4; i++) rmSync(join(folder, 'tiles', `t${i}.png`));
  await refuses({}, 'not-found');
  expect(dataset).toMatch(/^dataset-/);
});

const shared = join(import.meta.dirname, '../../../shared/data/em-tiles-2x2');
const here = existsSync(shared);
if (!here) console.warn('skipped: pictures that Render made, because ../shared/data is not here');

/** Render samples at the corner of an output pixel, not at its centre: so much less in stack pixels. */
const cornerPx = (scale: number): number => 0.5 - 0.5 / scale;

/** Of all but the first row and column, which Render leaves empty: it looks for a pixel before the first. */
function compared(ours: ArrayLike<number>, { width, height, pixels }: Picture) {
  let [off, sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0, 0];
  for (let y = 1; y < height; y++)
    for (let x = 1; x < width; x++) {
      const [a, b] = [ours[y * width + x] ?? NaN, pixels[y * width + x] ?? NaN];
      [off, sa, sb, saa, sbb, sab] = [off + Math.abs(a - b), sa + a, sb + b, saa + a * a, sbb + b * b, sab + a * b];
    }
  const n = (width - 1) * (height - 1);
  const correlation = (n * sab - sa * sb) / Math.sqrt((n * saa - sa * sa) * (n * sbb - sb * sb));
  return { meanOff: off / n, correlation };
}

test.skipIf(!here)('real tiles look as Render itself rendered them', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'em');
  symlinkSync(shared, source);
  const picture = async (layout: string, box: { width: number; height: number; scale: number }) => {
    const { dataset } = await importTiles(at, source, `render:${layout}`);
    const stack = await placedAsImported(at, dataset);
    const corner = cornerPx(box.scale);
    const ask = { library: at.library, stack, section: 0, x: corner, y: corner, ...box, blend: 'top' as const };
    return at.client.render.box({ ...ask, format: 'raw', levels: 'stored' });
  };
  const small = await picture('test_4_tiles_level_1.json', { width: 4576, height: 4173, scale: 0.05 });
  const jpeg = decodedTile(join(shared, 'expected_stitched_4_tiles.jpg'));
  expect([small.value.widthPx, small.value.heightPx]).toEqual([jpeg.width, jpeg.height]);
  const four = compared(small.bytes ?? [], jpeg);
  // It takes single pixels of its coarsest level, and had a mask that is not among the files.
  expect(four.correlation).toBeGreaterThan(0.88);
  expect(four.meanOff).toBeLessThan(9);

  const wide = await picture('16_bit_tiles.json', { width: 700, height: 400, scale: 0.5 });
  const truth = decodePng(readFileSync(join(shared, 'expected_stitched_16_bit.png')));
  const two = compared(new Uint16Array((wide.bytes ?? new Uint8Array()).slice().buffer), truth);
  // Of 2,174 levels between its least and its most.
  expect(two.correlation).toBeGreaterThan(0.96);
  expect(two.meanOff).toBeLessThan(8);
});

function decodedTile(path: string): Picture {
  const kernels = loadKernels(join(import.meta.dirname, '../../native-workers/lamella-kernels.node'));
  const cancel = new Int32Array(new SharedArrayBuffer(8));
  const { header, outputs } = runTask(kernels, 'decode-tile', { path }, [], cancel);
  return { width: header.sizePx[0], height: header.sizePx[1], pixels: outputs[0] ?? new Uint8Array() };
}
