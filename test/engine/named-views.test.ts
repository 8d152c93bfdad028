import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { freshDocument, type ViewDocument } from '../../preload/contract/view-state.ts';
import { tempEngine } from './temp-engine.ts';

const somewhere: ViewDocument = {
  ...freshDocument,
  positionNm: [1200.5, -3, 4e6],
  nmPerPx: 0.25,
  fitted: false,
  layers: [
    {
      id: 'layer-1',
      name: 'EM',
      type: 'image',
      volume: 'volume-0a1b2c3d4e5f',
      channel: 0,
      window: [10, 200],
      gamma: 1,
      inverted: false,
      colour: { tint: '#ffffff' },
      visible: true,
      opacity: 0.5,
      blend: 'max',
      worldFromLayer: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
      checker: 'all',
      volumeMode: 'max',
      transfer: [
        [0, 0],
        [1, 1],
      ],
      surfaceAt: 0.5,
      attenuation: 1,
    },
  ],
};
const picture = 'data:image/png;base64,iVBORw0KGgo=';

test('views are kept under names, newest first, and every step is undone after a restart', async () => {
  const { client, library } = tempEngine();
  await client.library.open({ library });
  const names = async (): Promise<string[]> =>
    (await client.view.list({ library })).value.views.map(({ name }) => name);
  const undoLabel = async (): Promise<string | null> => (await client.library.info({ library })).value.undo;

  const first = await client.view.save({ library, name: 'Dendrite 12', document: somewhere, dock: '{"a":1}', picture });
  expect(first).toMatchObject({ name: 'Dendrite 12', document: somewhere, dock: '{"a":1}', picture });
  expect(await undoLabel()).toBe('Save view Dendrite 12');
  const second = await client.view.save({ library, name: 'Axon', document: freshDocument, dock: '' });
  expect(await names()).toEqual(['Axon', 'Dendrite 12']);

  await client.view.rename({ library, view: first.id, name: 'Spine' });
  expect(await undoLabel()).toBe('Rename view Dendrite 12 to Spine');
  const moved: ViewDocument = { ...somewhere, positionNm: [0, 0, 0] };
  const changed = await client.view.save({ library, view: first.id, name: 'Spine', document: moved, dock: '' });
  expect(changed).toMatchObject({ id: first.id, createdAt: first.createdAt, document: moved, picture: '' });
  expect(await undoLabel()).toBe('Change view Spine');
  expect(await client.view.forget({ library, view: second.id })).toEqual({ removed: true });
  expect(await names()).toEqual(['Spine']);

  await client.library.close({ library });
  for (let step = 0; step < 3; step += 1) await client.library.undo({ library });
  const { views } = (await client.view.list({ library })).value;
  expect(views.map(({ name }) => name)).toEqual(['Axon', 'Dendrite 12']);
  expect(views[1]).toEqual(first);
  await client.library.redo({ library });
  expect(await names()).toEqual(['Axon', 'Spine']);
});

test('a rename to the same name is no step', async () => {
  const { client, library } = tempEngine();
  await client.library.open({ library });
  const { id } = await client.view.save({ library, name: 'A', document: freshDocument, dock: '' });
  await client.view.rename({ library, view: id, name: 'A' });
  const { entries } = (await client.library.history({ library })).value;
  expect(entries.map(({ label }) => label)).toEqual(['Save view A']);
});

test('what is wrong with a view is said', async () => {
  const { client, library } = tempEngine();
  await client.library.open({ library });
  const missing = { tag: 'not-found', message: expect.stringContaining('view-gone') as string };
  await expect(client.view.rename({ library, view: 'view-gone', name: 'x' })).rejects.toMatchObject(missing);
  await expect(client.view.forget({ library, view: 'view-gone' })).rejects.toMatchObject(missing);
  await expect(
    client.view.save({ library, view: 'view-gone', name: 'x', document: freshDocument, dock: '' }),
  ).rejects.toMatchObject(missing);
  await expect(
    client.view.save({ library, name: 'x', document: freshDocument, dock: '', picture: 'https://example.org/a.png' }),
  ).rejects.toMatchObject({ tag: 'invalid-input', message: expect.stringContaining('picture') as string });
  await expect(
    client.view.save({ library, name: 'x', document: { ...freshDocument, nmPerPx: -1 }, dock: '' }),
  ).rejects.toMatchObject({ tag: 'invalid-input', message: expect.stringContaining('nmPerPx') as string });
});

test('a record that is damaged hides no other, is told by the check, and can be forgotten', async () => {
  const { client, library } = tempEngine();
  await client.library.open({ library });
  await client.view.save({ library, name: 'whole', document: freshDocument, dock: '' });
  const { id } = await client.view.save({ library, name: 'broken', document: freshDocument, dock: '' });
  await client.library.close({ library });
  const db = new Database(join(library, 'library.db'));
  db.prepare('UPDATE saved_view SET document = ? WHERE id = ?').run('{"version":9}', id);
  db.close();

  expect((await client.view.list({ library })).value.views.map(({ name }) => name)).toEqual(['whole']);
  expect((await client.library.check({ library })).value.problems).toEqual([expect.stringContaining(id)]);
  await expect(client.view.rename({ library, view: id, name: 'x' })).rejects.toMatchObject({
    tag: 'library-damaged',
    message: expect.stringContaining('broken') as string,
  });
  await client.view.forget({ library, view: id });
  expect((await client.library.check({ library })).value).toEqual({ ok: true, problems: [] });
});
