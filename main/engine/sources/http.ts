import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Reply } from './exchange.ts';
import type { Network } from './network.ts';
import { ObjectReader, type RemoteSource } from './object-reader.ts';
import { redactedMark, redactedUrl } from './redact.ts';

export interface HttpPlace {
  /** Of the folder: ends in a slash. Its query is sent with every request. */
  readonly url: string;
  readonly network: Network;
  readonly allowPrivate: boolean;
}

/** Files below a folder of a web server. What is there can't be listed. */
export function openHttpSource({ url, network, allowPrivate }: HttpPlace): RemoteSource {
  const base = new URL(url);
  const name = redactedUrl(url);
  const reader = new ObjectReader({
    name,
    network,
    allowPrivate,
    prepare: (key, _method, headers) => ({ url: urlOfKey(base, key), headers }),
    refused: (reply, key) => refusedByWeb(reply, key, name),
  });
  return {
    ...methodsOf(reader, name),
    children: () => Promise.resolve(undefined),
    list: () => Promise.reject(cannotList(name)),
  };
}

/** What every source on a server does the same way. */
export function methodsOf(reader: ObjectReader, name: string): Omit<RemoteSource, 'list' | 'children'> {
  return {
    name,
    get: (key, range, signal) => reader.get(key, range, signal),
    sizeOf: (key, signal) => reader.sizeOf(key, signal),
    tagOf: (key) => reader.tagOf(key),
    expectTag: (key, tag) => reader.expectTag(key, tag),
    forgetTags: () => reader.forgetTags(),
    heardAt: () => reader.heardAt,
    denied: () => reader.denied,
  };
}

function urlOfKey(base: URL, key: string): URL {
  const url = new URL(base);
  url.pathname = base.pathname + encodedKey(key);
  return url;
}

/** Percent-encoded as RFC 3986 and Amazon's signatures want it: only letters, digits, "-", ".", "_" and "~" stay. */
export const encodedKey = (key: string): string =>
  key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');

/** The code in the error body of a bucket ("AccessDenied"), '' where there is none, and its message. */
export function bucketError({ bytes }: Reply): { readonly code: string; readonly message: string } {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 8192));
  if (!/<Error[\s>]/.test(text)) return { code: '', message: '' };
  return {
    code: /<Code>([A-Za-z0-9._-]{1,80})<\/Code>/.exec(text)?.[1] ?? '',
    message: /<Message>([^<]{1,200})/.exec(text)?.[1] ?? '',
  };
}

/** 404 and 410 are "not there", and so is a bucket's AccessDenied: without the right to list, it says no more. */
function refusedByWeb(reply: Reply, key: string, name: string): 'missing' | 'denied' {
  if (reply.status === 404 || reply.status === 410) return 'missing';
  const { code, message } = bucketError(reply);
  if (reply.status === 403 && code === 'AccessDenied' && !/expired/i.test(message)) return 'denied';
  if (reply.status === 401 || reply.status === 403) {
    const why = name.includes(redactedMark)
      ? 'The address has a signature or token that the server does not take, or that Lamella did not keep: paste it again.'
      : 'Use an address that carries its own permission (a signed one), or fetch the files and open them from disk.';
    throw unauthorized(`"${key}" of ${name}`, `${reply.status}${code ? ` ${code}` : ''}`, why);
  }
  throw badStatus(`"${key}" of ${name}`, `${reply.status}${code ? ` ${code}` : ''}`);
}

export const unauthorized = (subject: string, status: string, hint: string): LamellaError =>
  new LamellaError('unauthorized', `The server does not let you read ${subject} (${status}).`, {
    hint,
    fields: { status },
  });

export const badStatus = (subject: string, status: string): LamellaError =>
  new LamellaError('bad-source', `${subject} can't be read: the server answers ${status}.`, {
    hint: 'Check the address; open it in a browser to see what the server says.',
    fields: { status },
  });

const cannotList = (name: string): LamellaError =>
  new LamellaError('bad-source', `${name} is on a web server, which can't say what files it has.`, {
    hint: 'Name a dataset that describes itself (OME-Zarr, precomputed, N5 with attributes), or fetch the folder.',
    fields: { source: name },
  });
