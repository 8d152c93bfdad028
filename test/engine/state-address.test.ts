// Views of Neuroglancer that lie at an address: read through the same guards as all data, small, JSON, and public.
import { expect, onTestFinished, test } from 'vitest';
import { importState } from '../../renderer/state/neuroglancer/import.ts';
import { addressOfText, stateOfText } from '../../renderer/state/neuroglancer/url.ts';
import { known } from '../renderer/neuroglancer/library.ts';
import { faultServer, type FaultServer } from '../sources/fault-server.ts';
import { tempEngine } from './temp-engine.ts';

const state =
  '{"layers": [{"name": "cells", "type": "segmentation", "source": "precomputed://gs://flyem/segmentation", "segments": [18446744073709551615]}]}';

async function served(text: string, key = '/v1/12345'): Promise<{ server: FaultServer; source: string }> {
  const server = await faultServer();
  onTestFinished(() => server.close());
  server.files.set(key, { bytes: new TextEncoder().encode(text), version: '1' });
  return { server, source: `${server.origin}${key}` };
}

test('is read and opens like a pasted one, whatever its name ends in', async () => {
  const { client } = tempEngine();
  for (const key of ['/v1/12345', '/a/state.json', '/deep/er/state.txt']) {
    const { source } = await served(state, key);
    const address = addressOfText(`https://viewer.example.org/#!${source}`);
    const { value } = await client.view.stateAt({ source: address ?? '', allowPrivate: true });
    const { document } = importState(stateOfText(value.text), known);
    expect(document.layers[0]).toMatchObject({ name: 'cells', selected: ['18446744073709551615'] });
  }
});

test.each([
  ['is not there', '', 'not-found', 'There is no state at'],
  ['has more than 4 MiB', `{"layers": [], "x": "${'x'.repeat(4 * 2 ** 20)}"}`, 'over-budget', 'more than 4 MiB'],
  ['is a list', '[1, 2]', 'bad-source', 'no JSON of a state'],
  ['is cut short', state.slice(0, 90), 'bad-source', 'no JSON of a state'],
  ['is no UTF-8', '\ufffd', 'bad-source', 'no JSON of a state'],
])('that %s is refused by name', async (_, text, tag, message) => {
  const { server, source } = await served(text);
  if (text === '') server.files.clear();
  const { client } = tempEngine();
  const asked = client.view.stateAt({ source, allowPrivate: true });
  await expect(asked).rejects.toMatchObject({ tag, message: expect.stringContaining(message) });
});

test('behind a sign-in is refused with what to do, and a page in its place is none', async () => {
  const { client } = tempEngine();
  const { server, source } = await served(state);
  server.script = () => ({ kind: 'status', status: 401 });
  await expect(client.view.stateAt({ source, allowPrivate: true })).rejects.toMatchObject({
    tag: 'unauthorized',
    hint: expect.stringContaining('does not sign in'),
  });
  server.script = () => ({ kind: 'body', type: 'text/html', body: '<!doctype html><p>Sign in</p>' });
  await expect(client.view.stateAt({ source, allowPrivate: true })).rejects.toMatchObject({ tag: 'bad-source' });
});

test('on this computer is read only where the user allowed it; paths and zips are none', async () => {
  const { client, folder } = tempEngine();
  const { server, source } = await served(state);
  await expect(client.view.stateAt({ source })).rejects.toMatchObject({ tag: 'forbidden' });
  expect(server.seen).toEqual([]);
  await expect(
    client.view.stateAt({ source: 'http://169.254.169.254/latest', allowPrivate: true }),
  ).rejects.toMatchObject({ tag: 'forbidden' });
  await expect(client.view.stateAt({ source: folder })).rejects.toMatchObject({ tag: 'invalid-input' });
  await expect(client.view.stateAt({ source: `${server.origin}/`, allowPrivate: true })).rejects.toMatchObject({
    tag: 'not-found',
  });
});

test.each([
  ['https://viewer.example.org/#!gs://bucket/a/state.json', 'gs://bucket/a/state.json'],
  ['https://viewer.example.org/#!+s3://bucket/state.json', 's3://bucket/state.json'],
  ['https://viewer.example.org/#!https%3A%2F%2Fhost.example.org%2Fs', 'https://host.example.org/s'],
  ['  gs://bucket/state.json\n', 'gs://bucket/state.json'],
  ['https://viewer.example.org/#!{"layers": []}', null],
  ['{"layers": [{"source": "https://a.example.org"}]}', null],
])('of %j lies there', (text, address) => {
  expect(addressOfText(text)).toBe(address);
});

test.each([
  'middleauth+https://global.example.org/nglstate/1',
  'gs+ngauth+https://a/b/c',
  'file:///etc/passwd',
  'javascript://x',
])('of the kind of %s is refused', (address) => {
  const refused = expect.objectContaining({
    tag: 'invalid-input',
    hint: expect.stringMatching(/auth/.test(address) ? /does not sign in there/ : /Open the link in a browser/),
  });
  expect(() => addressOfText(`https://viewer.example.org/#!${address}`)).toThrow(refused);
});
