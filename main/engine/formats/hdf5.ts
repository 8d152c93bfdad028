import { LamellaError } from '../../../preload/contract/errors.ts';
import type { ByteSource } from './byte-store.ts';
import { bdvLayout, bdvSetups, bdvSetupsOfXml } from './hdf5/big-data-viewer.ts';
import { imarisLayout, isImaris } from './hdf5/imaris.ts';
import { type Hdf5Contents, type Hdf5Layout, badHdf5, contentsOf } from './hdf5/layout.ts';
import { plainDatasets, plainLayout } from './hdf5/plain.ts';
import { chunkExtent, levelAt } from './pyramid.ts';
import type { ChunkAt, OpenOptions, OpenVolume, Place, VolumeFormat } from './volume-format.ts';

const signature = '894844460d0a1a0a';

/** Imaris, BigDataViewer, and plain datasets. Read by a library that opens files itself, so only on this computer. */
export const hdf5: VolumeFormat = {
  id: 'hdf5',
  label: 'HDF5 (Imaris, BigDataViewer)',
  detect: async ({ source, key }: Place) => {
    if (key === '') return false;
    for (const offset of [0, 512, 1024, 2048]) {
      const head = await source.get(key, { offset, length: 8 }).catch(() => undefined);
      if (head && Buffer.from(head).toString('hex') === signature) return true;
      if (!head || head.length < 8) return false;
    }
    return false;
  },
  open: openHdf5,
};

async function openHdf5({ source, key }: Place, options: OpenOptions): Promise<OpenVolume> {
  const path = source.pathOf?.(key);
  const files = options.hdf5;
  if (path === undefined || !files) throw onlyHere(source, key);
  const described = await files.describe(path);
  const contents = contentsOf(key, described);
  const { layout, images } = await layoutOf(source, key, contents, options.image);
  const warnings = [...layout.warnings];
  if (described.cut) warnings.push('The file has more datasets than Lamella looks at (50,000).');
  if (images.length > 1) warnings.push(severalImages(images));
  const plan = { ...layout.plan, name: layout.plan.name || key.slice(key.lastIndexOf('/') + 1).replace(/\.\w+$/, '') };
  const bytes = (await source.sizeOf(key)) ?? 0;
  const boxOf = (at: ChunkAt) => {
    const { min, size } = chunkExtent(levelAt(plan, at.level), at.xyz);
    return layout.box({ level: at.level, channel: at.channel, time: at.time, min, size });
  };
  return {
    plan,
    notes: { warnings, storage: layout.storage },
    // The library does not say where in the file chunks lie.
    locate: (at) => Promise.resolve(boxOf(at) && { key, offset: 0, bytes }),
    readChunk: async (at, signal) => {
      const box = boxOf(at);
      return box && files.read({ path, dtype: layout.storedDtype, ...box }, signal);
    },
  };
}

async function layoutOf(
  source: ByteSource,
  key: string,
  contents: Hdf5Contents,
  image: string | undefined,
): Promise<{ readonly layout: Hdf5Layout; readonly images: readonly string[] }> {
  if (isImaris(contents) && image === undefined) return { layout: imarisLayout(contents), images: [] };
  const setups = bdvSetups(contents);
  if (setups.length > 0) {
    const said = await setupsBeside(source, key);
    const names = setups.map((setup) => said.get(Number(setup.slice(1)))?.name || setup);
    const index = image === undefined ? 0 : Math.max(setups.indexOf(image), names.indexOf(image));
    const setup = setups[index];
    if (setup === undefined) throw noImage(key, image ?? '', names);
    return { layout: bdvLayout(contents, setup, said.get(Number(setup.slice(1)))), images: names };
  }
  const datasets = plainDatasets(contents).map(({ path }) => path);
  const wanted = image === undefined ? datasets[0] : `/${image.replace(/^\//, '')}`;
  if (wanted === undefined) throw noVolume(contents);
  if (!contents.datasets.has(wanted)) throw noImage(key, image ?? '', datasets);
  return { layout: plainLayout(contents, wanted), images: datasets };
}

/** Of the XML that BigDataViewer writes beside the file. */
async function setupsBeside(source: ByteSource, key: string): Promise<ReturnType<typeof bdvSetupsOfXml>> {
  const xml = await source.get(key.replace(/(\.\w+)?$/, '.xml'), { offset: 0, length: 16 * 2 ** 20 });
  return xml ? bdvSetupsOfXml(new TextDecoder().decode(xml)) : new Map();
}

function noVolume({ name, datasets }: Hdf5Contents): LamellaError {
  const refused = [...datasets.values()].find(({ shape, unread }) => shape.length >= 2 && unread !== null);
  return badHdf5(
    name,
    refused ? `"${refused.path}": ${refused.unread}` : 'it has no dataset of two to four axes of numbers',
  );
}

const severalImages = (names: readonly string[]): string =>
  `The file holds ${names.length} images (${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}); choose one by its name.`;

const noImage = (file: string, image: string, names: readonly string[]): LamellaError =>
  new LamellaError('invalid-input', `"${file}" has no image "${image.slice(0, 200)}".`, {
    hint: `It has ${names.slice(0, 10).join(', ')}.`,
    fields: { file, image: image.slice(0, 200) },
  });

const onlyHere = (source: ByteSource, key: string): LamellaError =>
  new LamellaError(
    'bad-source',
    `"${source.name}/${key}" is HDF5, which Lamella reads only from a disk of this computer.`,
    {
      hint: 'Download the file first; in a zip, unpack it.',
      fields: { file: key },
    },
  );
