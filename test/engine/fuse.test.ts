import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import type { Volume } from '../../preload/contract/library.ts';
import { acquireTiles, makeTexture } from './acquisition.ts';
import { resultOf } from './follow-job.ts';
import { decodePng, encodePng } from './png.ts';
import { importTiles, type TempEngine, tempEngine, tilesByName } from './temp-engine.ts';

interface Fused {
  readonly volume: string;
  readonly bytes: number;
  readonly levels: number;
}

async function stitchAndFuse(
  at: TempEngine,
  dataset: string,
): Promise<{ readonly stack: string; readonly fused: Fused; readonly volume: Volume }> {
  const { client, library, result } = at;
  const { stack } = await result<{ stack: string }>(client.stitch.start({ library, dataset }));
  const fused = await result<Fused>(client.stitch.fuse({ library, stack, name: 'block' }));
  const { value: volume } = await client.view.volume({ library, volume: fused.volume });
  return { stack, fused, volume };
}

async function cutout({ client, library }: TempEngine, volume: Volume, level = 0): Promise<Uint8Array | Uint16Array> {
  const [x, y, z] = volume.levels[level]?.size ?? [0, 0, 0];
  const { bytes = new Uint8Array() } = await client.volume.cutout({
    library,
    source: volume.id,
    box: `0:${x},0:${y},0:${z}`,
    level,
  });
  return volume.dtype === 'uint16' ? new Uint16Array(Uint8Array.from(bytes).buffer) : bytes;
}

test('the volume shows the tissue, to the grey level, where tiles differ only by noise-free shifts', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  const grey = (texture: number): number => 128 + 28 * texture;
  const truth = acquireTiles(source, { sections: 3, rows: 2, cols: 3, errorPx: 0, seed: 6, grey });
  const { dataset } = await importTiles(at, source);
  const { volume, fused } = await stitchAndFuse(at, dataset);
  expect(volume.originVoxel).toEqual([0, 0, 0]);
  expect(volume.levels[0]).toEqual({
    size: [500, 350, 3],
    brick: [128, 128, 3],
    voxelSizeNm: [4, 4, 40],
    originNm: [0, 0, 0],
  });
  expect(fused.levels).toBe(volume.levels.length);
  const voxels = await cutout(at, volume);
  const errors: number[] = [];
  for (let z = 0; z < 3; z++) {
    const texture = makeTexture(3 * 150 + 50 + 48, 6000 + z);
    for (let y = 2; y < 348; y += 3) {
      for (let x = 2; x < 498; x += 3) {
        const seen = Math.min(255, Math.max(0, grey(texture.at(20 + x, 20 + y))));
        errors.push(Math.abs((voxels[(z * 350 + y) * 500 + x] ?? NaN) - seen));
      }
    }
  }
  // Rounding to whole levels alone is up to 0.5; the solve's hundredths of a pixel and bilinear sampling do the rest.
  expect(truth).toHaveLength(18);
  expect(Math.max(...errors)).toBeLessThan(4.5);
  expect(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)).toBeLessThan(0.8);
});

test('each level is the mean of the one before, to its last voxel', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { sections: 3, rows: 2, cols: 3, seed: 7 });
  const { client, library } = at;
  const { dataset } = await at.result<{ dataset: string }>(
    client.ingest.start({ library, source, layout: 'tiles:TileConfiguration.txt', voxelSizeNm: [8, 8, 10] }),
  );
  const { volume } = await stitchAndFuse(at, dataset);
  expect(volume.levels.length).toBeGreaterThan(2);
  for (let level = 1; level < volume.levels.length; level++) {
    const [fine, coarse] = [volume.levels[level - 1], volume.levels[level]];
    if (!fine || !coarse) throw new Error('a level is missing');
    const step = coarse.voxelSizeNm.map((nm, i) => Math.round(nm / (fine.voxelSizeNm[i] ?? 1)));
    const [before, after] = [await cutout(at, volume, level - 1), await cutout(at, volume, level)];
    let wrong = 0;
    for (let z = 0; z < coarse.size[2]; z++) {
      for (let y = 0; y < coarse.size[1]; y++) {
        for (let x = 0; x < coarse.size[0]; x++) {
          if (after[(z * coarse.size[1] + y) * coarse.size[0] + x] !== meanOf(before, fine.size, [x, y, z], step))
            wrong++;
        }
      }
    }
    expect(wrong).toBe(0);
  }
});

/** Mean of a block, rounded half up; blocks at the far edge average what is there. */
function meanOf(
  voxels: Uint8Array | Uint16Array,
  size: readonly number[],
  at: readonly number[],
  step: readonly number[],
): number {
  const [sx = 0, sy = 0, sz = 0] = size;
  const range = (i: number, end: number): readonly [number, number] => [
    (at[i] ?? 0) * (step[i] ?? 1),
    Math.min(end, ((at[i] ?? 0) + 1) * (step[i] ?? 1)),
  ];
  const [[x0, x1], [y0, y1], [z0, z1]] = [range(0, sx), range(1, sy), range(2, sz)];
  let [sum, n] = [0, 0];
  for (let z = z0; z < z1; z++)
    for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++, n++) sum += voxels[(z * sy + y) * sx + x] ?? 0;
  return Math.floor(sum / n + 0.5);
}

test('16-bit tiles stay 16-bit, with a window from their own grey levels', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 2, cols: 2, bits: 16, seed: 9, grey: (texture) => 20_000 + 800 * texture });
  const { dataset } = await importTiles(at, source);
  const { volume } = await stitchAndFuse(at, dataset);
  expect(volume.dtype).toBe('uint16');
  const [low, high] = volume.window;
  expect(low).toBeGreaterThan(15_000);
  expect(high).toBeLessThan(25_000);
  expect(high - low).toBeGreaterThan(3000);
  const { value: histogram } = await at.client.volume.histogram({ library: at.library, volume: volume.id });
  expect(histogram.counts).toHaveLength(256);
  expect(histogram.counts.reduce((a, b) => a + b)).toBeGreaterThan(100_000);
});

test('what no tile covers is empty and takes no file; a rejected tile leaves a hole', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 5, cols: 5, seed: 10, errorPx: 1 });
  const { dataset } = await importTiles(at, source);
  const tiles = await tilesByName(at, dataset);
  const outside = [...tiles.values()]
    .filter((tile) => Number(tile.fileName[4]) > 1 && Number(tile.fileName[7]) > 1)
    .map((tile) => tile.id);
  await client.tile.review({ library, dataset, tiles: outside, review: 'rejected' });
  const { volume, fused } = await stitchAndFuse(at, dataset);
  const folder = join(library, 'volumes', fused.volume);
  const { size, brick } = volume.levels[0] ?? { size: [0, 0, 0], brick: [1, 1, 1] };
  const last = [0, 1].map((i) => Math.ceil((size[i] ?? 0) / (brick[i] ?? 1)) - 1);
  expect(existsSync(join(folder, '0/c/0/0/0'))).toBe(true);
  expect(existsSync(join(folder, `0/c/0/${last[1]}/${last[0]}`))).toBe(false);
  const voxels = await cutout(at, volume);
  const [width = 0, height = 0] = volume.levels[0]?.size ?? [];
  expect(voxels[(height - 10) * width + width - 10]).toBe(0);
  expect(voxels[10 * width + 10]).toBeGreaterThan(0);
});

test('bands of 0 along the edges of tiles, as straightened pictures have them, leave no seam', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  const grey = (texture: number): number => 128 + 20 * texture;
  for (const { name, row, col } of acquireTiles(source, { rows: 2, cols: 2, errorPx: 0, seed: 14, grey })) {
    const picture = decodePng(readFileSync(join(source, name)));
    for (let y = 0; y < 200; y++) {
      for (let x = 0; x < 200; x++) {
        const inBand = (row === 0 ? y > 186 + x / 40 : y < 9 + x / 40) || (col === 0 ? x > 189 : x < 7);
        if (inBand) picture.pixels[y * 200 + x] = 0;
      }
    }
    writeFileSync(join(source, name), encodePng(picture));
  }
  const { dataset } = await importTiles(at, source);
  const { volume } = await stitchAndFuse(at, dataset);
  const voxels = await cutout(at, volume);
  const [width = 0, height = 0] = volume.levels[0]?.size ?? [];
  const texture = makeTexture(2 * 150 + 50 + 48, 14_000);
  let worst = 0;
  for (let y = 10; y < 340; y++) {
    for (let x = 10; x < 340; x++) {
      const place = (y - volume.originVoxel[1]) * width + x - volume.originVoxel[0];
      worst = Math.max(
        worst,
        Math.abs((voxels[place] ?? NaN) - Math.min(255, Math.max(0, grey(texture.at(20 + x, 20 + y))))),
      );
    }
  }
  expect(height).toBeGreaterThanOrEqual(350);
  expect(worst).toBeLessThan(6);
});

test('two runs, with one thread and with two, write the same bytes', async () => {
  const at = tempEngine();
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { sections: 2, rows: 3, cols: 3, seed: 12 });
  const digests = [];
  for (const threads of [1, 2]) {
    const engine = createEngine({ threads });
    const library = join(at.folder, `library-${threads}`);
    const client = engine.client();
    const run = <T>(started: Promise<{ job: string }>) => resultOf<T>(client, library, started);
    const { dataset } = await run<{ dataset: string }>(
      client.ingest.start({ library, source, layout: 'tiles:TileConfiguration.txt' }),
    );
    const { stack } = await run<{ stack: string }>(client.stitch.start({ library, dataset, model: 'affine' }));
    const { volume } = await run<Fused>(client.stitch.fuse({ library, stack }));
    digests.push(digestOf(join(library, 'volumes', volume)));
    await engine.close();
  }
  expect(digests[1]).toEqual(digests[0]);
  expect(Object.keys(digests[0] ?? {}).length).toBeGreaterThan(20);
});

/** SHA-256 by path. */
function digestOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const digests = files.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(folder.length), createHash('sha256').update(readFileSync(path)).digest('hex')] as const;
  });
  return Object.fromEntries(digests);
}

test('undo takes the volume back, redo brings it again', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const source = join(at.folder, 'tiles');
  acquireTiles(source, { rows: 1, cols: 2 });
  const { dataset } = await importTiles(at, source);
  const { volume } = await stitchAndFuse(at, dataset);
  const volumes = async () => (await client.library.info({ library })).value.volumes.map((v) => v.id);
  expect(await client.library.undo({ library })).toEqual({ label: 'Fuse block' });
  expect(await volumes()).toEqual([]);
  await client.library.redo({ library });
  expect(await volumes()).toEqual([volume.id]);
  expect((await client.library.check({ library })).value).toEqual({ ok: true, problems: [] });
});
