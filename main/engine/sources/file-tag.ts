import type { IncomingHttpHeaders } from 'node:http';
import type { Reply } from './exchange.ts';

/** What a server says by which one version of a file is told from another (RFC 9110, 8.8). */
export interface FileTag {
  readonly etag?: string;
  readonly modified?: string;
  /** Bytes of the whole file. */
  readonly total?: number;
}

export function tagOf({ status, headers }: Reply): FileTag {
  const etag = headers.etag?.replace(/^W\//, '').replace(/-gzip"$/, '"');
  const modified = headers['last-modified'];
  const packed = headers['content-encoding'] !== undefined;
  const total = status === 206 || status === 416 ? totalOf(headers) : packed ? undefined : lengthOf(headers);
  return {
    ...(etag === undefined ? {} : { etag }),
    ...(modified === undefined ? {} : { modified }),
    ...(total === undefined ? {} : { total }),
  };
}

/** By what both say; an etag is believed before a date. */
export function sameFile(a: FileTag, b: FileTag): boolean {
  if (a.total !== undefined && b.total !== undefined && a.total !== b.total) return false;
  if (a.etag !== undefined && b.etag !== undefined) return a.etag === b.etag;
  return a.modified === undefined || b.modified === undefined || a.modified === b.modified;
}

export function lengthOf(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['content-length'];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Of a `Content-Range`, where it says so. */
export function totalOf(headers: IncomingHttpHeaders): number | undefined {
  const total = /\/(\d{1,15})$/.exec(headers['content-range'] ?? '')?.[1];
  return total === undefined ? undefined : Number(total);
}
