import aws4 from 'aws4';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { listChildren, listKeys, readListPage, type ListPage } from './bucket-list.ts';
import type { Reply } from './exchange.ts';
import { badStatus, bucketError, encodedKey, methodsOf, unauthorized } from './http.ts';
import type { Network, Prepared } from './network.ts';
import { ObjectReader, type RemoteSource } from './object-reader.ts';

/** How a bucket is reached. The keys are used to sign, and told to nobody: no log, no error, no other server. */
export interface BucketAccess {
  /** Origin of the server; Amazon's where left out. */
  readonly endpoint?: string;
  readonly region?: string;
  /** `virtual`: https://bucket.host/key. Amazon's own is that; others are asked by path where left out. */
  readonly addressing?: 'path' | 'virtual';
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
}

export interface BucketPlace {
  /** What messages call it: `s3://bucket/folder/`. */
  readonly name: string;
  readonly bucket: string;
  /** '' or a folder's key with a slash at its end. */
  readonly prefix: string;
  readonly access: BucketAccess;
  readonly network: Network;
  readonly allowPrivate: boolean;
  readonly clock: () => Date;
}

/** Objects below a prefix of a bucket of S3, or of a server that speaks it; anonymous where there is no key. */
export function openS3Source(place: BucketPlace): RemoteSource {
  const bucket = new Bucket(place);
  const reader = new ObjectReader({
    name: place.name,
    network: place.network,
    allowPrivate: place.allowPrivate,
    follows: !bucket.signs,
    prepare: (key, method, headers) => bucket.prepare(method, place.prefix + key, '', headers),
    learn: (reply) => bucket.learn(reply),
    refused: (reply, key) => bucket.refused(reply, `"${key}" of ${place.name}`),
  });
  return {
    ...methodsOf(reader, place.name),
    children: (prefix) => listChildren(bucket.pages(place.prefix + prefix), place.prefix + prefix, place.name),
    list: async (prefix) => {
      const keys = await listKeys(bucket.pages(place.prefix + prefix), place.name);
      if (keys === undefined) throw cannotList(place.name);
      return keys.map((key) => key.slice(place.prefix.length));
    },
  };
}

const listBytes = 16 << 20;
/** Codes of a 403 or 400 that speak of the key, not of the object. */
const keyTrouble =
  /^(SignatureDoesNotMatch|InvalidAccessKeyId|ExpiredToken|InvalidToken|TokenRefreshRequired|RequestTimeTooSkewed|InvalidSecurity|NotSignedUp|AccountProblem|AuthorizationHeaderMalformed|MissingSecurityHeader|AuthenticationRequired)$/;

class Bucket {
  readonly #place: BucketPlace;
  #region: string | undefined;
  /** Of the server's clock before ours. */
  #skewMs = 0;

  constructor(place: BucketPlace) {
    this.#place = place;
    this.#region = place.access.region;
  }

  get signs(): boolean {
    return this.#place.access.accessKeyId !== undefined && this.#place.access.secretAccessKey !== undefined;
  }

  /** `query` is encoded as signatures want it, and sorted. */
  prepare(method: string, key: string, query: string, headers: Readonly<Record<string, string>>): Prepared {
    const url = this.#url(key, query);
    const { accessKeyId, secretAccessKey, sessionToken } = this.#place.access;
    if (accessKeyId === undefined || secretAccessKey === undefined) return { url, headers };
    const now = new Date(this.#place.clock().getTime() + this.#skewMs);
    const signed = aws4.sign(
      {
        service: 's3',
        region: this.#region ?? 'us-east-1',
        method,
        path: url.pathname + url.search,
        headers: { host: url.host, 'x-amz-date': now.toISOString().replaceAll(/[:-]|\.\d{3}/g, '') },
      },
      { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    );
    return { url, headers: { ...headers, ...textHeaders(signed.headers ?? {}) } };
  }

  #url(key: string, query: string): URL {
    const { bucket, access } = this.#place;
    const own = access.endpoint === undefined;
    const url = new URL(access.endpoint ?? amazon(this.#region));
    const dotted = bucket.includes('.') && url.protocol === 'https:';
    const virtual = (access.addressing ?? (own ? 'virtual' : 'path')) === 'virtual' && !dotted;
    if (virtual) url.hostname = `${bucket}.${url.hostname}`;
    url.pathname = virtual ? `/${encodedKey(key)}` : `/${bucket}${key === '' ? '' : `/${encodedKey(key)}`}`;
    url.search = query;
    return url;
  }

  /** From a refusal: the bucket's region, or that our clock is wrong. */
  learn(reply: Reply): 'again' | undefined {
    if (![301, 307, 400, 403].includes(reply.status)) return undefined;
    const region = reply.headers['x-amz-bucket-region'] ?? regionIn(reply);
    if (typeof region === 'string' && /^[a-z0-9-]{3,40}$/.test(region) && region !== this.#region && this.#usesRegion) {
      this.#region = region;
      return 'again';
    }
    return reply.status === 403 && this.signs ? this.#learnTime(reply) : undefined;
  }

  get #usesRegion(): boolean {
    return this.signs || this.#place.access.endpoint === undefined;
  }

  /** Amazon allows 15 minutes; the answer to a HEAD has no code, so a far date is what tells. */
  #learnTime(reply: Reply): 'again' | undefined {
    const { code } = bucketError(reply);
    if (code !== 'RequestTimeTooSkewed' && code !== '') return undefined;
    const theirs = Date.parse(reply.headers.date ?? '');
    if (Number.isNaN(theirs)) return undefined;
    const skew = theirs - this.#place.clock().getTime();
    if (Math.abs(skew - this.#skewMs) < 5 * 60_000) return undefined;
    this.#skewMs = skew;
    return 'again';
  }

  /**
   * A bucket that we may not list answers 403 for what is not there, so that a plain AccessDenied counts as absent.
   * Throws 'unauthorized', 'not-found' (the bucket), 'bad-source'.
   */
  refused(reply: Reply, subject: string): 'missing' | 'denied' {
    const { code, message } = bucketError(reply);
    const status = code ? `${reply.status} ${code}` : String(reply.status);
    if (code === 'NoSuchBucket') throw noBucket(this.#place.bucket);
    if (reply.status === 404 || reply.status === 410) return 'missing';
    if (reply.status === 401 || keyTrouble.test(code) || /expired/i.test(message)) {
      throw unauthorized(
        subject,
        status,
        'Check the key, its region and its time: it may be wrong, expired or revoked.',
      );
    }
    if (reply.status === 403 && (code === 'AccessDenied' || code === '')) return 'denied';
    if (reply.status === 403) throw unauthorized(subject, status, 'Ask the owner of the bucket.');
    throw badStatus(subject, status);
  }

  /** Pages of the list of a prefix; undefined where we may not list. */
  pages(prefix: string): (delimiter: string, token: string | undefined) => Promise<ListPage | undefined> {
    return async (delimiter, token) => {
      const { network, allowPrivate, name } = this.#place;
      const query = listQuery({ delimiter, prefix, 'continuation-token': token ?? '' });
      const reply = await network.send({
        method: 'GET',
        allowPrivate,
        follows: !this.signs,
        subject: `The list of ${name}`,
        prepare: () => this.prepare('GET', '', query, {}),
        limit: () => listBytes,
        judge: (answer) => this.learn(answer) ?? 'good',
      });
      if (reply.status === 200 && !reply.cut) return readListPage(new TextDecoder().decode(reply.bytes), name);
      if (reply.status < 400) throw badStatus(`The list of ${name}`, String(reply.status));
      this.refused(reply, `the list of ${name}`);
      return undefined;
    };
  }
}

function listQuery(parts: Readonly<Record<string, string>>): string {
  const all = { ...parts, 'list-type': '2', 'encoding-type': 'url' };
  return Object.entries(all)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${encodedKey(value).replaceAll('/', '%2F')}`)
    .join('&');
}

function amazon(region: string | undefined): string {
  if (region === undefined) return 'https://s3.amazonaws.com';
  return `https://s3.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

const regionIn = ({ bytes }: Reply): string | undefined =>
  /<Region>([a-z0-9-]{3,40})<\/Region>/.exec(new TextDecoder('latin1').decode(bytes.subarray(0, 8192)))?.[1];

const textHeaders = (headers: object): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

const noBucket = (bucket: string): LamellaError =>
  new LamellaError('not-found', `There is no bucket "${bucket}".`, {
    hint: 'Check the name and, for a server other than Amazon, use s3+https://host/bucket/key.',
    fields: { bucket },
  });

const cannotList = (name: string): LamellaError =>
  new LamellaError('bad-source', `The server does not say what files ${name} has.`, {
    hint: 'Name a dataset that describes itself, or use a key that may list the bucket.',
    fields: { source: name },
  });
