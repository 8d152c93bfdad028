import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import { shapeFormats } from '../../formats/shapes/index.ts';
import { foldersNamedBy } from '../../formats/shapes/precomputed-folder.ts';
import type { OpenShapes, ParsedShapes, ShapeFormat } from '../../formats/shapes/shape-format.ts';
import { Remembered } from '../../formats/precomputed/remembered.ts';
import type { Kernels } from '../../jobs/job.ts';
import { kernelShapes } from '../../jobs/kernel-shapes.ts';
import { parseAddress, toText } from '../../sources/address.ts';
import { innerAddress } from '../../sources/inner-address.ts';
import { openPlace, type OpenPlace, type SourceEnv } from '../../sources/index.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { addressOfShapes } from '../../store/library-meshes.ts';
import { shapesById, type ShapeSource } from '../../store/shape-rows.ts';
import { ledShapes } from '../../registrations/led-shapes.ts';
import { openWay } from '../../registrations/open-led-shapes.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';

export interface ShapesRequest {
  /** A path or an address, as `resolveSource` gave it. */
  readonly ref: string;
  readonly allowPrivate: boolean;
  readonly unitNm: number | null;
  readonly kernels: Kernels;
  /** Keeps bytes of servers; null keeps none. */
  readonly library: LibraryStore | null;
  readonly signal?: AbortSignal | undefined;
}

type LedFrom = NonNullable<ShapeSource['led']>;

export interface OpenedShapes {
  readonly place: OpenPlace;
  readonly shapes: OpenShapes;
}

/** Decoded files that are kept, so that one read gives the manifest and the triangles. */
const parsedBytes = 512 * 2 ** 20;

/** Opens sets of shapes, and keeps those of libraries open that are looked at. */
export class HeldShapes {
  readonly #env: Pick<SourceEnv, 'network' | 'credentials'>;
  readonly #volumes: OpenVolumes;
  readonly #held = new WeakMap<LibraryStore, Map<string, Promise<OpenShapes>>>();
  readonly #parsed = new Remembered<ParsedShapes>(parsedBytes, ({ shapes }) =>
    shapes.reduce((sum, { bytes }) => sum + bytes.byteLength, 1000),
  );
  #opened = 0;

  constructor(env: Pick<SourceEnv, 'network' | 'credentials'>, volumes: OpenVolumes) {
    this.#env = env;
    this.#volumes = volumes;
  }

  /** What lies at a path or address. Throws 'bad-source' where there are no shapes, and what sources and formats throw. */
  async at({ ref, allowPrivate, unitNm, kernels, library, signal }: ShapesRequest): Promise<OpenedShapes> {
    const address = parseAddress(ref);
    const place = await openPlace(address, { ...this.#env, allowPrivate, cache: library?.cache ?? null }, signal);
    const format = await formatAt(place);
    const shapes = await format.open(place, {
      work: kernelShapes(kernels, 'interactive'),
      unitNm,
      parsed: this.#parsed,
      token: `${++this.#opened}/`,
    });
    return { place, shapes };
  }

  /**
   * The meshes and skeletons that a segmentation names, those that are there. Throws what sources throw, 'unreachable' among
   * them; none where the volume is the library's own.
   */
  async ofVolume(request: ShapesRequest & { readonly library: LibraryStore }): Promise<OpenedShapes[]> {
    const address = parseAddress(request.ref);
    const env = { ...this.#env, allowPrivate: request.allowPrivate, cache: request.library.cache };
    const place = await openPlace(address, env, request.signal);
    const found: OpenedShapes[] = [];
    for (const key of await foldersNamedBy(place)) {
      const ref = toText(innerAddress(address, key));
      const opened = await this.at({ ...request, ref }).catch(unlessAbsent);
      if (opened) found.push(opened);
    }
    return found;
  }

  /** A set of a library; stays open while the library is. A failure is tried again the next time. */
  shown(library: LibraryStore, id: string, kernels: Kernels): Promise<OpenShapes> {
    const { source, set } = shapesById(library.read, id);
    const ofLibrary = this.#ofLibrary(library);
    const held = ofLibrary.get(id);
    if (held) return held;
    const ref = addressOfShapes(library, source.address);
    const request = { ref, allowPrivate: source.allowPrivate, unitNm: set.unitNm, kernels, library };
    const opened = source.led ? this.#led(library, source.led, kernels) : this.at(request).then(({ shapes }) => shapes);
    ofLibrary.set(id, opened);
    opened.catch(() => ofLibrary.delete(id));
    return opened;
  }

  /** A set that is seen through a map: what it is made of stays open, too. */
  async #led(library: LibraryStore, { shapes, ...between }: LedFrom, kernels: Kernels): Promise<OpenShapes> {
    const { signal } = new AbortController();
    const inner = await this.shown(library, shapes, kernels);
    return ledShapes(inner, await openWay({ volumes: this.#volumes, library, kernels, signal }, between));
  }

  /** Keeps what was opened to be added, so that it is not read twice. */
  keep(library: LibraryStore, id: string, shapes: OpenShapes): void {
    this.#ofLibrary(library).set(id, Promise.resolve(shapes));
  }

  #ofLibrary(library: LibraryStore): Map<string, Promise<OpenShapes>> {
    const held = this.#held.get(library) ?? new Map<string, Promise<OpenShapes>>();
    this.#held.set(library, held);
    return held;
  }

  forget(library: LibraryStore, id: string): void {
    this.#held.get(library)?.delete(id);
  }
}

/** A volume may name a folder that nobody copied with it. */
function unlessAbsent(error: unknown): null {
  if (isLamellaError(error, 'bad-source', 'not-found')) return null;
  throw error;
}

async function formatAt(place: OpenPlace): Promise<ShapeFormat> {
  const fitting: ShapeFormat[] = [];
  for (const format of shapeFormats) if (await format.detect(place)) fitting.push(format);
  const [first, ...others] = fitting;
  if (first && others.length === 0) return first;
  throw first ? severalKinds(place.text, fitting) : noShapes(place.text);
}

const severalKinds = (text: string, formats: readonly ShapeFormat[]): LamellaError =>
  new LamellaError('bad-source', `${text} holds files of ${formats.map(({ label }) => label).join(' and ')}.`, {
    hint: 'Name one of the files, or put those of one kind into a folder of their own.',
    fields: { source: text },
  });

const noShapes = (text: string): LamellaError =>
  new LamellaError('bad-source', `${text} holds no meshes or skeletons that Lamella can read.`, {
    hint: `Name the file or folder itself. Lamella reads ${shapeFormats.map(({ label }) => label).join(', ')}.`,
    fields: { source: text },
  });
