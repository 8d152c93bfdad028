import { z } from 'zod';
import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import { below, type ByteSource } from '../byte-store.ts';
import { checkJson, isSafeKey, maxMetadataBytes } from '../checked-json.ts';
import type { Place } from '../volume-format.ts';

/** A folder of meshes or skeletons, with what its `info` says; null where it has none. */
export interface PrecomputedFolder {
  readonly source: ByteSource;
  readonly info: Readonly<Record<string, unknown>> | null;
  /** Where ids have names: a folder of the volume around it or of itself; null where there are none. */
  readonly properties: ByteSource | null;
}

const typeOf = ({ info }: PrecomputedFolder): unknown => info?.['@type'];

/** What kind of folder it is. A legacy folder may have no `info`; then the names of its files tell it. */
export async function kindOfFolder(
  folder: PrecomputedFolder,
): Promise<'legacy' | 'multires' | 'skeletons' | undefined> {
  const type = typeOf(folder);
  if (type === 'neuroglancer_multilod_draco') return 'multires';
  if (type === 'neuroglancer_legacy_mesh') return 'legacy';
  if (type === 'neuroglancer_skeletons') return 'skeletons';
  if (type !== undefined) return undefined;
  if (Array.isArray(folder.info?.['vertex_attributes'])) return 'skeletons';
  if (folder.source.pathOf === undefined) return undefined;
  const entries = (await folder.source.children('')) ?? [];
  return entries.some(({ name, isFolder }) => !isFolder && legacyManifest.test(name)) ? 'legacy' : undefined;
}

/** `id:0`, perhaps packed; with the colon as %3A where a file system has none. */
export const legacyManifest = /^(\d{1,20})(?::|%3A)0(\.gz|\.br)?$/;

/**
 * The folder at a place. A segmentation leads to the meshes that it names, or to its skeletons. Undefined where there is
 * nothing of the kind; never throws for other content.
 */
export async function folderAt(place: Place): Promise<PrecomputedFolder | undefined> {
  const source = infoFolderOf(place);
  if (!source) return undefined;
  try {
    const info = await readInfo(source);
    if (!info || !('scales' in info)) return { source, info, properties: propertiesOf(source, info) };
    const key = [info['mesh'], info['skeletons']].find((one) => typeof one === 'string' && isSafeKey(one));
    if (typeof key !== 'string') return undefined;
    const inner = below(source, key);
    const innerInfo = await readInfo(inner);
    return {
      source: inner,
      info: innerInfo,
      properties: propertiesOf(inner, innerInfo) ?? propertiesOf(source, info),
    };
  } catch (error) {
    return notThere(error) ?? undefined;
  }
}

/** The folders of meshes and of skeletons that a segmentation names. None for any other place; never throws for other content. */
export async function foldersNamedBy(place: Place): Promise<readonly string[]> {
  const source = infoFolderOf(place);
  const info = source && (await readInfo(source).catch(notThere));
  if (!info || !('scales' in info)) return [];
  return [info['mesh'], info['skeletons']].filter((key) => typeof key === 'string').filter(isSafeKey);
}

function notThere(error: unknown): null {
  if (isLamellaError(error, 'bad-source', 'invalid-input', 'not-found') || error instanceof SyntaxError) return null;
  throw error;
}

/** The folder whose `info` may be named instead. Undefined for any other file. */
function infoFolderOf({ source, key }: Place): ByteSource | undefined {
  if (key === '' || key === 'info') return source;
  return key.endsWith('/info') ? below(source, key.slice(0, -'/info'.length)) : undefined;
}

async function readInfo(source: ByteSource): Promise<Readonly<Record<string, unknown>> | null> {
  const bytes = await source.get('info', { offset: 0, length: maxMetadataBytes + 1 });
  if (!bytes) return null;
  const given: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return typeof given === 'object' && given !== null && !Array.isArray(given)
    ? (given as Readonly<Record<string, unknown>>)
    : null;
}

function propertiesOf(source: ByteSource, info: PrecomputedFolder['info']): ByteSource | null {
  const key = info?.['segment_properties'];
  return typeof key === 'string' && isSafeKey(key) ? below(source, key) : null;
}

/** The folder with its `info` checked. Throws 'bad-source' that names the field. */
export async function checkedFolder<S extends z.ZodType>(
  place: Place,
  schema: S,
): Promise<PrecomputedFolder & { readonly checked: z.output<S> }> {
  const folder = await folderAt(place);
  if (folder) return { ...folder, checked: checkJson(folder.source, 'info', schema, folder.info ?? {}) };
  throw new LamellaError('bad-source', `${place.source.name} holds no precomputed meshes or skeletons.`, {
    hint: 'Name the folder whose "info" says what it holds.',
    fields: { source: place.source.name },
  });
}

export const identityTransform: readonly number[] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
export const transformField = z.array(z.number()).length(12).readonly().default(identityTransform);

/** Ids are uint64 in decimal, as other programs write them. Throws 'not-found' for any other key. */
export function segmentId(source: ByteSource, key: string): bigint {
  if (/^(0|[1-9]\d{0,19})$/.test(key) && BigInt(key) < 2n ** 64n) return BigInt(key);
  throw noShape(source, key);
}

export const noShape = (source: ByteSource, key: string): LamellaError =>
  new LamellaError('not-found', `There is nothing for ${key.slice(0, 40)} in ${source.name}.`, {
    hint: 'Ids are whole numbers in decimal; list them with shape keys where the source can say them.',
    fields: { source: source.name, key: key.slice(0, 40) },
  });
