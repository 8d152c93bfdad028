import { z } from 'zod';
import { below, type ByteSource } from '../byte-store.ts';
import { badFile, readCheckedJson } from '../checked-json.ts';
import { arrayV2Schema } from './array-v2.ts';
import { arrayV3Schema } from './array-v3.ts';
import type { Place } from '../volume-format.ts';
import { under, type ZarrArray } from './zarr-array.ts';

/** A group or array of a Zarr hierarchy, with its attributes unchecked. */
export interface ZarrNode {
  readonly zarrFormat: 2 | 3;
  readonly isArray: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The file that holds the attributes. */
  readonly attributesKey: string;
}

const attributes = z.record(z.string(), z.unknown(), { error: 'it must be an object with named fields' });
const nodeV3Schema = z.object({
  zarr_format: z.literal(3),
  node_type: z.enum(['group', 'array']),
  attributes: attributes.optional(),
});

/** Files that mark a folder as one of Zarr; users drop them as they drop the folder. */
const marker = /(?:^|\/)(?:zarr\.json|\.zattrs|\.zgroup|\.zarray|\.zmetadata)$/;

/** The folder of a dataset, which one of its marks may stand for; undefined for any other file. */
export function zarrFolder({ source, key }: Place): ByteSource | undefined {
  if (key === '') return source;
  return marker.test(key) ? below(source, key.slice(0, Math.max(0, key.lastIndexOf('/')))) : undefined;
}

/**
 * What lies at a path; undefined where that is nothing of Zarr. `zarrFormat`: that of the group around it, which saves
 * requests for what can't be there. Throws 'bad-source' on metadata that is damaged.
 */
export async function readNode(source: ByteSource, path: string, zarrFormat?: 2 | 3): Promise<ZarrNode | undefined> {
  const key = under(path, 'zarr.json');
  const v3 = zarrFormat === 2 ? undefined : await readCheckedJson(source, key, nodeV3Schema);
  if (v3) {
    const isArray = v3.node_type === 'array';
    return { zarrFormat: 3, isArray, attributes: v3.attributes ?? {}, attributesKey: key };
  }
  if (zarrFormat === 3) return undefined;
  const attributesKey = under(path, '.zattrs');
  const [given, isArray, isGroup] = await Promise.all([
    readCheckedJson(source, attributesKey, attributes),
    isFile(source, under(path, '.zarray')),
    isFile(source, under(path, '.zgroup')),
  ]);
  if (!given && !isArray && !isGroup) return undefined;
  return { zarrFormat: 2, isArray, attributes: given ?? {}, attributesKey };
}

const isFile = async (source: ByteSource, key: string): Promise<boolean> =>
  (await source.get(key, { offset: 0, length: 1 })) !== undefined;

/** `zarrFormat` as for `readNode`. Throws 'bad-source' where there is no array, or none that Lamella can read. */
export async function readArray(source: ByteSource, path: string, zarrFormat?: 2 | 3): Promise<ZarrArray> {
  const exact = { exact: true };
  const keys = { v3: under(path, 'zarr.json'), v2: under(path, '.zarray') };
  const v3 = zarrFormat === 2 ? undefined : await readCheckedJson(source, keys.v3, arrayV3Schema, exact);
  if (v3) return v3;
  if (zarrFormat === 3) throw badFile(source, keys.v3, 'there is no such file, though the metadata names it');
  const [v2, given] = await Promise.all([
    readCheckedJson(source, keys.v2, arrayV2Schema, exact),
    readCheckedJson(source, under(path, '.zattrs'), attributes),
  ]);
  if (v2) return { ...v2, attributes: given ?? {} };
  if (zarrFormat === 2) throw badFile(source, keys.v2, 'there is no such file, though the metadata names it');
  throw badFile(source, keys.v3, 'there is no such file, nor a .zarray');
}
