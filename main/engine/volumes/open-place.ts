import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLamellaError, LamellaError } from '../../../preload/contract/errors.ts';
import type { ByteSource } from '../formats/byte-store.ts';
import { findVolumes } from '../formats/detect.ts';
import { convertingKey } from '../formats/image-stack/stack-files.ts';
import { volumeFormats } from '../formats/index.ts';
import type { OpenVolume, Place, VolumeFormat } from '../formats/volume-format.ts';
import type { Kernels, Lane } from '../jobs/job.ts';
import { kernelCodec } from '../jobs/kernel-codec.ts';
import { kernelHdf5 } from '../jobs/kernel-hdf5.ts';
import { parseAddress, type Address, type FormatHint } from '../sources/address.ts';
import type { ByteCache } from '../sources/cached.ts';
import { openPlace, type OpenPlace, type SourceEnv } from '../sources/index.ts';
import type { Opening } from '../sources/opening.ts';
import { withPlainWords } from './plain-words.ts';
import { withSoundLevels } from './sound-levels.ts';
import { withAssumedKind, withKind } from './volume-kind.ts';
import { withOwnMap } from './warped/own-map.ts';

/** What opening needs of the engine. */
export type PlaceEnv = Pick<SourceEnv, 'network' | 'credentials'>;

export interface PlaceRequest {
  /** A path or an address, as `resolveSource` gave it. */
  readonly ref: string;
  readonly image?: string | undefined;
  /** What the user says that it holds. */
  readonly kind?: OpenVolume['plan']['kind'] | undefined;
  readonly allowPrivate: boolean;
  readonly kernels: Kernels;
  readonly lane: Lane;
  /** Where bytes of servers are kept; nowhere where left out. */
  readonly cache?: ByteCache | undefined;
  /** What opening it read before, where that is known. */
  readonly opening?: Opening | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A volume that is open where it lies. */
export interface OpenedPlace {
  readonly place: OpenPlace;
  readonly format: VolumeFormat;
  /** As it is drawn: in the space that its dataset leads to. */
  readonly volume: OpenVolume;
  /** As its files hold it. */
  readonly plain: OpenVolume;
  close(): Promise<void>;
}

/** Opens what lies at a path or address. Throws 'bad-source' where that is no volume, and what sources and formats throw. */
export async function openVolumeAt(env: PlaceEnv, request: PlaceRequest): Promise<OpenedPlace> {
  const { signal } = request;
  const address = parseAddress(request.ref);
  const place = await openPlace(
    address,
    { ...env, allowPrivate: request.allowPrivate, cache: request.cache ?? null, opening: request.opening },
    signal,
  );
  const scratch = new Scratch();
  try {
    const open = (): Promise<Opened> => openFormat(place, address, request, scratch);
    // What was kept of a server may be what is wrong.
    const opened = await open().catch((error: unknown) => {
      if (place.kind === 'remote' && isLamellaError(error, 'bad-source')) return place.afresh(open);
      throw error;
    });
    const { format, volume, found } = opened;
    const read = withPlainWords(withAssumedKind(withSoundLevels(volume, format.id), format.id));
    const plain = request.kind && request.kind !== read.plan.kind ? withKind(read, request.kind) : read;
    const drawn = await withOwnMap(plain, volume.map, request);
    place.opened();
    const close = async (): Promise<void> => {
      if (drawn !== plain) await drawn.close?.();
      await volume.close?.();
      await scratch.remove();
    };
    return {
      place: { ...place, ...found },
      format,
      volume: drawn,
      plain,
      close,
    };
  } catch (error) {
    await scratch.remove();
    throw error;
  }
}

interface Opened {
  readonly format: VolumeFormat;
  readonly volume: OpenVolume;
  readonly found: Place;
}

async function openFormat(
  place: OpenPlace,
  address: Address,
  request: PlaceRequest,
  scratch: Scratch,
): Promise<Opened> {
  const { kernels, lane, signal, image } = request;
  const { format, place: found } = await formatAt(place, address.format, address.kind === 's3');
  if (image !== undefined && format.holdsOne) throw oneImage(place.text, format, image);
  const volume = await format.open(found, {
    codec: kernelCodec(kernels, { lane, ...(signal && { signal }) }),
    hdf5: kernelHdf5(kernels, { lane, ...(signal && { signal }) }),
    scratch: () => scratch.folder(),
    image,
  });
  return { format, volume, found };
}

/** Folders for formats that must unpack a file before they can read it at random. */
class Scratch {
  readonly #folders: string[] = [];

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'lamella-scratch-'));
    this.#folders.push(folder);
    return folder;
  }

  async remove(): Promise<void> {
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true });
  }
}

/** `zarr` and its versions are OME-Zarr where they say so. */
const claimed: Readonly<Record<FormatHint, readonly string[]>> = {
  precomputed: ['precomputed'],
  'ome-zarr': ['ome-zarr'],
  zarr: ['ome-zarr', 'zarr'],
  zarr2: ['ome-zarr', 'zarr'],
  zarr3: ['ome-zarr', 'zarr'],
  n5: ['n5'],
  nifti: ['nifti'],
  nrrd: ['nrrd'],
  tiff: ['tiff'],
  'image-stack': ['image-stack'],
  hdf5: ['hdf5'],
};

interface Found {
  readonly format: VolumeFormat;
  readonly place: Place;
}

/** What lies there, or in the only folder below it that is a dataset. A format that the user named is believed. */
async function formatAt(place: OpenPlace, hint: FormatHint | undefined, isBucket: boolean): Promise<Found> {
  if (hint) {
    const candidates = volumeFormats.filter(({ id }) => claimed[hint].includes(id));
    for (const format of candidates) if (await format.detect(place)) return { format, place };
    const last = candidates.at(-1);
    // Opening it says what is wrong.
    if (last) return { format: last, place };
  }
  const [found, ...others] = await findVolumes(place);
  if (found && others.length === 0) return found;
  if (found)
    throw severalVolumes(
      place.text,
      [found, ...others].map(({ key }) => key),
    );
  if (place.key === '' && (await isUnfinished(place.source))) throw unfinished(place.text);
  throw place.denied() ? refusedKey(place.text, isBucket) : noVolume(place.text);
}

const severalVolumes = (text: string, keys: readonly string[]): LamellaError =>
  new LamellaError('bad-source', `${text} holds ${keys.length} volumes: ${keys.slice(0, 10).join(', ')}.`, {
    hint: `Name one of them: ${text}/${keys[0]}`,
    fields: { source: text, volumes: keys.length },
  });

const oneImage = (text: string, { label }: VolumeFormat, image: string): LamellaError =>
  new LamellaError('invalid-input', `${text} has no image "${image.slice(0, 200)}": ${label} holds one image.`, {
    hint: 'Leave the name of the image out.',
    fields: { source: text, image: image.slice(0, 200), format: label },
  });

const isUnfinished = async (source: ByteSource): Promise<boolean> =>
  (await source.get(convertingKey).catch(() => undefined)) !== undefined;

const unfinished = (text: string): LamellaError =>
  new LamellaError('bad-source', `${text} is what a conversion wrote before it was cut short: no whole volume yet.`, {
    hint: 'Run the same conversion again: it goes on where it was.',
    fields: { source: text },
  });

const noVolume = (text: string): LamellaError =>
  new LamellaError('bad-source', `${text} holds no volume that Lamella can read.`, {
    hint: `Name the file or folder of the dataset itself. Lamella reads ${volumeFormats.map(({ label }) => label).join(', ')}.`,
    fields: { source: text },
  });

const refusedKey = (text: string, isBucket: boolean): LamellaError =>
  new LamellaError('unauthorized', `The server of ${text} does not say whether there is a volume: access is denied.`, {
    hint: isBucket
      ? 'Check the spelling. Where the bucket is not public, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_ENDPOINT_URL for a server other than Amazon) before Lamella starts.'
      : 'Check the spelling of the address, and that the data is public.',
    fields: { source: text },
  });
