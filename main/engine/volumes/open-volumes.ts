import { LamellaError } from '../../../preload/contract/errors.ts';
import { omeZarr } from '../formats/ome-zarr.ts';
import type { OpenVolume, VolumeFormat } from '../formats/volume-format.ts';
import type { Kernels, Lane } from '../jobs/job.ts';
import { kernelCodec } from '../jobs/kernel-codec.ts';
import { openFolderSource } from '../sources/folder.ts';
import type { OpenPlace } from '../sources/index.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { pathOfField } from '../store/library-fields.ts';
import { HeldOpen } from './held-open.ts';
import { forgetOpening, openingOf, putOpening } from './openings.ts';
import { volumeById, type StoredVolume } from '../store/volume-rows.ts';
import { asStored, differenceFrom, withCoarseLevels, withPlan } from './levels-in-library.ts';
import { whileItIs } from './still-is.ts';
import type { Chain } from './warped/chain.ts';
import { openWarped, under, type WarpEnv } from './warped/open-warped.ts';
import { readState, type StateRequest } from './read-state.ts';
import { openVolumeAt, type OpenedPlace, type PlaceEnv, type PlaceRequest } from './open-place.ts';

/** A volume of a library that is open: its own levels and those made for it. */
export interface OpenedVolume {
  readonly stored: StoredVolume;
  readonly volume: OpenVolume;
  /** What lies at its place, as that says it: without levels of the library and what the user corrected. */
  readonly own: OpenVolume;
  readonly format: VolumeFormat;
  /** null where its voxels lie in the library. */
  readonly place: OpenPlace | null;
  close(): Promise<void>;
}

/** Open at once; those looked at least recently are closed. */
const mostOpen = 256;
const mostChains = 32;
/** Pictures first. */
const keptAfterMs = 1000;

/** Opens volumes, and keeps those of libraries open that are looked at. */
export class OpenVolumes {
  readonly #env: PlaceEnv;
  readonly #log: (line: string) => void;
  readonly #held = new HeldOpen<OpenedVolume>(mostOpen);
  /** Chains of maps that are looked through: opened by whoever has one, closed with their library. */
  readonly chains = new HeldOpen<Chain>(mostChains);

  constructor(env: PlaceEnv, log: (line: string) => void) {
    this.#env = env;
    this.#log = log;
  }

  /** What lies at a path or address; the caller closes it. */
  at(request: PlaceRequest): Promise<OpenedPlace> {
    return openVolumeAt(this.#env, request);
  }

  /** A small file of JSON on a server, as text. */
  stateAt(request: StateRequest): Promise<string> {
    return readState(this.#env, request);
  }

  /** A volume of a library, for a job, which closes it. */
  ofJob(library: LibraryStore, id: string, kernels: Kernels, signal: AbortSignal): Promise<OpenedVolume> {
    return this.#open(library, volumeById(library.read, id), kernels, 'batch', signal);
  }

  /** A volume of a library that is looked at: stays open. */
  async shown(library: LibraryStore, id: string, kernels: Kernels): Promise<OpenedVolume> {
    const stored = volumeById(library.read, id);
    const { source, folder, volume } = stored;
    const row = JSON.stringify([source, folder, volume.kind, volume.name, under(library.read, stored)]);
    return this.#held.get(library, id, row, () => this.#open(library, stored, kernels, 'interactive'));
  }

  /** For what is made of other volumes, which it opens for itself. `deep`: how many such it is inside of. */
  inside(library: LibraryStore, kernels: Kernels, lane: Lane, signal?: AbortSignal, deep = 0): WarpEnv {
    return {
      ...{ kernels, lane, signal, deep },
      open: (id) => this.#open(library, volumeById(library.read, id), kernels, lane, signal, deep + 1),
      at: (request) =>
        this.at({ ...request, ref: pathOfField(library, request.ref) ?? request.ref, cache: library.cache }),
    };
  }

  /** Closes a volume that is shown, if it is. */
  forget(library: LibraryStore, id: string): Promise<void> {
    return this.#held.forget(library, id);
  }

  /** Closes it, and forgets all that was read of it at `place`: it is opened and read anew. */
  async forgetRead(library: LibraryStore, id: string, place: OpenPlace | null): Promise<void> {
    place?.forget();
    forgetOpening(library, id);
    library.cache.removeBelow(`brick/${id}/`);
    await this.forget(library, id);
  }

  /** Closes what is shown of a library, by its id. */
  async closeOf(library: string): Promise<void> {
    await Promise.all([this.#held.closeOf(library), this.chains.closeOf(library)]);
  }

  async closeAll(): Promise<void> {
    await Promise.all([this.#held.closeOf(), this.chains.closeOf()]);
  }

  async #open(
    library: LibraryStore,
    stored: StoredVolume,
    kernels: Kernels,
    lane: Lane,
    signal?: AbortSignal,
    deep = 0,
  ): Promise<OpenedVolume> {
    const { source, volume } = stored;
    if (stored.warp) return openWarped(stored, stored.warp, this.inside(library, kernels, lane, signal, deep));
    if (!source) {
      const own = await openInLibrary(library, stored, kernels, lane);
      const close = (): Promise<void> => own.close?.() ?? Promise.resolve();
      return {
        stored,
        own,
        volume: withPlan(own, { ...own.plan, name: volume.name }),
        format: omeZarr,
        place: null,
        close,
      };
    }
    const at = await this.at({
      ref: source.address,
      image: source.image ?? undefined,
      allowPrivate: source.allowPrivate,
      kind: volume.kind,
      kernels,
      lane,
      cache: library.cache,
      opening: lane === 'interactive' ? openingOf(library.read, volume.id) : undefined,
      signal,
    });
    const own = asAdded(at, stored);
    const other = differenceFrom(own.plan, stored);
    if (other) {
      // What is kept of it is not of what was added.
      at.place.forget();
      forgetOpening(library, volume.id);
      await at.close();
      throw otherVolume(stored.volume.name, at.place.text, other);
    }
    this.#keepOpening(library, volume.id, at.place);
    const fine = withPlan(whileItIs(own, at.place), asStored(own.plan, stored));
    const coarse = await this.#coarseLevels(library, stored, kernels, lane);
    const close = async (): Promise<void> => {
      await at.close();
      await coarse?.close?.();
    };
    const all = coarse ? withCoarseLevels(fine, coarse) : fine;
    return { stored, own, volume: all, format: at.format, place: at.place, close };
  }

  /** In its own time: nothing waits for it, and it is lost without harm. */
  #keepOpening(library: LibraryStore, id: string, place: OpenPlace): void {
    const opening = place.opening();
    if (!opening || library.readOnly) return;
    setTimeout(() => {
      try {
        const kept = openingOf(library.read, id);
        if (JSON.stringify(kept) !== JSON.stringify(opening)) library.record((tx) => putOpening(tx, id, opening));
      } catch (error) {
        this.#log(`What opens ${id} was not kept: ${error instanceof Error ? error.message : String(error)}`);
      }
    }, keptAfterMs).unref();
  }

  /** Coarse levels can be made again, so a volume without them still opens. */
  async #coarseLevels(
    library: LibraryStore,
    stored: StoredVolume,
    kernels: Kernels,
    lane: Lane,
  ): Promise<OpenVolume | null> {
    if (stored.folder === null) return null;
    try {
      return await openInLibrary(library, stored, kernels, lane);
    } catch (error) {
      this.#log(
        `The coarse levels of ${stored.volume.id} can't be read: ${error instanceof Error ? error.message : String(error)}`,
      );
      return null;
    }
  }
}

/** Volumes that were added before their own maps were followed stay as they were. */
const asAdded = (at: OpenedPlace, stored: StoredVolume): OpenVolume =>
  differenceFrom(at.volume.plan, stored) && !differenceFrom(at.plain.plan, stored) ? at.plain : at.volume;

const otherVolume = (name: string, place: string, difference: string): LamellaError =>
  new LamellaError('conflict', `${place} is not the volume that was added as ${name}: ${difference}.`, {
    hint: 'Put the old data back and try again; or take this volume out of the library, and add what lies there now.',
    fields: { volume: name, source: place, what: `it is another volume now: ${difference}` },
  });

/** The dataset of a volume's folder in the library. */
const openInLibrary = (
  library: LibraryStore,
  { folder, volume }: StoredVolume,
  kernels: Kernels,
  lane: Lane,
): Promise<OpenVolume> => openFolderVolume(library, folder ?? '', volume.name, kernels, lane);

/** `folder`: relative to the library, forward slashes. */
export function openFolderVolume(
  library: LibraryStore,
  folder: string,
  name: string,
  kernels: Kernels,
  lane: Lane = 'batch',
): Promise<OpenVolume> {
  const source = openFolderSource(library.pathOf(...folder.split('/')), `volume ${name}`);
  return omeZarr.open({ source, key: '' }, { codec: kernelCodec(kernels, { lane }), scratch: noScratch });
}

const noScratch = (): Promise<string> => Promise.reject(new Error('OME-Zarr needs no scratch folder'));
