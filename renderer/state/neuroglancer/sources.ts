import type { Volume } from '../../../preload/contract/library.ts';
import type { ShapeSet } from '../../../preload/contract/shape.ts';
import { mostAddress } from './limits.ts';

/** Addresses of data, as Neuroglancer spells them and as Lamella does. */

/** What an address claims to be. `data`: anything else that Lamella may be able to open. */
export type ReadSource =
  | { readonly kind: 'data'; readonly text: string }
  /** `local://annotations` and such: in the state itself. */
  | { readonly kind: 'inline' }
  | { readonly kind: 'unreadable'; readonly why: string };

const formats = new Set([
  'precomputed',
  'neuroglancer-precomputed',
  'zarr',
  'zarr2',
  'zarr3',
  'n5',
  'nifti',
  'obj',
  'vtk',
  'swc',
]);
const stores = /^(https?|gs|s3|s3\+https?):\/\//i;

/** `precomputed://gs://bucket/key`, `gs://bucket/key|neuroglancer-precomputed:` and so on, in words of `sourceRefSchema`. */
export function readSource(url: string): ReadSource {
  const text = url.trim();
  if (text.length > mostAddress) return { kind: 'unreadable', why: `its address has over ${mostAddress} characters` };
  const [head = '', ...behindBars] = text.split(/\|(?=[a-z][a-z0-9-]*:?)/i);
  // Formats that may be compressed as a whole say so by themselves.
  const pipes = behindBars.filter((pipe) => !/^gzip:?$/i.test(pipe));
  const prefix = /^([a-z][a-z0-9+-]*):\/\/(.*)$/is.exec(head);
  const scheme = prefix?.[1]?.toLowerCase() ?? '';
  if (scheme === 'local') return { kind: 'inline' };
  const hasFormat = formats.has(scheme) && stores.test(prefix?.[2] ?? '');
  const base = hasFormat ? (prefix?.[2] ?? '') : head;
  if (/^(file|lamella):/i.test(formats.has(scheme) ? (prefix?.[2] ?? '') : head)) return onDisk(text);
  if (!stores.test(base)) return { kind: 'unreadable', why: whyNot(scheme, text) };
  if (/@/.test(/^[^/]*:\/\/([^/?#]*)/.exec(base)?.[1] ?? ''))
    return { kind: 'unreadable', why: 'its address holds a user name or password' };
  const unknown = pipes.map((pipe) => pipe.split(':')[0] ?? '').find((name) => name !== 'zip' && !formats.has(name));
  if (unknown !== undefined) return { kind: 'unreadable', why: `Lamella reads no "${unknown}"` };
  const behind = pipes.map((pipe) => `|${pipe.includes(':') ? pipe : `${pipe}:`}`).join('');
  const format = hasFormat && !isShapeFile(scheme) ? `${scheme}://` : '';
  return { kind: 'data', text: `${format}${base}${behind}` };
}

const isShapeFile = (scheme: string): boolean => scheme === 'obj' || scheme === 'vtk' || scheme === 'swc';

/** A path is found among what the library has; nothing else can be opened by its path from a state. */
const onDisk = (text: string): ReadSource => ({ kind: 'data', text });

const whyNot = (scheme: string, text: string): string =>
  scheme === '' ? `"${text.slice(0, 60)}" is no address` : `Lamella reads no "${scheme}://"`;

/** Whether an address can be opened by its text alone, from anywhere. */
export const isRemote = (text: string): boolean => stores.test(placeOf(text));

/** The bare place behind an address, to compare by: no format, no slash at its end, in one spelling. */
export function placeOf(text: string): string {
  const [head = '', ...pipes] = text.trim().split(/\|(?=[a-z][a-z0-9-]*:?)/i);
  const prefix = /^([a-z][a-z0-9-]*):(?:\/\/)?(.+)$/is.exec(head);
  const base = prefix && formats.has(prefix[1]?.toLowerCase() ?? '') ? (prefix[2] ?? '') : head;
  const zips = pipes.filter((pipe) => pipe.startsWith('zip:')).map((pipe) => `|${pipe}`);
  // What is behind a format is a path further down: `…/|zarr2:s0`.
  const deeper = pipes.filter((pipe) => !pipe.startsWith('zip:')).map((pipe) => pipe.replace(/^[^:]*:?(\/\/)?/, ''));
  const place = [base.replace(/\/+$/, ''), ...deeper.filter((path) => path !== '')].join('/') + zips.join('');
  return place
    .replace(/^file:(?:\/\/)?/, '')
    .replace(/\/+$/, '')
    .replace(/^[a-z0-9+]+:\/\/[^/]+/i, (host) => host.toLowerCase());
}

const placesOfSources = new WeakMap<object, string>();

/** The first of those whose source lies at a place (`placeOf`). */
export function lyingAt<T extends Pick<Volume, 'source'> | ShapeSet>(place: string, all: readonly T[]): T | undefined {
  return all.find(({ source }) => {
    const known = placesOfSources.get(source) ?? placeOf(source.text);
    placesOfSources.set(source, known);
    return known === place;
  });
}

/** What the last part of an address says of what lies there, where nothing else does. */
export function guessKind(text: string): 'volume' | 'mesh' | 'skeleton' {
  const last = placeOf(text).split('/').at(-1)?.toLowerCase() ?? '';
  if (/\.(swc|nml)$/.test(last) || /skel/.test(last)) return 'skeleton';
  return /\.(obj|ply|stl|glb|gltf)$/.test(last) || /mesh/.test(last) ? 'mesh' : 'volume';
}

/** How Neuroglancer names the formats that it reads too. */
const spelling: Readonly<Record<string, string>> = {
  precomputed: 'precomputed',
  'ome-zarr': 'zarr',
  zarr: 'zarr',
  n5: 'n5',
  nifti: 'nifti',
  'precomputed-legacy-mesh': 'precomputed',
  'precomputed-multires-mesh': 'precomputed',
  'precomputed-skeletons': 'precomputed',
  obj: 'obj',
};

/** An address in Neuroglancer's words; `note` where others will not be able to open it. */
export function sourceUrl(
  source: { readonly kind: string; readonly text: string },
  format: string,
): {
  readonly url: string;
  readonly note: string | null;
} {
  const known = spelling[format];
  const place = placeOf(source.text);
  const inside = /\|zip:/.test(place);
  const scheme = known ?? format;
  const base = source.kind === 'remote' ? place : `file://${place}`;
  const url = inside ? `${base}|${scheme}:` : `${scheme}://${base}`;
  if (known === undefined) return { url, note: `Neuroglancer reads no ${format}` };
  return { url, note: source.kind === 'remote' ? null : 'it lies on this computer, where others can not open it' };
}
