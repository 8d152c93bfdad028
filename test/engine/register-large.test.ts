// A volume of two terabytes in name, whose fine levels can't be read: nothing but the level that is asked for is.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { added, fixedGrid, movingGrid, photograph, registered, spaced } from './made-up-brain.ts';
import { tempEngine } from './temp-engine.ts';

const levels = 5;
const step = 4;
const coarsest = levels - 1;

/** OME-Zarr 0.4 of uint16, raw; its coarsest level is one chunk, and of each other there are damaged chunks only. */
function writeLarge(folder: string, voxels: Uint8Array): string {
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const [x, y, z] = movingGrid.size;
  const datasets = Array.from({ length: levels }, (_, level) => {
    const finer = step ** (coarsest - level);
    const shape = [z, y, x].map((n) => n * finer);
    const chunks = level === coarsest ? shape : [64, 64, 64];
    const array = { zarr_format: 2, shape, chunks, dtype: '<u2', compressor: null, fill_value: 0, order: 'C' };
    write(`${level}/.zarray`, JSON.stringify({ ...array, filters: null, dimension_separator: '/' }));
    const middle = shape.map((n) => Math.floor(n / 128)).join('/');
    if (level < coarsest) for (const chunk of ['0/0/0', middle]) write(`${level}/${chunk}`, 'no voxels');
    const scale = [2, 1, 0].map((k) => movingGrid.um[k as 0 | 1 | 2] / finer);
    return { path: String(level), coordinateTransformations: [{ type: 'scale', scale }] };
  });
  write(`${coarsest}/0/0/0`, voxels);
  const axes = ['z', 'y', 'x'].map((name) => ({ name, type: 'space', unit: 'micrometer' }));
  write('.zgroup', JSON.stringify({ zarr_format: 2 }));
  write('.zattrs', JSON.stringify({ multiscales: [{ version: '0.4', name: 'large', axes, datasets }] }));
  return folder;
}

test('registers and shows a volume of terabytes by its coarse level, and reads no other', async () => {
  const engine = tempEngine();
  const { client, library, folder } = engine;
  const stays = photograph(folder, 'atlas', fixedGrid, spaced(fixedGrid, [0, 0, 0]));
  const turned = readFileSync(photograph(folder, 'brain', movingGrid, spaced(movingGrid, [0, 0, 0])).image);
  const source = writeLarge(join(folder, 'large.ome.zarr'), turned.subarray(turned.indexOf('\n\n') + 2));
  const [fixed, moving] = [await added(engine, stays.image), await added(engine, source)];
  const { value } = await client.view.volume({ library, volume: moving });
  const bytes = value.levels[0]!.size.reduce((product, n) => product * n, 2);
  expect(bytes).toBeGreaterThan(3e12);

  const registration = await registered(engine, fixed, moving, { resolutionUm: 40 });
  expect(registration).toMatchObject({ verdict: 'pass', numbers: { affine: { movingLevel: coarsest } } });

  const through = { library, registration: registration.id };
  const box = fixedGrid.size.map((n) => `0:${n}`).join(',');
  const { volume } = await client.register.apply(through);
  const cut = await client.volume.cutout({ library, source: volume.id, box });
  const seen = new Uint16Array(cut.bytes!.slice().buffer);
  const own = readFileSync(stays.image);
  const truth = new Uint16Array(Uint8Array.from(own.subarray(own.indexOf('\n\n') + 2)).buffer);
  const off = truth.reduce((sum, v, i) => sum + Math.abs(v - seen[i]!), 0) / truth.length;
  const apart = truth.reduce((sum, v) => sum + Math.abs(v - 2000), 0) / truth.length;
  expect(off).toBeLessThan(apart / 4);

  // As fine as the source: its coarse levels are made of coarse ones, though the finest can't be read.
  const voxelSizeNm = [25_000 / 64, 25_000 / 64, 40_000 / 64] as const;
  const fine = (await client.register.apply({ ...through, voxelSizeNm })).volume;
  const last = fine.levels.length - 1;
  const whole = fine.levels[last]!.size.map((n) => `0:${n}`).join(',');
  const coarse = await client.volume.cutout({ library, source: fine.id, box: whole, level: last });
  expect(coarse.bytes!.some((v) => v > 0)).toBe(true);
  const unreadable = client.volume.cutout({ library, source: moving, box: '0:8,0:8,0:8' });
  await expect(unreadable).rejects.toThrow(/0\/0\/0\/0.*can't be read/);
});
