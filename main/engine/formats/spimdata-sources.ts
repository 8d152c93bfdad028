import type { SpimData, SpimSetup } from './spimdata.ts';
import { childOf, childrenOf, type XmlElement } from './xml-tree.ts';

/** Where the voxels of a setup lie. */
export interface SpimSource {
  /** A file or folder; relative to the XML where it is relative. */
  readonly path: string;
  /** Which image of it, where it holds several. */
  readonly image?: string;
  /** Which channel of it. */
  readonly channel: number;
}

/** null: the setup has no picture at this time point, or the loader is of a kind that is not known. */
export function spimSourceOf(data: SpimData, setup: SpimSetup, timepoint: number): SpimSource | null {
  const { loader } = data;
  const isMissing = data.missing.some((view) => view.setup === setup.id && view.timepoint === timepoint);
  if (isMissing || !loader.element) return null;
  if (loader.format === 'bdv.hdf5') return { path: loader.path, image: `s${padded(setup.id, 2)}`, channel: 0 };
  if (loader.format === 'bdv.n5') return { path: `${loader.path}/setup${setup.id}/timepoint${timepoint}`, channel: 0 };
  if (loader.format.startsWith('bdv.multimg.zarr')) return zarrGroup(loader.element, loader.path, setup.id, timepoint);
  if (loader.format.startsWith('spimreconstruction.filemap')) return mappedFile(loader.element, setup.id, timepoint);
  return null;
}

const padded = (value: number, digits: number): string => String(value).padStart(digits, '0');

function zarrGroup(loader: XmlElement, base: string, setup: number, timepoint: number): SpimSource | null {
  const group = childrenOf(childOf(loader, 'zgroups'), 'zgroup').find(
    ({ attributes }) =>
      Number(attributes['setup']) === setup && Number(attributes['timepoint'] ?? attributes['tp'] ?? 0) === timepoint,
  );
  const path = group?.attributes['path'] ?? childOf(group, 'path')?.text;
  return path === undefined ? null : { path: base === '' ? path : `${base}/${path}`, channel: 0 };
}

function mappedFile(loader: XmlElement, setup: number, timepoint: number): SpimSource | null {
  const mapping = childrenOf(childOf(loader, 'files'), 'FileMapping').find(
    ({ attributes }) => Number(attributes['view_setup']) === setup && Number(attributes['timepoint']) === timepoint,
  );
  const file = childOf(mapping, 'file');
  if (!mapping || !file || file.text === '') return null;
  const folder = childOf(loader, 'imagedirectory')?.text ?? '';
  const isInFolder = (file.attributes['type'] ?? 'relative') === 'relative' && folder !== '' && folder !== '.';
  return {
    path: isInFolder ? `${folder}/${file.text}` : file.text,
    channel: Number(mapping.attributes['channel'] ?? 0) || 0,
  };
}
