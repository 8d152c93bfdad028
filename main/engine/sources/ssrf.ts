import { lookup as dnsLookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { redacted } from './redact.ts';

export interface HostAddress {
  readonly address: string;
  readonly family: number;
}

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly HostAddress[]>;

export const systemResolve: Resolve = (host) => dnsLookup(host, { all: true, verbatim: true });

type Subnets = ReadonlyArray<readonly [string, number]>;

/** Nobody's data is there: link-local with the metadata services of clouds, multicast, reserved, "this host". */
const neverV4: Subnets = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const neverV6: Subnets = [
  ['::', 128],
  ['100::', 64],
  ['2001:db8::', 32],
  ['fd00:ec2::254', 128],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];
/** This computer and networks of one owner: only where the user allowed it. */
const privateV4: Subnets = [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
];
const privateV6: Subnets = [
  ['::1', 128],
  ['fc00::', 7],
];

function blockList(v4: Subnets, v6: Subnets): BlockList {
  const list = new BlockList();
  for (const [net, bits] of v4) list.addSubnet(net, bits, 'ipv4');
  for (const [net, bits] of v6) list.addSubnet(net, bits, 'ipv6');
  return list;
}

const never = blockList(neverV4, neverV6);
const privateNets = blockList(privateV4, privateV6);

/** Why an IP address may not be connected to; undefined where it may. */
export function refusal(ip: string, allowPrivate: boolean): string | undefined {
  const plain = ip.replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 0) return 'no IP address';
  const reasons = [plain, ...embeddedV4(plain, family)].map((one) => refusalOfPlain(one, allowPrivate));
  return reasons.find((reason) => reason !== undefined);
}

function refusalOfPlain(ip: string, allowPrivate: boolean): string | undefined {
  const family = isIP(ip) === 4 ? 'ipv4' : 'ipv6';
  if (never.check(ip, family)) return 'a link-local, multicast or reserved address';
  return !allowPrivate && privateNets.check(ip, family) ? "this computer's own or a private network" : undefined;
}

/** IPv4 addresses that an IPv6 address carries: mapped, compatible, NAT64, 6to4, Teredo's are all judged too. */
function embeddedV4(ip: string, family: number): readonly string[] {
  if (family === 4) return [];
  const groups = groupsOf(ip);
  const at = (index: number): number => groups[index] ?? 0;
  const v4 = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const zeros = groups.slice(0, 5).every((group) => group === 0);
  const tail = v4(at(6), at(7));
  if (zeros && (at(5) === 0xffff || (at(5) === 0 && (at(6) !== 0 || at(7) > 1)))) return [tail];
  if (groups.slice(0, 4).every((group) => group === 0) && at(4) === 0xffff && at(5) === 0) return [tail];
  if (at(0) === 0x64 && at(1) === 0xff9b) return [tail];
  if (at(0) === 0x2002) return [v4(at(1), at(2))];
  if (at(0) === 0x2001 && at(1) === 0) return [v4(at(6) ^ 0xffff, at(7) ^ 0xffff)];
  return [];
}

/** The eight groups of 16 bits; the URL standard writes a dotted tail in hexadecimal. */
function groupsOf(ip: string): readonly number[] {
  const [head = '', tail] = new URL(`http://[${ip}]/`).hostname.slice(1, -1).split('::');
  const read = (part: string | undefined): readonly number[] =>
    part ? part.split(':').map((group) => Number.parseInt(group, 16)) : [];
  const [front, back] = [read(head), read(tail)];
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
}

/** Why the spelling of an address's host is refused: numbers in disguise, a dot at the end. */
export function spellingRefusal(text: string, url: URL): string | undefined {
  const host = /^[a-z][a-z0-9+.-]*:[\\/]*(?:[^/\\?#@]*@)?([^/\\?#]*?)(?::\d*)?(?:[/\\?#]|$)/i.exec(text)?.[1];
  if (url.hostname.endsWith('.') || host?.endsWith('.') === true) return 'its host ends in a dot';
  if (host !== undefined && isIP(url.hostname) === 4 && host !== url.hostname)
    return 'its host is a number in disguise';
  return undefined;
}

/** The URL that `text` names, seen from `base`. Throws 'forbidden' where it may not be asked for. */
export function checkedUrl(text: string, base: URL | undefined, allowPrivate: boolean): URL {
  const url = urlOf(text, base);
  if (url === undefined) throw forbidden(text, 'it is no web address');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw forbidden(text, `"${url.protocol}" is not read`);
  if (base?.protocol === 'https:' && url.protocol === 'http:') throw forbidden(text, 'it gives up encryption');
  if (url.username !== '' || url.password !== '') throw forbidden(text, 'it holds a user name');
  const spelling = spellingRefusal(text, url);
  if (spelling !== undefined) throw forbidden(text, spelling);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const why = isIP(host) === 0 ? undefined : refusal(host, allowPrivate);
  if (why !== undefined) throw forbidden(text, `${host} is ${why}`);
  return url;
}

function urlOf(text: string, base: URL | undefined): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/**
 * What sockets use to resolve names: every answer is checked, and the socket connects to what was checked, so a second
 * answer of a resolver can't lead elsewhere. Fails with 'forbidden'.
 */
export function guardedLookup(resolve: Resolve, allowPrivate: boolean): LookupFunction {
  return (host, options, done) => {
    const answer = (answers: readonly HostAddress[]): void => {
      const [first] = answers;
      if (options.all === true) done(null, [...answers]);
      else done(null, first?.address ?? '', first?.family);
    };
    const fail = (error: Error): void => done(error, '');
    checkedAnswers(resolve, host, options.family, allowPrivate).then(answer, fail);
  };
}

/** One bad answer among good ones is no accident: then none counts. */
async function checkedAnswers(
  resolve: Resolve,
  host: string,
  family: number | 'IPv4' | 'IPv6' | undefined,
  allowPrivate: boolean,
): Promise<readonly HostAddress[]> {
  const answers = await resolve(host);
  const why = answers.map(({ address }) => refusal(address, allowPrivate)).find((one) => one !== undefined);
  if (why !== undefined) throw forbidden(host, `it leads to ${why}`);
  const fitting = answers.filter((answer) => (family !== 4 && family !== 6) || answer.family === family);
  if (fitting.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  return fitting.map(({ address, family: kind }) => ({ address, family: kind }));
}

const forbidden = (text: string, why: string): LamellaError =>
  new LamellaError('forbidden', `"${redacted(text.slice(0, 200))}" is not read: ${why}.`, {
    hint: why.endsWith('private network')
      ? 'If it is a server of yours, allow this address when you open it (--allow-private).'
      : 'Use the plain address of a server that holds data.',
    fields: { address: redacted(text.slice(0, 200)) },
  });
