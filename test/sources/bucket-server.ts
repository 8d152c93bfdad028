import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { closed, listening } from './fault-server.ts';

export interface BucketServer {
  readonly origin: string;
  readonly port: number;
  readonly buckets: Map<string, Map<string, Uint8Array>>;
  readonly seen: Array<{ readonly method: string; readonly url: string; readonly headers: IncomingMessage['headers'] }>;
  /** Set: requests must be signed by it, or are refused. */
  key: { readonly id: string; readonly secret: string; readonly token?: string } | undefined;
  region: string;
  /** What the server's clock says. */
  clock: () => Date;
  /** Whether the list may be read; where it may not, what is absent is refused. */
  mayList: boolean;
  pageSize: number;
  /** An error code for everything, as of a key that has expired. */
  refusal: { readonly status: number; readonly code: string; readonly message?: string } | undefined;
  close(): Promise<void>;
}

/** A server of objects by the published rules of S3: paths, lists, errors, signatures (version 4), regions, clocks. */
export async function bucketServer(): Promise<BucketServer> {
  const server = createServer((request, response) => {
    made.seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    response.setHeader('date', made.clock().toUTCString());
    response.setHeader('x-amz-request-id', 'test');
    handle(made, request, response);
  });
  const port = await listening(server);
  const made: BucketServer = {
    origin: `http://127.0.0.1:${port}`,
    port,
    buckets: new Map(),
    seen: [],
    key: undefined,
    region: 'us-east-1',
    clock: () => new Date(),
    mayList: true,
    pageSize: 1000,
    refusal: undefined,
    close: () => closed(server),
  };
  return made;
}

function handle(server: BucketServer, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', server.origin);
  const { refusal } = server;
  if (refusal) return refuse(request, response, refusal.status, refusal.code, refusal.message);
  if (!isAllowed(server, request, response, url)) return;
  const virtual = /^([a-z0-9-]+)\.localhost/.exec(request.headers.host ?? '')?.[1];
  const path = decodeURIComponent(url.pathname).slice(1);
  const slash = path.indexOf('/');
  const bucketName = virtual ?? (slash < 0 ? path : path.slice(0, slash));
  const key = virtual ? path : slash < 0 ? '' : path.slice(slash + 1);
  const bucket = server.buckets.get(bucketName);
  if (!bucket) return refuse(request, response, 404, 'NoSuchBucket');
  if (key === '') return list(server, request, response, bucket, url.searchParams);
  const bytes = bucket.get(key);
  if (!bytes)
    return server.mayList
      ? refuse(request, response, 404, 'NoSuchKey')
      : refuse(request, response, 403, 'AccessDenied');
  send(request, response, bytes);
}

function send(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array): void {
  response.setHeader('etag', `"${createHash('md5').update(bytes).digest('hex')}"`);
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const from = Number(first ?? 0);
  const end = Math.min(Number(last ?? bytes.byteLength - 1) + 1, bytes.byteLength);
  if (first !== undefined && from >= bytes.byteLength) return refuse(request, response, 416, 'InvalidRange');
  if (first !== undefined) response.setHeader('content-range', `bytes ${from}-${end - 1}/${bytes.byteLength}`);
  response.writeHead(first === undefined ? 200 : 206, { 'content-length': String(end - from) });
  response.end(request.method === 'HEAD' ? undefined : bytes.subarray(from, end));
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  code: string,
  message = 'No.',
): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.end(request.method === 'HEAD' ? undefined : body);
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function list(
  server: BucketServer,
  request: IncomingMessage,
  response: ServerResponse,
  bucket: Map<string, Uint8Array>,
  query: URLSearchParams,
): void {
  if (!server.mayList) return refuse(request, response, 403, 'AccessDenied');
  if (query.get('list-type') !== '2') return refuse(request, response, 400, 'InvalidArgument');
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const shown =
    query.get('encoding-type') === 'url' ? (text: string) => encodeURIComponent(text).replaceAll('%2F', '/') : escaped;
  const rows = new Set<string>();
  for (const key of [...bucket.keys()].sort()) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    rows.add(cut < 0 ? `k${key}` : `p${key.slice(0, cut + 1)}`);
  }
  const from = Number(query.get('continuation-token') ?? 0);
  const page = [...rows].slice(from, from + server.pageSize);
  const more = from + server.pageSize < rows.size;
  const body = page.map((row) =>
    row.startsWith('k')
      ? `<Contents><Key>${shown(row.slice(1))}</Key><Size>1</Size></Contents>`
      : `<CommonPrefixes><Prefix>${shown(row.slice(1))}</Prefix></CommonPrefixes>`,
  );
  response.setHeader('content-type', 'application/xml');
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>${shown(prefix)}</Prefix>` +
      `<EncodingType>${query.get('encoding-type') ?? ''}</EncodingType><IsTruncated>${more}</IsTruncated>` +
      `${more ? `<NextContinuationToken>${from + server.pageSize}</NextContinuationToken>` : ''}${body.join('')}</ListBucketResult>`,
  );
}

/** Checks the signature as AWS's "Signature Version 4" documents it, from the request alone. */
function isAllowed(server: BucketServer, request: IncomingMessage, response: ServerResponse, url: URL): boolean {
  if (!server.key) return true;
  const header = request.headers.authorization ?? '';
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([a-z0-9-]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  const [, id, day = '', region = '', names = '', signature] = match ?? [];
  const deny = (status: number, code: string): false => {
    refuse(request, response, status, code);
    return false;
  };
  if (!match) return deny(403, 'AccessDenied');
  if (id !== server.key.id) return deny(403, 'InvalidAccessKeyId');
  if (region !== server.region) {
    response.setHeader('x-amz-bucket-region', server.region);
    return deny(400, 'AuthorizationHeaderMalformed');
  }
  const date = String(request.headers['x-amz-date']);
  const time = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Math.abs(time - server.clock().getTime()) > 15 * 60_000) return deny(403, 'RequestTimeTooSkewed');
  const wanted = signatureOf(server.key.secret, { request, url, names, day, region, date });
  return signature === wanted ? true : deny(403, 'SignatureDoesNotMatch');
}

interface Signing {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly names: string;
  readonly day: string;
  readonly region: string;
  readonly date: string;
}

function signatureOf(secret: string, { request, url, names, day, region, date }: Signing): string {
  const raw = (request.url ?? '').split('?')[1] ?? '';
  const query = raw.split('&').filter(Boolean).sort().join('&');
  const headers = names
    .split(';')
    .map((name) => `${name}:${String(request.headers[name]).trim().replaceAll(/\s+/g, ' ')}\n`);
  const canonical = [
    request.method,
    url.pathname,
    query,
    headers.join(''),
    names,
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const sha = createHash('sha256').update(canonical).digest('hex');
  const toSign = ['AWS4-HMAC-SHA256', date, `${day}/${region}/s3/aws4_request`, sha].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>(
    (secretSoFar, part) => createHmac('sha256', secretSoFar).update(part).digest(),
    `AWS4${secret}`,
  );
  return createHmac('sha256', key).update(toSign).digest('hex');
}
