// A registration that bends, as files of other programs: their bytes by hand, and what they lead to.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Registration } from '../../preload/contract/register.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { WarpStep } from '../../preload/contract/warp.ts';
import {
  added,
  fixedGrid,
  frameOf,
  indexOf,
  movingGrid,
  nmOf,
  photograph,
  placed,
  registered,
  spaced,
} from './made-up-brain.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

interface Exported {
  readonly bytes: number;
  readonly sha256: string | null;
  readonly field: { size: Vec3; spacingUm: Vec3; meanErrorUm: number; mostErrorUm: number } | null;
}

/** Laid over each other 60 µm beside the truth, so that there is something to bend. */
async function bentOf(engine: TempEngine): Promise<Registration> {
  const { client, library, folder, result } = engine;
  const stays = photograph(folder, 'atlas', fixedGrid, placed(fixedGrid));
  const turned = photograph(folder, 'brain', movingGrid, spaced(movingGrid, [900, 0, -50]));
  const [fixed, moving] = [await added(engine, stays.image), await added(engine, turned.image)];
  const { id } = await registered(engine, fixed, moving, { orientations: 'axes24' });
  await client.register.nudge({ library, registration: id, matrix: [1, 0, 0, 60_000, 0, 1, 0, 0, 0, 0, 1, 0] });
  const job = client.register.lddmm({ library, start: id, metric: 'mi', finestUm: 50, smoothUm: 150, iterations: 8 });
  const { registration } = await result<{ registration: string }>(job);
  return (await client.register.get({ library, registration })).value.registration;
}

test('a registration that bends is written as fields of ITK, OME-Zarr and precomputed', async () => {
  const engine = tempEngine();
  const { client, library, folder, result } = engine;
  const registration = await bentOf(engine);
  const write = (
    more: Omit<Parameters<typeof client.register.export>[0], 'library' | 'registration' | 'out'>,
    name: string,
  ) =>
    result<Exported>(
      client.register.export({ library, registration: registration.id, out: join(folder, name), ...more }),
    );

  const nifti = await write({ format: 'itk-nifti' }, 'field.nii');
  // Its own vectors and one more around them: what is lost is single precision.
  expect(nifti.field!.mostErrorUm).toBeLessThan(0.01);
  await checkNifti(engine, registration, join(folder, 'field.nii'));
  const back = await write({ format: 'itk-nrrd', onto: 'moving', spacingUm: 40 }, 'back.nrrd');
  expect(back.field!.mostErrorUm).toBeLessThan(2);
  expect(back.field!.mostErrorUm).toBeGreaterThan(0);
  const cells = await write({ format: 'precomputed', spacingUm: 40 }, 'cells');
  expect(cells.field!.mostErrorUm).toBeLessThan(2);
  const alone = await write({ format: 'itk-nifti', part: 'field' }, 'alone.nii.gz');
  expect(alone.field).toMatchObject({ size: nifti.field!.size, mostErrorUm: expect.closeTo(0, 2) });

  for (const onto of ['fixed', 'moving'] as const) {
    const { field } = await write({ format: 'ome-zarr', onto }, `${onto}.ome.zarr`);
    expect(field!.mostErrorUm).toBeLessThan(0.01);
    await checkScene(engine, registration, onto, join(folder, `${onto}.ome.zarr`));
  }

  const affine = await write({ format: 'itk-txt', part: 'affine' }, 'affine.txt');
  expect(affine.field).toBeNull();
  const parent = join(folder, 'parent.txt');
  await result(client.register.export({ library, registration: registration.parent!, out: parent }));
  expect(readFileSync(join(folder, 'affine.txt'), 'utf8')).toBe(readFileSync(parent, 'utf8'));
  const straight = client.register.export({
    library,
    registration: registration.parent!,
    format: 'itk-nrrd',
    out: join(folder, 'straight.nrrd'),
  });
  expect((await result<Exported>(straight)).field!.mostErrorUm).toBeLessThan(0.01);

  await expect(write({ format: 'itk-txt' }, 'bent.txt')).rejects.toThrow(/bends/);
  await expect(write({ format: 'itk-nrrd' }, 'field.nii')).rejects.toThrow(/is no name for itk-nrrd/);
  await expect(write({ format: 'itk-nifti' }, 'field.nii')).resolves.toEqual(nifti);
  await expect(write({ format: 'itk-nifti', onto: 'moving' }, 'field.nii')).rejects.toThrow(/there already/);
  const parentField = client.register.export({
    library,
    registration: registration.parent!,
    format: 'itk-nifti',
    part: 'field',
    out: parent.replace('txt', 'nii'),
  });
  await expect(result(parentField)).rejects.toThrow(/no field of its own/);
});

/** NIfTI-1, five dimensions, vectors; millimetres to the left and the back from where the file puts a node. */
async function checkNifti(engine: TempEngine, { id, fixed, moving }: Registration, path: string): Promise<void> {
  const bytes = readFileSync(path);
  const [nx = 0, ny = 0, nz = 0, times, parts] = [1, 2, 3, 4, 5].map((i) => bytes.readInt16LE(40 + 2 * i));
  expect([bytes.readInt16LE(40), times, parts, bytes.readInt16LE(68), bytes.readInt16LE(70)]).toEqual([
    5, 1, 3, 1007, 16,
  ]);
  const srow = Array.from({ length: 12 }, (_, i) => bytes.readFloatLE(280 + 4 * i));
  const [here, there] = [await frameOf(engine, fixed), await frameOf(engine, moving)];
  const { client, library } = engine;
  for (const node of [
    [5, 9, 4],
    [nx >> 1, ny >> 1, nz >> 1],
    [nx - 6, ny - 7, nz - 5],
  ] as const) {
    const right = [0, 4, 8].map(
      (r) => srow[r]! * node[0] + srow[r + 1]! * node[1] + srow[r + 2]! * node[2] + srow[r + 3]!,
    );
    // As `placed` says: the atlas lies at 1.5, -2, 0.75 mm of right, front, up.
    const index = right.map((mm, k) => (mm - [1.5, -2, 0.75][k]!) / (fixedGrid.um[k]! / 1000));
    const points = [nmOf(here, index)];
    const [seen] = (await client.register.points({ library, registration: id, points, onto: 'moving' })).value.points;
    // The brain's file says no more than micrometres: its space is taken as ITK's.
    const mm = indexOf(there, seen!).map((n, k) => ([900, 0, -50][k]! + (n + 0.5) * movingGrid.um[k]!) / 1000);
    const vector = [0, 1, 2].map((k) =>
      bytes.readFloatLE(352 + 4 * (((k * nz + node[2]) * ny + node[1]) * nx + node[0])),
    );
    const from = [-right[0]!, -right[1]!, right[2]!];
    vector.forEach((value, k) => expect(value).toBeCloseTo(mm[k]! - from[k]!, 4));
  }
}

/** The scene's chain, its affine maps by hand and its field as any other, leads where the registration does. */
async function checkScene(engine: TempEngine, registration: Registration, onto: 'fixed' | 'moving', out: string) {
  const { client, library } = engine;
  const { attributes } = JSON.parse(readFileSync(join(out, 'zarr.json'), 'utf8'));
  const [chain] = attributes.ome.scene.coordinateTransformations;
  const from = onto === 'fixed' ? 'fixed' : 'moving';
  expect(chain).toMatchObject({
    type: 'sequence',
    input: { name: from },
    output: { name: from === 'fixed' ? 'moving' : 'fixed' },
  });
  const steps = chain.transformations.map((one: { type: string; affine: number[][]; path: string }): WarpStep => {
    if (one.type === 'affine') {
      const [z = [], y = [], x = []] = one.affine;
      const matrix = [x, y, z].flatMap((row) => [row[2]!, row[1]!, row[0]!, row[3]!]);
      return { type: 'affine', matrix, frame: 'volume', inverse: false };
    }
    return {
      ...{ type: 'field', source: join(out, one.path), allowPrivate: false, holds: 'displacement', frame: 'auto' },
      ...{ interpolation: 'linear', inverse: false },
    };
  });
  expect(steps.map(({ type }: WarpStep) => type)).toEqual(onto === 'fixed' ? ['field', 'affine'] : ['affine', 'field']);
  const [result, source] =
    onto === 'fixed' ? [registration.fixed, registration.moving] : [registration.moving, registration.fixed];
  const { volume } = await client.warp.create({
    library,
    volume: source,
    steps,
    grid: { type: 'like', volume: result },
  });
  const frame = await frameOf(engine, result);
  const points = [
    [11.3, 20.2, 9.7],
    [30, 33, 20],
    [2, 3, 4],
  ].map((index) => nmOf(frame, index));
  const seen = (await client.warp.points({ library, volume: volume.id, points })).value.points;
  const other = onto === 'fixed' ? 'moving' : 'fixed';
  const wanted = await client.register.points({ library, registration: registration.id, points, onto: other });
  seen.forEach((point, i) =>
    point!.forEach((nm, k) => expect(Math.abs(nm - wanted.value.points[i]![k]!)).toBeLessThan(10)),
  );
}
