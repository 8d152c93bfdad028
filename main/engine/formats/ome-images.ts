import { z } from 'zod';
import { LamellaError, isLamellaError } from '../../../preload/contract/errors.ts';
import type { ByteSource } from './byte-store.ts';
import { badFile, isSafeKey, readCheckedJson } from './checked-json.ts';
import { under } from './zarr/zarr-array.ts';
import { readNode, type ZarrNode } from './zarr/zarr-node.ts';

/** Where an image is among those of a dataset: alone, in a series of bioformats2raw, on a plate, beside its labels. */
export interface FoundImage {
  /** '' or a key relative to the place. */
  readonly path: string;
  readonly node: ZarrNode;
  /** The attributes of NGFF of its group. */
  readonly ome: Readonly<Record<string, unknown>>;
  /** Which multiscale of the group, by its place. */
  readonly multiscale: number;
  /** What `image` may be to open others: at most a hundred. */
  readonly others: readonly string[];
}

type Attributes = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Attributes =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** NGFF 0.5 keeps its attributes under `ome`; some writers of Zarr v3 forget that. */
export function omeAttributes({ attributes }: Pick<ZarrNode, 'attributes'>): Attributes {
  const { ome } = attributes;
  return isRecord(ome) ? ome : attributes;
}

const paths = z.array(z.looseObject({ path: z.string().refine(isSafeKey) })).max(100_000);
const names = z.array(z.string().refine(isSafeKey)).max(100_000);
/** Other attributes may be called labels, plate or well: these are what NGFF means by them. */
export const looksLikeOme = (ome: Attributes): boolean =>
  Array.isArray(ome['multiscales']) ||
  isRecord(ome['plate']) ||
  isRecord(ome['well']) ||
  Object.hasOwn(ome, 'bioformats2raw.layout') ||
  names.safeParse(ome['labels']).success;

const deepest = 4;
const mostOthers = 100;

/** The image that `wanted` names, or the first. 'bad-source' where there is none, 'invalid-input' where not that one. */
export async function findImage(source: ByteSource, wanted: string | undefined): Promise<FoundImage> {
  const root = await readNode(source, '');
  if (!root)
    throw badFile(source, 'zarr.json', 'there is no such file, nor a .zattrs, so this is not an OME-Zarr dataset');
  const ome = omeAttributes(root);
  const others = await imagesBelow(source, '', root);
  if (wanted === undefined) return first(source, root, ome, others);
  const multiscale = multiscaleNamed(ome, wanted);
  if (multiscale !== undefined) return { path: '', node: root, ome, multiscale, others };
  const found = isSafeKey(wanted) ? await imageAt(source, wanted, 0) : undefined;
  if (found) return { ...found, others };
  throw new LamellaError('invalid-input', `${source.name} has no image "${wanted.slice(0, 200)}".`, {
    hint: others.length > 0 ? `It has ${shortList(others)}.` : 'It has one image: leave the name out.',
    fields: { image: wanted.slice(0, 200), source: source.name },
  });
}

/** "A/1/0, A/1/1 and 94 more" */
export const shortList = (list: readonly string[]): string =>
  list.length <= 6 ? list.join(', ') : `${list.slice(0, 5).join(', ')} and ${list.length - 5} more`;

async function first(
  source: ByteSource,
  root: ZarrNode,
  ome: Attributes,
  others: readonly string[],
): Promise<FoundImage> {
  if (Object.hasOwn(ome, 'multiscales')) return { path: '', node: root, ome, multiscale: 0, others };
  for (const path of others) {
    const found = await imageAt(source, path, 0);
    if (found) return { ...found, others };
  }
  throw badFile(source, root.attributesKey, 'it lists no multiscale image');
}

/** The image at a path, or the first below it. */
async function imageAt(source: ByteSource, path: string, depth: number): Promise<FoundImage | undefined> {
  const node = await readNode(source, path);
  if (!node) return undefined;
  const ome = omeAttributes(node);
  if (Object.hasOwn(ome, 'multiscales')) return { path, node, ome, multiscale: 0, others: [] };
  const [below] = depth < deepest ? await imagesBelow(source, path, node) : [];
  return below === undefined ? undefined : imageAt(source, below, depth + 1);
}

/** The images that a group names, and the labels beside one. */
async function imagesBelow(source: ByteSource, path: string, node: ZarrNode): Promise<readonly string[]> {
  const ome = omeAttributes(node);
  const below = (list: readonly string[]): readonly string[] =>
    list.slice(0, mostOthers).map((name) => under(path, name));
  if (isRecord(ome['plate'])) return below(pathsOf(ome['plate']['wells']));
  if (isRecord(ome['well'])) return below(pathsOf(ome['well']['images']));
  if (Object.hasOwn(ome, 'bioformats2raw.layout')) return below(await seriesOf(source, path, node.zarrFormat));
  const labels = names.safeParse(ome['labels']);
  if (labels.success) return below(labels.data);
  return Object.hasOwn(ome, 'multiscales')
    ? below([...multiscaleNames(ome), ...(await labelsOf(source, path, node.zarrFormat))])
    : [];
}

const pathsOf = (list: unknown): readonly string[] => paths.safeParse(list).data?.map((one) => one.path) ?? [];

/** An image opens without its labels where their metadata is damaged. */
async function labelsOf(source: ByteSource, path: string, zarrFormat: 2 | 3): Promise<readonly string[]> {
  const group = await readNode(source, under(path, 'labels'), zarrFormat).catch(notOurs);
  const labels = group && names.safeParse(omeAttributes(group)['labels']);
  return labels?.data?.map((name) => `labels/${name}`) ?? [];
}

/** `OME/` lists the series; where it is absent they are 0, 1, 2, ... */
async function seriesOf(source: ByteSource, path: string, zarrFormat: 2 | 3): Promise<readonly string[]> {
  const listed = await readNode(source, under(path, 'OME'), zarrFormat);
  const series = listed && names.safeParse(omeAttributes(listed)['series']);
  if (series?.data && series.data.length > 0) return series.data;
  const found: string[] = [];
  while (found.length < mostOthers && (await readNode(source, under(path, String(found.length)), zarrFormat)))
    found.push(String(found.length));
  return found;
}

const multiscaleSchema = z.array(z.looseObject({ name: z.string().optional().catch(undefined) })).max(64);

/** Of a group of several multiscales, the names by which they are picked: their own, or their number. */
function multiscaleNames(ome: Attributes): readonly string[] {
  const list = multiscaleSchema.safeParse(ome['multiscales']).data ?? [];
  return list.length < 2
    ? []
    : list.map(({ name }, i) => (name && list.findIndex((one) => one.name === name) === i ? name : `#${i}`));
}

function multiscaleNamed(ome: Attributes, wanted: string): number | undefined {
  const place = multiscaleNames(ome).indexOf(wanted);
  return place < 0 ? undefined : place;
}

function notOurs(error: unknown): undefined {
  if (isLamellaError(error, 'bad-source', 'invalid-input', 'not-found')) return undefined;
  throw error;
}

/** Whether the metadata at a place is that of NGFF; false, never a throw, for anything else. */
export async function detectOme(source: ByteSource): Promise<boolean> {
  const anything = z.record(z.string(), z.unknown());
  for (const key of ['zarr.json', '.zattrs']) {
    const found = await readCheckedJson(source, key, anything).catch(notOurs);
    const attributes = key === '.zattrs' ? found : found?.['attributes'];
    if (isRecord(attributes) && looksLikeOme(omeAttributes({ attributes }))) return true;
  }
  return false;
}
