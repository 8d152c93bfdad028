import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OutputOf, StreamOptions } from '../../preload/contract/define.ts';
import type { shapeProcedures } from '../../preload/contract/shape.ts';
import { multiresFiles } from '../formats/multires-fixture.ts';
import * as samples from '../formats/shape-samples.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

async function withFiles(files: Readonly<Record<string, Uint8Array>>): Promise<TempEngine> {
  const temp = tempEngine();
  for (const [key, bytes] of Object.entries(files)) {
    mkdirSync(join(temp.folder, key, '..'), { recursive: true });
    writeFileSync(join(temp.folder, key), bytes);
  }
  await temp.client.library.open({ library: temp.library, create: true });
  return temp;
}

type Fragment = OutputOf<typeof shapeProcedures.fragments>;
type Skeleton = OutputOf<typeof shapeProcedures.skeletons>;

/** What a stream sends, with the length of its bytes. */
async function sent<V>(
  stream: (options: StreamOptions<V>) => Promise<void>,
): Promise<readonly (readonly [V, number])[]> {
  const values: [V, number][] = [];
  const onValue = (value: V, bytes?: Uint8Array): void => void values.push([value, bytes?.byteLength ?? 0]);
  await stream({ signal: new AbortController().signal, onValue });
  return values;
}

test('meshes of a library: described, added, listed, read, removed, undone', async () => {
  const { client, library, folder } = await withFiles({ 'scene.obj': samples.objScene });
  const source = join(folder, 'scene.obj');
  const { value: said } = await client.shape.describe({ source });
  expect(said).toMatchObject({ name: 'scene', kind: 'mesh', format: 'obj', unitNm: 1, count: 2 });
  expect(said.notes).toHaveLength(1);
  const set = await client.shape.add({ library, source, unitNm: 10, name: 'two of them' });
  expect(set).toMatchObject({ name: 'two of them', unitNm: 10, source: { kind: 'local', text: source } });
  const list = async (): Promise<readonly string[]> =>
    (await client.shape.list({ library })).value.shapes.map(({ id }) => id);
  expect(await list()).toEqual([set.id]);
  const { value: keys } = await client.shape.keys({ library, shape: set.id, find: 'RIGHT' });
  expect(keys).toEqual({ total: 1, keys: [{ key: 'right side', name: 'right side' }] });
  const { value } = await client.shape.manifests({ library, shape: set.id, keys: ['left', 'up'] });
  expect(value.manifests.map(({ key, levels }) => [key, levels[0]?.boxesNm])).toEqual([
    ['left', [0, 0, 0, 40, 30, 25]],
  ]);
  expect(value.failed).toEqual([
    expect.objectContaining({ key: 'up', message: expect.stringContaining('no shape up') }),
  ]);
  expect(await client.shape.remove({ library, shape: set.id })).toEqual({ removed: true });
  expect(await list()).toEqual([]);
  await client.library.undo({ library });
  expect(await list()).toEqual([set.id]);
  await client.library.undo({ library });
  expect(await list()).toEqual([]);
  await client.library.redo({ library });
  expect((await client.shape.keys({ library, shape: set.id })).value.total).toBe(2);
});

test('boxes come in the order asked for, from the workers; one that is not there is told, and the others come', async () => {
  const files = Object.entries(await multiresFiles()).map(([key, bytes]) => [`mesh/${key}`, bytes] as const);
  const { client, library, folder } = await withFiles(Object.fromEntries(files));
  const { id: shape } = await client.shape.add({ library, source: join(folder, 'mesh') });
  const at = [
    { key: '7', level: 1, box: 0 },
    { key: '9', level: 0, box: 0 },
    { key: '7', level: 0, box: 1 },
    { key: '7', level: 0, box: 0 },
  ];
  const boxes = await sent<Fragment>((options) => client.shape.fragments({ library, shape, fragments: at }, options));
  expect(boxes.map(([{ key, level, box }]) => ({ key, level, box }))).toEqual(at);
  expect(boxes.map(([{ triangles }, bytes]) => [triangles, bytes])).toEqual([
    [1, 48],
    [0, 0],
    [0, 0],
    [1, 48],
  ]);
  expect(boxes.map(([{ failed }]) => failed !== '')).toEqual([false, true, false, false]);
  await expect(
    sent<Skeleton>((options) => client.shape.skeletons({ library, shape, keys: ['7'] }, options)),
  ).rejects.toMatchObject({ tag: 'invalid-input' });
});

test('legacy meshes of this computer have colons in their names', { skip: process.platform === 'win32' }, async () => {
  const { client, library, folder } = await withFiles({
    'mesh/info': samples.jsonBytes({ '@type': 'neuroglancer_legacy_mesh' }),
    'mesh/7:0': samples.jsonBytes({ fragments: ['7:0:0-64_0-64_0-64'] }),
    'mesh/7:0:0-64_0-64_0-64': samples.legacyFragment(),
  });
  const { id: shape } = await client.shape.add({ library, source: join(folder, 'mesh') });
  const boxes = await sent<Fragment>((options) =>
    client.shape.fragments({ library, shape, fragments: [{ key: '7', level: 0, box: 0 }] }, options),
  );
  expect(boxes.map(([{ vertices, triangles }, bytes]) => [vertices, triangles, bytes])).toEqual([[4, 4, 96]]);
});

test('skeletons of a folder; a damaged one is told, and the others come', async () => {
  const { client, library, folder } = await withFiles({
    'cells/a.swc': samples.swc,
    'cells/b.swc': new TextEncoder().encode('oops\n'),
    'cells/c.swc': samples.swc,
  });
  const { id: shape } = await client.shape.add({ library, source: join(folder, 'cells') });
  const { value } = await client.shape.keys({ library, shape });
  const came = await sent<Skeleton>((options) =>
    client.shape.skeletons({ library, shape, keys: value.keys.map(({ key }) => key) }, options),
  );
  expect(
    came.map(([{ key, name, nodes, edges, failed }, bytes]) => [key, name, nodes, edges, failed === '', bytes]),
  ).toEqual([
    ['a.swc', 'a', 5, 3, true, 104],
    ['b.swc', 'b.swc', 0, 0, false, 0],
    ['c.swc', 'c', 5, 3, true, 104],
  ]);
  expect(came[1]?.[0].failed).toContain('line 1 is no node');
});

test('what holds no shapes, or several kinds, is refused by name', async () => {
  const { client, library, folder } = await withFiles({
    'x/a.swc': samples.swc,
    'x/b.obj': samples.obj,
    'y/z.txt': samples.obj,
  });
  const add = (name: string): Promise<unknown> => client.shape.add({ library, source: join(folder, name) });
  await expect(add('x')).rejects.toMatchObject({ tag: 'bad-source', message: expect.stringContaining('OBJ and SWC') });
  await expect(add('y')).rejects.toMatchObject({ tag: 'bad-source', hint: expect.stringContaining('glTF') });
  await expect(add('gone')).rejects.toMatchObject({ tag: 'not-found' });
  await expect(
    client.shape.add({ library, source: 'https://localhost/a.obj?X-Amz-Signature=abc' }),
  ).rejects.toMatchObject({ tag: 'invalid-input' });
  await expect(client.shape.keys({ library, shape: 'shape-0000' })).rejects.toMatchObject({ tag: 'not-found' });
});
