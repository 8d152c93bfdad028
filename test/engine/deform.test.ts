// Volumes bent onto each other: a made-up brain of regions, seen as it is and through a smooth map that is known.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Registration } from '../../preload/contract/register.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { bent, inside, meanMiss, photograph, regions, side, truth, um } from './bent-brain.ts';
import { correlation } from './correlation.ts';
import { added, written } from './made-up-brain.ts';
import { finishedJob } from './finished-job.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

function dice(a: Uint8Array, b: Uint8Array): number {
  const each = regions.map((_, i) => {
    let [both, all] = [0, 0];
    a.forEach((label, v) => {
      all += Number(label === i + 1) + Number(b[v] === i + 1);
      both += Number(label === i + 1 && b[v] === i + 1);
    });
    return all === 0 ? NaN : (2 * both) / all;
  });
  const seen = each.filter((value) => !Number.isNaN(value));
  return seen.reduce((sum, value) => sum + value, 0) / seen.length;
}

async function bentOver(engine: TempEngine, names: readonly [string, string], more: object) {
  const { client, library, folder, result } = engine;
  const stays = photograph(folder, names[0], (place) => place);
  const wavy = photograph(folder, names[1], bent);
  const [fixed, moving] = [await added(engine, stays.image), await added(engine, wavy.image)];
  const { job } = await client.register.lddmm({ library, fixed, moving, smoothUm: 120, metric: 'cc', ...more });
  const { registration: id } = await result<{ registration: string }>(Promise.resolve({ job }));
  return {
    stays,
    wavy,
    fixed,
    moving,
    job,
    registration: (await client.register.get({ library, registration: id })).value.registration,
  };
}

test('a bent brain is bent back, with its labels and points, both ways', async () => {
  const engine = tempEngine();
  const { client, library } = engine;
  const { stays, wavy, job, registration, fixed, moving } = await bentOver(engine, ['atlas', 'brain'], {});
  expect(registration).toMatchObject({ kind: 'deformable', verdict: 'pass', reasons: [], fixed, moving });
  const labels = await added(engine, wavy.labelFile, 'segmentation');
  const shown = async (id: string): Promise<Uint8Array> => {
    const { volume } = await client.register.apply({ library, registration: id, volume: labels });
    return (await client.volume.cutout({ library, source: volume.id, box: `0:${side},0:${side},0:${side}` })).bytes!;
  };
  expect(dice(await shown(registration.parent!), stays.labels)).toBeLessThan(0.88);
  expect(dice(await shown(registration.id), stays.labels)).toBeGreaterThan(0.9);

  const onto = async (id: string, points: Vec3[], to: 'fixed' | 'moving') =>
    (await client.register.points({ library, registration: id, points, onto: to })).value.points as Vec3[];
  const onFixed = await onto(registration.id, inside, 'fixed');
  expect(meanMiss(await onto(registration.parent!, inside, 'fixed'), truth(inside))).toBeGreaterThan(19);
  expect(meanMiss(onFixed, truth(inside))).toBeLessThan(0.4 * um);
  // A hundredth of a voxel, though each way has a field of its own.
  expect(meanMiss(await onto(registration.id, onFixed, 'moving'), inside)).toBeLessThan(0.25);
  await watched(engine, job);
  await bends(engine, registration);
  await swept(engine, registration.id);
});

/** Fields stay while anything refers to them: the registration, or what was made with it. */
async function swept({ client, library }: TempEngine, registration: string): Promise<void> {
  const files = () => readdirSync(join(library, 'fields', registration)).toSorted();
  expect(files()).toEqual(['fixed-from-moving.nrrd', 'moving-from-fixed.nrrd', expect.stringMatching(/^state-/)]);
  await client.register.remove({ library, registration });
  expect((await client.library.sweep({ library, alsoRemoved: true })).folders).toEqual([]);
  const { warps } = (await client.warp.list({ library })).value;
  const through = warps.filter(({ steps }) => JSON.stringify(steps).includes(registration));
  expect(through).toHaveLength(1);
  for (const { volume } of through) await client.volume.remove({ library, volume });
  expect((await client.library.sweep({ library })).folders).toEqual([]);
  expect((await client.library.sweep({ library, alsoRemoved: true })).folders).toEqual([registration]);
  expect(existsSync(join(library, 'fields', registration))).toBe(false);
}

/** What a plane says of its bending is what points do, and lies within the volumes that were measured. */
async function bends({ client, library }: TempEngine, { id, parent, numbers }: Registration): Promise<void> {
  const { value, bytes } = await client.register.planes({ library, registration: id, sidePx: 30, bends: 9 });
  const [xy] = value.planes;
  const pictures = value.planes.reduce((sum, { width, height }) => sum + 2 * width * height, 0);
  const lattice = new Float32Array(bytes!.slice(pictures + (-pictures & 3)).buffer);
  const count = xy!.columns * xy!.rows;
  expect([xy!.columns, xy!.rows, lattice.length]).toEqual([9, 9, 9 * count]);
  const stepNm = (1000 * xy!.pixelUm * xy!.width) / 8;
  for (const at of [
    [2, 3],
    [5, 4],
    [6, 6],
  ] as const) {
    const point: Vec3 = [at[0] * stepNm, at[1] * stepNm, value.at[2]];
    const there = await client.register.points({ library, registration: id, points: [point], onto: 'moving' });
    const [led] = (
      await client.register.points({ library, registration: parent!, points: there.value.points as Vec3[] })
    ).value.points;
    const i = at[1] * 9 + at[0];
    expect(lattice[i]).toBeCloseTo((led![0] - point[0]) / 1000, 2);
    expect(lattice[count + i]).toBeCloseTo((led![1] - point[1]) / 1000, 2);
  }
  const [least, most] = numbers.deformable!.logJacobian!;
  const logs = [0, 1, 2].flatMap((k) => [...lattice.slice((3 * k + 2) * count, (3 * k + 3) * count)]);
  expect(Math.min(...logs)).toBeGreaterThan(least - 0.05);
  expect(Math.max(...logs)).toBeLessThan(most + 0.05);
  expect(Math.max(...logs)).toBeGreaterThan(0.05);
}

async function watched({ client, library }: TempEngine, job: string): Promise<void> {
  const { value, bytes } = await client.register.progress({ library, job });
  expect(value.levels.map(({ state, size }) => [state, size[0]])).toEqual([
    ['done', 16],
    ['done', 32],
  ]);
  for (const { data } of value.levels) expect(data.length).toBeGreaterThan(10);
  expect(value.preview).toMatchObject({ level: 1, iteration: value.levels[1]!.data.length - 1 });
  for (const { width, height, at, columns, rows, stepPx } of value.preview!.planes) {
    const [fixed, moved] = [at.fixed, at.moved].map((from) => bytes!.subarray(from, from + width * height));
    expect(correlation(fixed!, moved!)).toBeGreaterThan(0.99);
    const grid = new Float32Array(bytes!.slice(at.grid, at.grid + 8 * columns * rows).buffer);
    expect([columns, rows].map((n) => n * stepPx)).toEqual([width, height]);
    expect(Math.max(...grid.map(Math.abs))).toBeGreaterThan(20);
  }
}

test('a level that was accepted is left, over a pause, and what can not be is refused', async () => {
  const engine = tempEngine();
  const { client, library, folder } = engine;
  const [stays, wavy] = [photograph(folder, 'atlas', (place) => place), photograph(folder, 'brain', bent)];
  const [fixed, moving] = [await added(engine, stays.image), await added(engine, wavy.image)];
  const { job } = await client.register.lddmm({ library, fixed, moving, smoothUm: 120, metric: 'cc', iterations: 80 });
  const accepted: number[] = [];
  let isPausing = false;
  const over = await finishedJob(client, library, job, ({ state, stage, done }) => {
    if (state === 'running' && stage.startsWith('Bending') && done > 0 && !isPausing) {
      isPausing = true;
      void client.job.pause({ library, job });
    }
    if (state === 'paused' && accepted.length === 0) {
      accepted.push(-1);
      void client.register
        .accept({ library, job })
        .then(({ level }) => accepted.splice(0, 1, level))
        .then(() => client.job.resume({ library, job }));
    }
  });
  expect(over.state).toMatch(/^done/);
  const { levels } = (await client.register.progress({ library, job })).value;
  expect(accepted).toEqual([0]);
  expect(levels.map(({ state }) => state)).toEqual(['accepted', 'done']);
  expect(levels[0]!.data.length).toBeLessThan(60);
  await expect(client.register.accept({ library, job })).rejects.toThrow(/No level/);
  await expect(client.register.progress({ library, job: 'job-000000000000' })).rejects.toThrow(/no deformation/);

  const { registration: id } = over.result as { registration: string };
  const { registration } = (await client.register.get({ library, registration: id })).value;
  const wrong: readonly [object, RegExp][] = [
    [{ start: registration.parent!, fixed: moving }, /of other volumes/],
    [{ fixed }, /not said what/],
    [{ fixed, moving: fixed }, /to itself/],
    [{ start: registration.parent!, memory: '20MB' }, /at 31.3 µm \(32 x 32 x 32 voxels\) takes about/],
  ];
  for (const [more, why] of wrong) {
    const refused = engine.result(client.register.lddmm({ library, ...more }));
    await expect(refused).rejects.toThrow(why);
  }
  await movedByHand(engine, registration);
  await withLandmarks(engine, registration);
});

async function movedByHand({ client, library }: TempEngine, { id: registration }: Registration): Promise<void> {
  const points = inside.slice(0, 5);
  const before = (await client.register.points({ library, registration, points })).value.points;
  await client.register.nudge({ library, registration, matrix: [1, 0, 0, 25_000, 0, 1, 0, 0, 0, 0, 1, -9000] });
  const moved = (await client.register.points({ library, registration, points })).value.points;
  const wanted = before.map((point) => [point![0] + 25_000, point![1], point![2] - 9000] as const);
  expect(meanMiss(moved, wanted)).toBeLessThan(1e-6);
  const back = (await client.register.points({ library, registration, points: moved as Vec3[], onto: 'moving' })).value;
  expect(meanMiss(back.points, points)).toBeLessThan(0.25);
}

/** Where people saw the same in both: bent from a thin plate through them on; and, from what bends already, mended. */
async function withLandmarks({ client, library, result }: TempEngine, { id, parent }: Registration): Promise<void> {
  const places = inside.slice(0, 14);
  const landmarks = places.map((source, i) => ({ id: String(i), source, target: truth(places)[i]! }));
  const bentFrom = async (start: string, more: object): Promise<string> => {
    const given = { library, start, smoothUm: 120, metric: 'cc' as const, ...more };
    return (await result<{ registration: string }>(client.register.lddmm(given))).registration;
  };
  const missOf = async (registration: string, points: readonly Vec3[]): Promise<[there: number, back: number]> => {
    const asked = { library, registration };
    const there = (await client.register.points({ ...asked, points: [...points] })).value.points;
    const back = (await client.register.points({ ...asked, points: truth(points), onto: 'moving' })).value.points;
    return [meanMiss(there, truth(points)), meanMiss(back, points)];
  };
  const [straight] = await missOf(parent!, places);
  const [led] = await missOf(
    await bentFrom(parent!, { landmarks, metric: 'cc', regularity: 0.002, iterations: 1 }),
    places,
  );
  expect(led).toBeLessThan(0.4 * straight);
  const mended = await bentFrom(id, { landmarks, landmarkUse: 'correction', iterations: 1 });
  expect((await missOf(id, places)).every((miss) => miss > 20)).toBe(true);
  const [there, back] = await missOf(mended, places);
  expect([there < 1.5, back < 0.25]).toEqual([true, true]);
}

test('a slab of tissue that was lost does not count: by a mask, or told apart', async () => {
  const engine = tempEngine();
  const { client, library, folder, result } = engine;
  const fixed = await added(engine, photograph(folder, 'whole', (place) => place).image);
  const { moving, movingMask } = await tornFrom(engine, photograph(folder, 'untorn', bent).image);
  const kept = inside.filter(([x]) => x < 1000 * um * (tear - 2) || x > 1000 * um * (tear + tornColumns + 2));
  const missBy = async (more: object): Promise<number> => {
    const started = client.register.lddmm({ library, fixed, moving, smoothUm: 120, ...more });
    const { registration } = await result<{ registration: string }>(started);
    const { points } = (await client.register.points({ library, registration, points: kept })).value;
    return meanMiss(points, truth(kept));
  };
  const cubic = { metric: 'ssd', contrast: 'cubic' } as const;
  expect(await missBy({ metric: 'cc' })).toBeGreaterThan(um);
  expect(await missBy({ metric: 'cc', movingMask })).toBeLessThan(0.6 * um);
  const torn = await missBy(cubic);
  expect(torn).toBeGreaterThan(2 * um);
  expect(await missBy({ ...cubic, missing: true })).toBeLessThan(0.4 * torn);
  expect(await missBy({ ...cubic, movingMask })).toBeLessThan(0.6 * um);
});

/** Columns of voxels that are lost. */
const [tear, tornColumns] = [14, 5];

/** The volume without a slab, and a mask of what is left. */
async function tornFrom(engine: TempEngine, image: string) {
  const file = readFileSync(image);
  const body = file.length - 2 * side ** 3;
  const isLeft = (voxel: number): boolean => voxel % side < tear || voxel % side >= tear + tornColumns;
  const [levels, labels] = [new Uint16Array(side ** 3), new Uint8Array(side ** 3)];
  for (let i = 0; i < side ** 3; i++) {
    if (isLeft(i)) levels[i] = file.readUInt16LE(body + 2 * i);
    labels[i] = Number(isLeft(i));
  }
  const place = [`spacings: ${um} ${um} ${um}`, 'units: "um" "um" "um"'];
  const left = written(engine.folder, 'left', [side, side, side], place, { levels, labels });
  return { moving: await added(engine, left.image), movingMask: await added(engine, left.labelFile, 'segmentation') };
}

const shared = join(import.meta.dirname, '../../../shared/data');
const brain = join(shared, 'mouse-brain/downsampled.tiff');
const template = join(shared, 'atlas/average_template_100.nrrd');
const isHere = existsSync(brain) && existsSync(template);
if (!isHere) console.warn('skipped: a real brain is bent onto the atlas, because ../shared/data is not here');

test.skipIf(!isHere)('a real mouse brain is bent onto the Allen atlas, and is more like it', async () => {
  const engine = tempEngine();
  const { client, library, result } = engine;
  const voxelSizeNm: Vec3 = [100_000, 100_000, 100_000];
  const fixed = await added(engine, template);
  const adding = client.volume.add({ library, source: brain, voxelSizeNm });
  const { volume: moving } = await result<{ volume: string }>(adding);
  const started = client.register.lddmm({ library, fixed, moving, finestUm: 300 });
  const { registration: id } = await result<{ registration: string }>(started);
  const { registration } = (await client.register.get({ library, registration: id })).value;
  expect(registration).toMatchObject({ verdict: 'pass', reasons: [] });
  const cut = async (source: string): Promise<Float32Array> => {
    const { bytes } = await client.volume.cutout({ library, source, box: '0:132,0:80,0:114' });
    return Float32Array.from(new Uint16Array(bytes!.slice().buffer));
  };
  const seen = async (by: string): Promise<Float32Array> =>
    cut((await client.register.apply({ library, registration: by })).volume.id);
  const stays = await cut(fixed);
  const [straight, bends] = [await seen(registration.parent!), await seen(id)].map((one) => correlation(one, stays));
  expect(bends! - straight!).toBeGreaterThan(0.02);
});
