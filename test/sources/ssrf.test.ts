import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAddress } from '../../main/engine/sources/address.ts';
import { openPlace } from '../../main/engine/sources/index.ts';
import type { NetworkOptions } from '../../main/engine/sources/network.ts';
import { refusal } from '../../main/engine/sources/ssrf.ts';
import { faultServer, type FaultServer } from './fault-server.ts';
import { quickNetwork } from './quick-network.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await faultServer();
  server.files.set('/x', { bytes: Uint8Array.of(1) });
});
afterAll(() => server.close());

async function read(url: string, allowPrivate: boolean, options: NetworkOptions = {}): Promise<unknown> {
  const network = quickNetwork({ ...options, backoff: { tries: 1 } });
  try {
    const place = await openPlace(parseAddress(url), { network, allowPrivate });
    return await place.source.get('x');
  } catch (error) {
    return error;
  } finally {
    network.close();
  }
}

const answers = (...addresses: readonly string[]): NetworkOptions => ({
  resolve: () => Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
});

/** Where the server of the test is, in the spelling of each case. */
const here = (host: string): string => `http://${host}:${server.port}/`;

describe('without leave, a volume is never read from', () => {
  it.each([
    'localhost',
    '127.0.0.1',
    '127.1.2.3',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '198.18.0.1',
    '169.254.169.254',
    '169.254.0.1',
    '0.0.0.0',
    '0.1.2.3',
    '100.100.100.200',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    '[::1]',
    '[::]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd12:3456::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:a9fe:a9fe]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b::169.254.169.254]',
    '[2002:7f00:1::]',
    '[2001:0:0:0:0:0:80ff:fffe]',
    '[::ffff:0:127.0.0.1]',
  ])('%s', async (host) => {
    expect(await read(here(host), false)).toMatchObject({ tag: 'forbidden' });
  });

  it.each([
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '017700000001',
    '0177.0.0.1',
    '127.1',
    '127.0.0.1.',
    'localhost.',
    '①②⑦.0.0.1',
    '134744072',
  ])('%s, which is another spelling, with leave or without', async (host) => {
    expect(await read(here(host), false)).toMatchObject({ tag: 'invalid-input' });
    expect(await read(here(host), true)).toMatchObject({ tag: 'invalid-input' });
  });

  it.each(['ftp://h/', 'gopher://h/', 'dict://h/', 'ws://h/', 'blob://h/', 's3+ftp://h/bucket/'])('%s', async (url) => {
    expect(await read(url, true)).toMatchObject({ tag: 'invalid-input' });
  });

  it('a name that leads there, alone or among other answers', async () => {
    for (const bad of ['127.0.0.1', '10.1.1.1', '::1', '::ffff:192.168.0.1', '169.254.169.254', 'fe80::1%eth0']) {
      expect(await read('http://some.host/', false, answers(bad))).toMatchObject({ tag: 'forbidden' });
      expect(await read('https://some.host/', false, answers('8.8.8.8', bad))).toMatchObject({ tag: 'forbidden' });
    }
  });

  it('a bucket whose server is there', async () => {
    expect(await read(`s3+http://127.0.0.1:${server.port}/bucket/`, false)).toMatchObject({ tag: 'forbidden' });
    expect(await read('gs://bucket/', false, answers('10.0.0.1'))).toMatchObject({ tag: 'forbidden' });
    expect(server.seen).toEqual([]);
  });
});

describe('with leave', () => {
  it.each(['127.0.0.1', 'localhost'])('%s is read', async (host) => {
    expect(await read(here(host), true)).toEqual(Uint8Array.of(1));
  });

  it.each([
    '169.254.169.254',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '0.0.0.0',
    '[::]',
    '224.0.0.1',
    '[::ffff:169.254.169.254]',
    '[64:ff9b::a9fe:a9fe]',
  ])('%s is not', async (host) => {
    expect(await read(here(host), true)).toMatchObject({ tag: 'forbidden' });
  });

  it('does not pass on to those without it', async () => {
    const network = quickNetwork({ backoff: { tries: 1 } });
    const open = (allowPrivate: boolean) => openPlace(parseAddress(here('localhost')), { network, allowPrivate });
    expect(await (await open(true)).source.get('x')).toEqual(Uint8Array.of(1));
    await expect((await open(false)).source.get('x')).rejects.toMatchObject({ tag: 'forbidden' });
    network.close();
  });
});

describe('a name that leads elsewhere the second time', () => {
  it('is checked each time a connection is made, and connected to as checked', async () => {
    let asked = 0;
    const resolve = () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }]);
    const network = quickNetwork({ resolve, backoff: { tries: 1 } });
    const place = await openPlace(parseAddress(here('rebound.test')), { network, allowPrivate: true });
    expect(await place.source.get('x')).toEqual(Uint8Array.of(1));
    expect(asked).toBe(1);
    network.close();
    const later = quickNetwork({ resolve, backoff: { tries: 1 } });
    const again = await openPlace(parseAddress(here('rebound.test')), { network: later, allowPrivate: true });
    await expect(again.source.get('x')).rejects.toMatchObject({ tag: 'forbidden' });
    later.close();
  });

  it('is refused when a redirect leads there', async () => {
    // The first name is a public one as far as the check can tell: its answer is let through by leave.
    const resolve = (host: string) =>
      Promise.resolve([{ address: host === 'public.test' ? '127.0.0.1' : '169.254.169.254', family: 4 }]);
    server.other = (_request, response) => {
      response.writeHead(302, { location: 'http://metadata.test/latest' }).end();
      return true;
    };
    const seen = server.seen.length;
    const network = quickNetwork({ resolve, backoff: { tries: 1 } });
    const place = await openPlace(parseAddress(here('public.test')), { network, allowPrivate: true });
    await expect(place.source.get('y')).rejects.toMatchObject({ tag: 'forbidden' });
    expect(server.seen.length).toBe(seen + 1);
    server.other = undefined;
    network.close();
  });
});

describe('addresses of the open internet', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '52.216.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s may be asked', (ip) => expect(refusal(ip, false)).toBeUndefined());
  it.each(['', 'x', '1.2.3', '1.2.3.4.5', '::g'])('%j is none', (ip) =>
    expect(refusal(ip, true)).toBe('no IP address'),
  );
});
