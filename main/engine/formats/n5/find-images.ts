import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';
import { keyIn, readAttributes, readDataset, type N5Dataset, type N5Place } from './attributes.ts';

/** An image: a dataset, or a group of levels s0, s1, … */
export interface N5Image {
  readonly path: string;
  /** Finest first. */
  readonly levels: readonly N5Dataset[];
  /** What the group says, and the groups above it. */
  readonly place: N5Place;
}

const maxLevels = 32;
/** Folders looked into for images, so that a container of millions is not walked. */
const maxLooked = 200;
const maxDepth = 5;

/** The image at a path of the container; undefined where there is neither a dataset nor a group of levels. */
export async function imageAt(source: ByteSource, path: string): Promise<N5Image | undefined> {
  const place = await placeOf(source, path);
  if (await isUnfinished(source, path))
    throw badFile(
      source,
      keyIn(path, 's0/attributes.json'),
      'there is no such file, and its group has levels: it is not whole',
    );
  const single = await readDataset(source, path);
  if (single) return { path, levels: [single], place };
  const levels: N5Dataset[] = [];
  for (let level = 0; level < maxLevels; level++) {
    const next = await readDataset(source, keyIn(path, `s${level}`));
    if (!next) break;
    levels.push(next);
  }
  return levels.length > 0 ? { path, levels, place } : undefined;
}

/** A group that says that it has levels, and lacks the first: Lamella writes that one last. */
export async function isUnfinished(source: ByteSource, path: string): Promise<boolean> {
  const group = await readAttributes(source, path);
  if (!group?.place.scales || group.isDataset) return false;
  return (await readAttributes(source, keyIn(path, 's0'))) === undefined;
}

/** Attributes of a group, and of the groups above it where it does not say otherwise. */
async function placeOf(source: ByteSource, path: string): Promise<N5Place> {
  const parts = path === '' ? [] : path.split('/');
  const paths = ['', ...parts.map((_, i) => parts.slice(0, i + 1).join('/'))];
  let place: N5Place = {};
  for (const above of paths) {
    const { place: own } = (await readAttributes(source, above)) ?? { place: {} };
    place = { ...place, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) };
  }
  return place;
}

/** Paths that are images, breadth first; of a source that can't list, the usual ones are tried. */
export async function findImages(source: ByteSource): Promise<readonly string[]> {
  const found: string[] = [];
  let looked = 0;
  let layer: string[] = [''];
  for (let depth = 0; depth <= maxDepth && layer.length > 0; depth++) {
    const next: string[] = [];
    for (const path of layer) {
      if (++looked > maxLooked) return found;
      if (await isImage(source, path)) found.push(path);
      else if (!(await isUnfinished(source, path))) next.push(...(await groupsIn(source, path)));
    }
    layer = next;
  }
  return found;
}

async function isImage(source: ByteSource, path: string): Promise<boolean> {
  if ((await readAttributes(source, path))?.isDataset) return true;
  return (await readAttributes(source, keyIn(path, 's0')))?.isDataset === true;
}

/** Folders whose names are numbers are blocks in datasets, and magnifications in groups. */
async function groupsIn(source: ByteSource, path: string): Promise<readonly string[]> {
  const entries = await source.children(path === '' ? '' : `${path}/`);
  const names = entries?.filter(({ isFolder }) => isFolder).map(({ name }) => name);
  const usual = path === '' ? ['c0', 'setup0/timepoint0', 'setup00/timepoint00000'] : [];
  return (names?.slice(0, maxLooked) ?? usual).map((name) => keyIn(path, name));
}

/** The image asked for, or the first; with the paths of all where the container was searched. */
export async function chooseImage(
  source: ByteSource,
  wanted: string | undefined,
): Promise<{ readonly image: N5Image; readonly all: readonly string[] }> {
  const path = wanted?.replace(/^\/+|\/+$/g, '') ?? '';
  const direct = await imageAt(source, path);
  if (direct) return { image: direct, all: [path] };
  const all = await findImages(source);
  const first = wanted === undefined ? await imageAt(source, all[0] ?? '') : undefined;
  if (first) return { image: first, all };
  const which = all.length > 0 ? `; its images are ${all.slice(0, 20).join(', ')}` : '';
  const what = wanted === undefined ? 'holds no N5 dataset that Lamella can find' : `has no image "${path}"`;
  throw badFile(source, keyIn(path, 'attributes.json'), `this place ${what}${which}`);
}
