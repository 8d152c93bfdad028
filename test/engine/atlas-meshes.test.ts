// Meshes of regions: closed, as large as their voxels, with those inside, read back as any set of shapes.
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { setsThere } from '../../renderer/state/register/sets-there.ts';
import { tempEngine } from './temp-engine.ts';
import { cornerUm, writeNrrd } from './write-nrrd.ts';

const size = [40, 30, 24] as const;
const [um, nm] = [20, 20_000];

/** Two halves of a ball of radius 11, 1 and 2, and a block of 5. */
const labels = Uint8Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => {
  const [x, y, z] = [i % size[0], Math.floor(i / size[0]) % size[1], Math.floor(i / (size[0] * size[1]))];
  if (Math.hypot(x + 0.5 - 13, y + 0.5 - 14, z + 0.5 - 12) < 11) return x < 13 ? 1 : 2;
  return x >= 30 && x < 38 && y >= 20 && z < 9 ? 5 : 0;
});

/** nm³; positive where triangles turn left around what points out. */
function volumeOf(bytes: Uint8Array, vertices: number, triangles: number): number {
  const { buffer } = bytes.slice();
  const places = new Float32Array(buffer, 0, 3 * vertices);
  const corners = new Uint32Array(buffer, 12 * vertices, 3 * triangles);
  let sum = 0;
  for (let t = 0; t < corners.length; t += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => [0, 1, 2].map((axis) => places[3 * corners[t + k]! + axis]!));
    const [ax, ay, az] = a as [number, number, number];
    const [bx, by, bz] = b as [number, number, number];
    const [cx, cy, cz] = c as [number, number, number];
    sum += (ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)) / 6;
  }
  return sum;
}

test('regions become meshes of the library, each with those inside of it', async () => {
  const { client, library, folder, result } = tempEngine();
  const annotation = writeNrrd(join(folder, 'annotation.nrrd'), size, labels, cornerUm([um, um, um]));
  const ontology = join(folder, 'regions.csv');
  writeFileSync(
    ontology,
    'id,name,acronym,parent\n9,ball,BALL,\n1,left half,L,9\n2,right half,R,9\n5,block,B,\n6,none,N,\n',
  );
  const { atlas } = await result<{ atlas: string }>(client.atlas.import({ library, annotation, ontology }));
  const made = await result<{ shape: string; meshes: number; level: number; tooSmall: number }>(
    client.atlas.meshes({ library, atlas }),
  );
  expect(made).toMatchObject({ meshes: 4, level: 0, tooSmall: 0 });
  const { shape } = made;
  const { shapes } = (await client.shape.list({ library })).value;
  expect(shapes).toMatchObject([{ id: shape, name: 'annotation, regions', kind: 'mesh', count: 4 }]);
  const { atlases } = (await client.atlas.list({ library })).value;
  expect(shapes[0]?.liesIn).toBe(atlases[0]?.annotation);
  const [regions] = shapes;
  const unknown = { ...regions!, id: 'shape-unknown', liesIn: undefined };
  const template = [{ ...atlases[0]!, template: 'volume-template' }];
  const offered = (side: string, other: string): readonly string[] =>
    setsThere([unknown, regions!], template, { side, other }).map(({ id }) => id);
  expect(offered('volume-template', 'volume-brain')).toEqual([shape, unknown.id]);
  expect(offered('volume-brain', 'volume-template')).toEqual([unknown.id, shape]);
  expect(shapes[0]?.boundsNm).toEqual({ min: [2 * nm, 3 * nm, 0], max: [38 * nm, 30 * nm, 23 * nm] });
  const { keys } = (await client.shape.keys({ library, shape })).value;
  expect(keys).toEqual([
    { key: '1', name: 'left half' },
    { key: '2', name: 'right half' },
    { key: '5', name: 'block' },
    { key: '9', name: 'ball' },
  ]);
  const volumes = new Map<string, number>();
  const stop = new AbortController();
  await client.shape.fragments(
    { library, shape, fragments: keys.map(({ key }) => ({ key, level: 0, box: 0 })) },
    {
      signal: stop.signal,
      onValue: ({ key, vertices, triangles, failed }, bytes) => {
        expect(failed).toBe('');
        volumes.set(key, volumeOf(bytes ?? new Uint8Array(), vertices, triangles) / nm ** 3);
      },
    },
  );
  for (const [key, among] of [
    ['1', [1]],
    ['2', [2]],
    ['5', [5]],
    ['9', [1, 2]],
  ] as const) {
    const voxels = labels.filter((label) => (among as readonly number[]).includes(label)).length;
    expect(Math.abs(volumes.get(key)! / voxels - 1)).toBeLessThan(0.02);
  }
  // Some of them, by name; where the library lies now does not matter.
  const some = await result<typeof made>(client.atlas.meshes({ library, atlas, regions: ['BALL', '5'] }));
  expect(some.meshes).toBe(2);
  await expect(result(client.atlas.meshes({ library, atlas, regions: ['none of them'] }))).rejects.toThrow(/no region/);
  await expect(result(client.atlas.meshes({ library, atlas, regions: ['N'] }))).rejects.toThrow(
    /None of these regions/,
  );
  await client.library.close({ library });
  const elsewhere = join(folder, 'elsewhere');
  renameSync(library, elsewhere);
  expect(existsSync(library)).toBe(false);
  const moved = (await client.shape.manifests({ library: elsewhere, shape, keys: ['9'] })).value;
  expect(moved.failed).toEqual([]);
  expect(moved.manifests).toHaveLength(1);
});
