import type { BlockSource } from '../../../../preload/contract/block.ts';
import { bytesPerVoxel, type Dtype } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../../formats/byte-store.ts';
import { DecodedChunks, nextVolumeToken } from '../../formats/decoded-chunks.ts';
import { imageStack } from '../../formats/image-stack.ts';
import { voxelsIn } from '../../formats/pyramid.ts';
import type { OpenVolume } from '../../formats/volume-format.ts';
import type { JobRun } from '../../jobs/job.ts';
import { kernelCodec } from '../../jobs/kernel-codec.ts';
import { openFolderSource } from '../../sources/folder.ts';
import { chunksAtOnce, readBox } from '../../volumes/read-box.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import type { VoxelRange } from './pairs.ts';
import { compiled } from './slices.ts';

/** A channel of a block that is open. */
export interface OpenBlock {
  readonly volume: OpenVolume;
  /** Of its files, for its fingerprint. */
  readonly source: ByteSource;
  readonly token: string;
  readonly channel: number;
  close(): Promise<void>;
}

/** Open at once; each may hold open files. */
const mostOpen = 48;
/** Of decoded slices that several boxes share. */
const cacheBytes = 256 * 2 ** 20;
const inFlightBytes = 64 * 2 ** 20;

/** Opens blocks, keeps the last ones open, and reads boxes of them. The job closes it. */
export class BlockReader {
  readonly #volumes: OpenVolumes;
  readonly #job: JobRun;
  readonly #chunks = new DecodedChunks(cacheBytes);
  /** Least recently used first. */
  readonly #open = new Map<string, Promise<OpenBlock>>();
  readonly #busy = new Map<string, number>();

  constructor(volumes: OpenVolumes, job: JobRun) {
    this.#volumes = volumes;
    this.#job = job;
  }

  /** Calls with a block that stays open meanwhile. */
  async with<T>(source: BlockSource, use: (block: OpenBlock) => Promise<T>): Promise<T> {
    const key = JSON.stringify(source);
    this.#busy.set(key, (this.#busy.get(key) ?? 0) + 1);
    try {
      return await use(await this.#opened(key, source));
    } finally {
      this.#busy.set(key, (this.#busy.get(key) ?? 1) - 1);
      this.#closeOldest();
    }
  }

  /** The voxels of a box as `dtype`, grey levels as they are; all 0 where nothing is stored. */
  read(source: BlockSource, { min, size }: VoxelRange, dtype: Dtype, signal: AbortSignal): Promise<Uint8Array> {
    return this.with(source, async ({ volume, token, channel }) => {
      const box = { level: 0, min, size, channel, time: 0 };
      const voxels = await readBox(volume, box, {
        inFlight: chunksAtOnce(volume, 0, inFlightBytes, 4),
        signal,
        chunks: { cache: this.#chunks, token },
        files: { kernels: this.#job.kernels, lane: 'batch' },
      });
      if (!voxels) return new Uint8Array(voxelsIn(size) * bytesPerVoxel[dtype]);
      return volume.plan.dtype === 'uint8' && dtype === 'uint16' ? widened(voxels) : voxels;
    });
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map((one) => one.then((block) => block.close()).catch(() => undefined)));
  }

  #opened(key: string, source: BlockSource): Promise<OpenBlock> {
    const found = this.#open.get(key) ?? this.#openSource(source);
    this.#open.delete(key);
    this.#open.set(key, found);
    found.catch(() => void (this.#open.get(key) === found && this.#open.delete(key)));
    return found;
  }

  #openSource(source: BlockSource): Promise<OpenBlock> {
    return source.files === undefined ? this.#openVolume(source) : this.#openSlices(source, source.files);
  }

  async #openVolume({ path, image, channel }: BlockSource): Promise<OpenBlock> {
    const { library, kernels, signal } = this.#job;
    const at = await this.#volumes.at({
      ref: path,
      image,
      allowPrivate: false,
      kernels,
      lane: 'batch',
      cache: library.cache,
      signal,
    });
    return { volume: at.volume, source: at.place.source, token: nextVolumeToken(), channel, close: () => at.close() };
  }

  async #openSlices({ path, channel }: BlockSource, files: string): Promise<OpenBlock> {
    const { kernels, signal } = this.#job;
    const folder = openFolderSource(path, path);
    const pattern = compiled(files);
    const children: ByteSource['children'] = async (prefix) =>
      (await folder.children(prefix))?.filter(({ name, isFolder }) => !isFolder && pattern.test(name));
    const source: ByteSource = { ...folder, children };
    const codec = kernelCodec(kernels, { lane: 'batch', signal });
    const volume = await imageStack.open({ source, key: '' }, { codec, scratch: noScratch });
    return { volume, source, token: nextVolumeToken(), channel, close: () => volume.close?.() ?? Promise.resolve() };
  }

  #closeOldest(): void {
    for (const [key, block] of this.#open) {
      if (this.#open.size <= mostOpen) return;
      if ((this.#busy.get(key) ?? 0) > 0) continue;
      this.#open.delete(key);
      this.#busy.delete(key);
      void block.then((one) => one.close()).catch(() => undefined);
    }
  }
}

const widened = (bytes: Uint8Array): Uint8Array => new Uint8Array(Uint16Array.from(bytes).buffer);

const noScratch = (): Promise<string> => Promise.reject(new Error('slices need no scratch folder'));
