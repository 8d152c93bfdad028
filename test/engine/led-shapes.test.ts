// Meshes, skeletons and annotations through registrations, told by maps that are written down: an affine one that mirrors,
// and a field whose inverse nobody gave.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Registration } from '../../preload/contract/register.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { WarpStep } from '../../preload/contract/warp.ts';
import { registrationRow } from '../../main/engine/registrations/registration-rows.ts';
import { setsThere } from '../../renderer/state/register/sets-there.ts';
import { added } from './made-up-brain.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';
import { cornerUm, writeNrrd } from './write-nrrd.ts';

const side = 20;

/** 20³ voxels of 1 µm, the corner at 0. */
const volumeAt = (engine: TempEngine, name: string): Promise<string> => {
  const voxels = Uint8Array.from({ length: side ** 3 }, (_, i) => i % 251);
  return added(engine, writeNrrd(join(engine.folder, name), [side, side, side], voxels, cornerUm([1, 1, 1])));
};

/** Where a point goes from one to the other: mirrored, stretched, sheared, moved. */
const matrix = [-1.1, 0.1, 0, 19_000, 0.05, 0.9, 0, 400, 0, 0.02, 1.05, -300];
const byMatrix = ([x, y, z]: Vec3): Vec3 =>
  [0, 4, 8].map((r) => matrix[r]! * x + matrix[r + 1]! * y + matrix[r + 2]! * z + matrix[r + 3]!) as unknown as Vec3;

/** Displacements that grow along straight lines: mixed without an error between the centres of voxels. */
const bent = ([x, y, z]: Vec3): Vec3 => [x + 0.08 * y, y + 0.05 * z, z + 0.03 * x];
function unbent([X, Y, Z]: Vec3): Vec3 {
  // x = X - .08 y, z = Z - .03 x, y = Y - .05 z.
  const y = (Y - 0.05 * Z + 0.05 * 0.03 * X) / (1 + 0.05 * 0.03 * 0.08);
  const x = X - 0.08 * y;
  return [x, y, Z - 0.03 * x];
}

/** A field of the library's own, as those of deformations are. */
function field(engine: TempEngine): WarpStep {
  const vectors = new Float32Array(3 * side ** 3);
  for (let i = 0; i < side ** 3; i++) {
    const at = [i % side, Math.floor(i / side) % side, Math.floor(i / side ** 2)].map(
      (n) => n + 0.5,
    ) as unknown as Vec3;
    vectors.set(
      bent(at).map((v, k) => v - at[k]!),
      3 * i,
    );
  }
  const place = [
    ...['space: left-posterior-superior', 'space directions: none (1,0,0) (0,1,0) (0,0,1)'],
    ...['kinds: vector domain domain domain', 'space origin: (0.5,0.5,0.5)', 'space units: "um" "um" "um"'],
  ];
  const folder = join(engine.library, 'fields', 'registration-bent');
  mkdirSync(folder, { recursive: true });
  writeNrrd(join(folder, 'field.nrrd'), [3, side, side, side], vectors, place);
  const source = 'library:fields/registration-bent/field.nrrd';
  const how = { allowPrivate: false, holds: 'displacement', frame: 'auto', interpolation: 'linear' } as const;
  return { type: 'field', source, ...how, vectorUnitNm: 1000, inverse: false };
}

/** A registration whose map is known, as if it had been measured. */
function registrationOf(
  { library }: TempEngine,
  id: string,
  volumes: readonly [string, string],
  steps: WarpStep[],
): void {
  const back = steps.toReversed().map((step): WarpStep => ({ ...step, inverse: true }) as WarpStep);
  const registration: Registration = {
    ...{ id, name: id, fixed: volumes[0], moving: volumes[1], kind: 'deformable', parent: null, numbers: {} },
    ...{ movingFromFixed: back, fixedFromMoving: steps, verdict: 'pass', reasons: [], job: 'job-1' },
    createdAt: new Date().toISOString(),
  };
  const row = registrationRow(registration);
  const db = new Database(join(library, 'library.db'));
  db.prepare(
    `INSERT INTO registration (${Object.keys(row).join()}) VALUES (${Object.keys(row)
      .map(() => '?')
      .join()})`,
  ).run(...Object.values(row));
  db.close();
}

async function scene() {
  const engine = tempEngine();
  const [fixed, moving] = [await volumeAt(engine, 'fixed.nrrd'), await volumeAt(engine, 'moving.nrrd')];
  const affine: WarpStep = { type: 'affine', matrix, frame: 'volume', inverse: false };
  await engine.client.library.close({ library: engine.library });
  registrationOf(engine, 'registration-affine', [fixed, moving], [affine]);
  registrationOf(engine, 'registration-bent', [fixed, moving], [field(engine)]);
  await engine.client.library.open({ library: engine.library });
  return { engine, fixed, moving };
}

interface Sent {
  readonly points: readonly Vec3[];
  readonly rest: Uint8Array;
}

async function sent(
  { client, library }: TempEngine,
  shape: string,
  key: string,
  kind: 'mesh' | 'skeleton',
): Promise<Sent> {
  const got: Sent[] = [];
  const take = (count: number, bytes: Uint8Array = new Uint8Array()): void => {
    const numbers = new Float32Array(bytes.slice(0, 12 * count).buffer);
    const points = Array.from({ length: count }, (_, i): Vec3 => [
      numbers[3 * i]!,
      numbers[3 * i + 1]!,
      numbers[3 * i + 2]!,
    ]);
    got.push({ points, rest: bytes.slice(12 * count) });
  };
  const { signal } = new AbortController();
  if (kind === 'mesh') {
    const fragments = [{ key, level: 0, box: 0 }];
    await client.shape.fragments({ library, shape, fragments }, { signal, onValue: (v, b) => take(v.vertices, b) });
  } else await client.shape.skeletons({ library, shape, keys: [key] }, { signal, onValue: (v, b) => take(v.nodes, b) });
  return got[0]!;
}

/** Farthest apart, nanometres. */
const apart = (found: readonly Vec3[], truth: readonly Vec3[]): number =>
  Math.max(...found.map((point, i) => Math.hypot(...point.map((v, k) => v - truth[i]![k]!))));

const corners: Vec3[] = [
  [4000, 5000, 6000],
  [9000, 5000, 6000],
  [4000, 11_000, 6000],
  [4000, 5000, 14_000],
];
const faces = [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3];

test('a mesh, its skeleton and annotations lie where the map of a registration says, both ways', async () => {
  const { engine, fixed, moving } = await scene();
  const { client, library, folder } = engine;
  const source = join(folder, 'piece.obj');
  const lines = corners.map((c) => `v ${c.join(' ')}`);
  for (let at = 0; at < 12; at += 3)
    lines.push(
      `f ${faces
        .slice(at, at + 3)
        .map((n) => n + 1)
        .join(' ')}`,
    );
  writeFileSync(source, `${lines.join('\n')}\n`);
  const set = await client.shape.add({ library, source, unitNm: 1 });
  const [key] = (await client.shape.keys({ library, shape: set.id })).value.keys.map(({ key: one }) => one);

  const own = await sent(engine, set.id, key!, 'mesh');
  const turned = [...new Uint32Array(own.rest.buffer)];
  expect(own.points.map(String).toSorted()).toEqual(corners.map(String).toSorted());
  const affine = { library, registration: 'registration-affine', shapes: set.id };
  const there = await client.register.shapes(affine);
  expect(there.checked).toEqual({ shapes: 1, vertices: 4, beyond: 0, nowhere: 0 });
  const seen = await sent(engine, there.shapes.id, key!, 'mesh');
  expect(apart(seen.points, own.points.map(byMatrix))).toBeLessThan(0.01);
  // Mirrored, so that faces are turned: their normals still point outwards.
  expect([...new Uint32Array(seen.rest.buffer)]).toEqual(
    turned.map((_, i) => turned[[0, 2, 1][i % 3]! + i - (i % 3)]!),
  );
  const { value } = await client.shape.manifests({ library, shape: there.shapes.id, keys: [key!] });
  const box = value.manifests[0]!.levels[0]!.boxesNm;
  for (const point of seen.points)
    point.forEach((v, k) => expect(v > box[k]! - 1 && v < box[k + 3]! + 1, `${v} in ${box.join()}`).toBe(true));
  const back = await client.register.shapes({ ...affine, shapes: there.shapes.id, onto: 'moving' });
  expect(apart((await sent(engine, back.shapes.id, key!, 'mesh')).points, own.points)).toBeLessThan(0.02);
  const { shapes } = (await client.shape.list({ library })).value;
  const offered = (side: string, other: string): readonly unknown[] =>
    setsThere(shapes, [], { side, other }).map(({ id, liesIn }) => [id, liesIn]);
  const where = [
    [back.shapes.id, moving],
    [set.id, null],
    [there.shapes.id, fixed],
  ];
  expect(offered(moving, fixed)).toEqual(where);
  expect(offered(fixed, moving)).toEqual(where.toReversed());
  await client.library.undo({ library });
  expect((await client.shape.list({ library })).value.shapes.map(({ id }) => id)).not.toContain(back.shapes.id);

  for (const [onto, truth] of [
    ['fixed', bent],
    ['moving', unbent],
  ] as const) {
    const led = await client.register.shapes({ library, registration: 'registration-bent', shapes: set.id, onto });
    const { points, rest } = await sent(engine, led.shapes.id, key!, 'mesh');
    expect(apart(points, own.points.map(truth)), onto).toBeLessThan(2);
    expect([...new Uint32Array(rest.buffer)]).toEqual(turned);
  }

  const [place, line] = [[7000, 8000, 9000] as Vec3, [corners[0]!, corners[3]!]];
  await client.annotate.add({ library, volume: moving, kind: 'point', pointsNm: [place], name: 'soma' });
  await client.annotate.add({ library, volume: moving, kind: 'line', pointsNm: line });
  const brought = await client.register.annotations({ library, registration: 'registration-affine' });
  expect(brought.lost).toEqual([]);
  expect(brought.annotations.map(({ name, volume }) => [name, volume])).toEqual([
    ['soma', fixed],
    ['', fixed],
  ]);
  expect(
    apart(
      brought.annotations.flatMap(({ pointsNm }) => pointsNm),
      [place, ...line].map(byMatrix),
    ),
  ).toBeLessThan(1e-3);
  await client.library.undo({ library });
  expect((await client.annotate.list({ library, volume: fixed })).value.annotations).toEqual([]);
});

test('a large skeleton goes through a field by kernels, its radii and edges stay, what lies far outside is counted', async () => {
  const { engine } = await scene();
  const { client, library, folder } = engine;
  const count = 6000;
  const at = (i: number): Vec3 => [2000 + 2 * i, 10_000 + 5000 * Math.sin(i / 300), 9000 + 5000 * Math.cos(i / 500)];
  const rows = Array.from(
    { length: count },
    (_, i) => `${i + 1} 0 ${at(i).join(' ')} ${1 + (i % 7)} ${i === 0 ? -1 : i}`,
  );
  rows.push(`${count + 1} 0 90000 90000 90000 2 ${count}`);
  writeFileSync(join(folder, 'neuron.swc'), `${rows.join('\n')}\n`);
  const set = await client.shape.add({ library, source: join(folder, 'neuron.swc'), unitNm: 1 });
  const [key] = (await client.shape.keys({ library, shape: set.id })).value.keys.map(({ key: one }) => one);
  const before = await sent(engine, set.id, key!, 'skeleton');
  const led = await client.register.shapes({ library, registration: 'registration-bent', shapes: set.id });
  expect(led.checked).toEqual({ shapes: 1, vertices: count + 1, beyond: 1, nowhere: 0 });
  const after = await sent(engine, led.shapes.id, key!, 'skeleton');
  expect(after.rest).toEqual(before.rest);
  const inside = before.points.slice(0, count).map(bent);
  expect(apart(after.points.slice(0, count), inside)).toBeLessThan(2);
  expect(after.points[count]).toEqual([90_000, 90_000, 90_000]);
  await expect(
    client.register.shapes({ library, registration: 'registration-bent', shapes: 'shape-000000000000' }),
  ).rejects.toThrow(/no shapes shape-000000000000/);
});

test('what a set is read through stays while it is there: the set that it shows, and the field', async () => {
  const { engine } = await scene();
  const { client, library, folder } = engine;
  writeFileSync(join(folder, 'twig.swc'), '1 0 4000 5000 6000 1 -1\n2 0 9000 9000 9000 1 1\n');
  const set = await client.shape.add({ library, source: join(folder, 'twig.swc'), unitNm: 1 });
  const [key] = (await client.shape.keys({ library, shape: set.id })).value.keys.map(({ key: one }) => one);
  const bend = { library, registration: 'registration-bent' };
  const { shapes } = await client.register.shapes({ ...bend, shapes: set.id, name: 'twig on the atlas' });
  await expect(client.shape.remove({ library, shape: set.id })).rejects.toThrow('as twig on the atlas');
  await client.register.remove(bend);
  expect((await client.library.sweep({ library, alsoRemoved: true })).folders).toEqual([]);
  await client.library.close({ library });
  await client.library.open({ library });
  expect((await sent(engine, shapes.id, key!, 'skeleton')).points).toHaveLength(2);
  for (const shape of [shapes.id, set.id]) await client.shape.remove({ library, shape });
  expect((await client.library.sweep({ library, alsoRemoved: true })).folders).toEqual(['registration-bent']);
});

const neuron = join(import.meta.dirname, '../../../shared/data/neurons/722817260.swc');
if (!existsSync(neuron)) console.warn('skipped: a real neuron, because ../shared/data is not here');

test.skipIf(!existsSync(neuron))('a real neuron comes back to where it was', async () => {
  const { engine } = await scene();
  const { client, library } = engine;
  const set = await client.shape.add({ library, source: neuron, unitNm: 8 });
  const [key] = (await client.shape.keys({ library, shape: set.id })).value.keys.map(({ key: one }) => one);
  const before = await sent(engine, set.id, key!, 'skeleton');
  const through = { library, registration: 'registration-affine' };
  const there = await client.register.shapes({ ...through, shapes: set.id });
  const back = await client.register.shapes({ ...through, shapes: there.shapes.id, onto: 'moving' });
  const after = await sent(engine, back.shapes.id, key!, 'skeleton');
  expect(after.points.length).toBeGreaterThan(1000);
  expect(after.rest).toEqual(before.rest);
  // Single precision of positions of a hundred thousand nanometres.
  expect(apart(after.points, before.points)).toBeLessThan(0.1);
});
