import { z } from 'zod';
import { LamellaError, isLamellaError } from '../../../../preload/contract/errors.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile, isSafeKey, readCheckedJson } from '../checked-json.ts';
import { under } from './zarr-array.ts';
import { readNode } from './zarr-node.ts';

/** Arrays below a group: how deep they are looked for, and how many are named. */
const deepest = 4;
const mostArrays = 200;
const mostFolders = 2000;

const anything = z.record(z.string(), z.unknown());
const consolidatedV3 = z.looseObject({ consolidated_metadata: z.looseObject({ metadata: anything }) });
const consolidatedV2 = z.looseObject({ metadata: anything });

/** Whether a place is a group or an array of Zarr; false, never a throw, for anything else. */
export async function isZarr(source: ByteSource): Promise<boolean> {
  return (await readNode(source, '').catch(ours)) !== undefined;
}

function ours(error: unknown): undefined {
  if (isLamellaError(error, 'bad-source', 'invalid-input', 'not-found')) return undefined;
  throw error;
}

/** The path of the array that `wanted` names, of the place itself, or of the first below it. */
export async function findArray(source: ByteSource, wanted: string | undefined): Promise<string> {
  const root = await readNode(source, '');
  if (!root) throw badFile(source, 'zarr.json', 'there is no such file, nor a .zarray or .zgroup, so this is no Zarr');
  if (wanted === undefined && root.isArray) return '';
  const arrays = await arraysBelow(source);
  if (wanted === undefined) {
    if (arrays[0] !== undefined) return arrays[0];
    if (await canList(source)) throw badFile(source, root.attributesKey, 'no array is found in this group');
    throw new LamellaError(
      'bad-source',
      `${source.name} is a group of Zarr, and its server does not say what it holds.`,
      {
        hint: 'Name the address of one of its arrays, or an array of it by its path (--image).',
        fields: { source: source.name },
      },
    );
  }
  if (arrays.includes(wanted) || (isSafeKey(wanted) && (await readNode(source, wanted))?.isArray)) return wanted;
  throw new LamellaError('invalid-input', `${source.name} has no array "${wanted.slice(0, 200)}".`, {
    hint: hintOf(arrays, root.isArray),
    fields: { image: wanted.slice(0, 200), source: source.name },
  });
}

const canList = async (source: ByteSource): Promise<boolean> => (await source.children('')) !== undefined;

function hintOf(arrays: readonly string[], isArray: boolean): string {
  if (isArray) return 'It is one array: leave the name out.';
  return arrays.length > 0 ? `It has ${arrays.slice(0, 6).join(', ')}.` : 'Give the path of an array, as in "a/b/0".';
}

/** Paths of the arrays of a group, sorted; by consolidated metadata where the source can't list. */
export async function arraysBelow(source: ByteSource): Promise<readonly string[]> {
  const found = (await listedArrays(source, '', 0, { left: mostFolders })) ?? (await consolidatedArrays(source));
  return found.slice(0, mostArrays);
}

async function listedArrays(
  source: ByteSource,
  path: string,
  depth: number,
  budget: { left: number },
): Promise<readonly string[] | undefined> {
  const entries = await source.children(path === '' ? '' : `${path}/`);
  if (!entries) return undefined;
  const names = new Set(entries.map((entry) => entry.name));
  if (names.has('.zarray')) return [path];
  if (names.has('zarr.json') && (await readNode(source, path))?.isArray) return [path];
  if (depth >= deepest) return [];
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isFolder || entry.name.startsWith('.') || found.length >= mostArrays || budget.left-- <= 0) continue;
    found.push(...((await listedArrays(source, under(path, entry.name), depth + 1, budget)) ?? []));
  }
  return found;
}

async function consolidatedArrays(source: ByteSource): Promise<readonly string[]> {
  const v3 = await readCheckedJson(source, 'zarr.json', consolidatedV3).catch(ours);
  const nodes = Object.entries(v3?.consolidated_metadata.metadata ?? {});
  const named = nodes.flatMap(([path, node]) =>
    anything.safeParse(node).data?.['node_type'] === 'array' ? [path] : [],
  );
  const v2 = v3 ? undefined : await readCheckedJson(source, '.zmetadata', consolidatedV2).catch(ours);
  const old = Object.keys(v2?.metadata ?? {}).flatMap((key) => (key.endsWith('/.zarray') ? [key.slice(0, -8)] : []));
  return [...named, ...old].filter((path) => isSafeKey(path)).sort();
}
