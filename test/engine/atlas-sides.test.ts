// Left and right in the window are those of a look-up, wherever a chain of maps leads to the atlas.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAtlasMap } from '../../preload/contract/atlas-map.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { sideAt } from '../../renderer/state/region-map.ts';
import { bent, photograph, regions, side, um } from './bent-brain.ts';
import { seeded } from './kill-harness.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

const random = seeded(21);
const someVoxel = (): number => Math.floor(random() * side);
/** The centres of random voxels: 31.25 µm of either side of the middle are among them. */
const points = Array.from({ length: 2000 }, () =>
  [someVoxel(), someVoxel(), someVoxel()].map((n) => 1000 * um * (n + 0.5)),
) as unknown as Vec3[];

/** A brain, an atlas with a left and a right, and the ids of their volumes. */
async function scene({ library, folder, client, result }: TempEngine) {
  const add = async (source: string, kind: 'image' | 'segmentation'): Promise<string> =>
    (await result<{ volume: string }>(client.volume.add({ library, source, kind }))).volume;
  const stays = photograph(folder, 'atlas', (place) => place);
  const [template, annotation] = [await add(stays.image, 'image'), await add(stays.labelFile, 'segmentation')];
  const brain = await add(photograph(folder, 'brain', bent).image, 'image');
  const ontology = join(folder, 'regions.csv');
  writeFileSync(ontology, `id,name\n${regions.map((_, i) => `${i + 1},region ${i + 1}\n`).join('')}`);
  const asked = { library, annotation, ontology, template, orientation: 'lsa' };
  const { atlas } = await result<{ atlas: string }>(client.atlas.import(asked));
  return { template, brain, atlas };
}

/** Which side the window names at the points, and that a look-up says the same; null beyond the annotation. */
async function sidesBoth(
  { client, library }: TempEngine,
  atlas: string,
  space: string,
): Promise<{ readonly through: readonly string[]; readonly sides: ReadonlyArray<string | null> }> {
  const { value, bytes } = await client.atlas.map({ library, atlas, space });
  expect(value).toMatchObject({ level: 0, size: [side, side, side] });
  const runs = readAtlasMap(bytes ?? new Uint8Array(), value.size);
  const sides = points.map((point) => sideAt({ ...value, runs, sides: runs.sides }, point));
  const told = (await client.atlas.lookup({ library, atlas, space, points })).value.points;
  expect(sides).toEqual(told.map(({ hemisphere }) => hemisphere));
  return { through: value.through, sides };
}

test('sides are those of a look-up through an affine map, a deformation and a warped volume', async () => {
  const engine = tempEngine();
  const { client, library, result } = engine;
  const { template, brain, atlas } = await scene(engine);
  const asked = { library, fixed: template, moving: brain, orientations: 'as-is' as const };
  const affine = await result<{ registration: string }>(client.register.affine(asked));
  const straight = await sidesBoth(engine, atlas, brain);
  expect(straight.through).toEqual([affine.registration]);
  expect(new Set(straight.sides)).toEqual(new Set(['left', 'right', null]));

  const bend = {
    library,
    start: affine.registration,
    metric: 'cc' as const,
    smoothUm: 120,
    finestUm: 60,
    iterations: 12,
  };
  const bending = await result<{ registration: string }>(client.register.lddmm(bend));
  const bentSides = await sidesBoth(engine, atlas, brain);
  expect(bentSides.through).toEqual([bending.registration]);
  // The middle is no plane any more.
  expect(bentSides.sides).not.toEqual(straight.sides);

  const turn = [0.96, 0.28, 0, 20_000, -0.28, 0.96, 0, 250_000, 0, 0, 1, 9_000];
  const steps = [{ type: 'affine' as const, matrix: turn }];
  const { volume: seen } = await client.warp.create({ library, volume: template, steps });
  const turned = await sidesBoth(engine, atlas, seen.id);
  expect(turned.through).toEqual([seen.id]);
  const led = points.map(([x, y]) => 0.96 * x + 0.28 * y + 20_000);
  turned.sides.forEach((one, i) => one && expect(one, String(points[i])).toBe(led[i]! < 500_000 ? 'left' : 'right'));
});

test('sides count in the budget', async () => {
  const engine = tempEngine();
  const { client, library } = engine;
  const { template, atlas } = await scene(engine);
  const steps = [{ type: 'affine' as const, matrix: [1, 0.3, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }];
  const { volume: seen } = await client.warp.create({ library, volume: template, steps });
  const space = seen.id;
  const whole = await client.atlas.map({ library, atlas, space });
  const size = whole.bytes?.byteLength ?? 0;
  const { runs, sideRuns, size: grid } = whole.value;
  expect(size).toBe(4 * (2 * (grid[1] * grid[2] + 1) + runs + (sideRuns ?? NaN)));
  expect((await client.atlas.map({ library, atlas, space, budget: size })).value.sideRuns).toBe(sideRuns);
  const less = client.atlas.map({ library, atlas, space, budget: size - 1 });
  await expect(less).rejects.toMatchObject({ tag: 'over-budget' });
});
