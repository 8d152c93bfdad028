import { z } from 'zod';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import { plainText } from '../../../../preload/contract/plain-text.ts';
import type { ByteSource } from '../byte-store.ts';
import { quoteLargeIntegers } from '../../../../preload/contract/large-integers.ts';
import { checkJson } from '../checked-json.ts';
import { labelId } from '../named-label.ts';
import { readStored } from './stored-file.ts';
import type { ShapeEntry } from './shape-format.ts';

/** google/neuroglancer, src/datasource/precomputed/segment_properties.rst. */
const propertiesSchema = z.object({
  inline: z.object({
    ids: z.array(z.union([z.string(), z.number()])),
    properties: z
      .array(z.object({ id: z.string(), type: z.string(), values: z.array(z.unknown()).default([]) }))
      .default([]),
  }),
});

const mostBytes = 32 * 2 ** 20;

/** Ids and their labels; none where there are no properties, or they can't be read: names are a help, not the thing. */
export async function segmentNames(folder: ByteSource | null): Promise<ReadonlyMap<string, string>> {
  if (!folder) return new Map();
  try {
    const bytes = await readStored(folder, 'info', undefined, mostBytes);
    const given: unknown = bytes && JSON.parse(quoteLargeIntegers(new TextDecoder().decode(bytes)));
    const { ids, properties } = checkJson(folder, 'info', propertiesSchema, given).inline;
    const labels = properties.find(({ type }) => type === 'label') ?? properties.find(({ type }) => type === 'string');
    return new Map(ids.map((id, i) => [labelId(id) ?? String(id), nameOf(labels?.values[i])]));
  } catch (error) {
    if (error instanceof SyntaxError || isLamellaError(error, 'bad-source', 'over-budget', 'invalid-input'))
      return new Map();
    throw error;
  }
}

const nameOf = (value: unknown): string => (typeof value === 'string' ? plainText(value, 200) : '');

/** Ids by their size. `listed` are those that are there; where nothing lists them, those that have names. */
export function entriesOf(listed: Iterable<string> | null, names: ReadonlyMap<string, string>): readonly ShapeEntry[] {
  return [...new Set(listed ?? names.keys())]
    .filter((key) => /^\d{1,20}$/.test(key))
    .toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .map((key) => ({ key, name: names.get(key) || key }));
}

/** Ids that the names of files hold as the first group of `pattern`; null where the source does not list. */
export async function idsOfFiles(source: ByteSource, pattern: RegExp): Promise<readonly string[] | null> {
  if (source.pathOf === undefined) return null;
  const entries = (await source.children('')) ?? [];
  return entries.flatMap(({ name, isFolder }) => (isFolder ? [] : (pattern.exec(name)?.[1] ?? [])));
}
