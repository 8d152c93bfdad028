import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { detectVolume } from '../../main/engine/formats/detect.ts';
import { shapeFormats } from '../../main/engine/formats/shapes/index.ts';
import type { OpenMeshes, OpenShapes, OpenSkeletons } from '../../main/engine/formats/shapes/shape-format.ts';
import { memorySource } from './memory-source.ts';
import * as samples from './shape-samples.ts';
import { meshOf, shapeOptions, skeletonOf } from './shape-work.ts';

type Files = Readonly<Record<string, Uint8Array>>;
const refused = (what: string, tag = 'bad-source') => ({ tag, message: expect.stringContaining(what) });
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** As a window would open it: by whichever format says that it is its own. */
async function open(files: Files, key: string, unitNm: number | null = null): Promise<OpenShapes> {
  const place = { source: memorySource(files), key };
  const fitting = [];
  for (const format of shapeFormats) if (await format.detect(place)) fitting.push(format);
  expect(fitting.map(({ id }) => id)).toHaveLength(1);
  expect(await detectVolume(place)).toBeNull();
  const [format] = fitting;
  if (!format) throw new Error('no format');
  return format.open(place, shapeOptions(unitNm));
}

async function openMeshes(files: Files, key: string, unitNm: number | null = null): Promise<OpenMeshes> {
  const set = await open(files, key, unitNm);
  if (set.kind !== 'mesh') throw new Error('no meshes');
  return set;
}

async function openSkeletons(files: Files, key: string, unitNm: number | null = null): Promise<OpenSkeletons> {
  const set = await open(files, key, unitNm);
  if (set.kind !== 'skeleton') throw new Error('no skeletons');
  return set;
}

const keysOf = async (set: OpenShapes): Promise<readonly string[]> => (await set.keys()).map(({ key }) => key);

/** Triangles as sorted lists of corners, so that neither the order of vertices nor of triangles matters. */
async function trianglesOf(set: OpenMeshes, key: string): Promise<readonly string[]> {
  const { positions, indices } = meshOf(await set.mesh({ key, level: 0, box: 0 }));
  const at = (i: number): string => [...positions.subarray(i * 3, i * 3 + 3)].map((x) => x.toFixed(4)).join(' ');
  const rotated = (t: readonly string[]): string => {
    const first = t.indexOf([...t].sort()[0] ?? '');
    return [...t.slice(first), ...t.slice(0, first)].join(', ');
  };
  return Array.from({ length: indices.length / 3 }, (_, i) =>
    rotated([...indices.subarray(i * 3, i * 3 + 3)].map(at)),
  ).sort();
}

const tetrahedron = (place: (c: readonly number[]) => readonly number[]): readonly string[] =>
  samples.faces
    .map((t) => {
      const names = t.map((i) =>
        place(samples.corners[i] ?? [])
          .map((x) => (x + 0).toFixed(4))
          .join(' '),
      );
      const first = names.indexOf([...names].sort()[0] ?? '');
      return [...names.slice(first), ...names.slice(0, first)].join(', ');
    })
    .sort();

describe('files of one mesh', () => {
  const cases: readonly (readonly [name: string, key: string, bytes: Uint8Array])[] = [
    ['OBJ', 'a.obj', samples.obj],
    ['text PLY', 'a.ply', samples.plyText],
    ['binary PLY, little-endian', 'a.ply', samples.plyBinary(true)],
    ['binary PLY, big-endian', 'a.ply', samples.plyBinary(false)],
    ['text STL', 'a.STL', samples.stlText],
    ['binary STL that begins with "solid"', 'a.stl', samples.stlBinary()],
  ];
  it.each(cases)('%s gives its triangles in nanometres, and its bounds', async (_, key, bytes) => {
    const set = await openMeshes({ [key]: bytes }, key, 8);
    expect(await keysOf(set)).toEqual([key]);
    expect(await trianglesOf(set, key)).toEqual(tetrahedron((c) => c.map((x) => x * 8)));
    expect(set.facts).toMatchObject({
      unitNm: 8,
      count: 1,
      notes: [],
      boundsNm: { min: [0, 0, 0], max: [32, 24, 20] },
    });
    const { levels } = await set.manifest(key);
    expect(levels).toEqual([
      { lodScaleNm: 0, boxesNm: [0, 0, 0, 32, 24, 20], bytes: [4 * 12 + 4 * 12], parents: [-1] },
    ]);
  });

  it.each(cases)('%s without a unit is taken for nanometres, and says so', async (_, key, bytes) => {
    const { facts } = await openMeshes({ [key]: bytes }, key);
    expect(facts.unitNm).toBe(1);
    expect(facts.notes.join()).toContain('does not say its unit');
  });
});

describe('scenes', () => {
  test('of OBJ have an object a name', async () => {
    const set = await openMeshes({ 'a.obj': samples.objScene }, 'a.obj');
    expect(await keysOf(set)).toEqual(['left', 'right side']);
    for (const key of await keysOf(set)) expect(await trianglesOf(set, key)).toEqual(tetrahedron((c) => c));
  });

  test('of glTF place each node as its matrix, rotation and scale say; metres', async () => {
    const { json, buffer } = samples.gltf('a%20b.bin');
    for (const [key, files] of [
      ['a.glb', { 'a.glb': samples.glb() }],
      ['a.gltf', { 'a.gltf': samples.jsonBytes(json), 'a b.bin': buffer }],
      [
        'b.gltf',
        { 'b.gltf': samples.jsonBytes(samples.gltf(`data:;base64,${Buffer.from(buffer).toString('base64')}`).json) },
      ],
    ] as const) {
      const set = await openMeshes(files, key);
      expect(set.facts.unitNm).toBe(1e9);
      const inUnits = await openMeshes(files, key, 1);
      expect(await keysOf(inUnits)).toEqual(['moved', 'turned']);
      expect(await trianglesOf(inUnits, 'moved')).toEqual(
        tetrahedron(([x = 0, y = 0, z = 0]) => [x + 10, y + 20, z + 30]),
      );
      const turned = (await inUnits.manifest('turned')).levels[0]?.boxesNm ?? [];
      for (const [i, value] of [-6, 0, 0, 0, 8, 5].entries()) expect(turned[i]).toBeCloseTo(value, 5);
    }
  });

  test('two objects of a name are told apart', async () => {
    const files = { 'a.obj': text('v 0 0 0\nv 1 0 0\nv 0 1 0\no x\nf 1 2 3\no x\nf 1 3 2\no x\nf 1 2 3\n') };
    const set = await openMeshes(files, 'a.obj');
    const keys = await keysOf(set);
    expect(new Set(keys).size).toBe(3);
    expect((await set.keys()).map(({ name }) => name)).toEqual(['x', 'x', 'x']);
  });
});

describe('skeletons', () => {
  test('of SWC: ids in any order, several roots, micrometres', async () => {
    const set = await openSkeletons({ 'a.swc': samples.swc }, 'a.swc');
    const { positions, radii, edges } = skeletonOf(await set.skeleton('a.swc'));
    expect(radii).toEqual(new Float32Array([1500, 500, 250, 1000, 2000]));
    expect([...edges]).toEqual([0, 1, 1, 2, 0, 3]);
    expect(positions.slice(6, 9)).toEqual(new Float32Array([3000, 4000, 12_000]));
    expect(set.facts).toMatchObject({ unitNm: 1000, boundsNm: { min: [0, 0, -2000], max: [5000, 5000, 12_000] } });
  });

  test('of NML: a tree each, by the scale of the file; radii in its unit', async () => {
    const set = await openSkeletons({ 'a.nml': samples.nml }, 'a.nml', 77);
    expect(await keysOf(set)).toEqual(['first', 'second']);
    const { positions, radii, edges } = skeletonOf(await set.skeleton('first'));
    expect([...positions]).toEqual([0, 0, 0, 30, 40, 0]);
    expect([...radii]).toEqual([5, 6]);
    expect([...edges]).toEqual([0, 1]);
    expect(set.facts.notes.join()).toContain('10 x 10 x 20 nm');
  });

  test('a folder holds one shape a file', async () => {
    const files = { 'a.swc': samples.swc, 'b.SWC': samples.swc, 'notes.txt': text('x') };
    const set = await openSkeletons(files, '');
    expect(await set.keys()).toEqual([
      { key: 'a.swc', name: 'a' },
      { key: 'b.SWC', name: 'b' },
    ]);
    expect((await set.skeleton('b.SWC')).edges).toBe(3);
    const nml = await openSkeletons({ 'x.nml': samples.nml }, '');
    expect(await nml.skeleton('x.nml')).toMatchObject({ nodes: 3, edges: 1 });
  });
});

describe('faults are told by file and value', () => {
  const bad: readonly (readonly [name: string, key: string, content: string | Uint8Array, message: string])[] = [
    ['no triangles', 'a.obj', 'v 0 0 0\n', 'it has no triangles'],
    ['a face of no numbers', 'a.obj', 'v 0 0 0\nf a b c\n', 'line 2 names the vertex "a"'],
    ['a face of two', 'a.obj', 'v 0 0 0\nv 1 1 1\nf 1 2\n', 'line 3 has a face of 2 corners'],
    ['indices behind the end', 'a.obj', 'v 0 0 0\nf 1 2 3\n', 'none of its 1 triangles is whole'],
    ['not PLY', 'a.ply', 'hello', 'does not begin with "ply"'],
    [
      'a count that lies',
      'a.ply',
      'ply\nformat ascii 1.0\nelement vertex 999999999999\nproperty float x\nend_header\n1\n',
      '999999999999 rows',
    ],
    ['binary PLY cut short', 'a.ply', samples.plyBinary(true).subarray(0, 250), 'bytes'],
    [
      'STL cut short',
      'a.stl',
      samples.stlBinary().subarray(0, 150),
      'says 4 triangles, which need 284 bytes, and has 150',
    ],
    ['text STL cut short', 'a.stl', samples.stlText.subarray(0, 200), 'before its solid does'],
    ['glTF 1', 'a.gltf', '{"asset":{"version":"1.0"}}', 'asset.version'],
    [
      'compressed glTF',
      'a.gltf',
      '{"asset":{"version":"2.0"},"extensionsRequired":["KHR_draco_mesh_compression"]}',
      'KHR_draco_mesh_compression',
    ],
    [
      'glTF that names a file elsewhere',
      'a.gltf',
      '{"asset":{"version":"2.0"},"buffers":[{"uri":"../x.bin","byteLength":1}]}',
      '../x.bin',
    ],
    ['two nodes of an id', 'a.swc', '1 1 0 0 0 1 -1\n1 1 0 0 0 1 -1\n', 'line 2: there are two nodes 1'],
    ['no place', 'a.swc', '1 1 nan 0 0 1 -1\n', 'line 1 is no node'],
    ['a place too far', 'a.swc', '1 1 1e39 0 0 1 -1\n', 'no place within 100 km'],
    ['NML of another kind', 'a.nml', '<html></html>', '"html", not "things"'],
    ['NML cut short', 'a.nml', samples.nml.subarray(0, 300), 'not whole XML'],
    [
      'a unit of nobody',
      'a.nml',
      '<things><parameters><scale x="1" y="1" z="1" unit="furlong"/></parameters></things>',
      'the unit "furlong"',
    ],
    [
      'XML of many entities',
      'a.nml',
      '<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><things>&b;</things>',
      'not whole XML',
    ],
  ];
  it.each(bad)('%s', async (_, key, content, message) => {
    const bytes = typeof content === 'string' ? text(content) : content;
    const error = await open({ [key]: bytes }, key).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(refused(message));
    expect(error).toMatchObject({ message: expect.stringContaining(key), hint: expect.stringMatching(/\.$/) });
  });

  test('one bad triangle is left out, and counted', async () => {
    const files = { 'a.obj': text('v 0 0 0\nv 1 0 0\nv 0 1 0\nv nan 0 0\nf 1 2 3\nf 1 2 4\nf 1 2 9\nf 1 1 2\n') };
    const set = await openMeshes(files, 'a.obj', 1);
    expect(set.facts.notes).toEqual([expect.stringContaining('3 of 4 triangles were left out')]);
    expect(await set.mesh({ key: 'a.obj', level: 0, box: 0 })).toMatchObject({ vertices: 3, triangles: 1 });
  });

  test('keys and boxes that are not there', async () => {
    const set = await openMeshes({ 'a.obj': samples.obj }, 'a.obj');
    await expect(set.manifest('b')).rejects.toMatchObject(refused('no shape b', 'not-found'));
    await expect(set.mesh({ key: 'a.obj', level: 1, box: 0 })).rejects.toMatchObject({ tag: 'not-found' });
  });
});

const neurons = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'neurons');
const present = existsSync(neurons);
if (!present) console.warn('skipped: neurons written by other programs (../shared/data/neurons is not there)');

describe.skipIf(!present)('neurons of the hemibrain, written by navis and trimesh', () => {
  const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(join(neurons, name)));

  it.each(['1734350788', '722817260'])('%s: the skeleton has the nodes, edges and length of its lines', async (id) => {
    const key = `${id}.swc`;
    const set = await openSkeletons({ [key]: bytesOf(key) }, key, 8);
    const { positions, edges } = skeletonOf(await set.skeleton(key));
    const lines = new TextDecoder()
      .decode(bytesOf(key))
      .split('\n')
      .filter((line) => /^\s*\d/.test(line));
    const rows = lines.map((line) => line.trim().split(/\s+/).map(Number));
    const byId = new Map(rows.map((row) => [row[0], row]));
    const distance = (a: readonly number[], b: readonly number[]): number =>
      8 * Math.hypot((a[2] ?? 0) - (b[2] ?? 0), (a[3] ?? 0) - (b[3] ?? 0), (a[4] ?? 0) - (b[4] ?? 0));
    const wanted = rows.reduce((sum, row) => sum + (byId.has(row[6]) ? distance(row, byId.get(row[6]) ?? []) : 0), 0);
    const at = (node: number, axis: number): number => positions[node * 3 + axis] ?? NaN;
    let length = 0;
    for (let i = 0; i < edges.length; i += 2) {
      const [a, b] = [edges[i] ?? 0, edges[i + 1] ?? 0];
      length += Math.hypot(at(a, 0) - at(b, 0), at(a, 1) - at(b, 1), at(a, 2) - at(b, 2));
    }
    expect(positions.length / 3).toBe(rows.length);
    expect(edges.length / 2).toBe(rows.filter((row) => byId.has(row[6])).length);
    expect(Math.abs(length - wanted) / wanted).toBeLessThan(1e-6);
  });

  it.each([
    ['1734350788.ply', 17_369, 35_106],
    ['722817260.ply', 17_875, 36_127],
    ['neuropil.obj', 8997, 18_000],
  ])('%s has the vertices and triangles that its header or lines say', async (key, vertices, triangles) => {
    const set = await openMeshes({ [key]: bytesOf(key) }, key);
    expect(await set.mesh({ key, level: 0, box: 0 })).toMatchObject({ vertices, triangles });
  });
});
