// Volumes laid over each other: a made-up brain of regions, seen twice with known places, told by index of voxel.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LamellaError } from '../../preload/contract/errors.ts';
import type { Registration } from '../../preload/contract/register.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { levelFor, workingResolutionNm } from '../../main/engine/registrations/level-for.ts';
import { correlation } from './correlation.ts';
import { finishedJob } from './finished-job.ts';
import {
  added,
  at,
  fixedGrid,
  frameOf,
  indexOf,
  inverted,
  movingGrid,
  nmOf,
  photograph,
  placed,
  random,
  registered,
  spaced,
} from './made-up-brain.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';
import { writeNrrd } from './write-nrrd.ts';

const corners = Array.from({ length: 8 }, (_, i) => fixedGrid.size.map((n, k) => ((i >> k) & 1) * (n - 1)));

/** Farthest that a corner of the fixed volume is led astray, voxels of the moving one. */
async function cornerError(engine: TempEngine, { id, fixed, moving }: Registration): Promise<number> {
  const [frame, there] = [await frameOf(engine, fixed), await frameOf(engine, moving)];
  const points = corners.map((corner) => nmOf(frame, corner));
  const { value } = await engine.client.register.points({
    library: engine.library,
    registration: id,
    points,
    onto: 'moving',
  });
  const errors = corners.map((corner, i) => {
    const brain = at(
      fixedGrid.brainFromUm,
      corner.map((n, k) => n * fixedGrid.um[k]!),
    );
    const found = indexOf(there, value.points[i]!);
    const seen = at(
      movingGrid.brainFromUm,
      found.map((n, k) => n * movingGrid.um[k]!),
    );
    return Math.hypot(...seen.map((v, k) => v - brain[k]!)) / Math.min(...movingGrid.um);
  });
  return Math.max(...errors);
}

test('a turned, stretched brain in other contrast and other voxels is laid over, labels with it', async () => {
  const engine = tempEngine();
  const { client, library, folder } = engine;
  const stays = photograph(folder, 'atlas', fixedGrid, spaced(fixedGrid, [-300, 450, 120]));
  const turned = photograph(folder, 'brain', movingGrid, placed(movingGrid), inverted);
  const fixed = await added(engine, stays.image);
  const moving = await added(engine, turned.image);
  const registration = await registered(engine, fixed, moving);
  expect(registration).toMatchObject({ verdict: 'pass', reasons: [], kind: 'affine', name: 'brain onto atlas' });
  expect(registration.numbers.affine?.best.axes).toEqual(['+y', '-x', '+z']);
  expect(await cornerError(engine, registration)).toBeLessThan(0.5);

  const there = { library, registration: registration.id };
  const labels = await added(engine, turned.labelFile, 'segmentation');
  const { volume } = await client.register.apply({ ...there, volume: labels });
  expect(volume).toMatchObject({ kind: 'segmentation', levels: [{ size: fixedGrid.size }] });
  const { bytes } = await client.volume.cutout({
    library,
    source: volume.id,
    box: fixedGrid.size.map((n) => `0:${n}`).join(','),
  });
  const [both, all] = [(a: number, i: number) => a === stays.labels[i] && a > 0, (a: number) => a > 0];
  const shown = bytes ?? new Uint8Array();
  expect(
    (2 * shown.filter(both).length) / (shown.filter(all).length + stays.labels.filter(all).length),
  ).toBeGreaterThan(0.9);
  const back = await client.register.apply({ ...there, onto: 'moving' });
  expect(back.volume.levels[0]?.size).toEqual(movingGrid.size);

  const points: Vec3[] = [
    [100_000, 900_000, 700_000],
    [0, 0, 0],
  ];
  const seen = (await client.register.points({ ...there, points, onto: 'moving' })).value.points;
  const again = (await client.register.points({ ...there, points: seen as Vec3[] })).value.points;
  again.forEach((point, i) => point?.forEach((value, k) => expect(value).toBeCloseTo(points[i]![k]!, 6)));

  await pictured(engine, registration);
  await exported(engine, registration);
  await nudged(engine, registration);
  await refused(engine, { fixed, moving, labels });
});

/** ITK's text and MATLAB's file say the same map; by hand: LPS of the moving file = -(1.5 + i x), -(-2 + j y), 0.75 + k z. */
async function exported(engine: TempEngine, { id: registration, fixed, moving }: Registration): Promise<void> {
  const { client, library, folder } = engine;
  const [text, mat] = [join(folder, 'affine.txt'), join(folder, 'affine.mat')];
  const { result } = engine;
  await result(client.register.export({ library, registration, out: text }));
  await result(client.register.export({ library, registration, out: mat, format: 'ants-mat' }));
  const numbers = (name: string): number[] =>
    new RegExp(`^${name}: (.*)$`, 'm').exec(readFileSync(text, 'utf8'))![1]!.split(' ').map(Number);
  const [p, c] = [numbers('Parameters'), numbers('FixedParameters')];
  const [frame, there] = [await frameOf(engine, fixed), await frameOf(engine, moving)];
  const nm = nmOf(frame, [3, 40, 11]);
  const { value } = await client.register.points({ library, registration, points: [nm], onto: 'moving' });
  const [i, j, k] = indexOf(there, value.points[0]!);
  const from = nm.map((v, n) => v / 1e6 - c[n]!);
  const led = [0, 1, 2].map(
    (r) => p[3 * r]! * from[0]! + p[3 * r + 1]! * from[1]! + p[3 * r + 2]! * from[2]! + c[r]! + p[9 + r]!,
  );
  const truth = [-(1.5 + i! * 0.03), -(-2 + j! * 0.02), 0.75 + k! * 0.026];
  led.forEach((v, n) => expect(v).toBeCloseTo(truth[n]!, 9));
  const bytes = readFileSync(mat);
  const name = 'AffineTransform_double_3_3\0';
  expect([0, 4, 8, 12, 16].map((n) => bytes.readInt32LE(n))).toEqual([0, 12, 1, 0, name.length]);
  expect(bytes.toString('latin1', 20, 20 + name.length)).toBe(name);
  expect(p.map((_, n) => bytes.readDoubleLE(20 + name.length + 8 * n))).toEqual(p);
  expect(bytes.subarray(20 + name.length + 96).readInt32LE(4)).toBe(3);
  expect(c.map((_, n) => bytes.readDoubleLE(bytes.length - 24 + 8 * n))).toEqual(c);
  await expect(result(client.register.export({ library, registration, out: join(library, 'a.txt') }))).rejects.toThrow(
    /inside the library/,
  );
}

/** Both brains over planes of the atlas: as its own voxels and as the warped volume has them, whatever the place. */
async function pictured(engine: TempEngine, { id: registration, fixed }: Registration): Promise<void> {
  const { client, library } = engine;
  const seen = (await client.register.apply({ library, registration })).volume;
  const frame = await frameOf(engine, fixed);
  const index = [20, 17, 12] as const;
  const input = { library, registration, at: nmOf(frame, index), sidePx: 60, bends: 12 };
  const { value, bytes } = await client.register.planes(input);
  expect(value.planes.map(({ plane, width, height, columns }) => [plane, width, height, columns])).toEqual([
    ['xy', 60, 55, 0],
    ['xz', 60, 60, 0],
    ['yz', 55, 60, 0],
  ]);
  const sizes = value.planes.map(({ width, height }) => width * height);
  const [xy = 0, all] = [sizes[0], sizes.reduce((a, b) => a + b)];
  expect(bytes?.byteLength).toBe(2 * all);
  const { value: stays } = await client.view.volume({ library, volume: fixed });
  // Every fifth pixel lies on every fourth voxel's centre but for a quarter of a pixel: smooth tissue is alike there.
  for (const [volume, picture] of [
    [stays, bytes?.subarray(0, xy)],
    [seen, bytes?.subarray(all, all + xy)],
  ] as const) {
    const [low, high] = volume.channels[0]!.window;
    const box = `0:48,0:44,${index[2]}:${index[2] + 1}`;
    const cut = await client.volume.cutout({ library, source: volume.id, box });
    const voxels = new Uint16Array((cut.bytes ?? new Uint8Array()).slice().buffer);
    const differences = Array.from({ length: xy }, (_, i) => {
      const [x, y] = [Math.floor((48 * ((i % 60) + 0.5)) / 60), Math.floor((44 * (Math.floor(i / 60) + 0.5)) / 55)];
      const grey = (255 * ((voxels[48 * y + x] ?? 0) - low)) / (high - low);
      return Math.abs(Math.max(0, Math.min(255, grey)) - (picture?.[i] ?? 0));
    });
    expect(differences.toSorted((a, b) => a - b)[Math.floor(xy / 2)]).toBeLessThan(8);
  }
  const moved = [1, 0, 0, 75_000, 0, 1, 0, 0, 0, 0, 1, 0];
  const aside = await client.register.planes({ ...input, moved });
  expect(aside.bytes?.subarray(0, all)).toEqual(bytes?.subarray(0, all));
  expect(aside.bytes?.subarray(all)).not.toEqual(bytes?.subarray(all));
  await client.library.undo({ library });
}

async function nudged({ client, library }: TempEngine, before: Registration): Promise<void> {
  const there = { library, registration: before.id };
  const points: Vec3[] = [[200_000, 800_000, 500_000]];
  const [seen] = (await client.register.points({ ...there, points, onto: 'moving' })).value.points;
  const turn = [0, -1, 0, 25_000, 1, 0, 0, 0, 0, 0, 1, -40_000];
  const { registration } = await client.register.nudge({ ...there, matrix: turn });
  expect(registration).toMatchObject({ verdict: 'warn', reasons: [expect.stringMatching(/by hand/)] });
  const [moved] = (await client.register.points({ ...there, points: [seen!] })).value.points;
  at(turn, points[0]!).forEach((value, k) => expect(moved?.[k]).toBeCloseTo(value, 6));
  await expect(client.register.nudge({ ...there, matrix: turn.map(() => 0) })).rejects.toThrow(/flattens/);
  await client.library.undo({ library });
  expect((await client.register.get(there)).value.registration).toEqual(before);
  await client.register.remove(there);
  expect((await client.register.list({ library })).value.registrations).toEqual([]);
  await client.library.undo({ library });
  expect((await client.register.list({ library, volume: before.moving })).value.registrations).toEqual([before]);
}

async function refused(engine: TempEngine, { fixed, moving, labels }: Record<'fixed' | 'moving' | 'labels', string>) {
  const wrong: readonly [object, RegExp][] = [
    [{ moving: fixed }, /to itself/],
    [{ moving: labels }, /holds labels/],
    [{ movingChannel: 1 }, /no channel 1 at time 0/],
    [{ moving: 'volume-000000000000' }, /no volume volume-000000000000/],
    [{ memory: '1MB' }, /takes about .* GiB/],
    [{ landmarks: [{ id: '1', source: null, target: [0, 0, 0] }] }, /No landmark is placed/],
    [{ startMatrix: Array.from({ length: 12 }, () => 0) }, /no inverse/],
  ];
  for (const [more, why] of wrong) await expect(registered(engine, fixed, moving, more)).rejects.toThrow(why);
}

/** A volume of the library is added once more by its id, with voxels under which it fits. */
async function addedAgain(engine: TempEngine, fixed: string, moving: string, voxelSizeNm: Vec3): Promise<void> {
  const { client, library } = engine;
  const job = client.volume.add({ library, source: moving, voxelSizeNm });
  const { volume } = await engine.result<{ volume: string }>(job);
  const seen = (await client.view.volume({ library, volume })).value;
  expect([seen.levels[0]?.voxelSizeNm, seen.name]).toEqual([voxelSizeNm, 'brain']);
  expect((await registered(engine, fixed, volume)).numbers.affine?.fittingVoxelSizeNm).toBeNull();
}

test('wrong voxel sizes are told with the right ones, masks and starts are followed, and noise is no match', async () => {
  const engine = tempEngine();
  const { client, library, folder } = engine;
  const stays = photograph(folder, 'atlas', fixedGrid, spaced(fixedGrid, [0, 0, 0]));
  const turned = photograph(folder, 'brain', movingGrid, spaced(movingGrid, [900, 0, -50], 0.5));
  const [fixed, moving] = [await added(engine, stays.image), await added(engine, turned.image)];
  const half = await registered(engine, fixed, moving);
  expect(half.verdict).toBe('warn');
  const fitting = half.numbers.affine?.fittingVoxelSizeNm ?? [];
  fitting.forEach((nm, k) => expect(Math.abs(nm / (1000 * movingGrid.um[k]!) - 1)).toBeLessThan(0.08));
  expect(half.reasons.join()).toContain(`--voxel-size-nm ${fitting.join(',')}`);
  await addedAgain(engine, fixed, moving, fitting as unknown as Vec3);

  const sound = photograph(folder, 'sound', movingGrid, spaced(movingGrid, [900, 0, -50]));
  const torn = photograph(folder, 'torn', fixedGrid, spaced(fixedGrid, [0, 0, 0]), undefined, ([x]) => x! > 26);
  const [other, halfGone] = [await added(engine, sound.image), await added(engine, torn.image)];
  const fixedMask = await added(engine, torn.labelFile, 'segmentation');
  const first = await registered(engine, halfGone, other);
  const masked = await registered(engine, halfGone, other, { start: first.id, fixedMask });
  expect(masked.parent).toBe(first.id);
  expect(masked.numbers.affine?.runnerUp).toBeNull();
  expect(await cornerError(engine, first)).toBeGreaterThan(1);
  expect(await cornerError(engine, masked)).toBeLessThan(0.5);

  // Ten voxels off at most, by hand: told by pairs and by a matrix, both from the moving volume's nanometres.
  const [frame, toMoving] = [
    await frameOf(engine, halfGone),
    { library, registration: masked.id, onto: 'moving' } as const,
  ];
  const targets = corners.slice(0, 5).map((corner) => nmOf(frame, corner));
  const sources = (await client.register.points({ ...toMoving, points: targets })).value.points;
  const astray = sources.map((point, n) => point!.map((nm, k) => nm + 60_000 * Math.sin(7 * n + k)) as unknown as Vec3);
  const landmarks = targets.map((target, n) => ({ id: String(n), target, source: astray[n]! }));
  const placedByHand = await registered(engine, halfGone, other, { landmarks, fixedMask });
  expect(await cornerError(engine, placedByHand)).toBeLessThan(0.5);
  const [step] = masked.movingFromFixed;
  const startMatrix = step?.type === 'affine' ? step.matrix : [];
  const again = await registered(engine, halfGone, other, { startMatrix, fixedMask, model: 'rigid' });
  expect(again.numbers.affine?.miBefore).toBeCloseTo(masked.numbers.affine?.mi ?? 0, 2);

  const leftIsRight = { startMatrix: [-1, 0, 0, 1_400_000, 0, 1, 0, 0, 0, 0, 1, 0] };
  const mirrored = await registered(engine, fixed, halfGone, leftIsRight).catch((error: LamellaError) => error.message);
  expect(typeof mirrored === 'string' ? mirrored : mirrored.reasons.join()).toContain('mirror image');

  const levels = Uint8Array.from({ length: 40 ** 3 }, () => 255 * random());
  const noise = writeNrrd(join(folder, 'noise.nrrd'), [40, 40, 40], levels, spaced(fixedGrid, [0, 0, 0]));
  const { job } = await client.register.affine({ library, fixed, moving: await added(engine, noise) });
  const { error } = await finishedJob(client, library, job);
  expect(error?.tag).toBe('not-good-enough');
  const failed = (await client.register.get({ library, registration: String(error?.fields['registration']) })).value
    .registration;
  expect(failed.verdict).toBe('fail');
});

test('no finer level is read than the resolution asks for', () => {
  const level = (size: Vec3, voxel: Vec3) => ({ sizeXyz: size, voxelSizeNm: voxel });
  const levels = [
    level([4096, 4096, 500], [8, 8, 40]),
    level([2048, 2048, 500], [16, 16, 40]),
    level([1024, 1024, 500], [32, 32, 40]),
    level([512, 512, 250], [64, 64, 80]),
  ];
  expect([1, 8, 20, 40, 64, 80, 1e6].map((nm) => levelFor(levels, nm))).toEqual([0, 0, 1, 2, 2, 3, 3]);
  const cube = level([100, 100, 100], [25_000, 25_000, 25_000]);
  expect(workingResolutionNm([cube])).toBe(25_000);
  expect(workingResolutionNm([cube], 50_000)).toBe(50_000);
  // 4 million voxels of 82.9 nm make the larger one.
  expect(workingResolutionNm([level([8192, 8192, 8192], [8, 8, 8])])).toBeCloseTo((8192 * 8) / 2 ** (22 / 3), 6);
});

const shared = join(import.meta.dirname, '../../../shared/data');
const brain = join(shared, 'mouse-brain/downsampled.tiff');
const template = join(shared, 'atlas/average_template_100.nrrd');
const isHere = existsSync(brain) && existsSync(template);
if (!isHere) console.warn('skipped: a real brain and the atlas, because ../shared/data is not here');

test.skipIf(!isHere)('a real mouse brain finds its place in the Allen atlas', async () => {
  const engine = tempEngine();
  const { client, library, result } = engine;
  const fixed = await added(engine, template);
  const voxelSizeNm: Vec3 = [100_000, 100_000, 100_000];
  const { volume: moving } = await result<{ volume: string }>(
    client.volume.add({ library, source: brain, voxelSizeNm }),
  );
  const registration = await registered(engine, fixed, moving);
  const seen = await client.register.apply({ library, registration: registration.id });
  const standard = await client.volume.add({
    library,
    source: join(shared, 'mouse-brain/downsampled_standard.tiff'),
    voxelSizeNm,
  });
  const truth = (await result<{ volume: string }>(Promise.resolve(standard))).volume;
  const cut = async (source: string, [x, y, z]: Vec3) => {
    const { bytes } = await client.volume.cutout({ library, source, box: `0:${x},0:${y},0:${z}` });
    return new Uint16Array(bytes!.slice().buffer);
  };
  // The other tool wrote it with x and z exchanged.
  const theirs = await cut(truth, [114, 80, 132]);
  const ours = await cut(seen.volume.id, [132, 80, 114]);
  const turned = Uint16Array.from(
    ours,
    (_, i) => theirs[Math.floor(i / (132 * 80)) + 114 * (Math.floor(i / 132) % 80) + 114 * 80 * (i % 132)]!,
  );
  expect(correlation(ours, turned)).toBeGreaterThan(0.7);
  expect(registration).toMatchObject({ verdict: 'pass', reasons: [] });
  expect(registration.numbers.affine?.best.axes).toEqual(['+z', '+y', '-x']);
});
