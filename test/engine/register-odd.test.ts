// Volumes that are half, torn, plain, flat, of another modality or turned otherwise than said: each with its truth.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Registration } from '../../preload/contract/register.ts';
import type { Evaluation } from '../../preload/contract/registration-evaluation.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import {
  added,
  at,
  brainAt,
  fixedGrid,
  frameOf,
  type Grid,
  indexOf,
  inverted,
  movingGrid,
  nmOf,
  photograph,
  registered,
  spaced,
} from './made-up-brain.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';
import { cornerUm, writeNrrd } from './write-nrrd.ts';

/** A NRRD of any levels; x fastest. */
const written = (
  folder: string,
  name: string,
  { size, um }: Pick<Grid, 'size' | 'um'>,
  voxels: Float32Array | Uint8Array,
): string => writeNrrd(join(folder, `${name}.nrrd`), size, voxels, cornerUm(um));

const indices = ([w, h, d]: Vec3) =>
  Array.from({ length: w * h * d }, (_, i): Vec3 => [i % w, Math.floor(i / w) % h, Math.floor(i / (w * h))]);

/** Some grids see the brain bent. */
type Bent = Grid & { readonly bend?: (place: Vec3) => Vec3 };

/** Where the brain is seen by a voxel of a grid, µm. */
function brainPlace({ brainFromUm, um, bend }: Bent, index: readonly number[]): Vec3 {
  const place = at(
    brainFromUm,
    index.map((n, k) => n * um[k]!),
  );
  return bend ? bend(place) : place;
}

/** Levels of the brain as a grid sees it. */
const levelsOf = (grid: Bent, tone: (level: number, index: Vec3) => number): Float32Array =>
  Float32Array.from(indices(grid.size), (index) => tone(brainAt(brainPlace(grid, index))[1], index));

/** How far the places of the fixed grid that `looks` picks are led astray, µm of the brain. */
async function errorsUm(
  engine: TempEngine,
  { id, fixed, moving }: Registration,
  [here, there]: readonly [Bent, Bent],
  looks: (index: Vec3) => boolean,
) {
  const [frame, other] = [await frameOf(engine, fixed), await frameOf(engine, moving)];
  const picked = indices(here.size).filter((index, i) => i % 97 === 0 && looks(index));
  expect(picked.length).toBeGreaterThan(10);
  const points = picked.map((index) => nmOf(frame, index));
  const asked = { library: engine.library, registration: id, points, onto: 'moving' } as const;
  const led = (await engine.client.register.points(asked)).value.points;
  return picked.map((index, i) => {
    const [wanted, found] = [brainPlace(here, index), brainPlace(there, indexOf(other, led[i]!))];
    return Math.hypot(...wanted.map((um, k) => um - found[k]!));
  });
}

/** The farthest of them. */
const errorUm = async (...of: Parameters<typeof errorsUm>): Promise<number> => Math.max(...(await errorsUm(...of)));

const inBrain =
  (grid: Bent) =>
  (index: Vec3): boolean =>
    brainAt(brainPlace(grid, index))[0] > 0;

test('half a brain, torn tissue, gaps of no numbers and another modality of less reach find their place', async () => {
  const engine = tempEngine();
  const { folder } = engine;
  const stays = photograph(folder, 'atlas', fixedGrid, spaced(fixedGrid, [0, 0, 0]));
  const fixed = await added(engine, stays.image);
  const pair = [fixedGrid, movingGrid] as const;
  const onto = async (name: string, tone: (level: number, index: Vec3) => number): Promise<Registration> =>
    registered(engine, fixed, await added(engine, written(folder, name, movingGrid, levelsOf(movingGrid, tone))));

  const half = await onto('half', (level, [, y]) => (y < 32 ? level : 15));
  expect(half.verdict).toBe('warn');
  expect(await errorUm(engine, half, pair, (index) => inBrain(fixedGrid)(index) && index[0] < 20)).toBeLessThan(25);
  const torn = await onto('torn', (level, [x, y, z]) =>
    Math.abs(x - 20 + 0.3 * z) < 3 || (y > 44 && z < 16) ? 15 : level,
  );
  expect(await errorUm(engine, torn, pair, inBrain(fixedGrid))).toBeLessThan(8);
  const holes = await onto('holes', (level, [x, y, z]) => (z < 9 || (x * 7 + y * 5 + z * 3) % 31 === 0 ? NaN : level));
  expect(await errorUm(engine, holes, pair, inBrain(fixedGrid))).toBeLessThan(8);

  // Electrons: finer, inverted, a part of the brain alone. Three pairs by hand, 40 um off, say which.
  const em: Grid = {
    size: [70, 64, 30],
    um: [10, 10, 20],
    brainFromUm: [0.98, 0.1, 0, -380, -0.11, 1.02, 0.02, -300, 0, -0.03, 1, -350],
  };
  const dark = await added(engine, written(folder, 'em', em, levelsOf(em, inverted)));
  const landmarks = await roughPairs(engine, [dark, em], [fixed, fixedGrid]);
  const correlated = await registered(engine, dark, fixed, { landmarks });
  expect(correlated.verdict).toBe('pass');
  expect(await errorUm(engine, correlated, [em, fixedGrid], inBrain(em))).toBeLessThan(25);
  const searched = await registered(engine, dark, fixed, { model: 'rigid' });
  expect(searched.reasons.join()).toContain('% of the moving volume lies in the fixed one');
});

/** Places of a grid and where they lie in the other, 40 um beside. */
async function roughPairs(
  engine: TempEngine,
  [fixed, here]: readonly [string, Grid],
  [moving, there]: readonly [string, Grid],
) {
  const [frame, other] = [await frameOf(engine, fixed), await frameOf(engine, moving)];
  const [w, h, d] = here.size;
  const picked: readonly Vec3[] = [
    [0.2 * w, 0.2 * h, 0],
    [0.8 * w, 0.3 * h, 0],
    [0.4 * w, 0.8 * h, 0],
    [0.5 * w, 0.4 * h, d - 1],
  ];
  return (d === 1 ? picked.slice(0, 3) : picked).map((index, i) => {
    const brain = at(
      here.brainFromUm,
      index.map((n, k) => n * here.um[k]!),
    );
    const inOther = solved(there.brainFromUm, brain).map(
      (um, k) => (um + (k < 2 ? 40 * (-1) ** (i + k) : 0)) / there.um[k]!,
    );
    return { id: String(i), target: nmOf(frame, index), source: nmOf(other, inOther) };
  });
}

/** Where an affine map leads to a point from (Cramer's rule). */
function solved(m: readonly number[], to: Vec3): Vec3 {
  const column = (k: number): Vec3 => [m[k]!, m[k + 4]!, m[k + 8]!];
  const det = ([a, b, c]: readonly Vec3[]): number =>
    a![0] * (b![1] * c![2] - b![2] * c![1]) -
    b![0] * (a![1] * c![2] - a![2] * c![1]) +
    c![0] * (a![1] * b![2] - a![2] * b![1]);
  const columns = [column(0), column(1), column(2)];
  const right = to.map((v, k) => v - m[4 * k + 3]!) as unknown as Vec3;
  return columns.map((_, i) => det(columns.map((own, k) => (k === i ? right : own))) / det(columns)) as unknown as Vec3;
}

/** A section of another modality is bent onto one, and all that is made of it follows. */
async function bendsSections(engine: TempEngine, light: Grid): Promise<void> {
  const { client, library, folder, result } = engine;
  // Electrons: inverted, thicker, bent by up to 30 um.
  const em: Bent = {
    size: [150, 140, 1],
    um: [8, 8, 90],
    brainFromUm: [0.99, 0.12, 0, -660, -0.11, 1.02, 0, -490, 0, 0, 1, 60],
    bend: ([x, y, z]) => [x + 30 * Math.sin(y / 90), y + 25 * Math.cos(x / 110 + 1), z],
  };
  const fine = ([x, y]: Vec3): number => 16 * Math.sin(x / 31 + y / 57) + 16 * Math.sin(y / 27 - x / 83);
  const levels = (grid: Bent, tone: (level: number) => number): Float32Array =>
    levelsOf(grid, (level, index) => tone(inBrain(grid)(index) ? level + fine(brainPlace(grid, index)) : level));
  const fixed = await added(
    engine,
    written(
      folder,
      'light',
      light,
      levels(light, (level) => level),
    ),
  );
  const moving = await added(engine, written(folder, 'bent', em, levels(em, inverted)));
  const { job } = await client.register.lddmm({ library, fixed, moving, metric: 'mi' });
  const { registration } = await result<{ registration: string }>(Promise.resolve({ job }));
  const bent = (await client.register.get({ library, registration })).value.registration;
  const affine = (await client.register.get({ library, registration: bent.parent! })).value.registration;
  const mean = (errors: readonly number[]): number => errors.reduce((sum, um) => sum + um, 0) / errors.length;
  const [before, after] = [
    mean(await errorsUm(engine, affine, [light, em], inBrain(light))),
    mean(await errorsUm(engine, bent, [light, em], inBrain(light))),
  ];
  expect(before).toBeGreaterThan(15);
  expect(after).toBeLessThan(3);
  expect(bent.numbers.deformable).toMatchObject({ folded: 0 });
  expect(bent.numbers.deformable!.inverseErrorUm[0]).toBeLessThan(1);
  const { preview } = (await client.register.progress({ library, job })).value;
  expect(preview?.planes.map(({ plane }) => plane)).toEqual(['xy']);
  // There and back from the borders of the thicker slab, too.
  const frame = await frameOf(engine, moving);
  const points = [0.02, 0.5, 0.98].map((part): Vec3 => {
    const [x, y] = nmOf(frame, [75, 70, 0]);
    return [x, y, frame.originNm[2] + part * frame.voxelSizeNm[2]];
  });
  const led = async (given: readonly Vec3[], onto: 'fixed' | 'moving') =>
    (await client.register.points({ library, registration, points: [...given], onto })).value.points as Vec3[];
  const there = await led(points, 'fixed');
  for (const [i, place] of (await led(there, 'moving')).entries()) {
    expect(Math.hypot(...place.map((nm, k) => nm - points[i]![k]!))).toBeLessThan(500);
    expect(there[i]!.slice(0, 2)).toEqual([0, 1].map((k) => expect.closeTo(there[0]![k]!, 0)));
  }
  const { evaluation } = await result<{ evaluation: Evaluation }>(client.register.evaluate({ library, registration }));
  expect(evaluation).toMatchObject({ verdict: 'pass', jacobian: { folded: 0 } });
  const { planes } = (await client.register.planes({ library, registration, bends: 16 })).value;
  expect(planes[0]).toMatchObject({ plane: 'xy' });
  const out = join(folder, 'bent.nii');
  const exported = result(client.register.export({ library, registration, format: 'itk-nifti', out }));
  expect(await exported).toMatchObject({ field: { mostErrorUm: expect.closeTo(0, 1) } });
  const { volume: shown } = await client.register.apply({ library, registration });
  const { bytes } = await client.volume.cutout({ library, source: shown.id, box: '0:120,0:110,0:1' });
  const found = new Float32Array(bytes!.slice().buffer);
  const apart = levels(light, inverted).map((level, i) => Math.abs(level - found[i]!));
  const seen = [...apart].filter((_, i) => inBrain(light)([i % 120, Math.floor(i / 120), 0]));
  expect(mean(seen)).toBeLessThan(1.5);
}

test('sections are registered in their plane, and what can not be registered is refused by name', async () => {
  const engine = tempEngine();
  const { client, library, folder, result } = engine;
  // Two channels of one section: the same place, other contrast, turned in the second round of staining.
  const flat: Grid = {
    size: [120, 110, 1],
    um: [10, 10, 40],
    brainFromUm: [1, 0, 0, -595, 0, 1, 0, -545, 0, 0, 1, 60],
  };
  const round: Grid = {
    size: [130, 118, 1],
    um: [9, 10, 40],
    brainFromUm: [0.06, 1.02, 0, -590, -0.99, 0.03, 0, 570, 0, 0, 1, 60],
  };
  const section = await added(
    engine,
    written(
      folder,
      'section',
      flat,
      levelsOf(flat, (level) => level),
    ),
  );
  const stained = await added(engine, written(folder, 'stained', round, levelsOf(round, inverted)));
  const found = await registered(engine, section, stained);
  expect(found).toMatchObject({
    verdict: 'pass',
    reasons: [],
    numbers: { affine: { best: { axes: ['+y', '-x', '+z'] } } },
  });
  expect(await errorUm(engine, found, [flat, round], inBrain(flat))).toBeLessThan(10);
  const as_is = await registered(engine, section, stained, { orientations: 'as-is' });
  expect(as_is.reasons.join()).toMatch(/another orientation fits better|do not: \+y -x \+z/);
  // Electrons see a part of it, finer.
  const em: Grid = {
    size: [150, 120, 1],
    um: [5, 6, 30],
    brainFromUm: [0.05, 1.02, 0, -330, -0.98, 0.04, 0, 340, 0, 0, 1, 60],
  };
  const dark = await added(engine, written(folder, 'em', em, levelsOf(em, inverted)));
  const landmarks = await roughPairs(engine, [dark, em], [section, flat]);
  const correlated = await registered(engine, dark, section, { landmarks });
  expect(await errorUm(engine, correlated, [em, flat], inBrain(em))).toBeLessThan(10);
  const evaluated = await result<{ evaluation: Evaluation }>(
    client.register.evaluate({ library, registration: found.id }),
  );
  expect(evaluated.evaluation).toMatchObject({ verdict: 'pass', jacobian: { folded: 0 } });
  const out = join(folder, 'section.nii');
  const exported = result(client.register.export({ library, registration: found.id, format: 'itk-nifti', out }));
  expect(await exported).toMatchObject({ field: { mostErrorUm: expect.closeTo(0, 2) } });
  await bendsSections(engine, flat);

  const moves = photograph(folder, 'brain', movingGrid, spaced(movingGrid, [900, 0, -50]));
  const moving = await added(engine, moves.image);
  const stays = photograph(folder, 'atlas', fixedGrid, spaced(fixedGrid, [0, 0, 0]));
  const fixed = await added(engine, stays.image);
  const [size, um]: readonly [Vec3, Vec3] = [
    [12, 12, 12],
    [40, 40, 40],
  ];
  const cube = async (name: string, voxels: Float32Array | Uint8Array, of: Vec3 = size): Promise<string> =>
    added(engine, written(folder, name, { size: of, um }, voxels));
  const far = { ...fixedGrid, size: [8, 8, 8] } as const;
  const refused: readonly [object, RegExp][] = [
    [{ moving: await cube('plain', new Uint8Array(1728).fill(7)) }, /moving volume is blank/],
    [{ moving: await cube('none', new Float32Array(1728).fill(NaN)) }, /moving volume has no voxels that count/],
    [{ fixedMask: await cube('empty', new Uint8Array(1728)) }, /"empty" leaves nothing .*: all of it is 0/],
    [
      { movingMask: await added(engine, photograph(folder, 'far', far, spaced(far, [9000, 0, 0])).labelFile) },
      /"far-labels" leaves nothing .*: it lies elsewhere/,
    ],
    [{ moving: section }, /"section" is one section, and "atlas" has 30/],
    [{ moving: await cube('thin', new Uint8Array(4800).fill(7), [40, 40, 3]) }, /only \[40, 40, 3\] voxels/],
  ];
  for (const [more, why] of refused) await expect(registered(engine, fixed, moving, more)).rejects.toThrow(why);
});
