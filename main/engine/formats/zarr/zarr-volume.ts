import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';
import { nextVolumeToken } from '../decoded-chunks.ts';
import type { NamedLabel } from '../named-label.ts';
import { levelAt } from '../pyramid.ts';
import type {
  ChunkAt,
  ChunkCodec,
  ChunkRecipe,
  OpenVolume,
  StoredChunk,
  VolumeNotes,
  VolumePlan,
} from '../volume-format.ts';
import type { AxisRole } from './axes.ts';
import { under, type ZarrArray } from './zarr-array.ts';
import { ZarrLevel, type ZarrReading } from './zarr-level.ts';

/** An array of a volume: a level, or all there is. */
export interface LevelArray {
  /** Relative to the place that was opened. */
  readonly path: string;
  readonly array: ZarrArray;
}

export const readingOf = (source: ByteSource, codec: ChunkCodec): ZarrReading => ({
  source,
  codec,
  token: nextVolumeToken(),
});

/** Each takes a place in the plan. */
const mostChannels = 65_536;

/** Levels over arrays, finest first. Throws 'bad-source' where they differ in type, channels or times. */
export function levelsOf(
  arrays: readonly LevelArray[],
  axes: readonly AxisRole[],
  reading: ZarrReading,
): readonly ZarrLevel[] {
  const levels = arrays.map(({ path, array }) => new ZarrLevel(array, path, axes, reading));
  const [first] = levels;
  for (const [i, level] of levels.entries()) {
    const key = under(arrays[i]?.path ?? '', level.array.zarrFormat === 3 ? 'zarr.json' : '.zarray');
    if (!first) continue;
    if (level.size[3] > mostChannels)
      throw badFile(reading.source, key, `it has ${level.size[3]} channels; Lamella reads up to ${mostChannels}`);
    if (level.array.type.dtype !== first.array.type.dtype)
      throw badFile(
        reading.source,
        key,
        `its type is ${level.array.type.dtype}, that of the first level ${first.array.type.dtype}`,
      );
    if (level.size[3] !== first.size[3] || level.size[4] !== first.size[4])
      throw badFile(reading.source, key, 'it has other numbers of channels or times than the first level');
  }
  return levels;
}

export class ZarrVolume implements OpenVolume {
  readonly plan: VolumePlan;
  readonly notes: VolumeNotes;
  readonly #levels: readonly ZarrLevel[];
  readonly #labels: () => Promise<readonly NamedLabel[]>;

  constructor(
    plan: VolumePlan,
    notes: VolumeNotes,
    levels: readonly ZarrLevel[],
    labels: () => Promise<readonly NamedLabel[]> = async () => [],
  ) {
    this.plan = plan;
    this.notes = notes;
    this.#levels = levels;
    this.#labels = labels;
  }

  labels(): Promise<readonly NamedLabel[]> {
    return this.#labels();
  }

  async locate(at: ChunkAt, signal?: AbortSignal): Promise<StoredChunk | undefined> {
    return this.#level(at.level).locate(at, signal);
  }

  async readChunk(at: ChunkAt, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#level(at.level).read(at, signal);
  }

  async recipe(at: ChunkAt, signal?: AbortSignal): Promise<ChunkRecipe | undefined> {
    return this.#level(at.level).recipe(at, signal);
  }

  #level(index: number): ZarrLevel {
    levelAt(this.plan, index);
    const level = this.#levels[index];
    if (!level) throw new RangeError(`no array for level ${index}`);
    return level;
  }
}
