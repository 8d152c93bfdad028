// Images of OME-Zarr 0.6 that lead to a space through fields of their own are drawn there.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import * as fixture from './ome-fixture.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

type Json = fixture.Json;
const { greyAt, writeArray, writeField, writeImage } = fixture;
const nmPerUm = 1000;
const onward = { input: { name: 'physical' }, output: { name: 'atlas' } };
const backward = { input: { name: 'atlas' }, output: { name: 'physical' } };

function made(at: TempEngine, name: string, transformations: readonly Json[], level?: Json): string {
  const folder = join(at.folder, `${name}.ome.zarr`);
  mkdirSync(folder, { recursive: true });
  writeImage(folder, transformations, level);
  return folder;
}

async function added(at: TempEngine, source: string, more: { pyramid?: 'none' } = {}) {
  const { client, library, result } = at;
  const { volume } = await result<{ volume: string }>(client.volume.add({ library, source, ...more }));
  return { id: volume, shown: (await client.view.volume({ library, volume })).value };
}

/** Every voxel of the first level: its centre in micrometres, and its grey level. */
async function voxelsOf(at: TempEngine, volume: string): Promise<readonly { um: Vec3; grey: number }[]> {
  const { client, library } = at;
  const { levels } = (await client.view.volume({ library, volume })).value;
  const { size, originNm, voxelSizeNm } = levels[0]!;
  const box = size.map((n) => `0:${n}`).join(',');
  const { bytes } = await client.volume.cutout({ library, source: volume, box });
  const greys = new Float32Array(bytes!.slice().buffer);
  return [...fixture.pointsOf(size)].map((index, i) => ({
    um: index.map((n, k) => (originNm[k]! + (n + 0.5) * voxelSizeNm[k]!) / nmPerUm) as unknown as Vec3,
    grey: greys[i]!,
  }));
}

/** Whether a place lies between the centres of the image's first and last voxels. */
const isWithin = (um: Vec3): boolean => um.every((n, k) => n >= 0 && n <= (fixture.imageSize[k]! - 1) * fixture.stepUm);

/** Voxels are what the image is where `back` leads from them; how many were looked at. */
async function checked(at: TempEngine, volume: string, back: (um: Vec3) => Vec3, most = 0.01): Promise<number> {
  let looked = 0;
  for (const { um, grey } of await voxelsOf(at, volume)) {
    const led = back(um);
    if (!isWithin(led)) continue;
    looked++;
    expect(Math.abs(grey - greyAt(led)), `${um.join(' ')} um`).toBeLessThan(most);
  }
  return looked;
}

/** Linear, so that between the vectors of a field it is what it is: x grows by a tenth, y by z, z stays. */
const forth = ([x, y, z]: Vec3): Vec3 => [1.1 * x + 0.3, y + 0.2 * z - 0.1, z];
const backOf = ([x, y, z]: Vec3): Vec3 => [(x - 0.3) / 1.1, y - 0.2 * z + 0.1, z];
const moved =
  (map: (um: Vec3) => Vec3) =>
  (um: Vec3): Vec3 =>
    map(um).map((n, k) => n - um[k]!) as unknown as Vec3;
const field = { type: 'displacements', path: 'field', interpolation: 'linear' };
const most = fixture.imageSize[0] * fixture.imageSize[1] * fixture.imageSize[2];

describe('an image that leads to a space through a field', () => {
  test('is drawn there, and says so', async () => {
    const at = tempEngine();
    const source = made(at, 'image', [{ ...field, ...onward }]);
    writeField(source, 'field', moved(forth));
    const { client } = at;
    const description = (await client.volume.describe({ source })).value;
    expect(description.storage).toMatch(/drawn through its displacements to "atlas" "field"$/);
    expect(description.transforms).toMatchObject([{ space: 'atlas', kind: 'displacements, drawn through' }]);
    expect(description.warnings).toEqual([]);
    const { id, shown } = await added(at, source);
    // From the corner at -0.05 um to 2.35, 1.95 and 1.55: by a tenth more along x, a fifth of z more along y.
    expect(shown.levels[0]).toMatchObject({ voxelSizeNm: [100, 100, 100] });
    expect(shown.levels[0]!.originNm[0]).toBeCloseTo(1.1 * -50 + 300, 0);
    expect(await checked(at, id, backOf)).toBeGreaterThan(most * 0.8);
  });

  test('is drawn through positions, other directions and chains as it is through displacements', async () => {
    const at = tempEngine();
    const sine = ([x, y, z]: Vec3): Vec3 => [x + 0.08 * Math.sin(y), y + 0.1 * Math.cos(z), z + 0.05 * Math.sin(x)];
    const positions = made(at, 'positions', [{ type: 'coordinates', path: '/deep/field', ...onward }]);
    writeField(positions, 'deep/field', forth, 'coordinate');
    expect(await checked(at, (await added(at, positions)).id, backOf)).toBeGreaterThan(most * 0.8);

    // As registration programs write it: from the atlas to the image. Curved: between vectors it is off by a little.
    const reversed = made(at, 'reversed', [{ ...field, ...backward }]);
    writeField(reversed, 'field', moved(sine));
    expect(await checked(at, (await added(at, reversed)).id, sine, 0.02)).toBeGreaterThan(most * 0.7);

    const doubled = { type: 'scale', scale: [2, 2, 2] };
    const chain = { type: 'sequence', transformations: [field, doubled], ...onward };
    const chained = made(at, 'chained', [chain]);
    writeField(chained, 'field', moved(forth));
    const halved = (um: Vec3): Vec3 => backOf(um.map((n) => n / 2) as unknown as Vec3);
    expect(await checked(at, (await added(at, chained)).id, halved)).toBeGreaterThan(most * 0.8);
  });

  test('takes the inverse that a bijection gives, and the part of space of byDimension', async () => {
    const at = tempEngine();
    const inverse = { type: 'displacements', path: 'inverse' };
    const both = made(at, 'both', [{ type: 'bijection', forward: field, inverse, ...onward }]);
    writeField(both, 'field', moved(forth));
    writeField(both, 'inverse', moved(backOf));
    expect(await checked(at, (await added(at, both)).id, backOf)).toBeGreaterThan(most * 0.8);
    const axes = [0, 1, 2];
    const parts = [{ transformation: field, inputAxes: axes, outputAxes: axes }];
    const apart = made(at, 'apart', [{ type: 'byDimension', transformations: parts, ...onward }]);
    writeField(apart, 'field', moved(forth));
    expect(await checked(at, (await added(at, apart)).id, backOf)).toBeGreaterThan(most * 0.8);
  });

  test('numbers in arrays, byDimension and bijections of affine maps place it', async () => {
    const at = tempEngine();
    const link = { input: { path: '0' }, output: { name: 'physical' } };
    const scale = made(at, 'scale', [], { type: 'scale', path: 'numbers', ...link });
    writeArray(scale, 'numbers', Float64Array.of(0.3, 0.2, 0.1), [3]);
    const level = async (source: string) => (await at.client.volume.describe({ source })).value.levels[0]!;
    expect(await level(scale)).toMatchObject({ voxelSizeNm: [100, 200, 300], originNm: [-50, -100, -150] });
    const affine = made(at, 'affine', [], { type: 'affine', path: 'numbers', ...link });
    writeArray(affine, 'numbers', Float64Array.of(0.3, 0, 0, 1, 0, 0.2, 0, 2, 0, 0, 0.1, 3), [3, 4]);
    expect(await level(affine)).toMatchObject({ voxelSizeNm: [100, 200, 300], originNm: [2950, 1900, 850] });
    const one = (axis: number, value: number) => ({
      ...{ inputAxes: [axis], outputAxes: [axis] },
      transformation: { type: 'scale', scale: [value] },
    });
    const parts = { type: 'byDimension', transformations: [one(2, 0.1), one(0, 0.3), one(1, 0.2)] };
    const split = made(at, 'split', [], { type: 'bijection', forward: parts, inverse: {}, ...link });
    expect(await level(split)).toMatchObject({ voxelSizeNm: [100, 200, 300] });
  });
});

describe('an image that leads to a space in a way that is not followed', () => {
  const large = { type: 'scale', scale: [100, 100, 100] };
  const curl = (um: Vec3): Vec3 => [-2 * um[0] + 1.5 * Math.sin(9 * um[1]), 3 * Math.sin(8 * um[0]), 0];
  test.each([
    [
      'no array',
      (folder: string) => rmSync(join(folder, 'field'), { recursive: true }),
      field,
      /"field": .*zarr\.json/,
    ],
    ['out of the dataset', () => undefined, { ...field, path: '../field' }, /leads out of the dataset/],
    ['itself', () => undefined, { ...field, path: '0' }, /"0": /],
    ['cubic', () => undefined, { ...field, interpolation: 'cubic' }, /its interpolation is "cubic"/],
    ['folds', (folder: string) => writeField(folder, 'field', curl), field, /it folds/],
    ['NaN', (folder: string) => writeField(folder, 'field', () => [NaN, 0, 0]), field, /leads nowhere from 125 of 125/],
    ['leaves', (folder: string) => writeField(folder, 'field', () => [9, 0, 0]), field, /or leads out of itself/],
    ['large', () => undefined, { type: 'sequence', transformations: [field, large] }, /would be .* voxels/],
    ['unknown', () => undefined, { type: 'spline', path: 'field' }, /spline is not known/],
    ['apart', () => undefined, { type: 'byDimension', transformations: [] }, /"byDimension" must/],
  ] as const)('%s: it opens as it is, and a warning names it', async (name, spoil, transformation, said) => {
    const at = tempEngine();
    const source = made(at, name.replaceAll(' ', '-'), [{ ...transformation, ...onward }]);
    writeField(source, 'field', moved(forth));
    spoil(source);
    const description = (await at.client.volume.describe({ source })).value;
    expect(description.warnings.join('\n')).toMatch(/^It is not drawn through/m);
    expect(description.warnings.join('\n')).toMatch(said);
    const { id, shown } = await added(at, source);
    expect(shown.levels[0]).toMatchObject({ size: fixture.imageSize, originNm: [-50, -50, -50] });
    expect(await checked(at, id, (um) => um)).toBe(most);
  });

  test('a volume that was added before it could be followed stays as it was', async () => {
    const at = tempEngine();
    const source = made(at, 'before', [{ ...field, ...onward }]);
    const { id } = await added(at, source);
    writeField(source, 'field', moved(forth));
    await at.engine.close();
    const engine = createEngine({ threads: 2 });
    onTestFinished(() => engine.close());
    expect(await checked({ ...at, client: engine.client() }, id, (um) => um)).toBe(most);
  });

  test('where a part of the field is no number nothing is drawn there', async () => {
    const at = tempEngine();
    const source = made(at, 'holes', [{ ...field, ...backward }]);
    writeField(source, 'field', (um) => (um[0] > 1.5 ? [NaN, NaN, NaN] : [0, 0, 0]));
    const { id } = await added(at, source);
    const voxels = await voxelsOf(at, id);
    for (const { um, grey } of voxels) {
      if (um[0] > 1.6) expect(grey).toBe(0);
      else if (um[0] < 1.39 && isWithin(um)) expect(Math.abs(grey - greyAt(um))).toBeLessThan(0.01);
    }
  });
});
