import type { DecodeVoxels } from '../../../../native-workers/voxel-tasks.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';
import { cropVoxels } from '../crop.ts';
import { decodedChunks, nextVolumeToken } from '../decoded-chunks.ts';
import { decodeStored } from '../decode-stored.ts';
import { chunkExtent, levelAt, voxelsIn } from '../pyramid.ts';
import type { ChunkAt, ChunkCodec, OpenVolume, StoredChunk, VolumeNotes, VolumePlan } from '../volume-format.ts';
import { keyIn, type N5Dataset } from './attributes.ts';
import { maxHeaderBytes, parseBlockHeader } from './block.ts';
import { along, spatial, type AxisNames } from './geometry.ts';

export interface N5Opened {
  readonly plan: VolumePlan;
  readonly notes: VolumeNotes;
  readonly datasets: readonly N5Dataset[];
  readonly axes: AxisNames;
}

/** A block of one dataset, and which of its channels and times is wanted. */
interface Wanted {
  readonly dataset: N5Dataset;
  readonly key: string;
  readonly extent: Vec3;
  readonly channel: number;
  readonly time: number;
}

export class N5Volume implements OpenVolume {
  readonly plan: VolumePlan;
  readonly notes: VolumeNotes;
  readonly #source: ByteSource;
  readonly #codec: ChunkCodec;
  readonly #datasets: readonly N5Dataset[];
  readonly #axes: AxisNames;
  readonly #token = nextVolumeToken();

  constructor(source: ByteSource, codec: ChunkCodec, { plan, notes, datasets, axes }: N5Opened) {
    this.plan = plan;
    this.notes = notes;
    this.#source = source;
    this.#codec = codec;
    this.#datasets = datasets;
    this.#axes = axes;
  }

  async locate(at: ChunkAt, signal?: AbortSignal): Promise<StoredChunk | undefined> {
    const { key } = this.#wanted(at);
    const bytes = await this.#source.sizeOf(key, signal);
    return bytes === undefined ? undefined : { key, offset: 0, bytes };
  }

  async readChunk(at: ChunkAt, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const wanted = this.#wanted(at);
    const stored = await this.#source.get(wanted.key, { offset: 0, length: this.#mostBytes(wanted.dataset) }, signal);
    if (!stored) return undefined;
    if (stored.byteLength === 0) throw badFile(this.#source, wanted.key, 'the file is empty');
    const header = parseBlockHeader(stored, this.#axes.length);
    if (typeof header === 'string') throw badFile(this.#source, wanted.key, header);
    this.#checkSize(header.dimensions, wanted);
    return this.#voxelsOf(wanted, header.dimensions, stored.subarray(header.bytes), signal);
  }

  /** Blocks at the end may be cut short or whole; none may lack voxels of the volume. */
  #checkSize(dimensions: readonly number[], { dataset, key, extent, channel, time }: Wanted): void {
    const size = spatial(this.#axes, dimensions);
    const isLarge = dimensions.some((n, i) => n > (dataset.blockSize[i] ?? 0));
    const isShort =
      size.some((n, i) => n < (extent[i] ?? 0)) ||
      along(this.#axes, dimensions, 'c') <= channel ||
      along(this.#axes, dimensions, 't') <= time;
    if (!isLarge && !isShort) return;
    const what = `its header says ${dimensions.join(' x ')} voxels`;
    throw badFile(
      this.#source,
      key,
      isLarge
        ? `${what}, more than a block of ${dataset.blockSize.join(' x ')}`
        : `${what}, less than the ${extent.join(' x ')} of the volume`,
    );
  }

  async #voxelsOf(
    { dataset, key, extent, channel, time }: Wanted,
    dimensions: readonly number[],
    data: Uint8Array,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const from = { source: this.#source, key };
    const request = this.#request(dataset, dimensions);
    const full = spatial(this.#axes, dimensions);
    const [channels, times] = [along(this.#axes, dimensions, 'c'), along(this.#axes, dimensions, 't')];
    if (channels * times === 1) {
      const crop = { at: [0, 0, 0, 0, 0], size: [...extent, 1, 1] } satisfies DecodeVoxels['crop'];
      return decodeStored(this.#codec, from, { ...request, crop }, data, signal);
    }
    const width = bytesPerVoxel[dataset.dtype];
    const one = voxelsIn(full) * width;
    const all = await decodedChunks.get(`${this.#token}${key}`, one * channels * times, () =>
      decodeStored(this.#codec, from, request, data, signal),
    );
    const start = (time * channels + channel) * one;
    return cropVoxels(all.slice(start, start + one), full, extent, width);
  }

  #request({ dtype, codecs }: N5Dataset, dimensions: readonly number[]): DecodeVoxels {
    return {
      dtype,
      codecs,
      shape: [
        ...spatial(this.#axes, dimensions),
        along(this.#axes, dimensions, 'c'),
        along(this.#axes, dimensions, 't'),
      ],
      order: orderOf(this.#axes),
      endian: 'big',
    };
  }

  #mostBytes({ blockSize, dtype }: N5Dataset): number {
    return maxHeaderBytes + 2 ** 20 + 2 * bytesPerVoxel[dtype] * blockSize.reduce((a, b) => a * b, 1);
  }

  #wanted(at: ChunkAt): Wanted {
    const level = levelAt(this.plan, at.level);
    const dataset = this.#datasets[at.level];
    const inside = at.xyz.every((value, i) => value >= 0 && value < (level.gridXyz[i] ?? 0));
    if (!dataset || !inside || at.channel >= this.plan.channels.length || at.time >= this.plan.times)
      throw new LamellaError('invalid-input', `"${this.plan.name}" has no chunk ${at.xyz.join(', ')}.`, {
        hint: `Level ${at.level} has ${level.gridXyz.join(' x ')} chunks, ${this.plan.channels.length} channel(s) and ${this.plan.times} time(s).`,
        fields: { level: at.level, channel: at.channel, time: at.time },
      });
    const deep = (axis: 'c' | 't'): number => along(this.#axes, dataset.blockSize, axis);
    return {
      dataset,
      key: blockKey(dataset.path, this.#axes, {
        xyz: at.xyz,
        c: Math.floor(at.channel / deep('c')),
        t: Math.floor(at.time / deep('t')),
      }),
      extent: chunkExtent(level, at.xyz).size,
      channel: at.channel % deep('c'),
      time: at.time % deep('t'),
    };
  }
}

/** The axes of the file, then those that it lacks. */
export const orderOf = (axes: AxisNames): string => [...new Set([...axes, ...'xyzct'])].join('');

/** `path/i/j/k`: where the block is in the grid, axis by axis. */
export function blockKey(
  path: string,
  axes: AxisNames,
  at: { readonly xyz: Vec3; readonly c: number; readonly t: number },
): string {
  const places = { x: at.xyz[0], y: at.xyz[1], z: at.xyz[2], c: at.c, t: at.t };
  return keyIn(path, axes.map((axis) => places[axis]).join('/'));
}
