// A brain in another place than its atlas: regions of its points and voxels through a registration, either way.
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAtlasMap, valueAt } from '../../preload/contract/atlas-map.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { seeded } from './kill-harness.ts';
import { at } from './made-up-brain.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';
import { cornerUm, spacedUm, writeNrrd } from './write-nrrd.ts';

interface Seen {
  readonly size: Vec3;
  readonly um: number;
  /** µm of the brain from µm of the volume, whose first voxel begins at 0. */
  readonly brainFromUm: readonly number[];
}

const inAtlas: Seen = { size: [40, 36, 30], um: 25, brainFromUm: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] };
const inBrain: Seen = {
  size: [38, 40, 28],
  um: 28,
  brainFromUm: [1.02, 0.12, 0, -60, -0.1, 0.97, 0.03, 10, 0.02, 0, 0.95, 15],
};

const random = seeded(11);
const seeds = Array.from({ length: 7 }, () => [1000, 900, 750].map((side) => side * (0.2 + 0.6 * random())));

function labelAt(p: Vec3): number {
  if (Math.hypot((p[0] - 500) / 460, (p[1] - 450) / 410, (p[2] - 375) / 340) > 1) return 0;
  const far = seeds.map((seed) => Math.hypot(...seed.map((v, i) => v - p[i]!)));
  return 1 + far.indexOf(Math.min(...far));
}

const placeOf = ({ size, um }: Seen, i: number): Vec3 =>
  [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / (size[0] * size[1]))].map(
    (n) => um * (n + 0.5),
  ) as unknown as Vec3;

async function photographed({ client, library, folder, result }: TempEngine, name: string, seen: Seen) {
  const { size, um, brainFromUm } = seen;
  const labels = Uint8Array.from({ length: size[0] * size[1] * size[2] }, (_, i) =>
    labelAt(at(brainFromUm, placeOf(seen, i))),
  );
  const add = async (file: string, voxels: Uint8Array, kind: 'image' | 'segmentation'): Promise<string> => {
    const source = writeNrrd(join(folder, file), size, voxels, cornerUm([um, um, um]));
    return (await result<{ volume: string }>(client.volume.add({ library, source, kind }))).volume;
  };
  const grey = labels.map((label) => (label === 0 ? 10 : 40 + ((label * 89) % 200)) + 8 * random());
  return {
    image: await add(`${name}.nrrd`, grey, 'image'),
    annotation: await add(`${name}-labels.nrrd`, labels, 'segmentation'),
  };
}

/** The brain registered to the atlas, and an atlas of each. */
async function scene(engine: TempEngine) {
  const { client, library, folder, result } = engine;
  const [atlas, brain] = [await photographed(engine, 'atlas', inAtlas), await photographed(engine, 'brain', inBrain)];
  const asked = { library, fixed: atlas.image, moving: brain.image, orientations: 'as-is' as const };
  const { registration, verdict } = await result<{ registration: string; verdict: string }>(
    client.register.affine(asked),
  );
  expect(verdict).toBe('pass');
  const ontology = join(folder, 'regions.csv');
  writeFileSync(ontology, `id,name\n${seeds.map((_, i) => `${i + 1},region ${i + 1}\n`).join('')}`);
  const imported = ({ annotation, image }: typeof atlas) =>
    result<{ atlas: string }>(client.atlas.import({ library, annotation, ontology, template: image }));
  return { atlas, brain, registration, ofAtlas: (await imported(atlas)).atlas, ofBrain: (await imported(brain)).atlas };
}

/** Each voxel of `from`, led by register.points, has the region that the made-up brain has where it is led. */
async function compared(
  { client, library }: TempEngine,
  ask: {
    readonly atlas: string;
    readonly space: string;
    readonly registration: string;
    readonly onto: 'fixed' | 'moving';
  },
  from: Seen,
  to: Seen,
): Promise<void> {
  const { atlas, space, registration, onto } = ask;
  const all = Array.from({ length: from.size[0] * from.size[1] * from.size[2] }, (_, i) => i);
  const some = all.filter((i) => i % 23 === 0);
  const points = some.map((i) => placeOf(from, i).map((um) => um * 1000) as unknown as Vec3);
  const led = (await client.register.points({ library, registration, points, onto })).value.points;
  const truth = led.map((nm) => {
    const voxel = nm!.map((v) => Math.floor(v / 1000 / to.um));
    const inside = voxel.every((n, k) => n >= 0 && n < to.size[k]!);
    return inside ? labelAt(at(to.brainFromUm, voxel.map((n) => to.um * (n + 0.5)) as unknown as Vec3)) : 0;
  });
  const { value } = await client.atlas.lookup({ library, atlas, points, space });
  expect(value.through).toEqual([registration]);
  expect(value.points.map(({ region }) => Number(value.regions[region ?? -1]?.id ?? 0))).toEqual(truth);
  expect(new Set(truth).size).toBe(8);
  const map = await client.atlas.map({ library, atlas, space });
  expect(map.value).toMatchObject({ level: 0, size: from.size, through: [registration], midline: null });
  const runs = readAtlasMap(map.bytes ?? new Uint8Array(), from.size);
  const shown = some.map((i) =>
    valueAt(
      runs,
      i % from.size[0],
      Math.floor(i / from.size[0]) % from.size[1],
      Math.floor(i / (from.size[0] * from.size[1])),
    ),
  );
  expect(shown).toEqual(truth);
}

test('points and voxels of a registered brain have regions, in both directions, until the registration is gone', async () => {
  const engine = tempEngine();
  const { client, library } = engine;
  const { atlas, brain, registration, ofAtlas, ofBrain } = await scene(engine);
  await compared(engine, { atlas: ofAtlas, space: brain.image, registration, onto: 'fixed' }, inBrain, inAtlas);
  await compared(engine, { atlas: ofBrain, space: atlas.image, registration, onto: 'moving' }, inAtlas, inBrain);
  // What is measured in the brain's own voxels is what its map counts.
  const { bytes } = await client.atlas.map({ library, atlas: ofAtlas, space: brain.image });
  const runs = readAtlasMap(bytes ?? new Uint8Array(), inBrain.size);
  const voxels = new Map<number, number>();
  runs.runs.forEach((value, i) => {
    if (i % 2 !== 0 || value === 0) return;
    const isFirst = runs.rowStarts.includes(i / 2);
    voxels.set(value, (voxels.get(value) ?? 0) + runs.runs[i + 1]! - (isFirst ? 0 : runs.runs[i - 1]!));
  });
  const of = { volume: brain.image, channel: 0, time: 0 };
  const { result } = await engine.result<{ result: string }>(client.region.measure({ library, atlas: ofAtlas, of }));
  const { rows } = (await client.region.table({ library, result })).value;
  expect(rows.map(({ at: place, own }) => [place + 1, own.voxels])).toEqual([...voxels].sort(([a], [b]) => a - b));
  expect((await client.region.get({ library, result })).value.result.through).toEqual([registration]);
  await client.library.undo({ library });

  const waysOf = async (...volumes: string[]) =>
    (await client.atlas.ways({ library, atlas: ofAtlas, volumes })).value.ways.map(({ through }) => through);
  const seen = await client.register.apply({ library, registration });
  expect(await waysOf(brain.image, brain.annotation, atlas.image, seen.volume.id, 'volume-000000000000')).toEqual([
    [registration],
    [registration],
    [],
    [],
    null,
  ]);
  await client.library.undo({ library });
  await client.register.remove({ library, registration });
  expect(await waysOf(brain.image, atlas.annotation)).toEqual([null, []]);
});

test('points are led through what a registration is now: moved by hand, moved back, gone', async () => {
  const engine = tempEngine();
  const { client, library } = engine;
  const { brain, registration, ofAtlas } = await scene(engine);
  const points = Array.from(
    { length: 1000 },
    (_, i) => placeOf(inBrain, 41 * i).map((um) => um * 1000) as unknown as Vec3,
  );
  const found = async () => {
    const { value } = await client.atlas.lookup({ library, atlas: ofAtlas, points, space: brain.image });
    return value.points.map(({ region }) => Number(value.regions[region ?? -1]?.id ?? 0));
  };
  const truth = async () => {
    const { value } = await client.register.points({ library, registration, points, onto: 'fixed' });
    const voxel = (point: Vec3 | null) => point!.map((nm) => Math.floor(nm / 25_000));
    return value.points.map(voxel).map((v) => {
      const isIn = v.every((n, k) => n >= 0 && n < inAtlas.size[k]!);
      return isIn ? labelAt(v.map((n) => 25 * (n + 0.5)) as unknown as Vec3) : 0;
    });
  };
  const before = await found();
  expect(before).toEqual(await truth());
  await client.register.nudge({ library, registration, matrix: [1, 0, 0, 130_000, 0, 1, 0, -70_000, 0, 0, 1, 0] });
  const nudged = await found();
  expect(nudged).toEqual(await truth());
  expect(nudged.filter((id, i) => id !== before[i]).length).toBeGreaterThan(100);
  await client.library.undo({ library });
  expect(await found()).toEqual(before);
  await client.register.remove({ library, registration });
  await expect(found()).rejects.toThrow(/No map leads from/);
});

test('a thin plate that has to be searched backwards names voxels, too', async () => {
  const engine = tempEngine();
  const { client, library, folder, result } = engine;
  const { image, annotation } = await photographed(engine, 'atlas', inAtlas);
  const ontology = join(folder, 'regions.csv');
  writeFileSync(ontology, 'id,name\n1,one\n');
  const { atlas } = await result<{ atlas: string }>(
    client.atlas.import({ library, annotation, ontology, template: image }),
  );
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((i): Vec3 => [(i & 1) * 9e5, ((i >> 1) & 1) * 8e5, (i >> 2) * 7e5]);
  const pairs = [...corners, [45e4, 4e5, 35e4] as const].map((target, i) => ({
    id: String(i),
    target,
    source: target.map((nm, k) => nm + 3e4 * Math.sin(3 * i + k)) as unknown as Vec3,
  }));
  const brain = await photographed(engine, 'brain', inAtlas);
  const steps = [{ type: 'landmarks' as const, landmarks: pairs }];
  await client.warp.create({ library, volume: brain.image, steps, grid: { type: 'like', volume: image } });
  const space = brain.image;
  const map = await client.atlas.map({ library, atlas, space });
  const runs = readAtlasMap(map.bytes ?? new Uint8Array(), inAtlas.size);
  const some = Array.from({ length: 800 }, (_, i) => 53 * i);
  const points = some.map((i) => placeOf(inAtlas, i).map((um) => um * 1000) as unknown as Vec3);
  const { value } = await client.atlas.lookup({ library, atlas, points, space });
  const told = value.points.map(({ region }) => (region === null ? 0 : value.regions[region]!.at + 1));
  const shown = some.map((i) => valueAt(runs, i % 40, Math.floor(i / 40) % 36, Math.floor(i / (40 * 36))));
  expect(shown).toEqual(told);
  expect(new Set(shown).size).toBeGreaterThan(5);
});

test('hemispheres of a BrainGlobe folder go before the middle, at points and in results', async () => {
  const engine = tempEngine();
  const { client, library, folder, result } = engine;
  const [width, height, depth] = inAtlas.size;
  const { annotation, image } = await photographed(engine, 'atlas', inAtlas);
  // Slanted, so that no middle would do: right before it, left behind it.
  const markAt = (i: number): number => ((i % width) + (Math.floor(i / width) % height) < 31 ? 2 : 1);
  const marks = Uint8Array.from({ length: width * height * depth }, (_, i) => markAt(i));
  const markFile = writeNrrd(join(folder, 'marks.nrrd'), inAtlas.size, marks, spacedUm([25, 25, 25]));
  const globe = join(folder, 'globe');
  mkdirSync(globe);
  for (const [source, name] of [
    [annotation, 'annotation'],
    [markFile, 'hemispheres'],
  ] as const) {
    const out = join(folder, `${name}.ome.tif`);
    await result(client.volume.convert({ library, source, out, format: 'tiff', levels: 'one' }));
    renameSync(out, join(globe, `${name}.tiff`));
  }
  const metadata = { name: 'toy', resolution: [25, 25, 25], orientation: 'asr', shape: [depth, height, width] };
  writeFileSync(join(globe, 'metadata.json'), JSON.stringify(metadata));
  const structures = seeds.map((_, i) => ({ id: i + 1, acronym: `r${i + 1}`, name: '', structure_id_path: [i + 1] }));
  writeFileSync(join(globe, 'structures.json'), JSON.stringify(structures));
  const { atlas, annotation: inLibrary } = await result<{ atlas: string; annotation: string }>(
    client.atlas.import({ library, source: globe }),
  );
  const steps = [{ type: 'affine' as const, matrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }];
  await client.warp.create({ library, volume: image, steps, grid: { type: 'like', volume: inLibrary } });
  const some = Array.from({ length: 800 }, (_, i) => 53 * i);
  const points = some.map((i) => placeOf(inAtlas, i).map((um) => um * 1000) as unknown as Vec3);
  const { value } = await client.atlas.lookup({ library, atlas, points, space: image });
  expect(value.points.map(({ hemisphere }) => hemisphere)).toEqual(
    some.map((i) => (markAt(i) === 1 ? 'left' : 'right')),
  );
  for (const space of [image, undefined]) {
    const map = await client.atlas.map({ library, atlas, ...(space !== undefined && { space }) });
    expect(map.value.midline).toBeNull();
    const { sides } = readAtlasMap(map.bytes ?? new Uint8Array(), inAtlas.size);
    const told = marks.map((_, i) =>
      valueAt(sides!, i % width, Math.floor(i / width) % height, Math.floor(i / width / height)),
    );
    expect(told).toEqual(marks);
  }
  const of = { volume: image, channel: 0, time: 0 };
  const made = await result<{ result: string }>(client.region.measure({ library, atlas, of }));
  for (const [hemisphere, mark] of [
    ['left', 1],
    ['right', 2],
  ] as const) {
    const { rows } = (await client.region.table({ library, result: made.result, hemisphere })).value;
    const truth = seeds.map(
      (_, n) => marks.filter((own, i) => own === mark && labelAt(placeOf(inAtlas, i)) === n + 1).length,
    );
    expect(rows.map(({ id, own }) => [id, own.voxels])).toEqual(
      truth.map((voxels, n) => [String(n + 1), voxels]).filter(([, voxels]) => voxels !== 0),
    );
  }
});
