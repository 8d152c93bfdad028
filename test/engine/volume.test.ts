// Every verb of volumes, on real files and through the whole engine.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Volume } from '../../preload/contract/library.ts';
import { unpackBricks } from '../../preload/contract/brick.ts';
import { writeSynthetic } from './synthetic-volume.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

const data = join(import.meta.dirname, '..', '..', '..', 'shared', 'data');
const template = (um: number): string => join(data, 'atlas', `average_template_${um}.nrrd`);
const hasData = existsSync(template(100));
if (!hasData) console.warn('skipped: volumes of other programs (../shared/data is not there)');

async function add(at: TempEngine, source: string, more: object = {}): Promise<Volume> {
  const { client, library, result } = at;
  const { volume } = await result<{ volume: string }>(client.volume.add({ library, source, ...more }));
  return (await client.view.volume({ library, volume })).value;
}

const boxOf = (size: readonly number[]): string => size.map((n) => `0:${n}`).join(',');

async function wholeOf({ client, library }: TempEngine, source: string, level = 0): Promise<Uint8Array> {
  const { value } = await client.volume.describe({ library, source });
  const size = value.levels[level]?.size ?? [];
  return (await client.volume.cutout({ library, source, level, box: boxOf(size) })).bytes ?? new Uint8Array();
}

/** 150 x 130 x 90 of uint8, raw precomputed, made here. */
function synthetic(at: TempEngine, size: readonly [number, number, number] = [150, 130, 90]): string {
  const folder = join(at.folder, `synthetic-${size.join('-')}`);
  writeSynthetic(folder, size);
  return folder;
}

describe('a volume that lies elsewhere', () => {
  test('is described, added, renamed, marked, removed and brought back; its files are never touched', async () => {
    const at = tempEngine();
    const source = synthetic(at);
    const before = digestOf(source);
    const { value } = await at.client.volume.describe({ source });
    expect(value).toMatchObject({ format: 'precomputed', dtype: 'uint8', kind: 'image', times: 1, warnings: [] });
    expect(value.axes).toEqual([
      { name: 'z', size: 90, unit: 'nm' },
      { name: 'y', size: 130, unit: 'nm' },
      { name: 'x', size: 150, unit: 'nm' },
    ]);
    expect(value.storedBytes).toBeGreaterThan(150 * 130 * 90);
    const volume = await add(at, source, { name: 'mine', voxelSizeNm: [4, 4, 8] });
    expect(volume).toMatchObject({
      name: 'mine',
      stack: null,
      source: { kind: 'local', format: 'precomputed', text: source },
      favourite: false,
      display: { dtype: 'uint8', range: [0, 255], labels: false },
    });
    expect(volume.levels[0]).toMatchObject({ size: [150, 130, 90], brick: [64, 64, 64], voxelSizeNm: [4, 4, 8] });
    const one = { library: at.library, volume: volume.id };
    expect((await at.client.volume.edit({ ...one, name: 'ours', favourite: true })).volume).toMatchObject({
      name: 'ours',
      favourite: true,
    });
    expect((await at.client.library.undo({ library: at.library })).label).toBe('Rename mine to ours');
    expect((await at.client.view.volume(one)).value).toMatchObject({ name: 'mine', favourite: false });
    // Noted a little later: pictures come first.
    await expect.poll(async () => (await at.client.view.volume(one)).value.openedAt, { timeout: 5000 }).not.toBeNull();
    await at.client.volume.remove(one);
    expect((await at.client.library.info({ library: at.library })).value.volumes).toEqual([]);
    await at.client.library.undo({ library: at.library });
    expect((await at.client.library.info({ library: at.library })).value.volumes).toHaveLength(1);
    expect((await at.client.library.check({ library: at.library })).value).toEqual({ ok: true, problems: [] });
    expect(digestOf(source)).toEqual(before);
  });

  test('is streamed in bricks that are no chunks of it, bit for bit', async () => {
    const at = tempEngine();
    const volume = await add(at, synthetic(at));
    const whole = await wholeOf(at, volume.id);
    const [width, height] = [150, 130];
    let seen = 0;
    const bricks = [0, 1, 2].flatMap((x) => [0, 1, 2].flatMap((y) => [0, 1].map((z) => [0, x, y, z] as const)));
    await at.client.view.bricks(
      { library: at.library, volume: volume.id, bricks: bricks.map((b) => [...b] as [number, number, number, number]) },
      {
        signal: new AbortController().signal,
        onValue: (_, bytes) => {
          for (const { address, size, voxels } of unpackBricks(bytes ?? new Uint8Array())) {
            const [x0, y0, z0] = [1, 2, 3].map((i) => (address[i] ?? 0) * 64) as [number, number, number];
            for (let z = 0; z < size[2]; z++)
              for (let y = 0; y < size[1]; y++) {
                const row = ((z0 + z) * height + y0 + y) * width + x0;
                const got = voxels.subarray((z * size[1] + y) * size[0], (z * size[1] + y + 1) * size[0]);
                if (Buffer.compare(got, whole.subarray(row, row + size[0])) === 0) seen += size[0];
              }
          }
        },
      },
    );
    expect(seen).toBe(150 * 130 * 90);
  });

  test('gets the coarse levels that it lacks, which pyramid makes anew and undo brings back', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const volume = await add(at, synthetic(at, [400, 300, 200]));
    expect(volume.levels.map(({ size }) => size)).toEqual([
      [400, 300, 200],
      [200, 150, 100],
      [100, 75, 50],
      [50, 38, 25],
    ]);
    const mean = await wholeOf(at, volume.id, 1);
    const fine = await wholeOf(at, volume.id, 0);
    expect(meanAt(fine, [400, 300, 200], [3, 4, 5])).toBe(mean[(5 * 150 + 4) * 200 + 3]);
    await at.result(client.volume.pyramid({ library, volume: volume.id, method: 'max' }));
    expect((await wholeOf(at, volume.id, 1))[0]).toBe(maxAt(fine, [400, 300, 200]));
    expect((await client.library.sweep({ library })).folders).toEqual([]);
    await client.library.undo({ library });
    expect(Buffer.compare(await wholeOf(at, volume.id, 1), mean)).toBe(0);
    const { folders } = await client.library.sweep({ library, alsoRemoved: true });
    expect(folders).toHaveLength(1);
    expect((await client.library.check({ library })).value.ok).toBe(true);
  });

  test('is found again where it moved to, by its data; other data is refused', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const source = synthetic(at);
    const volume = await add(at, source);
    const one = { library, volume: volume.id };
    expect((await client.volume.refresh(one)).changed).toBe(false);
    const [moved, other] = [join(at.folder, 'moved'), join(at.folder, 'other')];
    cpSync(source, moved, { recursive: true });
    cpSync(source, other, { recursive: true });
    const [chunk = ''] = readdirSync(join(other, '8_8_8'));
    const file = join(other, '8_8_8', chunk);
    writeFileSync(
      file,
      readFileSync(file).map((value) => value ^ 1),
    );
    rmSync(source, { recursive: true });
    await expect(client.volume.relink({ ...one, source: other })).rejects.toMatchObject({ tag: 'conflict' });
    expect((await client.volume.relink({ ...one, source: moved })).volume.source.text).toBe(moved);
    expect((await wholeOf(at, volume.id)).length).toBe(150 * 130 * 90);
    expect((await client.library.undo({ library })).label).toContain('Link');
    cpSync(other, source, { recursive: true });
    expect((await client.volume.refresh(one)).changed).toBe(true);
  });

  test('is published like one that was fused here', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const volume = await add(at, synthetic(at));
    const metadata = {
      title: 'A volume from elsewhere',
      creators: [{ name: 'Lovelace, Ada' }],
      licence: 'CC-BY-4.0',
      modality: 'EM' as const,
      species: 'Mus musculus',
      voxelSizeNm: [8, 8, 8] as const,
    };
    for (const format of ['precomputed', 'ome-zarr'] as const) {
      const out = join(at.folder, `published-${format}`);
      await at.result(client.publish.start({ library, volume: volume.id, format, metadata, out }));
      expect(Buffer.compare(await wholeOf(at, out), await wholeOf(at, volume.id))).toBe(0);
    }
  });
});

describe('an audit', () => {
  test('tells missing chunks, empty files and damage apart', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const source = synthetic(at);
    const audit = (more: object = {}) =>
      at.result<{ ok: boolean; levels: object[]; problems: { key: string; message: string }[] }>(
        client.volume.audit({ library, source, ...more }),
      );
    expect(await audit()).toMatchObject({
      ok: true,
      levels: [{ chunks: 4, looked: 4, stored: 4, missing: 0, damaged: 0 }],
    });
    const [first = '', second = '', third = ''] = readdirSync(join(source, '8_8_8'));
    rmSync(join(source, '8_8_8', first));
    truncateSync(join(source, '8_8_8', second), 0);
    truncateSync(join(source, '8_8_8', third), 7);
    const found = await audit({ decode: true });
    expect(found).toMatchObject({ ok: false, levels: [{ missing: 1, damaged: 2 }] });
    expect(new Set(found.problems.map(({ key }) => key.split('/').at(-1)))).toEqual(new Set([second, third]));
    expect(await audit({ sample: 2 })).toMatchObject({ levels: [{ looked: 2 }] });
  });
});

describe('a cache', () => {
  test('keeps the cap that a library was given, and can be emptied', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const volume = await add(at, synthetic(at));
    await client.view.bricks(
      { library, volume: volume.id, bricks: [[0, 0, 0, 0]], ahead: true },
      { signal: new AbortController().signal, onValue: (value) => expect(value.bricks).toBe(1) },
    );
    expect(await client.volume.cache({ library, cap: '64MB' })).toMatchObject({ entries: 1, capBytes: 64_000_000 });
    await client.library.close({ library });
    expect(await client.volume.cache({ library })).toMatchObject({ entries: 1, capBytes: 64_000_000 });
    expect(await client.volume.cache({ library, clear: true })).toEqual({ entries: 0, bytes: 0, capBytes: 64_000_000 });
    await expect(client.volume.cache({ library, cap: '1MB' })).rejects.toMatchObject({ tag: 'invalid-input' });
  });
});

describe('reading ahead', () => {
  test('has the bricks of the next slices ready before they are asked for', async () => {
    const at = tempEngine();
    const { client, library } = at;
    const volume = await add(at, synthetic(at, [256, 256, 256]), { pyramid: 'none' });
    const slice = (z: number): [number, number, number, number][] =>
      [0, 1, 2, 3].flatMap((x) => [0, 1, 2, 3].map((y): [number, number, number, number] => [0, x, y, z]));
    const total = { bricks: 0, fromCache: 0, ahead: 0 };
    const signal = new AbortController().signal;
    const ask = (z: number, ahead: boolean) =>
      client.view.bricks(
        { library, volume: volume.id, bricks: slice(z), ahead },
        {
          signal,
          onValue: ({ bricks, fromCache }, bytes) => {
            if (ahead) total.ahead += bricks;
            else [total.bricks, total.fromCache] = [total.bricks + bricks, total.fromCache + fromCache];
            if (ahead) expect(bytes).toBeUndefined();
          },
        },
      );
    for (let z = 0; z < 4; z++) {
      await ask(z, false);
      if (z < 3) await ask(z + 1, true);
    }
    expect(total).toEqual({ bricks: 64, fromCache: 48, ahead: 48 });
  });
});

describe.skipIf(!hasData)('volumes of the Allen atlas', () => {
  test('grey levels and ids are shown for what they are', async () => {
    const at = tempEngine();
    const grey = await add(at, template(100));
    expect(grey).toMatchObject({ dtype: 'uint16', display: { dtype: 'uint16', range: [0, 65_535], labels: false } });
    const real = await add(at, template(200));
    expect(real).toMatchObject({ dtype: 'float64', display: { dtype: 'uint16', labels: false } });
    expect(real.display.range[1]).toBeGreaterThan(real.window[1]);
    const ids = await add(at, join(data, 'atlas', 'annotation_100.nrrd'), { kind: 'segmentation' });
    expect(ids).toMatchObject({ dtype: 'uint32', kind: 'segmentation', display: { dtype: 'uint32', labels: true } });
  });

  test.each([100, 200])('percentiles of a histogram are within a bin of 256 of the truth: %i um', async (um) => {
    const at = tempEngine();
    const volume = await add(at, template(um));
    const bytes = (await wholeOf(at, volume.id)).slice().buffer;
    const whole = volume.dtype === 'uint16';
    const voxels = whole ? [...new Uint16Array(bytes)] : [...new Float64Array(bytes)];
    const values = voxels.filter((v) => !whole || v > 0).toSorted((a, b) => a - b);
    const { value } = await at.client.volume.histogram({ library: at.library, volume: volume.id });
    expect([value.voxels, value.voxels + value.left]).toEqual([values.length, voxels.length]);
    const bin = (value.range[1] - value.range[0]) / 256;
    for (const { percent, value: found } of value.percentiles) {
      const truth = values[Math.min(values.length - 1, Math.floor((percent / 100) * values.length))] ?? 0;
      expect(Math.abs(found - truth)).toBeLessThanOrEqual(bin);
    }
    expect(value.counts.reduce((a, b) => a + b)).toBe(values.length);
  });
});

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted())
    hash.update(name).update(name.includes('.') || !/^\d+_\d+_\d+$/.test(name) ? readIf(join(folder, name)) : '');
  return hash.digest('hex');
}

function readIf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

function blockAt(voxels: Uint8Array, size: readonly number[], [x = 0, y = 0, z = 0]: readonly number[]): number[] {
  const [width = 0, height = 0] = size;
  return [0, 1].flatMap((k) =>
    [0, 1].flatMap((j) => [0, 1].map((i) => voxels[((2 * z + k) * height + 2 * y + j) * width + 2 * x + i] ?? 0)),
  );
}

const meanAt = (voxels: Uint8Array, size: readonly number[], at: readonly number[]): number =>
  Math.floor(blockAt(voxels, size, at).reduce((a, b) => a + b) / 8 + 0.5);
const maxAt = (voxels: Uint8Array, size: readonly number[]): number => Math.max(...blockAt(voxels, size, [0, 0, 0]));
