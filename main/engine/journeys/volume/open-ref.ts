import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { ByteSource } from '../../formats/byte-store.ts';
import type { OpenVolume, VolumeFormat } from '../../formats/volume-format.ts';
import type { JobRun } from '../../jobs/job.ts';
import { hasSecret, parseAddress, toText } from '../../sources/address.ts';
import type { OpenPlace } from '../../sources/index.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { openFolderSource } from '../../sources/folder.ts';
import { volumeById } from '../../store/volume-rows.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { isVolumeId } from '../../volumes/volume-id.ts';
import type { Call } from '../call.ts';

/** What a reference names, open for a job. */
export interface OpenedRef {
  readonly volume: OpenVolume;
  readonly format: VolumeFormat;
  /** Where its files lie. */
  readonly source: ByteSource;
  /** A path or an address, to show. */
  readonly text: string;
  /** Of the library, where it is one. */
  readonly id: string | null;
  close(): Promise<void>;
}

export interface Ref {
  readonly source: string;
  readonly image?: string | undefined;
  readonly allowPrivate: boolean;
}

/** A volume of the library, or what lies at a path or address; the job closes it. */
export async function openRef(volumes: OpenVolumes, job: JobRun, ref: Ref): Promise<OpenedRef> {
  const { library, kernels, signal } = job;
  if (!isVolumeId(ref.source)) {
    const { source: text, image, allowPrivate } = ref;
    const at = await volumes.at({
      ref: text,
      image,
      allowPrivate,
      kernels,
      lane: 'batch',
      cache: library.cache,
      signal,
    });
    return { ...at, source: at.place.source, text: at.place.text, id: null };
  }
  const stored = volumeById(library.read, ref.source);
  const opened = await volumes.ofJob(library, ref.source, kernels, signal);
  const source =
    opened.place?.source ?? openFolderSource(library.pathOf(...(stored.folder ?? '').split('/')), stored.volume.name);
  return { ...opened, source, text: stored.volume.source.text, id: ref.source };
}

/** Throws 'invalid-input' where an address carries a signature or token: the library would keep it, and must not. */
export function refuseSecret(ref: string): void {
  const address = isVolumeId(ref) ? null : parseAddress(ref);
  if (address === null || !hasSecret(address)) return;
  const shown = toText(address);
  throw new LamellaError('invalid-input', `${shown} opens with a signature or token, which a library does not keep.`, {
    hint: 'Use an address without one, keys in the environment for a bucket (s3://), or convert it to a place of your own. Describing and cutting out work with it too.',
    fields: { source: shown },
  });
}

/** What a query looks at. */
export interface Looked {
  readonly opened: { readonly volume: OpenVolume; readonly format: VolumeFormat };
  /** null where it lies in the library. */
  readonly place: OpenPlace | null;
  readonly text: string;
  /** On disk, where the library knows. */
  readonly bytes: number | null;
  close(): Promise<void>;
}

/** A volume of the library stays open; what lies at a path or address is closed by the caller. */
export async function openLooked(
  volumes: OpenVolumes,
  library: LibraryStore | undefined,
  { source: ref, image, allowPrivate }: Ref,
  { kernels, signal }: Call,
): Promise<Looked> {
  if (library && isVolumeId(ref)) {
    const opened = await volumes.shown(library, ref, kernels);
    const { source, bytes } = opened.stored.volume;
    return { opened, place: null, text: source.text, bytes, close: () => Promise.resolve() };
  }
  const at = await volumes.at({
    ref,
    image,
    allowPrivate,
    kernels,
    lane: 'interactive',
    cache: library?.cache,
    signal,
  });
  return { opened: at, place: at.place, text: at.place.text, bytes: null, close: () => at.close() };
}
