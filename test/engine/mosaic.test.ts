import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mosaicFor } from '../../main/engine/journeys/view/mosaic.ts';
import { mosaicBricks } from '../../main/engine/journeys/view/mosaic-bricks.ts';
import type { Kernels } from '../../main/engine/jobs/job.ts';
import { loadKernels, runTask } from '../../native-workers/load.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { unpackBricks, type Brick, type BrickAddress } from '../../preload/contract/brick.ts';
import type { Volume } from '../../preload/contract/library.ts';
import { mosaicIdOf, mosaicOf } from '../../preload/contract/view.ts';
import { acquireTiles, type TestTile } from './acquisition.ts';
import { flat, polynomial } from './placed-tiles.ts';
import { encodePng } from './png.ts';
import { manyTiles } from './many-tiles.ts';
import { importTiles, type TempEngine, tempEngine, tilesByName } from './temp-engine.ts';
import { tempLibrary } from './temp-library.ts';

async function bricksOf(
  { client, library }: TempEngine,
  volume: Volume,
  bricks: readonly BrickAddress[],
  channel = 0,
): Promise<readonly Brick[]> {
  const found: Brick[] = [];
  const signal = new AbortController().signal;
  const onValue = (_: unknown, bytes?: Uint8Array): void => void found.push(...unpackBricks(bytes ?? new Uint8Array()));
  await client.view.bricks({ library, volume: volume.id, channel, bricks: [...bricks] }, { signal, onValue });
  return found;
}

const greyAt = (brick: Brick | undefined, x: number, y: number): number =>
  brick?.voxels[x + y * (brick.size[0] ?? 0)] ?? NaN;

test('the tiles of a stack look as the volume that is fused from them, before it is, whatever corrects their light', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  const light = (level: number, { row, col }: TestTile, u: number): number =>
    level * (0.8 + 0.1 * (row + col) + u / 900);
  acquireTiles(source, { sections: 2, rows: 2, cols: 3, errorPx: 2, seed: 4, light });
  const { dataset } = await importTiles(at, source);
  const { client, library, result } = at;
  const { stack: stitched } = await result<{ stack: string }>(client.stitch.start({ library, dataset }));
  const { stack } = await result<{ stack: string }>(client.intensity.estimate({ library, stack: stitched }));
  const { volume: id } = await result<{ volume: string }>(client.stitch.fuse({ library, stack, name: 'block' }));
  const { value: fused } = await client.view.volume({ library, volume: id });
  const { value } = await client.view.mosaic({ library, dataset, stack });
  const { volume, tiles } = value;
  expect(tiles).toBe(12);
  expect(volume.levels[0]?.voxelSizeNm).toEqual(fused.levels[0]?.voxelSizeNm);

  // Both lie in one space: the same nanometres are the same voxel, to the byte.
  const shift = [0, 1, 2].map((a) =>
    Math.round(
      ((volume.levels[0]?.originNm[a] ?? 0) - (fused.levels[0]?.originNm[a] ?? 0)) /
        (fused.levels[0]?.voxelSizeNm[a] ?? 1),
    ),
  );
  const [brick] = await bricksOf(at, volume, [[0, 0, 0, 1]]);
  const size = fused.levels[0]?.size ?? [0, 0, 0];
  const { bytes = new Uint8Array() } = await client.volume.cutout({
    library,
    source: id,
    box: `0:${size[0]},0:${size[1]},1:2`,
  });
  const level = fused.levels[0];
  const [x0, y0] = [0, 1].map((a) => Math.round((level?.originNm[a] ?? 0) / (level?.voxelSizeNm[a] ?? 1)));
  const box = { section: 1, x: x0 ?? 0, y: y0 ?? 0, width: size[0], height: size[1] };
  const drawn = async (of: string) =>
    (await client.render.box({ library, stack: of, ...box, levels: 'stored', format: 'raw' })).bytes;
  expect(Buffer.compare((await drawn(stack)) ?? new Uint8Array(), bytes)).toBe(0);
  expect(Buffer.compare((await drawn(stitched)) ?? new Uint8Array(), bytes)).not.toBe(0);
  let compared = 0;
  for (let y = 8; y < 240; y++) {
    for (let x = 8; x < 240; x++) {
      const there = [x + (shift[0] ?? 0), y + (shift[1] ?? 0)] as const;
      if (there[0] >= size[0] || there[1] >= size[1]) continue;
      compared += 1;
      if (greyAt(brick, x, y) !== bytes[there[1] * size[0] + there[0]]) throw new Error(`${x}, ${y} differs`);
    }
  }
  expect(compared).toBeGreaterThan(50_000);
});

test('coarse levels are means of the fine one, from files, thumbnails and spots alike', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { sections: 1, rows: 4, cols: 4, errorPx: 0, tilePx: 300, seed: 8 });
  const { dataset } = await importTiles(at, source);
  const { volume } = (await at.client.view.mosaic({ library: at.library, dataset })).value;
  expect(volume.levels.length).toBe(4);
  const fine = await bricksOf(
    at,
    volume,
    [0, 1, 2, 3].flatMap((y) => [0, 1, 2, 3].map((x): BrickAddress => [0, x, y, 0])),
  );
  const fineAt = (x: number, y: number): number =>
    greyAt(
      fine.find(({ address }) => address[1] === x >> 8 && address[2] === y >> 8),
      x & 255,
      y & 255,
    );
  // Level 1 (a tile is 150 px) is made from the files; level 2 from thumbnails of 128 px, whose pixels mix their
  // neighbours: against greys with an SD of 30.
  for (const [level, tolerance] of [
    [1, 0.6],
    [2, 4],
  ] as const) {
    const step = 2 ** level;
    const [coarse] = await bricksOf(at, volume, [[level, 0, 0, 0]]);
    const errors: number[] = [];
    for (let y = 4; y < 200; y += 3) {
      for (let x = 4; x < 200; x += 3) {
        let sum = 0;
        for (let j = 0; j < step; j++) for (let i = 0; i < step; i++) sum += fineAt(x * step + i, y * step + j);
        errors.push(Math.abs(greyAt(coarse, x, y) - sum / step ** 2));
      }
    }
    expect(errors.reduce((a, b) => a + b, 0) / errors.length, `level ${level}`).toBeLessThan(tolerance);
  }
});

test('an overview is painted from small thumbnails, and comes from the cache when it is looked at again', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { sections: 1, rows: 1, cols: 11, errorPx: 0, tilePx: 150, seed: 3 });
  const { dataset } = await importTiles(at, source);
  const { volume } = (await at.client.view.mosaic({ library: at.library, dataset })).value;
  // A tile is 18.75 px wide there.
  const level = 3;
  const [width = 0, height = 0] = volume.levels[level]?.size ?? [];
  const [overview] = await bricksOf(at, volume, [[level, 0, 0, 0]]);
  const columns = Array.from({ length: Math.ceil(width / 32) }, (_, x): BrickAddress => [0, x, 0, 0]);
  const fine = await bricksOf(at, volume, columns);
  const errors: number[] = [];
  for (let y = 2; y < height - 2; y++)
    for (let x = 2; x < width - 2; x++) {
      let sum = 0;
      for (let j = 0; j < 8; j++)
        for (let i = 0; i < 8; i++) sum += greyAt(fine[(8 * x + i) >> 8], (8 * x + i) & 255, 8 * y + j);
      errors.push(Math.abs(greyAt(overview, x, y) - sum / 64));
    }
  expect(errors.length).toBeGreaterThan(2000);
  expect(errors.reduce((a, b) => a + b, 0) / errors.length).toBeLessThan(4);

  const counts: number[] = [];
  const signal = new AbortController().signal;
  const onValue = ({ fromCache }: { readonly fromCache: number }): void => void counts.push(fromCache);
  await at.client.view.bricks(
    { library: at.library, volume: volume.id, bricks: [[level, 0, 0, 0]] },
    { signal, onValue },
  );
  expect(counts).toEqual([1]);
});

/** Two tiles side by side in two channels: the right one has a mask that hides its right half, in both. */
async function twoChannels(at: TempEngine, tilePx: number): Promise<string> {
  const source = join(at.folder, 'tiles');
  mkdirSync(source);
  const put = (name: string, level: (x: number, y: number) => number): string => {
    writeFileSync(join(source, name), encodePng(flat(tilePx, tilePx, level)));
    return name;
  };
  const mask = put('mask.png', (x) => (x < tilePx / 2 ? 255 : 0));
  // Half of the size, where a tilespec says so: of another grey, so that what is read can be told.
  const level1 = (name: string, grey: number): string => {
    writeFileSync(join(source, name), encodePng(flat(tilePx / 2, tilePx / 2, () => grey)));
    return name;
  };
  const specs = [0, 1].map((k) => {
    const masked = k === 1 && { maskUrl: mask };
    const own = { '0': { imageUrl: put(`dapi-${k}.png`, (x) => 40 + (x % 2)), ...masked } };
    const other = put(`psd-${k}.png`, (x) => 180 + 20 * k + (x % 2));
    return {
      tileId: `tile-${k}`,
      z: 0,
      mipmapLevels: { ...own, '1': { imageUrl: level1(`dapi-half-${k}.png`, 41), ...masked } },
      channels: [
        { name: 'DAPI', mipmapLevels: own },
        { name: 'PSD95', mipmapLevels: { '0': { imageUrl: other, ...masked } } },
      ],
      // Bent by a hair: such places make a first stack version.
      transforms: {
        type: 'list',
        specList: [
          { className: 'mpicbg.trakem2.transform.TranslationModel2D', dataString: `${k * (tilePx - 10)} 0` },
          polynomial('0 1 0 1e-6 0 0 0 0 1 0 0 0'),
        ],
      },
    };
  });
  writeFileSync(join(source, 'layout.json'), JSON.stringify(specs));
  return (await importTiles(at, source, 'render:layout.json')).dataset;
}

test('every channel of tiles is drawn by itself, with its own contrast; masks hide from the files to the spots', async () => {
  const at = tempEngine();
  const tilePx = 300;
  const dataset = await twoChannels(at, tilePx);
  const { client, library } = at;
  const { volume } = (await client.view.mosaic({ library, dataset })).value;
  expect(volume.channels.map(({ name }) => name)).toEqual(['DAPI', 'PSD95']);
  expect(volume.channels[0]?.window).toEqual([40, 41]);
  const [low = 0, high = 0] = volume.channels[1]?.window ?? [];
  expect([low, high]).toEqual([200, 201]);
  expect((await client.view.volume({ library, volume: volume.id })).value).toEqual(volume);

  // The right edge of the left tile, and of what is shown of the right one.
  for (const [channel, greys] of [
    [0, [40, 40]],
    [1, [180, 200]],
  ] as const) {
    for (const level of [0, 1, 2]) {
      const step = 2 ** level;
      const wide = Math.ceil((2 * tilePx) / step / 256);
      const found = await bricksOf(
        at,
        volume,
        Array.from({ length: wide }, (_, x): BrickAddress => [level, x, 0, 0]),
        channel,
      );
      const at0 = (px: number): number => {
        const x = Math.floor(px / step);
        return greyAt(found[x >> 8], x & 255, 20) || 0;
      };
      expect([at0(150), at0(350)].map((grey, i) => Math.abs(grey - (greys[i] ?? 0)) <= 1)).toEqual([true, true]);
      expect(at0(500), `level ${level} of channel ${channel}`).toBe(0);
    }
  }
  const failed = await bricksOf(at, volume, [[0, 0, 0, 0]], 2).catch((error: unknown) => error);
  expect(isLamellaError(failed, 'invalid-input')).toBe(true);

  // A box by either name of the tiles' own pictures, and of the other channel past the mipmaps of the first.
  const stack = (await client.stack.list({ library, dataset })).value.stacks[0]?.id ?? '';
  const box = { library, stack, section: 0, x: 0, y: 0, width: 280, height: 280, scale: 0.5, format: 'raw' } as const;
  const meanOf = async (channel: string): Promise<number> => {
    const { bytes = new Uint8Array() } = await client.render.box({ ...box, channel });
    return bytes.reduce((sum, grey) => sum + grey, 0) / bytes.length;
  };
  expect(await meanOf('DAPI')).toBe(await meanOf(''));
  expect(Math.abs((await meanOf('PSD95')) - 180.5)).toBeLessThan(1);
});

test('only what changes its tiles makes a mosaic anew', async () => {
  const library = tempLibrary();
  const of = { dataset: manyTiles(library, { columns: 3, rows: 2, tilePx: 512 }), stack: null };
  const first = mosaicFor(library, of);
  library.edit('Name', (tx) =>
    tx.put('saved_view', { id: 'view-1', name: 'x', document: '{}', created_at: '', updated_at: '' }),
  );
  expect(mosaicFor(library, of)).toBe(first);
  const { id } = library.read.get<{ id: number }>("SELECT id FROM tile WHERE name = 'r1c1'") ?? { id: 0 };
  library.edit('Reject', (tx) => tx.put('tile_review', { id: String(id), review: 'rejected', at: '' }));
  const second = mosaicFor(library, of);
  expect(second.tiles).toBe(5);
  expect(second.volume.source.text).not.toBe(first.volume.source.text);
  expect(
    second.tilesAt(second.touching(0, { minX: 0, minY: 0, maxX: 1e6, maxY: 1e6 })).map(({ name }) => name),
  ).toEqual(['r0c0', 'r0c1', 'r0c2', 'r1c0', 'r1c2']);
  library.undo();
  expect(mosaicFor(library, of).volume).toEqual(first.volume);
});

test('a rejected tile is gone from the mosaic, and comes back with the step undone', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 1, cols: 2, errorPx: 0 });
  const { dataset } = await importTiles(at, source);
  const { client, library } = at;
  const right = (await tilesByName(at, dataset)).get('s0_r0_c1.png');
  const count = async (): Promise<number> => (await client.view.mosaic({ library, dataset })).value.tiles;
  expect(await count()).toBe(2);
  await client.tile.review({ library, dataset, tiles: [right?.id ?? 0], review: 'rejected' });
  expect(await count()).toBe(1);
  await client.library.undo({ library });
  expect(await count()).toBe(2);
});

test('what is not there is said by name', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 1, cols: 1 });
  const { dataset } = await importTiles(at, source);
  const { client, library } = at;
  const failed = async (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);
  const signal = new AbortController().signal;
  const bricks = (volume: string, address: BrickAddress) =>
    failed(client.view.bricks({ library, volume, bricks: [address] }, { signal, onValue: () => undefined }));
  expect(
    isLamellaError(await failed(client.view.mosaic({ library, dataset, stack: 'stack-none00000000' })), 'not-found'),
  ).toBe(true);
  expect(isLamellaError(await bricks('stacktiles-none00000000', [0, 0, 0, 0]), 'not-found')).toBe(true);
  expect(isLamellaError(await bricks(mosaicIdOf({ dataset, stack: null }), [0, 9, 0, 0]), 'invalid-input')).toBe(true);
  expect(mosaicOf(mosaicIdOf({ dataset, stack: null }))).toEqual({ dataset, stack: null });
  expect(mosaicOf('volume-000000000001')).toBeNull();
});

test('100,000 tiles: overviews are made without opening one of them, and honour masks', async () => {
  const library = tempLibrary();
  const dataset = manyTiles(library, { columns: 400, rows: 250, tilePx: 512 });
  // The tiles of the last rows share a mask that shows their left half.
  const mask = join(library.folder, 'mask.png');
  writeFileSync(mask, encodePng(flat(512, 512, (x) => (x < 256 ? 255 : 0))));
  library.record((tx) => tx.run('UPDATE tile SET mask_path = ? WHERE id > 90000', mask));
  const mosaic = mosaicFor(library, { dataset, stack: null });
  expect(mosaic.tiles).toBe(100_000);
  const coarsest = mosaic.volume.levels.length - 1;
  const addon = loadKernels(join(import.meta.dirname, '../../native-workers/lamella-kernels.node'));
  const opened: unknown[] = [];
  const kernels: Kernels = {
    threads: 1,
    run: async (task, header) => {
      opened.push(header);
      return runTask(addon, task, header, [], new Int32Array(new SharedArrayBuffer(8)));
    },
  };
  const source = mosaicBricks(mosaic, 0, { library, kernels, ahead: false });
  const { brick } = await source.fetch([coarsest, 0, 0, 0], new AbortController().signal);
  // Each column of the fixture has its own grey.
  const [width, height] = brick.size;
  const step = 2 ** coarsest;
  for (const x of [0, Math.floor(width / 2), width - 2]) {
    const column = Math.floor(((x + 0.5) * step) / 512);
    expect(brick.voxels[x + Math.floor(height / 2) * width]).toBe(20 + (column % 200));
  }
  expect(opened).toEqual([expect.objectContaining({ path: mask })]);
  // Where a tile is 4 pixels, half of each is dark, and the row of tiles above is whole.
  const level = 7;
  const { brick: spots } = await source.fetch([level, 0, 3, 0], new AbortController().signal);
  const first = Math.floor((225 * 512) / 2 ** level) - 3 * 256;
  const row = (y: number): number[] => [...spots.voxels.subarray(y * 256, y * 256 + 8)];
  expect(row(first - 1)).toEqual([20, 20, 20, 20, 21, 21, 21, 21]);
  expect(row(first)).toEqual([20, 20, 0, 0, 21, 21, 0, 0]);
});
