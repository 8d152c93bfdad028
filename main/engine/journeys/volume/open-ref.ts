import type { ByteSource } from '../../formats/byte-store.ts';
import type { OpenVolume, VolumeFormat } from '../../formats/volume-format.ts';
import type { JobRun } from '../../jobs/job.ts';
import type { OpenPlace } from '../../sources/index.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { openFolderSource } from '../../sources/folder.ts';
import { volumeById, type StoredVolume } from '../../store/volume-rows.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { madeOf } from '../../volumes/warped/open-warped.ts';
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
  const source = opened.place?.source ?? (stored.warp ? madeOf(stored, stored.warp) : inLibrary(library, stored));
  return { ...opened, source, text: stored.volume.source.text, id: ref.source };
}

const inLibrary = (library: LibraryStore, { folder, volume }: StoredVolume): ByteSource =>
  openFolderSource(library.pathOf(...(folder ?? '').split('/')), volume.name);

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
