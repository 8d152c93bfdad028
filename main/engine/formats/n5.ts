import { isLamellaError } from '../../../preload/contract/errors.ts';
import { below, type ByteSource } from './byte-store.ts';
import { badFile } from './checked-json.ts';
import { keyIn, readAttributes } from './n5/attributes.ts';
import { chooseImage, findImages, isUnfinished } from './n5/find-images.ts';
import { geometryOf } from './n5/geometry.ts';
import { N5Volume } from './n5/volume.ts';
import { nameOfPlace } from './place-name.ts';
import { n5Writer, writtenCompressions } from './n5/writer.ts';
import type { OpenOptions, OpenVolume, Place, VolumeFormat } from './volume-format.ts';

/**
 * N5 (github.com/saalfeldlab/n5): single datasets, multiscale groups in the dialects of n5-viewer, BigDataViewer
 * (bdv.n5) and Neuroglancer. A container of several images opens the first; `image` is the path of another.
 */
export const n5: VolumeFormat = {
  id: 'n5',
  label: 'N5',
  detect: detectN5,
  open: openN5,
  write: { encodings: writtenCompressions, canShard: false, as: 'folder', writer: n5Writer },
};

/** The folder of the container: its attributes.json may be named instead. Undefined for any other file. */
function folderOf({ source, key }: Place): ByteSource | undefined {
  if (key === '' || key === 'attributes.json') return source;
  return key.endsWith('/attributes.json') ? below(source, key.slice(0, -'/attributes.json'.length)) : undefined;
}

/** Where the first level of an image lies, in a folder or a container of several. */
const usualPlaces = ['s0', 'c0/s0', 'setup0/timepoint0/s0', 'setup00/timepoint00000/s0'];

async function detectN5(place: Place): Promise<boolean> {
  const folder = folderOf(place);
  if (!folder) return false;
  try {
    const root = await readAttributes(folder, '');
    if (root?.isDataset) return true;
    if (await isUnfinished(folder, '')) return false;
    for (const path of usualPlaces) if ((await readAttributes(folder, path))?.isDataset) return true;
    return root?.isRoot ? (await findImages(folder)).length > 0 : await hasDatasetBelow(folder);
  } catch (error) {
    if (isLamellaError(error, 'bad-source', 'invalid-input', 'not-found')) return false;
    throw error;
  }
}

/** Groups need no attributes.json: looks at a few of the folders, two deep (`color/1`). */
async function hasDatasetBelow(folder: ByteSource): Promise<boolean> {
  for (const outer of await foldersIn(folder, '')) {
    if ((await readAttributes(folder, outer))?.isDataset) return true;
    for (const inner of await foldersIn(folder, outer))
      if ((await readAttributes(folder, keyIn(outer, inner)))?.isDataset) return true;
  }
  return false;
}

async function foldersIn(folder: ByteSource, path: string): Promise<readonly string[]> {
  const entries = await folder.children(path === '' ? '' : `${path}/`);
  return (entries ?? [])
    .filter(({ isFolder }) => isFolder)
    .map(({ name }) => name)
    .slice(0, 8);
}

async function openN5(place: Place, { codec, image: wanted }: OpenOptions): Promise<OpenVolume> {
  const source = folderOf(place) ?? below(place.source, place.key);
  const { image, all } = await chooseImage(source, wanted);
  const name = image.path === '' ? nameOfPlace(source.name) : `${nameOfPlace(source.name)}/${image.path}`;
  const geometry = geometryOf(name, image);
  if ('fault' in geometry) throw badFile(source, keyIn(image.path, 'attributes.json'), geometry.fault);
  const several =
    all.length > 1 ? [`It holds ${all.length} images, and the first is open: ${all.slice(0, 50).join(', ')}.`] : [];
  return new N5Volume(source, codec, {
    plan: geometry.plan,
    notes: {
      attributes: image.place.lamella ?? {},
      warnings: [...several, ...geometry.warnings],
      storage: [...new Set(image.levels.map(({ compression }) => compression))].join('; '),
    },
    datasets: image.levels,
    axes: geometry.axes,
  });
}
