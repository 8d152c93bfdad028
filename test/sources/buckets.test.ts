import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../../main/engine/sources/address.ts';
import { readListPage } from '../../main/engine/sources/bucket-list.ts';
import { openPlace, type OpenPlace } from '../../main/engine/sources/index.ts';
import type { Network } from '../../main/engine/sources/network.ts';
import type { BucketAccess } from '../../main/engine/sources/s3.ts';
import { seededBytes } from '../conformance/seeded.ts';
import { bucketServer, type BucketServer } from './bucket-server.ts';
import { quickNetwork } from './quick-network.ts';

const key = { id: 'AKIAEXAMPLEEXAMPLE00', secret: 'CANARYsecret/with+odd=letters' };
const signing: BucketAccess = { accessKeyId: key.id, secretAccessKey: key.secret };

let server: BucketServer;
let network: Network;
let lines: string[];
beforeEach(async () => {
  server = await bucketServer();
  lines = [];
  network = quickNetwork({ log: (line) => lines.push(line) });
  server.buckets.set('volumes', new Map());
});
afterEach(async () => {
  network.close();
  await server.close();
});

const data = seededBytes('bucket', 3000);
const put = (name: string, bytes = data) => server.buckets.get('volumes')?.set(name, bytes);
const open = (text: string, access?: BucketAccess, clock?: () => Date): Promise<OpenPlace> =>
  openPlace(parseAddress(text), {
    network,
    allowPrivate: true,
    credentials: () => access,
    gsEndpoint: server.origin,
    ...(clock ? { clock } : {}),
  });
const s3 = (path: string, access?: BucketAccess, clock?: () => Date) =>
  open(`s3+${server.origin}/${path}`, access, clock);

describe.each([
  ['s3', (path: string) => s3(path)],
  ['s3, signed', (path: string) => s3(path, signing)],
  ['gs', (path: string) => open(`gs://${path}`)],
])('%s', (name, at) => {
  beforeEach(() => {
    if (name.includes('signed')) server.key = key;
  });

  const odd = "brain/c/a b+c!'()*~%41/ü&<é>=?#.bin";

  it('reads whole objects, ranges and sizes, by any name', async () => {
    put(odd);
    const { source } = await at('volumes/brain/');
    const inner = odd.slice(6);
    expect(await source.get(inner)).toEqual(data);
    expect(await source.get(inner, { offset: 9, length: 5 })).toEqual(data.slice(9, 14));
    expect(await source.get(inner, { offset: 3000, length: 5 })).toEqual(new Uint8Array());
    expect(await source.sizeOf(inner)).toBe(3000);
    expect(await source.get('none')).toBeUndefined();
    expect(await source.sizeOf('none')).toBeUndefined();
  });

  it('lists by pages, what is directly below and everything', async () => {
    server.pageSize = 7;
    for (let i = 0; i < 40; i++) put(`brain/s${i % 3}/${i}`);
    for (const one of ['brain/', 'brain/info', 'brain/a b&<c>', 'brain/s1', 'other/x', odd]) put(one);
    const { source } = await at('volumes/brain');
    expect(await source.children('')).toEqual([
      { name: 'a b&<c>', isFolder: false },
      { name: 'c', isFolder: true },
      { name: 'info', isFolder: false },
      { name: 's0', isFolder: true },
      { name: 's1', isFolder: true },
      { name: 's2', isFolder: true },
    ]);
    expect((await source.children('s1/'))?.length).toBe(13);
    expect(await source.children('none/')).toEqual([]);
    const all = await source.list('');
    expect(all.length).toBe(44);
    expect(all).toEqual([...all].sort());
    expect(await source.list('s2/')).toEqual(all.filter((one) => one.startsWith('s2/')));
  });

  it('takes a refusal for "not there" where it may not list, and says that it was refused', async () => {
    server.mayList = false;
    put('brain/info');
    const place = await at('volumes/brain');
    expect(await place.source.get('info')).toEqual(data);
    expect(place.denied()).toBe(false);
    expect(await place.source.get('none')).toBeUndefined();
    expect(await place.source.sizeOf('none')).toBeUndefined();
    expect(place.denied()).toBe(true);
    expect(await place.source.children('')).toBeUndefined();
    await expect(place.source.list('')).rejects.toMatchObject({ tag: 'bad-source' });
  });

  it('says that there is no such bucket', async () => {
    await expect((await at('nobody/x')).source.get('info')).rejects.toMatchObject({
      tag: 'not-found',
      fields: { bucket: 'nobody' },
    });
  });

  it('opens a file by its own address', async () => {
    put('brain/b.nii.gz');
    const place = await at('volumes/brain/b.nii.gz');
    expect(place.key).toBe('b.nii.gz');
    expect(await place.source.get(place.key)).toEqual(data);
  });

  it.each(['ExpiredToken', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'AccountProblem'])(
    'never takes %s for "not there"',
    async (code) => {
      server.refusal = { status: code === 'ExpiredToken' ? 400 : 403, code };
      const { source } = await at('volumes/brain');
      await expect(source.get('info')).rejects.toMatchObject({
        tag: 'unauthorized',
        message: expect.stringContaining(code),
      });
      await expect(source.sizeOf('info')).rejects.toMatchObject({ tag: 'unauthorized' });
      await expect(source.children('')).rejects.toMatchObject({ tag: 'unauthorized' });
    },
  );

  it('never takes a request that has expired for "not there"', async () => {
    server.refusal = { status: 403, code: 'AccessDenied', message: 'Request has expired' };
    await expect((await at('volumes/brain')).source.get('info')).rejects.toMatchObject({ tag: 'unauthorized' });
  });
});

describe('a signed bucket', () => {
  beforeEach(() => {
    server.key = key;
    put('info');
  });

  it('says who is refused, without the secret', async () => {
    const { source } = await s3('volumes', { ...signing, secretAccessKey: 'CANARY-wrong' });
    const error = await source.get('info').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ tag: 'unauthorized', message: expect.stringContaining('SignatureDoesNotMatch') });
    server.refusal = { status: 503, code: 'SlowDown' };
    const slow = await source.get('info').catch((thrown: unknown) => thrown);
    expect(JSON.stringify([error, String(error), slow, String(slow), lines])).not.toMatch(/CANARY|AKIA/);
  });

  it('is asked in its own region after it was told which', async () => {
    server.region = 'eu-central-1';
    const { source } = await s3('volumes', signing);
    expect(await source.get('info')).toEqual(data);
    expect(server.seen.length).toBe(2);
    expect(await source.get('info', { offset: 0, length: 3 })).toEqual(data.slice(0, 3));
    expect(server.seen.length).toBe(3);
  });

  it.each([-86_400_000, 86_400_000])('is read by a computer whose clock is %d ms off', async (off) => {
    const clock = () => new Date(Date.now() + off);
    expect(await (await s3('volumes', signing, clock)).source.get('info')).toEqual(data);
    expect(await (await s3('volumes', signing, clock)).source.sizeOf('info')).toBe(3000);
    expect((await (await s3('volumes', signing, clock)).source.children(''))?.length).toBe(1);
  });

  it('sends the token of a session', async () => {
    await (await s3('volumes', { ...signing, sessionToken: 'session' })).source.get('info');
    expect(server.seen[0]?.headers['x-amz-security-token']).toBe('session');
  });

  it('is asked by its own host where it is to be', async () => {
    const resolving = quickNetwork({ resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) });
    const place = await openPlace(parseAddress('s3://volumes/'), {
      network: resolving,
      allowPrivate: true,
      credentials: () => ({ ...signing, endpoint: `http://localhost:${server.port}`, addressing: 'virtual' }),
    });
    expect(await place.source.get('info')).toEqual(data);
    expect(await place.source.children('')).toEqual([{ name: 'info', isFolder: false }]);
    expect(server.seen[0]?.headers.host).toBe(`volumes.localhost:${server.port}`);
    expect(server.seen[0]?.url).toBe('/info');
    resolving.close();
  });

  it('never follows a redirect with its signature', async () => {
    server.refusal = { status: 307, code: 'TemporaryRedirect' };
    await expect((await s3('volumes', signing)).source.get('info')).rejects.toMatchObject({ tag: 'bad-source' });
  });
});

describe('a list', () => {
  const of = (inner: string, more = '') => `<?xml version="1.0"?><ListBucketResult>${more}${inner}</ListBucketResult>`;
  it.each([
    ['no XML', 'nothing'],
    ['a page', '<html><body>Log in</body></html>'],
    ['an error', '<Error><Code>InternalError</Code></Error>'],
    ['a document type', '<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult/>'],
    ['an entity', of('<Contents><Key>&boom;</Key></Contents>')],
    ['no end', '<ListBucketResult><Contents>'],
    ['nesting', of(`${'<a>'.repeat(40)}${'</a>'.repeat(40)}`)],
    ['an endless name', of(`<Contents><Key>${'x'.repeat(9000)}</Key></Contents>`)],
    ['no next page', of('<IsTruncated>true</IsTruncated>')],
    ['wrong encoding', of('<Contents><Key>%zz</Key></Contents>', '<EncodingType>url</EncodingType>')],
  ])('with %s is refused', (_name, xml) => {
    expect(() => readListPage(xml, 'the bucket')).toThrowError(expect.objectContaining({ tag: 'bad-source' }));
  });

  it('whose pages repeat is refused', async () => {
    server.pageSize = 0;
    put('a');
    await expect((await s3('volumes')).source.list('')).rejects.toMatchObject({
      tag: 'bad-source',
      message: expect.stringContaining('repeat'),
    });
  });
});
