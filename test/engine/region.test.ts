// Results by region: against what is counted here, voxel by voxel, and against counts of the Allen Institute's files.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { RegionNumbers, RegionOf, RegionRow } from '../../preload/contract/region.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { finishedJob } from './finished-job.ts';
import { seeded } from './kill-harness.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';
import { cornerUm, writeNrrd } from './write-nrrd.ts';

const size = [70, 41, 33] as const;
const count = size[0] * size[1] * size[2];
const um = [20, 25, 40] as const;
const random = seeded(3);
const xyzOf = (i: number): Vec3 => [
  i % size[0],
  Math.floor(i / size[0]) % size[1],
  Math.floor(i / (size[0] * size[1])),
];

/** Regions 1, 2, 3 and 7, which no table has, in slanted slabs; 0 around them. */
const labels = Uint8Array.from({ length: count }, (_, i) => {
  const [x, y, z] = xyzOf(i);
  if (Math.hypot(x / 35 - 1, y / 20 - 1, z / 16 - 1) > 0.95) return 0;
  return [1, 2, 3, 7][Math.floor((x + y + 2 * z) / 30) % 4]!;
});
const grey = Float32Array.from({ length: count }, (_, i) =>
  i % 97 === 0 ? NaN : Math.fround(1e4 + 100 * labels[i]! + random()),
);
/** Segments of 5 x 5 x 4 voxels or so with gaps between them. */
const segments = Uint16Array.from({ length: count }, (_, i) => {
  const [x, y, z] = xyzOf(i);
  return x % 6 === 5 || y % 6 === 5 ? 0 : 1 + Math.floor(x / 6) + 12 * (Math.floor(y / 6) + 7 * Math.floor(z / 5));
});

const table = 'id,name,acronym,parent\n9,all,root,\n8,half,HALF,9\n1,one,A,8\n2,two,B,8\n3,three,C,9\n4,none,N,9\n';

const written = (file: string, voxels: Uint8Array | Uint16Array | Float32Array): string =>
  writeNrrd(file, size, voxels, cornerUm(um));

interface Scene extends TempEngine {
  readonly atlas: string;
  readonly annotation: string;
  readonly image: string;
}

async function scene(): Promise<Scene> {
  const at = tempEngine();
  const { client, library, folder, result } = at;
  const ontology = join(folder, 'regions.csv');
  writeFileSync(ontology, table);
  const annotation = written(join(folder, 'annotation.nrrd'), labels);
  const template = written(join(folder, 'grey.nrrd'), grey);
  const made = await result<{ atlas: string; annotation: string; template: string }>(
    client.atlas.import({ library, annotation, ontology, template, orientation: 'rsa' }),
  );
  return { ...at, atlas: made.atlas, annotation: made.annotation, image: made.template };
}

async function measured({ client, library, result, atlas }: Scene, of: RegionOf, more: object = {}): Promise<string> {
  return (await result<{ result: string }>(client.region.measure({ library, atlas, of, ...more }))).result;
}

async function rowsOf(
  { client, library }: TempEngine,
  result: string,
  more: object = {},
): Promise<readonly RegionRow[]> {
  return (await client.region.table({ library, result, ...more })).value.rows;
}

/** Which voxels a row counts: its label and, in `all`, those inside. */
const labelsIn: Readonly<Record<string, readonly number[]>> = {
  root: [1, 2, 3],
  HALF: [1, 2],
  A: [1],
  B: [2],
  C: [3],
  '7': [7],
};
const voxelMm3 = 20 * 25 * 40 * 1e-9;
/** r: x begins on the right; the 35 voxels before the middle. */
const isOn = (i: number, side: string): boolean => side === 'both' || (i % size[0] < 35 ? 'right' : 'left') === side;

function greyTruth(among: readonly number[], side: string): RegionNumbers {
  const inside = [...labels.keys()].filter((i) => among.includes(labels[i]!) && isOn(i, side));
  const levels = inside.map((i) => grey[i]!).filter(Number.isFinite);
  const sum = levels.reduce((a, b) => a + b, 0);
  const mean = sum / levels.length;
  const sd = Math.sqrt(levels.reduce((a, b) => a + (b - mean) ** 2, 0) / levels.length);
  const [min, max] = [levels.reduce((a, b) => Math.min(a, b)), levels.reduce((a, b) => Math.max(a, b))];
  return {
    ...{ voxels: inside.length, volumeMm3: inside.length * voxelMm3, count: null, densityPerMm3: null, covered: null },
    grey: { mean, sum, sd, min, max, samples: levels.length },
  };
}

function expectNumbers(found: RegionNumbers | undefined, truth: RegionNumbers): void {
  const { grey: levels, volumeMm3, densityPerMm3, ...rest } = found!;
  expect(rest).toEqual({ voxels: truth.voxels, count: truth.count, covered: truth.covered });
  expect(volumeMm3).toBeCloseTo(truth.volumeMm3, 12);
  if (truth.densityPerMm3 !== null) expect(densityPerMm3).toBeCloseTo(truth.densityPerMm3, 6);
  for (const key of ['mean', 'sum', 'sd', 'min', 'max', 'samples'] as const)
    if (truth.grey) expect(levels![key] / truth.grey[key]).toBeCloseTo(1, 10);
}

test('grey levels by region and side are those of its voxels, with and without what is inside', async () => {
  const at = await scene();
  const { client, library, folder } = at;
  const result = await measured(at, { volume: at.image, channel: 0, time: 0 });
  for (const hemisphere of ['both', 'left', 'right'] as const) {
    const rows = await rowsOf(at, result, { hemisphere });
    expect(rows.map(({ acronym }) => acronym)).toEqual(['root', 'HALF', 'A', 'B', 'C', '7']);
    for (const { acronym, all } of rows) expectNumbers(all, greyTruth(labelsIn[acronym]!, hemisphere));
    expect(rows[0]).toMatchObject({
      own: { voxels: 0, grey: null },
      hemisphere: hemisphere === 'both' ? null : hemisphere,
    });
  }
  const told = (await client.region.get({ library, result })).value.result;
  const inRegions = labels.filter((label) => label > 0).length;
  expect(told).toMatchObject({
    name: 'annotation, template by region of annotation',
    unit: 'voxels',
    total: count,
    inRegions,
    unread: 0,
  });
  expect(await rowsOf(at, result, { empty: true, under: 'root' })).toHaveLength(6);

  const out = join(folder, 'regions-out.csv');
  expect((await client.region.export({ library, result, out })).rows).toBe(18);
  const [header = '', ...lines] = readFileSync(out, 'utf8').trimEnd().split('\r\n');
  expect(header).toBe(
    'id,acronym,name,path,names,colour,depth,hemisphere,all_voxels,all_volume_mm3,all_mean,all_sum,all_sd,all_min,all_max,own_voxels,own_volume_mm3,own_mean,own_sum,own_sd,own_min,own_max',
  );
  const left = lines.map((line) => line.split(',')).find(([id, , , , , , , side]) => id === '1' && side === 'left')!;
  expect(left.slice(1, 5)).toEqual(['A', 'one', 'root/HALF/A', 'all / half / one']);
  expect(Number(left[8])).toBe(greyTruth([1], 'left').voxels);
  const json = join(folder, 'regions-out.json');
  await client.region.export({ library, result, format: 'json', empty: true, out: json });
  expect(JSON.parse(readFileSync(json, 'utf8')).rows).toHaveLength(21);

  await client.library.undo({ library });
  expect((await client.region.list({ library })).value.results).toEqual([]);
  await client.library.redo({ library });
  await client.region.remove({ library, result });
  await expect(client.region.table({ library, result })).rejects.toMatchObject({ tag: 'not-found' });
});

test('segments are counted once, where their middle lies; points and shapes where they are', async () => {
  const at = await scene();
  const { client, library, folder, result: resultOf } = at;
  const source = written(join(folder, 'segments.nrrd'), segments);
  const { volume } = await resultOf<{ volume: string }>(client.volume.add({ library, source, kind: 'segmentation' }));
  // Laid out like the annotation by a map that moves nothing.
  const steps = [{ type: 'affine' as const, matrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }];
  await client.warp.create({ library, volume, steps, grid: { type: 'like', volume: at.annotation } });
  const middles = new Map<number, number[]>();
  segments.forEach((segment, i) => {
    if (segment === 0) return;
    const sum = middles.get(segment) ?? [0, 0, 0, 0];
    [...xyzOf(i), 1].forEach((value, k) => (sum[k]! += value));
    middles.set(segment, sum);
  });
  const centroids = [...middles.values()].map(([x = 0, y = 0, z = 0, n = 1]) => [x, y, z].map((sum) => sum / n + 0.5));
  const indexOf = (voxel: readonly number[]): number => {
    const [x = 0, y = 0, z = 0] = voxel.map(Math.floor);
    return (z * size[1] + y) * size[0] + x;
  };
  const truth = (among: readonly number[], side: string, withSegments: boolean): RegionNumbers => {
    const inside = [...labels.keys()].filter((i) => among.includes(labels[i]!) && isOn(i, side));
    const found = centroids.map(indexOf).filter((i) => among.includes(labels[i]!) && isOn(i, side)).length;
    const volumeMm3 = inside.length * voxelMm3;
    const covered = withSegments ? inside.filter((i) => segments[i] !== 0).length : null;
    return {
      ...{ voxels: inside.length, volumeMm3, count: found, covered, grey: null },
      densityPerMm3: found / volumeMm3,
    };
  };
  const counted = await measured(at, { segments: volume, time: 0 });
  expect((await client.region.get({ library, result: counted })).value.result.total).toBe(middles.size);

  const points = join(folder, 'cells.csv');
  const places = centroids.map((voxel) => voxel.map((v, k) => v * um[k]!));
  writeFileSync(points, `name,X (um),Y (um),Z (um)\n${places.map((place) => `cell,${place.join(',')}\n`).join('')}`);
  const drawn = await measured(at, { points, space: at.image, unitNm: 1000 });
  const obj = join(folder, 'cells.swc');
  const cell = centroids.findIndex((voxel) => labels[indexOf(voxel)] === 3);
  const [x = 0, y = 0, z = 0] = places[cell]!;
  writeFileSync(obj, `1 1 ${x - 3} ${y} ${z} 1 -1\n2 1 ${x + 3} ${y} ${z} 1 1\n`);
  const set = await client.shape.add({ library, source: obj, unitNm: 1000 });
  for (const side of ['both', 'left'] as const) {
    const hemisphere = side;
    for (const { acronym, all } of await rowsOf(at, counted, { hemisphere }))
      expectNumbers(all, truth(labelsIn[acronym]!, side, true));
    for (const { acronym, all } of await rowsOf(at, drawn, { hemisphere }))
      expectNumbers(all, truth(labelsIn[acronym]!, side, false));
  }
  const shapes = await rowsOf(at, await measured(at, { shapes: set.id, space: at.image }));
  const withCell = shapes.filter(({ own }) => own.count === 1);
  expect(withCell.map(({ id }) => Number(id))).toEqual([3]);

  const pointsNm = [places[cell]!.map((v) => 1000 * v) as unknown as Vec3];
  await client.annotate.add({ library, volume: at.image, kind: 'point', pointsNm });
  const annotated = await rowsOf(at, await measured(at, { annotations: at.image }));
  expect(annotated.filter(({ own }) => own.count === 1).map(({ id }) => id)).toEqual(withCell.map(({ id }) => id));

  const refused: readonly [RegionOf, RegExp][] = [
    [{ volume, channel: 0, time: 0 }, /holds labels/],
    [{ segments: at.image, time: 0 }, /holds no labels/],
    [{ volume: at.image, channel: 1, time: 0 }, /1 channels and 1 times/],
    [{ points: join(folder, 'regions.csv'), space: at.image, unitNm: 1 }, /regions.csv has no columns x, y and z/],
    [{ points: join(folder, 'none.csv'), space: at.image, unitNm: 1 }, /can't be read/],
  ];
  for (const [of, why] of refused) await expect(measured(at, of)).rejects.toThrow(why);
});

const real = join(import.meta.dirname, '../../../shared/data/atlas');
const missing = !existsSync(join(real, 'ara_ontology.json'));
if (missing) console.log('skipped: the atlas in ../shared/data is not there');

test.skipIf(missing)("the Allen Institute's template at 100 um, by region and side", async () => {
  const at = tempEngine();
  const { client, library, result } = at;
  const [annotation, template] = [join(real, 'annotation_100.nrrd'), join(real, 'average_template_100.nrrd')];
  const ontology = join(real, 'ara_ontology.json');
  const asked = { library, annotation, template, ontology, orientation: 'asl' };
  const made = await result<{ atlas: string; template: string }>(client.atlas.import(asked));
  const of = { volume: made.template, channel: 0, time: 0 };
  const { job } = await client.region.measure({ library, atlas: made.atlas, of });
  const ended = await finishedJob(client, library, job);
  expect(ended.warnings).toEqual([]);
  const id = (ended.result as { result: string }).result;
  const read = (file: string): ArrayBuffer => {
    const bytes = readFileSync(file);
    const { buffer, byteOffset, byteLength } = gunzipSync(bytes.subarray(bytes.indexOf('\n\n') + 2));
    return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  };
  const [regions, levels] = [new Uint32Array(read(annotation)), new Uint16Array(read(template))];
  for (const [hemisphere, isThere] of [
    ['both', () => true],
    // z begins on the left; 114 voxels.
    ['left', (i: number) => i < 57 * 80 * 132],
  ] as const) {
    const truth = new Map<string, [number, number]>();
    regions.forEach((label, i) => {
      if (label === 0 || !isThere(i)) return;
      const [n, sum] = truth.get(String(label)) ?? [0, 0];
      truth.set(String(label), [n + 1, sum + levels[i]!]);
    });
    const rows = await rowsOf(at, id, { hemisphere });
    const own = rows.filter(({ own: { voxels } }) => voxels > 0);
    expect(own.map(({ id: label }) => label).sort()).toEqual([...truth.keys()].sort());
    expect(own.filter((row) => row.own.voxels !== truth.get(row.id)![0])).toEqual([]);
    for (const row of own) expect(row.own.grey!.sum / truth.get(row.id)![1]).toBeCloseTo(1, 12);
    expect(rows[0]?.all.voxels).toBe([...truth.values()].reduce((sum, [n]) => sum + n, 0));
  }
});
