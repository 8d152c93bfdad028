// The meshes and skeletons that a precomputed segmentation names: offered, added, drawn from wherever it lies.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ShapeSet } from '../../preload/contract/shape.ts';
import * as samples from '../formats/shape-samples.ts';
import { FolderServer } from '../window/folder-server.ts';
import { writeLabels } from '../window/known-volumes.ts';
import { namedShapes, namesBoth, nameShapes } from '../window/named-shapes.ts';
import { tempEngine, type TempEngine } from './temp-engine.ts';

const writeSegmentation = (folder: string, files: Readonly<Record<string, Uint8Array>>, more: object): string =>
  nameShapes(writeLabels(folder), files, more);

async function added(at: TempEngine, source: string): Promise<string> {
  const { client, library, result } = at;
  const { volume } = await result<{ volume: string }>(client.volume.add({ library, source, allowPrivate: true }));
  return volume;
}

async function expectShapes({ client, library }: TempEngine, volume: string, text: string): Promise<void> {
  const { value } = await client.shape.ofVolume({ library, volume });
  expect(value.shapes.map(({ kind, format }) => [kind, format])).toEqual([
    ['mesh', 'precomputed-multires-mesh'],
    ['skeleton', 'precomputed-skeletons'],
  ]);
  const mesh = await client.shape.add({ library, source: volume, name: 'cells' });
  expect(mesh).toMatchObject({ kind: 'mesh', name: 'cells', unitNm: 1, liesIn: volume });
  expect(mesh.source.text.replaceAll('\\', '/').replace(/\/$/, '')).toBe(`${text.replaceAll('\\', '/')}/meshes/lod`);
  const { manifests } = (await client.shape.manifests({ library, shape: mesh.id, keys: ['7'] })).value;
  expect(manifests.map(({ key, levels }) => [key, levels.length])).toEqual([['7', 2]]);
  const skeletons = await client.shape.add({ library, source: volume, kind: 'skeleton' });
  const seen: [string, number, string][] = [];
  await client.shape.skeletons(
    { library, shape: skeletons.id, keys: ['7'] },
    { signal: new AbortController().signal, onValue: ({ key, nodes, failed }) => void seen.push([key, nodes, failed]) },
  );
  expect(seen).toEqual([['7', 3, '']]);
}

test('a folder', async () => {
  const at = tempEngine();
  const folder = writeSegmentation(join(at.folder, 'segments'), await namedShapes(), namesBoth);
  await expectShapes(at, await added(at, folder), folder);
});

test('a server that the user allowed', async () => {
  const at = tempEngine();
  writeSegmentation(join(at.folder, 'segments'), await namedShapes(), namesBoth);
  const server = new FolderServer(at.folder);
  const origin = await server.up();
  onTestFinished(() => server.down());
  const volume = await added(at, `precomputed://${origin}/segments`);
  await expectShapes(at, volume, `${origin}/segments`);
});

test('files on a server, of which it is known how long they are', async () => {
  const { client, library, folder } = tempEngine();
  await client.library.open({ library });
  for (const [name, bytes] of [
    ['a.obj', samples.obj],
    ['b.swc', samples.swc],
  ] as const)
    writeFileSync(join(folder, name), bytes);
  const server = new FolderServer(folder);
  const origin = await server.up();
  onTestFinished(() => server.down());
  const add = (name: string): Promise<ShapeSet> =>
    client.shape.add({ library, source: `${origin}/${name}`, allowPrivate: true });
  expect([(await add('a.obj')).kind, (await add('b.swc')).kind]).toEqual(['mesh', 'skeleton']);
});

test('a volume that names nothing, or what nobody copied with it, offers nothing', async () => {
  const at = tempEngine();
  const { client, library } = at;
  const bare = await added(at, writeLabels(join(at.folder, 'bare')));
  const lost = await added(at, writeSegmentation(join(at.folder, 'lost'), {}, { mesh: 'gone', skeletons: 'gone too' }));
  const odd = await added(at, writeSegmentation(join(at.folder, 'odd'), {}, { mesh: '../../etc', skeletons: 7 }));
  for (const volume of [bare, lost, odd]) {
    expect((await client.shape.ofVolume({ library, volume })).value.shapes).toEqual([]);
    await expect(client.shape.add({ library, source: volume })).rejects.toMatchObject({ tag: 'not-found' });
  }
  const half = await added(at, writeSegmentation(join(at.folder, 'half'), await namedShapes(), { mesh: 'meshes/lod' }));
  await expect(client.shape.add({ library, source: half, kind: 'skeleton' })).rejects.toMatchObject({
    tag: 'not-found',
    message: expect.stringContaining('no skeletons'),
  });
});
