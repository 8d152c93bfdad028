import { join } from 'node:path';
import type { Address } from './address.ts';

/** The address of a folder inside a dataset: `key` is relative, with forward slashes; its `info` may be what was named. */
export function innerAddress(dataset: Address, key: string): Address {
  const { format: _format, ...address } = dataset;
  const folder = (path: string): string => `${withoutInfo(path)}${key}/`;
  if (address.inside.length > 0)
    return { ...address, inside: address.inside.with(-1, folder(address.inside.at(-1) ?? '')) };
  switch (address.kind) {
    case 'path':
      return { ...address, path: join(address.path.replace(/[\\/]info$/, ''), ...key.split('/')) };
    case 'http': {
      const url = new URL(address.url);
      url.pathname = folder(url.pathname);
      return { ...address, url: url.href };
    }
    case 's3':
    case 'gs':
      return { ...address, key: folder(address.key) };
  }
}

const withoutInfo = (path: string): string => path.replace(/(^|\/)info$/, '$1').replace(/([^/])$/, '$1/');
