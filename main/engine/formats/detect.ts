import { isLamellaError } from '../../../preload/contract/errors.ts';
import { below } from './byte-store.ts';
import { volumeFormats } from './index.ts';
import type { Place, VolumeFormat } from './volume-format.ts';
import { readNode } from './zarr/zarr-node.ts';

export interface FoundVolume {
  readonly format: VolumeFormat;
  readonly place: Place;
  /** Of the dataset, relative to the place that was asked about: '' where it is that. */
  readonly key: string;
}

/** Files that make the folder around them a dataset; users drop them as they drop the folder. */
const markers = new Set(['zarr.json', '.zattrs', '.zgroup', '.zarray', '.zmetadata', 'info', 'attributes.json']);

/** Files and folders that are looked at below a place. */
const mostEntries = 1000;
const deepest = 2;

/**
 * What a place itself holds: a dataset, or null. A file that marks a dataset stands for its folder; that of one level
 * stands for the image around it.
 */
export async function detectVolume(place: Place): Promise<FoundVolume | null> {
  const name = place.key.slice(place.key.lastIndexOf('/') + 1);
  if (!markers.has(name)) return detectAt(place, place.key);
  const folder = place.key.slice(0, -name.length - 1);
  const own = await detectAt({ source: below(place.source, folder), key: '' }, folder);
  return own?.format.id === 'zarr' ? ((await imageAround(place, folder)) ?? own) : own;
}

/**
 * The datasets at a place or, where it is none itself, in the folders one or two below it, sorted by key: none, one, or
 * several to choose from. A group of Zarr gives way to the OME-Zarr images that it holds.
 */
export async function findVolumes(place: Place): Promise<readonly FoundVolume[]> {
  const own = await detectVolume(place);
  const isFolder = place.key === '';
  if (own && !(isFolder && (await isPlainGroup(own)))) return [own];
  const inside = isFolder ? await findBelow(place, '', 1, { left: mostEntries }) : [];
  if (!own) return inside;
  const better = inside.filter(({ format }) => format.id !== 'zarr');
  return better.length > 0 ? better : [own];
}

async function detectAt(place: Place, key: string): Promise<FoundVolume | null> {
  for (const format of volumeFormats) if (await format.detect(place)) return { format, place, key };
  return null;
}

/**
 * Beside a dataset may lie what no source reads: names such as "10:30" or "notes?", folders that may not be looked into.
 * They hide nothing but themselves.
 */
async function besides(look: () => Promise<readonly FoundVolume[]>): Promise<readonly FoundVolume[]> {
  try {
    return await look();
  } catch (error) {
    if (isLamellaError(error, 'invalid-input', 'bad-source')) return [];
    throw error;
  }
}

/** Up to two folders around a level ("image/0" or "image/scale0/image") may be the group that names it. */
async function imageAround(place: Place, folder: string): Promise<FoundVolume | undefined> {
  let around = folder;
  for (let up = 0; up < deepest && around !== ''; up++) {
    around = around.slice(0, Math.max(0, around.lastIndexOf('/')));
    const found = await detectAt({ source: below(place.source, around), key: '' }, around);
    if (found?.format.id === 'ome-zarr') return found;
  }
  return undefined;
}

const isPlainGroup = async ({ format, place }: FoundVolume): Promise<boolean> =>
  format.id === 'zarr' && !(await readNode(place.source, ''))?.isArray;

async function findBelow(
  { source }: Place,
  prefix: string,
  depth: number,
  budget: { left: number },
): Promise<readonly FoundVolume[]> {
  const entries = (await source.children(prefix === '' ? '' : `${prefix}/`)) ?? [];
  const found: FoundVolume[] = [];
  for (const entry of entries.filter(({ name }) => !name.startsWith('.'))) {
    if (budget.left-- <= 0) break;
    const key = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isFolder) found.push(...(await besides(() => findIn({ source, key: '' }, key, depth, budget))));
    else if (!markers.has(entry.name))
      found.push(...(await besides(async () => asList(await detectAt({ source, key }, key)))));
  }
  return found;
}

async function findIn(
  place: Place,
  key: string,
  depth: number,
  budget: { left: number },
): Promise<readonly FoundVolume[]> {
  const own = await detectAt({ source: below(place.source, key), key: '' }, key);
  if (own && !(await isPlainGroup(own))) return [own];
  const inside = depth < deepest ? await findBelow(place, key, depth + 1, budget) : [];
  return inside.length > 0 ? inside : asList(own);
}

const asList = <T>(one: T | null): readonly T[] => (one === null ? [] : [one]);
