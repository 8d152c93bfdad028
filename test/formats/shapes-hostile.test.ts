import { describe, expect, it } from 'vitest';
import { shapeFormats } from '../../main/engine/formats/shapes/index.ts';
import type { OpenShapes } from '../../main/engine/formats/shapes/shape-format.ts';
import { shapeKeySchema } from '../../preload/contract/shape.ts';
import { memorySource } from './memory-source.ts';
import { multiresFiles } from './multires-fixture.ts';
import * as samples from './shape-samples.ts';
import { meshOf, shapeOptions, skeletonOf } from './shape-work.ts';

/** Files that mean harm, and small ones that would take memory or time of another size. What they were kept from is in the name. */
const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const million = 1_000_000;

async function open(
  files: Readonly<Record<string, Uint8Array>>,
  key = Object.keys(files)[0] ?? '',
): Promise<OpenShapes> {
  const place = { source: memorySource(files), key };
  for (const format of shapeFormats) if (await format.detect(place)) return format.open(place, shapeOptions());
  throw new Error('no format takes it');
}

/** What all of it is, so that nothing is left unread. */
async function whole(files: Readonly<Record<string, Uint8Array>>, key?: string) {
  const set = await open(files, key);
  const keys = await set.keys();
  let [points, links] = [0, 0];
  for (const { key: one } of keys.slice(0, 10))
    if (set.kind === 'mesh') {
      const { vertices, triangles } = await set.mesh({ key: one, level: 0, box: 0 });
      [points, links] = [points + vertices, links + triangles];
    } else {
      const { nodes, edges } = await set.skeleton(one);
      [points, links] = [points + nodes, links + edges];
    }
  return { keys: keys.length, points, links, notes: set.facts.notes.join('\n') };
}

const refused = (file: string, why: RegExp) => ({
  message: expect.stringMatching(why),
  tag: expect.anything(),
  fields: expect.objectContaining({ file }),
});

const triangle = 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n';
const glb = (json: object, buffer = new Uint8Array(72)): Uint8Array =>
  text(
    JSON.stringify({
      ...json,
      buffers: [{ byteLength: buffer.length, uri: `data:;base64,${Buffer.from(buffer).toString('base64')}` }],
    }),
  );

describe('a file of shapes that means harm', { timeout: 60_000 }, () => {
  it('OBJ: indices out of range, corners that are no number, vertices far away: left out and counted', async () => {
    const bad = `${triangle}f 1 2 99999999\nf -9 -8 -7\nf 0 1 2\nf 1 1 2\nv nan 0 0\nv 1e30 0 0\nf 1 2 4\nf 1 2 5\nf 4294967296 4294967297 4294967298\n`;
    expect(await whole({ 'a.obj': text(bad) })).toMatchObject({ keys: 1, points: 3, links: 1 });
  });

  it('OBJ: digits without end are no number, and take one look', async () => {
    const digits = '1'.repeat(8 * million);
    expect(await whole({ 'a.obj': text(`${triangle}v ${digits}x 0 0\nf 1 2 4\n`) })).toMatchObject({ links: 1 });
  });

  it('OBJ: a name without end is cut; a million names without triangles are no objects', async () => {
    const names = `o ${'n'.repeat(30 * million)}\n${triangle}${'o\n'.repeat(million)}`;
    const set = await open({ 'a.obj': text(names) });
    expect((await set.keys()).map(({ name }) => name.length)).toEqual([1000 + 24]);
  });

  it('OBJ: objects of one name, and of the names that would tell them apart, have keys of their own', async () => {
    const names = ['a', 'a (2)', 'a (4)', 'a', 'a', 'a (3)', '', ''];
    const set = await open({ 'a.obj': text(names.map((name) => `o ${name}\n${triangle}`).join('')) });
    const keys = (await set.keys()).map(({ key }) => key);
    expect(new Set(keys).size).toBe(names.length);
    expect(keys.every((key) => shapeKeySchema.safeParse(key).success)).toBe(true);
  });

  it('OBJ: a face of a million corners, a file of one line', async () => {
    const corners = Array.from({ length: million }, (_, i) => (i % 3) + 1).join(' ');
    expect(await whole({ 'a.obj': text(`v 0 0 0\nv 1 0 0\nv 0 1 0\nf ${corners}\n`) })).toMatchObject({ points: 3 });
    await expect(open({ 'a.obj': text('v '.repeat(5 * million)) })).rejects.toMatchObject(refused('a.obj', /line 1/));
  });

  it('STL: a million solids without facets take no memory of their own', async () => {
    const solid = (facet: string) => `solid s\n${facet}endsolid s\n`;
    const facet = 'facet normal 0 0 0\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\n';
    const stl = text(solid(facet) + solid('').repeat(million) + solid(facet));
    expect(await whole({ 'a.stl': stl })).toMatchObject({ keys: 2, links: 2 });
  });

  it('STL: a count that lies is refused before memory is taken', async () => {
    const bytes = new Uint8Array(samples.stlBinary());
    new DataView(bytes.buffer).setUint32(80, 0xffff_ffff, true);
    await expect(open({ 'a.stl': bytes })).rejects.toMatchObject(refused('a.stl', /says 4294967295 triangles/));
  });

  it('PLY: counts that lie are refused before memory is taken', async () => {
    const head = (vertices: number) =>
      text(
        `ply\nformat binary_little_endian 1.0\nelement vertex ${vertices}\nproperty float x\nproperty float y\nproperty float z\nelement face 1\nproperty list uint int vertex_indices\nend_header\n`,
      );
    await expect(open({ 'a.ply': head(4_000_000_000) })).rejects.toMatchObject(refused('a.ply', /4000000000 rows/));
    const list = Buffer.concat([head(0), new Uint8Array(new Uint32Array([0xffff_ffff, 0, 1, 2]).buffer)]);
    await expect(open({ 'a.ply': list })).rejects.toMatchObject(refused('a.ply', /4294967295 values/));
  });

  const mesh = { asset: { version: '2.0' }, meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1 }] }] };
  const accessors = (vertices: number, corners: number) => [
    { bufferView: 0, componentType: 5126, count: vertices, type: 'VEC3' },
    { bufferView: 0, componentType: 5121, count: corners, type: 'SCALAR' },
  ];
  const views = (stride?: number) => [
    { buffer: 0, byteLength: 72, ...(stride !== undefined && { byteStride: stride }) },
  ];

  it.each([
    [
      'rows that take no bytes',
      { accessors: accessors(140 * million, 3), bufferViews: views(0) },
      /every 0|over 50000000/,
    ],
    ['rows behind the buffer', { accessors: accessors(7, 3), bufferViews: views() }, /7 rows, which end behind/],
    [
      'a view behind the buffer',
      { accessors: accessors(3, 3), bufferViews: [{ buffer: 0, byteOffset: 60, byteLength: 72 }] },
      /end behind/,
    ],
    [
      'a buffer that is not there',
      { accessors: accessors(3, 3), bufferViews: [{ buffer: 9, byteLength: 72 }] },
      /lies nowhere/,
    ],
    [
      'a node that is its own child',
      { accessors: accessors(3, 3), bufferViews: views(), scenes: [{ nodes: [0] }], nodes: [{ children: [0] }] },
      /two parents/,
    ],
  ])('glTF: %s', async (_, parts, why) => {
    const nodes = [{ mesh: 0 }];
    await expect(open({ 'a.gltf': glb({ ...mesh, nodes, ...parts }) })).rejects.toMatchObject(refused('a.gltf', why));
  });

  it('glTF: many nodes that name one mesh are counted before they are read', async () => {
    const buffer = new Uint8Array(3 * million);
    const nodes = Array.from({ length: 1000 }, () => ({ mesh: 0 }));
    const bufferViews = [{ buffer: 0, byteLength: buffer.length }];
    const lying = { ...mesh, nodes, accessors: accessors(3, 3 * million), bufferViews };
    await expect(open({ 'a.gltf': glb(lying, buffer) })).rejects.toMatchObject(
      refused('a.gltf', /corners of triangles/),
    );
  });

  it('glTF: buffers outside of its folder, of the net, or in many files', async () => {
    const with_ = (...uris: string[]) =>
      text(
        JSON.stringify({
          ...mesh,
          nodes: [{ mesh: 0 }],
          accessors: accessors(3, 3),
          bufferViews: views(),
          buffers: uris.map((uri) => ({ uri, byteLength: 72 })),
        }),
      );
    for (const uri of [
      '../secret.bin',
      '/etc/passwd',
      'https://example.org/b.bin',
      'file:///etc/passwd',
      '%2e%2e/secret.bin',
      '',
    ])
      await expect(open({ 'in/a.gltf': with_(uri), 'secret.bin': new Uint8Array(72) })).rejects.toMatchObject({
        tag: 'bad-source',
      });
    const many = Array.from({ length: 1000 }, (_, i) => `${i}.bin`);
    await expect(open({ 'a.gltf': with_(...many) })).rejects.toMatchObject(refused('a.gltf', /1000 files/));
  });

  it('SWC: circles and parents that are not there are drawn or counted; twins, NaN and far places are refused', async () => {
    const circle = text('1 0 0 0 0 1 3\n2 0 1 0 0 1 1\n3 0 1 1 0 nan 2\n4 0 5 5 5 -1 99\n');
    expect(await whole({ 'a.swc': circle })).toMatchObject({
      points: 4,
      links: 3,
      notes: expect.stringMatching(/1 edges/),
    });
    for (const [line, why] of [
      ['1 0 0 0 0 1 -1\n1 0 1 1 1 1 -1', /two nodes 1/],
      ['1 0 nan 0 0 1 -1', /line 1 is no node/],
      ['1 0 1e300 0 0 1 -1', /no place within 100 km/],
      ['1e99 0 0 0 0 1 -1', /line 1/],
    ] as const)
      await expect(open({ 'a.swc': text(line) })).rejects.toMatchObject(refused('a.swc', why));
  });

  it('NML: entities are not followed, trees without nodes take no memory', async () => {
    const lol = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    const bomb = `<?xml version="1.0"?><!DOCTYPE things [<!ENTITY l0 "lol">${lol}]><things><thing id="1" name="&l9;"><nodes/></thing></things>`;
    await expect(open({ 'a.nml': text(bomb) })).rejects.toMatchObject(refused('a.nml', /not whole XML/));
    const outside =
      '<!DOCTYPE things SYSTEM "file:///etc/passwd"><things><thing id="1"><nodes><node id="1" x="0" y="0" z="0"/></nodes></thing></things>';
    expect(await whole({ 'a.nml': text(outside) })).toMatchObject({ points: 1 });
    expect(await whole({ 'a.nml': text(`<things>${'<thing/>'.repeat(90_000)}</things>`) })).toMatchObject({
      keys: 90_000,
    });
    await expect(open({ 'a.nml': text(`<things>${'<a>'.repeat(million)}`) })).rejects.toMatchObject(
      refused('a.nml', /nested/),
    );
    await expect(open({ 'a.nml': text(`<things>${'&x;'.repeat(million)}`) })).rejects.toMatchObject(
      refused('a.nml', /not whole XML/),
    );
  });

  it('a folder: the files that can be read are, and the others are refused one by one', async () => {
    const files = { 'a.obj': text('f 1 2 3'), 'b.obj': text('\0\0'), 'c.obj': samples.obj, 'd.obj': text('v 1') };
    const set = await open(files, '');
    expect((await set.keys()).map(({ key }) => key)).toEqual(Object.keys(files));
    if (set.kind !== 'mesh') throw new Error('no mesh');
    expect((await set.mesh({ key: 'c.obj', level: 0, box: 0 })).triangles).toBe(4);
    for (const bad of ['a.obj', 'b.obj', 'd.obj'])
      await expect(set.manifest(bad)).rejects.toMatchObject(refused(bad, /can't be read/));
    await expect(open({ 'a.obj': text('f 1 2 3'), 'b.obj': text('') }, '')).rejects.toMatchObject(
      refused('a.obj', /none of its/),
    );
  });

  it('a legacy mesh: fragments that lead out, fail, or lie', async () => {
    const of = (fragments: readonly unknown[], bytes = samples.legacyFragment()) => ({
      info: samples.jsonBytes({ '@type': 'neuroglancer_legacy_mesh' }),
      '7:0': samples.jsonBytes({ fragments }),
      a: bytes,
    });
    const read = async (files: Readonly<Record<string, Uint8Array>>) => {
      const set = await open(files, '');
      return set.kind === 'mesh' ? meshOf(await set.mesh({ key: '7', level: 0, box: 0 })) : null;
    };
    for (const name of ['../a', '/a', 'a/../../b', 'a\0', 'missing', ''])
      await expect(read(of([name]))).rejects.toMatchObject({ tag: 'bad-source' });
    await expect(read(of([7]))).rejects.toMatchObject({ tag: 'bad-source' });
    const lying = new Uint8Array(samples.legacyFragment());
    new DataView(lying.buffer).setUint32(0, 0xffff_ffff, true);
    await expect(read(of(['a'], lying))).rejects.toMatchObject(refused('7:0', /4294967295 vertices/));
    const pointing = new Uint8Array(samples.legacyFragment());
    new DataView(pointing.buffer).setUint32(52, 0xffff_fffe, true);
    expect((await read(of(['a', 'a'], pointing)))?.indices.length).toBe(2 * 9);
  });

  it('precomputed skeletons: counts that lie and nodes that are not there', async () => {
    const of = (bytes: Uint8Array) => ({ info: samples.jsonBytes(samples.skeletonInfo), '7': bytes });
    const read = async (bytes: Uint8Array) => {
      const set = await open(of(bytes), '');
      return set.kind === 'skeleton' ? skeletonOf(await set.skeleton('7')) : null;
    };
    const lying = new Uint8Array(samples.skeletonBytes());
    new DataView(lying.buffer).setUint32(0, 0xffff_ffff, true);
    await expect(read(lying)).rejects.toMatchObject(refused('7', /4294967295 nodes/));
    const pointing = new Uint8Array(samples.skeletonBytes());
    new DataView(pointing.buffer).setUint32(8 + 36, 77, true);
    expect((await read(pointing))?.edges.length).toBe(2);
  });

  it('a mesh of several resolutions: lods, places and sizes that lie, and garbage for Draco', async () => {
    const files = await multiresFiles();
    const index = Object.keys(files).find((name) => name.endsWith('.index')) ?? '';
    const [id = ''] = index.split('.');
    const change = async (at: number, value: number, kind: 'setUint32' | 'setFloat32' = 'setUint32') => {
      const bytes = new Uint8Array(files[index] ?? []);
      new DataView(bytes.buffer)[kind](at, value, true);
      const set = await open({ ...files, [index]: bytes }, '');
      if (set.kind !== 'mesh') throw new Error('no mesh');
      const { levels } = await set.manifest(id);
      for (const [level, { bytes: sizes }] of levels.entries())
        for (let box = 0; box < sizes.length; box++) await set.mesh({ key: id, level, box });
    };
    await expect(change(24, 0xffff_ffff)).rejects.toMatchObject(refused(index, /4294967295 levels/));
    await expect(change(24, 31)).rejects.toMatchObject(refused(index, /ends before|take/));
    await expect(change(0, Number.NaN, 'setFloat32')).rejects.toMatchObject(refused(index, /chunks are NaN/));
    await expect(change(0, 1e38, 'setFloat32')).rejects.toMatchObject(refused(index, /over 100 km/));
    const last = (files[index]?.length ?? 0) - 4;
    await expect(change(last, 0xffff_ffff)).rejects.toMatchObject(refused(id, /says it has 4294967295 bytes/));
    await expect(change(last, 100_000)).rejects.toMatchObject(refused(id, /the file ends after/));
    const garbage = {
      ...files,
      [id]: Uint8Array.from(files[id] ?? [], (byte, i) => (i > 10 ? (byte * 31 + i) & 255 : byte)),
    };
    const set = await open(garbage, '');
    if (set.kind !== 'mesh') throw new Error('no mesh');
    for (let i = 0; i < 3; i++)
      await expect(set.mesh({ key: id, level: 0, box: 0 })).rejects.toMatchObject({ tag: 'bad-source' });
    // The decoder is sound after what it gave up on.
    const sound = await open(files, '');
    if (sound.kind === 'mesh') expect((await sound.mesh({ key: id, level: 0, box: 0 })).triangles).toBeGreaterThan(0);
  });
});
