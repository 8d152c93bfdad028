import { isEncoded } from './content-encoding.ts';
import type { Reply } from './exchange.ts';
import type { Verdict } from './network.ts';

const isPageKey = (key: string): boolean => /\.(x?html?|xml|svg|rdf|xmp)$/i.test(key);
const isJsonKey = (key: string): boolean =>
  /(^|\/)(info|\.zarray|\.zgroup|\.zattrs|\.zmetadata|[^/]*\.json)$/i.test(key);

/** A login page comes again and again: fewer tries than an error of a moment gets. */
const pageTries = 3;

/**
 * A web page or a bucket's error in place of data, with status 200: what login portals and overloaded stores send.
 * `atStart`: whether the bytes are those that the file begins with.
 */
export function pageInstead(reply: Reply, key: string, atStart: boolean): Verdict | undefined {
  if (isPageKey(key)) return undefined;
  const type = reply.headers['content-type'] ?? '';
  if (/^\s*(text\/html|application\/xhtml)/i.test(type)) return page('it sends a web page where data should be');
  if (!atStart || isEncoded(key, reply.headers)) return undefined;
  const start = new TextDecoder('latin1').decode(reply.bytes.subarray(0, 2048)).replace(/^\u00EF\u00BB\u00BF/, '');
  const tag = /^\s*(?:<\?xml[^>]*>\s*)?<(!doctype html|html|error)[\s>]/i.exec(start)?.[1]?.toLowerCase();
  if (tag === 'error') {
    const code = /<Code>([A-Za-z0-9.]{1,60})<\/Code>/.exec(start)?.[1] ?? 'without a code';
    return { retry: `it sends an error (${code}) where data should be`, tag: 'bad-source' };
  }
  const isPage = tag !== undefined || (isJsonKey(key) && /^\s*</.test(start));
  return isPage ? page('it sends a web page where data should be') : undefined;
}

const page = (retry: string): Verdict => ({ retry, tag: 'bad-source', tries: pageTries });
