// Volumes on servers, through the whole engine: keys for buckets, signed addresses, names, groups that can't be listed.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../main/engine/index.ts';
import { s3Environment } from '../../main/engine/s3-environment.ts';
import { bucketServer } from '../sources/bucket-server.ts';
import { faultServer, type FaultServer } from '../sources/fault-server.ts';
import { resultOf } from './follow-job.ts';
import { writeSynthetic } from './synthetic-volume.ts';
import { tempFolder } from './temp-library.ts';

type Environment = Readonly<Record<string, string>>;

function openEngine(environment: Environment = {}, lines: string[] = []) {
  const engine = createEngine({
    threads: 1,
    credentials: s3Environment(environment),
    log: (line) => lines.push(line),
    network: { backoff: { baseMs: 1, capMs: 5, patienceMs: 300 } },
  });
  onTestFinished(() => engine.close());
  return engine.client();
}

function filesOf(folder: string): ReadonlyMap<string, Uint8Array> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(folder, name)).isFile());
  return new Map(files.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(folder, name))]));
}

function synthetic(): ReadonlyMap<string, Uint8Array> {
  const folder = join(tempFolder(), 'volume');
  writeSynthetic(folder, [64, 64, 64]);
  return filesOf(folder);
}

const everythingIn = (folder: string): string =>
  [...filesOf(folder).values()].map((bytes) => Buffer.from(bytes).toString('latin1')).join('\n');

describe('a bucket that wants a key', () => {
  const key = { id: 'AKIAEXAMPLEEXAMPLE00', secret: 'CANARYsecret/with+odd=letters', token: 'CANARYtoken' };

  async function bucket() {
    const server = await bucketServer();
    onTestFinished(() => server.close());
    server.key = { id: key.id, secret: key.secret };
    server.buckets.set('mine', new Map([...synthetic()].map(([name, bytes]) => [`brains/one/${name}`, bytes])));
    const keys = {
      AWS_ACCESS_KEY_ID: key.id,
      AWS_SECRET_ACCESS_KEY: key.secret,
      AWS_SESSION_TOKEN: key.token,
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    return { server, keys, source: `s3+${server.origin}/mine/brains/one` };
  }

  test('opens with the keys of the environment, by either spelling, and leaves no trace of them', async () => {
    const { server, keys, source } = await bucket();
    const lines: string[] = [];
    const client = openEngine({ ...keys, AWS_ENDPOINT_URL: `${server.origin}/` }, lines);
    for (const one of [source, 's3://mine/brains/one']) {
      const { value } = await client.volume.describe({ source: one, allowPrivate: true });
      expect(value).toMatchObject({ name: 'one', format: 'precomputed', source: `${one}` });
    }
    expect(server.seen.every(({ headers }) => headers['x-amz-security-token'] === key.token)).toBe(true);
    const library = join(tempFolder(), 'library');
    await resultOf(client, library, client.volume.add({ library, source, allowPrivate: true }));
    expect(`${everythingIn(library)}${lines.join('\n')}`).not.toMatch(/CANARY|AKIA/);
  });

  test('is refused in words without them, and where they are for another server', async () => {
    const { server, keys, source } = await bucket();
    server.mayList = false;
    for (const environment of [
      {},
      keys,
      { ...keys, AWS_ENDPOINT_URL: 'https://s3.example.org' },
      { ...keys, AWS_ENDPOINT_URL: server.origin, LAMELLA_S3_ANONYMOUS: '1' },
    ]) {
      await expect(openEngine(environment).volume.describe({ source, allowPrivate: true })).rejects.toMatchObject({
        tag: 'unauthorized',
        hint: expect.stringContaining('AWS_ACCESS_KEY_ID'),
      });
    }
    expect(server.seen.length).toBeGreaterThan(0);
    expect(server.seen.some(({ headers }) => 'authorization' in headers || 'x-amz-security-token' in headers)).toBe(
      false,
    );
  });

  test('tells a wrong key, and an endpoint that is none, without showing either', async () => {
    const { server, keys, source } = await bucket();
    const describe = (more: Environment) =>
      openEngine({ ...keys, AWS_ENDPOINT_URL: server.origin, ...more })
        .volume.describe({ source, allowPrivate: true })
        .catch((error: unknown) => error);
    const wrong = await describe({ AWS_SECRET_ACCESS_KEY: 'CANARYwrong' });
    expect(wrong).toMatchObject({ tag: 'unauthorized', message: expect.stringContaining('SignatureDoesNotMatch') });
    const nowhere = await describe({ AWS_ENDPOINT_URL: 'http://user:CANARY@host/' });
    expect(nowhere).toMatchObject({ tag: 'invalid-input', message: expect.stringContaining('AWS_ENDPOINT_URL') });
    for (const error of [wrong, nowhere]) expect(JSON.stringify([error, String(error)])).not.toMatch(/CANARY|AKIA/);
  });
});

async function served(files: ReadonlyMap<string, Uint8Array>, folder: string): Promise<FaultServer> {
  const server = await faultServer();
  onTestFinished(() => server.close());
  for (const [name, bytes] of files) server.files.set(`/${folder}/${name}`, { bytes, version: '1' });
  return server;
}

describe('a signed address', () => {
  test('is described, cut out and converted, not added; its signature is written nowhere', async () => {
    const server = await served(synthetic(), 'brain');
    const folder = tempFolder();
    const library = join(folder, 'library');
    const client = openEngine();
    const signed = { source: `${server.origin}/brain?X-Amz-Signature=CANARY/1&v=2`, allowPrivate: true };
    const { value } = await client.volume.describe(signed);
    expect(value).toMatchObject({ name: 'brain', source: `${server.origin}/brain?X-Amz-Signature=REDACTED&v=2` });
    const box = '0:64,0:64,0:64';
    const { sha256 } = (await client.volume.cutout({ ...signed, box })).value;
    await expect(resultOf(client, library, client.volume.add({ library, ...signed }))).rejects.toMatchObject({
      tag: 'invalid-input',
      message: expect.stringContaining('signature or token'),
    });
    const out = join(folder, 'out');
    await resultOf(client, library, client.volume.convert({ library, ...signed, out, format: 'precomputed' }));
    expect((await client.volume.cutout({ source: out, box })).value.sha256).toBe(sha256);
    const { volume } = await resultOf<{ volume: string }>(client, library, client.volume.add({ library, source: out }));
    await expect(client.volume.relink({ library, volume, ...signed })).rejects.toMatchObject({ tag: 'invalid-input' });
    const { jobs } = (await client.job.list({ library })).value;
    expect(jobs.map(({ label }) => label)).toContain('Convert brain to precomputed');
    expect(everythingIn(library)).not.toContain('CANARY');
    expect(everythingIn(out)).not.toContain('CANARY');
  });
});

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** By the Zarr v2 specification: an array of 2 x 3 x 4 bytes, all of them the fill value. */
const arrayV2 = {
  ...{ zarr_format: 2, shape: [2, 3, 4], chunks: [2, 3, 4], dtype: '|u1', compressor: null, fill_value: 7 },
  ...{ order: 'C', filters: null },
};
const groupV2 = { zarr_format: 2 };
const arrayV3 = {
  ...{ zarr_format: 3, node_type: 'array', shape: [2, 3, 4], data_type: 'uint8', fill_value: 7 },
  chunk_grid: { name: 'regular', configuration: { chunk_shape: [2, 3, 4] } },
  chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
  codecs: [{ name: 'bytes', configuration: {} }],
};
const groupV3 = { zarr_format: 3, node_type: 'group', attributes: {} };

const v2 = { '.zgroup': groupV2, 'a/.zgroup': groupV2, 'a/b/.zarray': arrayV2, 'c/.zarray': arrayV2 };
const v3 = { 'zarr.json': groupV3, 'a/zarr.json': groupV3, 'a/b/zarr.json': arrayV3, 'c/zarr.json': arrayV3 };
const consolidatedV2 = { zarr_consolidated_format: 1, metadata: v2 };
const consolidatedV3 = {
  ...groupV3,
  consolidated_metadata: {
    ...{ kind: 'inline', must_understand: false },
    metadata: { a: groupV3, 'a/b': arrayV3, c: arrayV3 },
  },
};

describe('a group of Zarr on a server that lists nothing', () => {
  const open = async (files: object) => {
    const all = new Map(Object.entries(files).map(([name, value]) => [name, bytesOf(value)]));
    const server = await served(all, 'data/group.zarr');
    const client = openEngine();
    return (more: object = {}, below = '') =>
      client.volume.describe({ source: `${server.origin}/data/group.zarr${below}`, allowPrivate: true, ...more });
  };

  test.each([
    ['v2', { ...v2, '.zmetadata': consolidatedV2 }],
    ['v3', { ...v3, 'zarr.json': consolidatedV3 }],
  ])('%s opens by its consolidated metadata', async (_version, files) => {
    const describe = await open(files);
    expect((await describe()).value).toMatchObject({
      ...{ name: 'a/b', dtype: 'uint8' },
      warnings: expect.arrayContaining([expect.stringMatching(/other arrays.*: c\./)]),
    });
    expect((await describe({ image: 'c' })).value.levels[0]?.size).toEqual([4, 3, 2]);
    await expect(describe({ image: 'd' })).rejects.toMatchObject({
      ...{ tag: 'invalid-input', hint: 'It has a/b, c.' },
    });
  });

  test.each([
    ['v2', v2],
    ['v3', v3],
    ['v3, with empty consolidated metadata', { ...v3, 'zarr.json': { ...groupV3, consolidated_metadata: null } }],
  ])('%s says that it wants the name of an array, and opens by that', async (_version, files) => {
    const describe = await open(files);
    await expect(describe()).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('does not say what it holds'),
      hint: expect.stringContaining('--image'),
    });
    expect((await describe({ image: 'a/b' })).value).toMatchObject({ name: 'a/b', dtype: 'uint8' });
    expect((await describe({}, '/a/b')).value).toMatchObject({ name: 'b', dtype: 'uint8' });
    await expect(describe({ image: 'a' })).rejects.toMatchObject({ tag: 'invalid-input' });
  });
});
