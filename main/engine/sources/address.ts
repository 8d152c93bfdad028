import { fileURLToPath } from 'node:url';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { hasControl, isSafeKey } from './keys.ts';
import { redacted, redactedUrl } from './redact.ts';
import { spellingRefusal } from './ssrf.ts';

/** The format that an address claims; `zarr` stands for every version, and for OME-Zarr. */
export type FormatHint =
  | 'precomputed'
  | 'ome-zarr'
  | 'zarr'
  | 'zarr2'
  | 'zarr3'
  | 'n5'
  | 'nifti'
  | 'nrrd'
  | 'tiff'
  | 'image-stack'
  | 'hdf5';

interface Claims {
  readonly format?: FormatHint;
  /** What lies inside what: each a key in the zip that the part before it names; '' or a slash at its end = a folder. */
  readonly inside: readonly string[];
}

export interface PathAddress extends Claims {
  readonly kind: 'path';
  /** As written: a path, or what the engine's grants know. */
  readonly path: string;
}

export interface HttpAddress extends Claims {
  readonly kind: 'http';
  /** Normal form of the WHATWG URL standard; no user, no fragment. The query is kept, and may hold a signature. */
  readonly url: string;
}

export interface S3Address extends Claims {
  readonly kind: 's3';
  readonly bucket: string;
  /** Not percent-encoded; '' or a slash at its end = a folder. */
  readonly key: string;
  /** Origin of a server other than Amazon's, without a slash at its end. */
  readonly endpoint?: string;
}

export interface GsAddress extends Claims {
  readonly kind: 'gs';
  readonly bucket: string;
  readonly key: string;
}

export type Address = PathAddress | HttpAddress | S3Address | GsAddress;

/** Spellings of formats, in front of an address or behind a bar. */
const formats: Readonly<Record<string, FormatHint>> = {
  precomputed: 'precomputed',
  'neuroglancer-precomputed': 'precomputed',
  'ome-zarr': 'ome-zarr',
  zarr: 'zarr',
  zarr2: 'zarr2',
  zarr3: 'zarr3',
  n5: 'n5',
  nifti: 'nifti',
  nrrd: 'nrrd',
  tiff: 'tiff',
  'image-stack': 'image-stack',
  hdf5: 'hdf5',
};

/** Archives inside archives, at most. */
const maxNesting = 3;

/**
 * Reads a source reference (`sourceRefSchema`): `PATH`, `file://`, `http(s)://`, `s3://bucket/key`,
 * `s3+https://endpoint/bucket/key`, `gs://bucket/key`; a format before it (`zarr://`, `zarr:`) or behind a bar
 * (`|zarr:`); `|zip:key` for what lies in a zip. Spellings are those of Neuroglancer.
 * Throws 'invalid-input', with nothing secret in it.
 */
export function parseAddress(text: string): Address {
  if (text === '' || text.length > 4096 || hasControl(text)) {
    throw invalid(text, 'it is empty, too long, or holds control characters');
  }
  const [head = '', ...pipes] = text.split(/\|(?=[a-z][a-z0-9-]*:)/);
  const prefix = /^([a-z][a-z0-9-]+):(?:\/\/)?(.*)$/s.exec(head);
  const hint = prefix ? formats[prefix[1] ?? ''] : undefined;
  const base = parseBase(hint === undefined ? head : (prefix?.[2] ?? ''), text);
  const start: Address = hint === undefined ? base : { ...base, format: hint };
  return pipes.reduce((address, pipe) => piped(address, pipe, text), start);
}

/** The shortest spelling that `parseAddress` reads back. Signatures and tokens of a query are left out of it. */
export function toText(address: Address): string {
  const inside = address.inside.map((key) => `|zip:${key}`).join('');
  return `${baseText(address)}${inside}${address.format === undefined ? '' : `|${address.format}:`}`;
}

/** Whether an address carries a signature or token, which is used and never written down. */
export const hasSecret = (address: Address): boolean =>
  address.kind === 'http' && redactedUrl(address.url) !== address.url;

function baseText(address: Address): string {
  switch (address.kind) {
    case 'path':
      return address.path;
    case 'http':
      return redactedUrl(address.url);
    case 's3':
      return address.endpoint === undefined
        ? `s3://${address.bucket}/${address.key}`
        : `s3+${address.endpoint}/${address.bucket}/${address.key}`;
    case 'gs':
      return `gs://${address.bucket}/${address.key}`;
  }
}

function parseBase(base: string, text: string): Address {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]+):\/\//.exec(base)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return parsePath(base, text);
    case 'file':
      return parseFile(base, text);
    case 'http':
    case 'https':
      return { kind: 'http', url: parseUrl(base, text).href, inside: [] };
    case 's3':
    case 'gs':
      return { kind: scheme, ...parseBucket(base.slice(5), text), inside: [] };
    case 's3+http':
    case 's3+https':
      return parseEndpoint(base.slice(3), text);
    default:
      throw invalid(text, `"${scheme}://" is no kind of address that Lamella reads`);
  }
}

function parsePath(path: string, text: string): PathAddress {
  if (path === '') throw invalid(text, 'it names no file or folder');
  return { kind: 'path', path, inside: [] };
}

function parseFile(base: string, text: string): PathAddress {
  try {
    const url = new URL(base);
    if (url.search === '' && url.hash === '') return { kind: 'path', path: fileURLToPath(url), inside: [] };
  } catch {
    // A host, or an encoded slash: refused below, in words.
  }
  throw invalid(text, 'a file address has three slashes and an absolute path: file:///folder/file');
}

function parseUrl(base: string, text: string): URL {
  const url = urlOf(base);
  // The URL standard makes slashes of backslashes, which would name another host than the one that is seen.
  if (url === undefined || base.includes('\\')) throw invalid(text, 'it is no web address');
  if (url.username !== '' || url.password !== '') {
    throw invalid(text, 'it holds a user name or password, which Lamella never takes from an address');
  }
  if (url.hash.startsWith('#!')) {
    throw invalid(text, 'it is a link to a view, not to a volume: copy the source of one of its layers');
  }
  if (base.includes('#')) throw invalid(text, 'it has a part after "#"');
  const spelling = spellingRefusal(base, url);
  if (spelling !== undefined) throw invalid(text, spelling);
  return url;
}

/** Electron's older Node has no URL.canParse. */
function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function parseBucket(rest: string, text: string): { bucket: string; key: string } {
  const slash = rest.indexOf('/');
  const bucket = slash < 0 ? rest : rest.slice(0, slash);
  const key = slash < 0 ? '' : rest.slice(slash + 1);
  if (bucket.includes('@'))
    throw invalid(text, 'it holds a user name or password, which Lamella never takes from an address');
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(bucket) || bucket.includes('..')) {
    throw invalid(text, `${JSON.stringify(bucket.slice(0, 80))} is no name of a bucket`);
  }
  if (!isFolderOrKey(key)) throw invalid(text, 'its key has an empty part, "." or ".."');
  return { bucket, key };
}

function parseEndpoint(base: string, text: string): S3Address {
  const url = parseUrl(base, text);
  if (base.includes('?')) throw invalid(text, 'an address of a bucket has no part after "?"');
  const path = /^[a-z]+:\/\/[^/]+\/(.*)$/is.exec(base)?.[1] ?? '';
  return { kind: 's3', ...parseBucket(path, text), endpoint: url.origin, inside: [] };
}

/** Adds what comes after a bar: `zip:key`, or `format:` with a path further down. */
function piped(address: Address, pipe: string, text: string): Address {
  const colon = pipe.indexOf(':');
  const [name, rest] = [pipe.slice(0, colon), pipe.slice(colon + 1).replace(/^\/\//, '')];
  if (!isFolderOrKey(rest)) throw invalid(text, `"${redacted(pipe)}" has an empty part, "." or ".."`);
  if (name === 'zip') {
    if (address.inside.length === maxNesting) throw invalid(text, `zips are read ${maxNesting} deep and no deeper`);
    return { ...address, inside: [...address.inside, rest] };
  }
  const format = formats[name];
  if (format !== undefined) return { ...deeper(address, rest), format };
  throw invalid(text, `"${name}:" behind a bar is not known; ${['zip', ...Object.keys(formats)].join(', ')} are`);
}

function deeper(address: Address, rest: string): Address {
  if (rest === '') return address;
  const joined = (path: string): string => (path === '' || path.endsWith('/') ? `${path}${rest}` : `${path}/${rest}`);
  const last = address.inside.at(-1);
  if (last !== undefined) return { ...address, inside: [...address.inside.slice(0, -1), joined(last)] };
  if (address.kind === 'path') return { ...address, path: joined(address.path) };
  if (address.kind !== 'http') return { ...address, key: joined(address.key) };
  const url = new URL(address.url);
  url.pathname = joined(url.pathname).replaceAll('%', '%25');
  return { ...address, url: url.href };
}

const isFolderOrKey = (key: string): boolean => key === '' || isSafeKey(key.endsWith('/') ? key.slice(0, -1) : key);

const invalid = (text: string, why: string): LamellaError =>
  new LamellaError('invalid-input', `"${redacted(text.slice(0, 200))}" can't be read as a source: ${why}.`, {
    hint: 'Name a file or folder, or an address such as https://host/volume.zarr, s3://bucket/key or gs://bucket/key.',
    fields: { source: redacted(text.slice(0, 200)) },
  });
