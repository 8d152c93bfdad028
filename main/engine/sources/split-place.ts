import type { Address, PathAddress } from './address.ts';

export type RemoteAddress = Exclude<Address, PathAddress>;

/** Endings of what is one file; everything else is taken for a folder, as datasets of chunks are. */
const fileEnding =
  /\.(nii|nii\.gz|hdr|img|nrrd|nhdr|raw\.gz|tiff?|tf[28]|btf|ome\.tiff?|h5|hdf5|ims|zip|ozx|mrc|png|jpe?g|gz|npy|json|xml|obj|ply|stl|gltf|glb|swc|nml)$/i;
const fileFormats = new Set(['nifti', 'nrrd', 'tiff', 'hdf5']);

/** An address of a file becomes its folder and a key; a folder's ends in a slash and has the key ''. */
export function splitPlace(address: RemoteAddress): { readonly folder: RemoteAddress; readonly key: string } {
  const path = address.kind === 'http' ? new URL(address.url).pathname : `/${address.key}`;
  const isFile =
    !path.endsWith('/') &&
    (address.inside.length > 0 ||
      (address.format === undefined ? fileEnding.test(path) : fileFormats.has(address.format)));
  return cutAt(address, path, isFile);
}

/** The same of what is one file, whatever its name ends in; the key is '' where the address ends in a slash. */
export function splitFile(address: RemoteAddress): { readonly folder: RemoteAddress; readonly key: string } {
  const path = address.kind === 'http' ? new URL(address.url).pathname : `/${address.key}`;
  return cutAt(address, path, !path.endsWith('/'));
}

function cutAt(
  address: RemoteAddress,
  path: string,
  isFile: boolean,
): { readonly folder: RemoteAddress; readonly key: string } {
  const cut = path.lastIndexOf('/') + 1;
  const folderPath = isFile ? path.slice(0, cut) : path.endsWith('/') ? path : `${path}/`;
  const last = isFile ? path.slice(cut) : '';
  if (address.kind !== 'http') return { folder: { ...address, key: folderPath.slice(1) }, key: last };
  const url = new URL(address.url);
  url.pathname = folderPath;
  return { folder: { ...address, url: url.href }, key: decoded(last) };
}

/** A name that is no valid encoding stays as it is, and is asked for literally. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
