// Registrations are measured by what is known beside them; the same told here another way: voxel by voxel, by hand.
import { expect, test } from 'vitest';
import type { LamellaError } from '../../preload/contract/errors.ts';
import type { Registration } from '../../preload/contract/register.ts';
import type { Evaluation } from '../../preload/contract/registration-evaluation.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { overlapOf } from '../../main/engine/registrations/label-overlap.ts';
import { binEdges, jointCounts, sharedInformation } from '../../main/engine/registrations/shared-information.ts';
import {
  added,
  at,
  fixedGrid,
  frameOf,
  inverted,
  movingGrid,
  nmOf,
  photograph,
  registered,
  spaced,
} from './made-up-brain.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

async function evaluated({ client, library, result }: TempEngine, registration: string, more: object = {}) {
  const done = client.register.evaluate({ library, registration, ...more });
  return (await result<{ evaluation: Evaluation }>(done)).evaluation;
}

test('a registration is measured as its labels, landmarks and numbers say', async () => {
  const engine = tempEngine();
  const { client, library, folder } = engine;
  const stays = photograph(folder, 'atlas', fixedGrid, spaced(fixedGrid, [-300, 450, 120]));
  const turned = photograph(folder, 'brain', movingGrid, spaced(movingGrid, [900, 0, -50]), inverted);
  const [fixed, moving] = [await added(engine, stays.image), await added(engine, turned.image)];
  const fixedLabels = await added(engine, stays.labelFile, 'segmentation');
  const movingLabels = await added(engine, turned.labelFile, 'segmentation');
  const registration = await registered(engine, fixed, moving);
  const { id } = registration;
  const aside = await registered(engine, fixed, moving, { start: id });
  await client.register.nudge({ library, registration: aside.id, matrix: [1, 0, 0, 60_000, 0, 1, 0, 0, 0, 0, 1, 0] });

  const landmarks = await truePairs(engine, registration);
  const with_ = { fixedLabels, movingLabels, landmarks, against: aside.id };
  const found = await evaluated(engine, id, with_);
  expect(found).toMatchObject({ verdict: 'pass', reasons: [], resolutionUm: 25 });
  const [own, other] = [await dicesByHand(engine, id, with_, stays.labels), found.dice!.against!];
  expect(Object.fromEntries(found.dice!.regions.map(({ id: label, dice }) => [label, dice]))).toEqual(own);
  expect(found.dice!.mean).toBeGreaterThan(0.9);
  const theirs = await dicesByHand(engine, aside.id, with_, stays.labels);
  expect(Object.fromEntries(found.dice!.regions.map(({ id: label, against }) => [label, against]))).toEqual(theirs);
  expect(other.mean).toBeLessThan(found.dice!.mean - 0.05);

  expect(found.landmarksUm!.mean).toBeLessThan(12);
  expect(found.landmarksUm!.each.map(({ id: name }) => name)).toEqual(landmarks.map(({ id: name }) => name));
  expect(Math.abs(found.landmarksUm!.meanAgainst! - 60)).toBeLessThan(12);
  const [m] = registration.movingFromFixed;
  const matrix = m?.type === 'affine' ? m.matrix : [];
  const rows = [0, 4, 8].map((row) => matrix.slice(row, row + 3) as unknown as Vec3);
  const determinant = rows[0]!.reduce((sum, v, i) => {
    const [j, k] = [(i + 1) % 3, (i + 2) % 3];
    return sum + v * (rows[1]![j]! * rows[2]![k]! - rows[1]![k]! * rows[2]![j]!);
  }, 0);
  expect(found.jacobian).toMatchObject({ least: expect.closeTo(determinant, 5), most: expect.closeTo(determinant, 5) });
  expect(found.jacobian.folded).toBe(0);
  expect(found.inverseUm.most).toBeLessThan(1e-6);
  expect(found.similarityAfter).toBeGreaterThan(found.similarityBefore + 0.1);
  expect((await client.register.get({ library, registration: id })).value.registration.numbers.evaluation).toEqual(
    found,
  );

  await refusedAndFailed(engine, registration, with_);
});

/** What it can't measure, and what it measures to be no map; then that a move takes the measure away. */
async function refusedAndFailed(
  engine: TempEngine,
  { id, fixed }: Registration,
  labels: Record<'fixedLabels', string>,
) {
  const { client, library } = engine;
  const wrong: readonly [object, RegExp][] = [
    [{ fixedLabels: labels.fixedLabels }, /one volume alone/],
    [{ fixedLabels: labels.fixedLabels, movingLabels: fixed }, /is an image/],
    [{ against: id }, /against itself/],
    [{ movingTime: 3 }, /no channel 0 at time 3/],
    [{ landmarks: [] }, /No landmark is placed/],
  ];
  for (const [more, why] of wrong) await expect(evaluated(engine, id, more)).rejects.toThrow(why);
  await client.register.nudge({ library, registration: id, matrix: [1, 0, 0, 0, 0, 1, 0, 450_000, 0, 0, 1, 0] });
  const get = async () => (await client.register.get({ library, registration: id })).value.registration.numbers;
  expect((await get()).evaluation).toBeUndefined();
  const error = await evaluated(engine, id).then(
    () => null,
    (thrown: LamellaError) => thrown,
  );
  expect(error).toMatchObject({ tag: 'not-good-enough', message: expect.stringMatching(/share .* and .* before/) });
  expect((await get()).evaluation?.verdict).toBe('fail');
}

/** Landmarks of the brain, as both volumes have them by their making. */
async function truePairs(engine: TempEngine, { fixed, moving }: Registration) {
  const [here, there] = [await frameOf(engine, fixed), await frameOf(engine, moving)];
  const umOf = (index: readonly number[], um: Vec3): Vec3 => index.map((n, k) => n * um[k]!) as unknown as Vec3;
  // In the moving volume, and where that is in the fixed one, whose axes are the brain's.
  const indices = [10, 20, 30].flatMap((n) => [
    [n, 2 * n - 5, n],
    [35 - n / 2, n + 12, n + 4],
  ]);
  return indices.map((index, i) => {
    const brain = at(movingGrid.brainFromUm, umOf(index, movingGrid.um));
    const inFixed = brain.map((um, k) => (um - fixedGrid.brainFromUm[4 * k + 3]!) / fixedGrid.um[k]!);
    return { id: `p${i}`, source: nmOf(there, index), target: nmOf(here, inFixed) };
  });
}

/** From the warped labels as they are read. */
async function dicesByHand(
  { client, library }: TempEngine,
  registration: string,
  { movingLabels }: { readonly movingLabels: string },
  stays: Uint8Array,
): Promise<Record<string, number>> {
  const { volume } = await client.register.apply({ library, registration, volume: movingLabels });
  const box = fixedGrid.size.map((n) => `0:${n}`).join(',');
  const seen = (await client.volume.cutout({ library, source: volume.id, box })).bytes!;
  const labels = [...new Set([...stays, ...seen])].filter((label) => label > 0);
  const count = (is: (i: number) => boolean): number => stays.reduce((sum, _, i) => sum + (is(i) ? 1 : 0), 0);
  const dice = (label: number): number =>
    (2 * count((i) => stays[i] === label && seen[i] === label)) /
    (count((i) => stays[i] === label) + count((i) => seen[i] === label));
  return Object.fromEntries(labels.map((label) => [String(label), dice(label)]));
}

test('labels of 64 bits are told apart by their last bit, and information is shared whatever the contrast', () => {
  const ids = (values: readonly bigint[]) => ({
    bytes: new Uint8Array(BigUint64Array.from(values).buffer),
    dtype: 'uint64' as const,
  });
  const [a, b] = [2n ** 63n, 2n ** 63n + 1n];
  expect(overlapOf(ids([a, a, b, 0n, b]), ids([a, b, b, b, 0n]))).toEqual({
    inside: [4, 4, 3],
    labels: [
      [String(a), 2, 1, 1],
      [String(b), 2, 3, 1],
    ],
  });
  const levels = Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) % 251);
  const other = levels.map((level) => 255 - level);
  const counted = (bytes: Uint8Array) => ({
    bytes,
    dtype: 'uint8' as const,
    edges: binEdges(Float64Array.from(bytes).sort()),
  });
  const seen = new Uint8Array(4096).fill(1);
  expect(sharedInformation(jointCounts(counted(levels), counted(other), seen))).toBeGreaterThan(0.9);
  const shuffled = Uint8Array.from({ length: 4096 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 8) % 251);
  expect(sharedInformation(jointCounts(counted(levels), counted(shuffled), seen))).toBeLessThan(0.2);
  expect(sharedInformation(jointCounts(counted(levels), counted(new Uint8Array(4096)), seen))).toBe(0);
});
