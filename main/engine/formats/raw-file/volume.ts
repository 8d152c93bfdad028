import type { DecodeVoxels } from '../../../../native-workers/voxel-tasks.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';
import { decodedChunks, nextVolumeToken } from '../decoded-chunks.ts';
import { decodeStored } from '../decode-stored.ts';
import { chunkExtent, levelAt, voxelsIn } from '../pyramid.ts';
import type {
  ChunkAt,
  ChunkCodec,
  OpenOptions,
  OpenVolume,
  StoredChunk,
  VolumeNotes,
  VolumePlan,
} from '../volume-format.ts';
import { axesInSlab, layoutBytes, slabOffset, type RawLayout } from './layout.ts';
import { cancelled, type Unpacked } from './scratch.ts';

export interface RawFile {
  readonly source: ByteSource;
  /** The file with the voxels. */
  readonly key: string;
  /** Of the first voxel: in the file, or in what it unpacks to. */
  readonly offset: number;
  readonly layout: RawLayout;
  /** Makes the file readable at random, in a folder of its own; absent where it is that already. */
  readonly unpack?: (folder: string, signal: AbortSignal) => Promise<Unpacked>;
}

/** Throws 'bad-source' where a file that is not packed ends before its voxels do, or holds none. */
export async function checkRawSize({ source, key, offset, layout }: RawFile): Promise<void> {
  const size = await source.sizeOf(key);
  const wanted = offset + layoutBytes(layout);
  if (size === undefined && !(await source.get(key, { offset: 0, length: 1 })))
    throw badFile(source, key, 'there is no such file');
  if (size !== undefined && size < wanted)
    throw badFile(source, key, `it has ${size} bytes, and its header says ${wanted}`);
}

/** A volume of one level whose chunks are slabs of one file. */
export class RawFileVolume implements OpenVolume {
  readonly plan: VolumePlan;
  readonly notes: VolumeNotes;
  readonly #file: RawFile;
  readonly #codec: ChunkCodec;
  readonly #scratch: () => Promise<string>;
  readonly #token = nextVolumeToken();
  #unpacked: Promise<Unpacked> | undefined;
  readonly #closed = new AbortController();

  constructor(
    opened: { readonly plan: VolumePlan; readonly notes: VolumeNotes; readonly file: RawFile },
    { codec, scratch }: OpenOptions,
  ) {
    this.plan = opened.plan;
    this.notes = opened.notes;
    this.#file = opened.file;
    this.#codec = codec;
    this.#scratch = scratch;
  }

  async locate(at: ChunkAt): Promise<StoredChunk> {
    const { offset, bytes } = this.#slab(at);
    const { source, key, unpack } = this.#file;
    if (!unpack) return { key, offset, bytes };
    // Packed as a whole: every chunk needs all of the file.
    return { key, offset: 0, bytes: (await source.sizeOf(key)) ?? 0 };
  }

  async readChunk(at: ChunkAt, signal?: AbortSignal): Promise<Uint8Array> {
    const slab = this.#slab(at);
    const { layout, source, key } = this.#file;
    const shared = slab.channels * slab.times;
    if (shared === 1) return this.#decode(await this.#read(slab, signal), slab, signal);
    const all = await decodedChunks.get(`${this.#token}${key}@${slab.offset}`, slab.bytes, async () =>
      this.#decode(await this.#read(slab, signal), slab, signal),
    );
    const one = voxelsIn(slab.size) * bytesPerVoxel[layout.dtype];
    const start = ((slab.times > 1 ? at.time * slab.channels : 0) + (slab.channels > 1 ? at.channel : 0)) * one;
    if (all.byteLength !== one * shared) throw badFile(source, key, 'a slab has another size than its voxels');
    return all.slice(start, start + one);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const unpacked = this.#unpacked;
    this.#unpacked = undefined;
    await unpacked?.then(
      (file) => file.close(),
      () => undefined,
    );
  }

  async #read({ offset, bytes: length }: Slab, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { source, key, unpack } = this.#file;
    const bytes = unpack
      ? await (await unlessAborted(this.#unpackedBy(unpack), signal)).read(offset, length)
      : await source.get(key, { offset, length }, signal);
    if (bytes?.byteLength === length) return bytes;
    throw badFile(source, key, `at byte ${offset} it should have ${length} more, and has ${bytes?.byteLength ?? 0}`);
  }

  /** Once for all chunks; not stopped with the one that asked first, as others wait for it too. */
  #unpackedBy(unpack: NonNullable<RawFile['unpack']>): Promise<Unpacked> {
    this.#unpacked ??= this.#scratch().then((folder) => unpack(folder, this.#closed.signal));
    this.#unpacked.catch(() => (this.#unpacked = undefined));
    return this.#unpacked;
  }

  #decode(bytes: Uint8Array, slab: Slab, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { layout, source, key } = this.#file;
    const isPlain = layout.endian === 'little' || bytesPerVoxel[layout.dtype] === 1;
    if (isPlain && slab.order === 'xyzct') return Promise.resolve(bytes);
    const request: DecodeVoxels = {
      dtype: layout.dtype,
      shape: [...slab.size, slab.channels, slab.times],
      order: slab.order,
      endian: layout.endian,
      codecs: [],
    };
    return decodeStored(this.#codec, { source, key }, request, bytes, signal);
  }

  #slab(at: ChunkAt): Slab {
    const level = levelAt(this.plan, at.level);
    const inside = at.xyz.every((value, i) => value >= 0 && value < (level.gridXyz[i] ?? 0));
    if (!inside || at.channel >= this.plan.channels.length || at.time >= this.plan.times)
      throw new LamellaError('invalid-input', `"${this.plan.name}" has no chunk ${at.xyz.join(', ')}.`, {
        hint: `It has ${level.gridXyz.join(' x ')} chunks, ${this.plan.channels.length} channel(s) and ${this.plan.times} time(s).`,
        fields: { channel: at.channel, time: at.time },
      });
    const { layout, offset } = this.#file;
    const { min, size } = chunkExtent(level, at.xyz);
    const inSlab = axesInSlab(layout);
    const channels = inSlab.includes('c') ? layout.sizes.c : 1;
    const times = inSlab.includes('t') ? layout.sizes.t : 1;
    return {
      size,
      channels,
      times,
      order: [...new Set([...inSlab, 'z', ...'xyzct'])].join(''),
      offset: offset + slabOffset(layout, { y: min[1], z: min[2], channel: at.channel, time: at.time }),
      bytes: voxelsIn(size) * channels * times * bytesPerVoxel[layout.dtype],
    };
  }
}

interface Slab {
  readonly size: Vec3;
  /** That lie in it; 1 where they lie apart. */
  readonly channels: number;
  readonly times: number;
  readonly order: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Lets go of work that goes on for others. Throws 'cancelled'. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(cancelled());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
