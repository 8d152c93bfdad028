import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Metadata } from '../../../../preload/contract/publish.ts';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import type { ByteSource } from '../../formats/byte-store.ts';
import { volumeFormats } from '../../formats/index.ts';
import { openOmeZarr } from '../../formats/ome-zarr.ts';
import { chunkExtent, chunksOf, levelAt, mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import type { ChunkCodec, OpenVolume, VolumeFormat, VolumePlan } from '../../formats/volume-format.ts';
import { openFolderSource, type FolderSource } from '../../sources/folder.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { chunkProblems } from '../../store/volume-chunks.ts';
import { volumeById, type StoredVolume } from '../../store/volume-rows.ts';

export interface ChunkPlace {
  readonly level: number;
  readonly xyz: Vec3;
  /** As stored, or an upper bound of it. */
  readonly bytes: number;
}

/** A chunk of the volume, and the part of the published dataset that it becomes. */
export interface PartPlan extends ChunkPlace {
  /** Where the part goes. */
  readonly path: string;
}

export interface PublishPlan {
  readonly stored: StoredVolume;
  readonly source: FolderSource;
  readonly opened: OpenVolume;
  readonly format: VolumeFormat;
  /** The chunks as they are, with no decoding and encoding between: the volume is of the published format already. */
  readonly copies: boolean;
  readonly plan: VolumePlan;
  readonly parts: readonly PartPlan[];
  readonly bytes: number;
}

/** Reads the volume's metadata and lists its files; writes nothing. */
export async function planPublication(
  library: LibraryStore,
  volumeId: string,
  formatId: string,
  metadata: Metadata | null,
  codec: ChunkCodec,
): Promise<PublishPlan> {
  const stored = volumeById(library.read, volumeId);
  refuseDamaged(library, stored);
  const source = openFolderSource(library.pathOf(...stored.folder.split('/')), `volume ${stored.volume.name}`);
  const opened = await openOmeZarr(source, codec);
  const format = formatOf(formatId);
  const plan = format.adapt(publishedGeometry(opened.plan, stored.volume.originVoxel, metadata));
  refuseTooManyChunks(plan);
  const copies = format.id === 'ome-zarr';
  const there = copies ? await keysOf(source) : null;
  const parts = plan.levels.flatMap((_, level) => partsOfLevel(opened, format, plan, level, source, there));
  return {
    stored,
    source,
    opened,
    format,
    copies,
    plan,
    parts,
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
  };
}

/** More are a mistake of the layout (tiles millions of pixels apart), and more than a job can list. */
const maxChunks = 4_000_000;

/** Every chunk is hashed, empty ones too. Throws 'over-budget'. */
export function refuseTooManyChunks({ name, levels }: VolumePlan): void {
  const chunks = levels.reduce((sum, level) => sum + voxelsIn(level.gridXyz), 0);
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
function refuseDamaged(library: LibraryStore, { volume, folder, job }: StoredVolume): void {
  const problems = chunkProblems(library, { folder, job, bytes: volume.bytes });
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

function formatOf(id: string): VolumeFormat {
  const format = volumeFormats.find((one) => one.id === id);
  if (!format) throw new Error(`the contract names the format "${id}", and no file of formats/ has it`);
  return format;
}

const keysOf = async (source: ByteSource): Promise<ReadonlySet<string>> => new Set(await source.list(''));

/** The metadata has the last word on title and voxel size: the levels scale with it, and the origin stays at its voxel. */
function publishedGeometry(plan: VolumePlan, originVoxel: Vec3, metadata: Metadata | null): VolumePlan {
  const voxelSizeNm = metadata?.voxelSizeNm ?? levelAt(plan, 0).voxelSizeNm;
  let size: Vec3 = voxelSizeNm;
  const levels = plan.levels.map((level) => {
    const step = level.stepXyz;
    size = mapAxes((i) => size[i] * step[i]);
    return { ...level, voxelSizeNm: size };
  });
  return {
    ...plan,
    name: metadata?.title ?? plan.name,
    originNm: mapAxes((i) => originVoxel[i] * voxelSizeNm[i]),
    levels,
  };
}

/** A chunk that is absent is all 0: OME-Zarr says so too, but readers of precomputed take it for damage. */
function partsOfLevel(
  opened: OpenVolume,
  format: VolumeFormat,
  plan: VolumePlan,
  level: number,
  source: FolderSource,
  there: ReadonlySet<string> | null,
): PartPlan[] {
  const planned = levelAt(plan, level);
  const parts: PartPlan[] = [];
  for (const xyz of chunksOf(planned)) {
    const from = opened.chunkKey(level, xyz);
    if (there && !there.has(from)) continue;
    const bytes = there
      ? (source.sizeOf(from) ?? 0)
      : voxelsIn(chunkExtent(planned, xyz).size) * bytesPerVoxel[plan.dtype];
    parts.push({ level, xyz, path: format.chunkKey(plan, level, xyz), bytes });
  }
  return parts;
}

const groupBytes = 8 * 2 ** 20;

/** Consecutive parts of about 8 MiB together: a unit of the ledger is neither a file of a few bytes nor minutes of work. */
export function groupsOf<C extends ChunkPlace>(parts: readonly C[]): readonly (readonly C[])[] {
  const groups: C[][] = [];
  let room = 0;
  for (const part of parts) {
    if (room <= 0 || groups.length === 0) {
      groups.push([]);
      room = groupBytes;
    }
    groups[groups.length - 1]?.push(part);
    // Small files cost as much as their opening does.
    room -= Math.max(part.bytes, 2 ** 17);
  }
  return groups;
}

/** Every chunk of the volume, absent ones too: what is hashed, the same for every format. */
export function chunkPlaces({ plan }: OpenVolume): readonly ChunkPlace[] {
  return plan.levels.flatMap((level, index) => {
    const bytes = voxelsIn(level.chunkXyz) * bytesPerVoxel[plan.dtype];
    return [...chunksOf(level)].map((xyz) => ({ level: index, xyz, bytes }));
  });
}
