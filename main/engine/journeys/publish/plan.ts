import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Metadata } from '../../../../preload/contract/publish.ts';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../../formats/byte-store.ts';
import { volumeFormats } from '../../formats/index.ts';
import { mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import type { ChunkCodec, OpenVolume, VolumeFormat, VolumePlan, VolumeWriter } from '../../formats/volume-format.ts';
import { openFolderSource } from '../../sources/folder.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { chunkProblems } from '../../store/volume-chunks.ts';
import type { StoredVolume } from '../../store/volume-rows.ts';
import { withVoxelSize } from '../../volumes/levels-in-library.ts';
import type { OpenedVolume } from '../../volumes/open-volumes.ts';
import { usualChunk } from '../../volumes/output-plan.ts';

/** A file of the volume that is published as it is. */
export interface CopiedFile {
  readonly key: string;
  readonly bytes: number;
}

export interface PublishPlan {
  readonly stored: StoredVolume;
  readonly opened: OpenVolume;
  /** The volume's own files, where it lies in the library: they are hashed, and never change. */
  readonly source: ByteSource | null;
  readonly format: VolumeFormat;
  readonly writer: VolumeWriter;
  /** The files of chunks, where they are published as they are: the volume is of the published format already. */
  readonly copies: readonly CopiedFile[] | null;
  /** Files of each level, at most. */
  readonly levelParts: readonly number[];
  /** Of all files of chunks, at most. */
  readonly bytes: number;
  /** Whether a file of the folder may be one of this publication. */
  isPlanned(key: string): boolean;
}

/** Of a box that is encoded at once, where a chunk is no larger. */
const usualBlockBytes = 8 * 2 ** 20;

/** Reads the volume's metadata and lists its files; writes nothing. */
export async function planPublication(
  library: LibraryStore,
  { stored, volume: opened }: OpenedVolume,
  formatId: string,
  metadata: Metadata | null,
  codec: ChunkCodec,
): Promise<PublishPlan> {
  refuseDamaged(library, stored);
  const format = volumeFormats.find((one) => one.id === formatId);
  if (!format?.write) throw new Error(`the contract names the format "${formatId}", and no file of formats/ writes it`);
  const source =
    stored.source || stored.warp ? null : openFolderSource(folderOf(library, stored), `volume ${stored.volume.name}`);
  const geometry = publishedGeometry(opened.plan, stored, metadata);
  const [first] = geometry.levels;
  const chunkXyz =
    source && first ? first.chunkXyz : usualChunk(first?.sizeXyz ?? [1, 1, 1], first?.voxelSizeNm ?? [1, 1, 1]);
  refuseTooManyChunks(geometry, chunkXyz);
  const chunkVoxels = voxelsIn(chunkXyz) * geometry.channels.length;
  const blockBytes = Math.max(usualBlockBytes, chunkVoxels * bytesPerVoxel[geometry.dtype]);
  const writer = format.write.writer(geometry, { chunkXyz, sharded: false, blockBytes }, codec);
  const metadataKeys = new Set((await writer.metadata({})).map(({ key }) => key));
  const copies = source && format.id === 'ome-zarr' ? await copiedFiles(source, metadataKeys) : null;
  const chunkBytes = geometry.levels.reduce((sum, level) => sum + voxelsIn(level.sizeXyz), 0);
  return {
    stored,
    opened,
    source,
    format,
    writer,
    copies,
    levelParts: writer.plan.levels.map(
      ({ key, gridXyz }) => copiedOf(copies, key) ?? voxelsIn(gridXyz) * geometry.times,
    ),
    bytes: copies
      ? copies.reduce((sum, { bytes }) => sum + bytes, 0)
      : chunkBytes * bytesPerVoxel[geometry.dtype] * geometry.channels.length * geometry.times,
    isPlanned: (key) => metadataKeys.has(key) || writer.plan.levels.some((level) => key.startsWith(`${level.key}/`)),
  };
}

const copiedOf = (copies: readonly CopiedFile[] | null, level: string): number | undefined =>
  copies?.filter(({ key }) => key.startsWith(`${level}/`)).length;

async function copiedFiles(source: ByteSource, metadata: ReadonlySet<string>): Promise<readonly CopiedFile[]> {
  const keys = (await source.list('')).filter((key) => !metadata.has(key) && !/(^|\/)\.lamella-part-/.test(key));
  return Promise.all(keys.map(async (key) => ({ key, bytes: (await source.sizeOf(key)) ?? 0 })));
}

const folderOf = (library: LibraryStore, { folder }: StoredVolume): string =>
  library.pathOf(...(folder ?? '').split('/'));

/** More are a mistake of the layout (tiles millions of pixels apart), and more than a job can list. */
const maxChunks = 4_000_000;

/** Every chunk is hashed, empty ones too. Throws 'over-budget'. */
export function refuseTooManyChunks({ name, levels, times }: VolumePlan, chunkXyz: Vec3): void {
  const chunks =
    times * levels.reduce((sum, { sizeXyz }) => sum + voxelsIn(mapAxes((i) => Math.ceil(sizeXyz[i] / chunkXyz[i]))), 0);
  if (chunks <= maxChunks) return;
  throw new LamellaError(
    'over-budget',
    `The volume ${name} has ${chunks} chunks; at most ${maxChunks} are published.`,
    {
      hint: 'Where tiles lie far apart, import each region as a dataset of its own, and publish those.',
      fields: { chunks },
    },
  );
}

/** A chunk that was lost would be published as an empty one. */
function refuseDamaged(library: LibraryStore, { volume, folder, source, job }: StoredVolume): void {
  if (source || folder === null) return;
  const problems = chunkProblems(library, { folder, job, bytes: volume.bytes ?? 0 });
  if (problems.length === 0) return;
  throw new LamellaError(
    'library-damaged',
    `The volume ${volume.name} is not whole: ${problems[0]}${problems.length > 1 ? `, and ${problems.length - 1} more chunks` : ''}.`,
    {
      hint: 'Put its files back, or fuse the stack again and publish the new volume.',
      fields: { volume: volume.id, chunks: problems.length },
    },
  );
}

/** Where the library says that the levels lie; title and voxel size are the metadata's, and the levels scale with it. */
function publishedGeometry(plan: VolumePlan, { volume }: StoredVolume, metadata: Metadata | null): VolumePlan {
  const levels = plan.levels.map((level, i) => {
    const stored = volume.levels[i];
    return stored ? { ...level, voxelSizeNm: stored.voxelSizeNm, originNm: stored.originNm } : level;
  });
  const sized = withVoxelSize({ ...plan, levels }, metadata?.voxelSizeNm ?? null);
  return { ...sized, name: metadata?.title ?? plan.name, channels: volume.channels };
}
