import type { Vec3 } from '../../../preload/contract/space.ts';
import { mapAxes } from '../formats/pyramid.ts';
import type { BoxAt, ChunkAt, OpenVolume } from '../formats/volume-format.ts';
import { readDownsampled, type Downsampling } from './downsample.ts';
import { chunksAtOnce, readBlock, type SharedChunks } from './read-box.ts';
import type { FileReading } from './read-files.ts';
import type { BlockSource } from './write-blocks.ts';

/** Chunks of a level that are decoded at once while a block is read. */
const atOnce = 4;

export interface Cut {
  readonly level: number;
  /** Corner of the part that is taken, in voxels of the level. */
  readonly min: Vec3;
  readonly firstTime: number;
  readonly blockBytes: number;
  readonly chunks?: SharedChunks;
  /** Lets kernels read volumes that are files of this computer. */
  readonly files?: FileReading;
}

/** Blocks as they are in a level of another volume, or in a part of it. */
export function copyFrom(volume: OpenVolume, cut: Cut): BlockSource {
  const inFlight = chunksAtOnce(volume, cut.level, cut.blockBytes, atOnce);
  return (box, _at, signal) =>
    readBlock(
      volume,
      {
        level: cut.level,
        min: mapAxes((i) => box.min[i] + cut.min[i]),
        size: box.size,
        time: box.time + cut.firstTime,
      },
      { inFlight, signal, chunks: cut.chunks, files: cut.files },
    );
}

/** Blocks made from a finer level of another volume. */
export function downsampleFrom(volume: OpenVolume, level: number, how: Downsampling): BlockSource {
  const inFlight = chunksAtOnce(volume, level, how.mostBytes, atOnce);
  const files = { kernels: how.kernels, lane: 'batch' } as const;
  return (box, _at, signal) => readDownsampled(volume, { ...box, level }, how, { inFlight, signal, files });
}

/** A volume with only some of its channels. */
export function withChannels(volume: OpenVolume, channels: readonly number[]): OpenVolume {
  const plan = { ...volume.plan, channels: channels.flatMap((channel) => volume.plan.channels[channel] ?? []) };
  return {
    ...(volume.close && { close: () => volume.close?.() ?? Promise.resolve() }),
    plan,
    notes: volume.notes,
    locate: (at, signal) => volume.locate({ ...at, channel: channels[at.channel] ?? 0 }, signal),
    readChunk: (at, signal) => volume.readChunk({ ...at, channel: channels[at.channel] ?? 0 }, signal),
    ...(volume.readBox && {
      readBox: async (box: BoxAt, signal: AbortSignal) =>
        volume.readBox?.({ ...box, channel: channels[box.channel] ?? 0 }, signal) ?? null,
    }),
    ...(volume.recipe && {
      recipe: async (at: ChunkAt, signal?: AbortSignal) =>
        volume.recipe?.({ ...at, channel: channels[at.channel] ?? 0 }, signal),
    }),
  };
}
