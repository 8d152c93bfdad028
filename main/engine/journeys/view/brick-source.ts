import { createHash } from 'node:crypto';
import type { Brick, BrickAddress } from '../../../../preload/contract/brick.ts';
import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import type { Volume } from '../../../../preload/contract/library.ts';
import { bytesPerVoxel, type Dtype, type Vec3 } from '../../../../preload/contract/space.ts';
import { DecodedChunks } from '../../formats/decoded-chunks.ts';
import { gridOf, mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import type { BoxAt, OpenVolume } from '../../formats/volume-format.ts';
import type { Kernels } from '../../jobs/job.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { isAllZero, readBox } from '../../volumes/read-box.ts';
import { isOverdue, withPatience, type BrickPatience } from './patience.ts';
import type { ShownVolume } from './shown-volume.ts';

export interface Fetched {
  readonly brick: Brick;
  readonly fromCache: boolean;
  /** Why a part of it is missing. */
  readonly problem?: LamellaError;
}

/** Gives the bricks of one channel and time of a volume, as `display` says. */
export interface BrickSource {
  /** Throws 'invalid-input' for a brick that the volume does not have. */
  check(address: BrickAddress): void;
  /** Throws what reading throws: 'unreachable' where the source does not answer. */
  fetch(address: BrickAddress, signal: AbortSignal): Promise<Fetched>;
  /** Whether it is in the cache already. */
  has(address: BrickAddress): boolean;
  /** Whether an error is of the source as a whole, which may come back, and not of one brick. */
  isAway(error: unknown): error is LamellaError;
}

/** What is wrong with a source and not with a brick of it: gone, silent, changed, or no longer ours to read. */
export const isOfSource = (error: unknown): error is LamellaError =>
  isLamellaError(error, 'unreachable', 'conflict', 'unauthorized', 'forbidden', 'not-found');

export interface BrickImage {
  readonly channel: number;
  readonly time: number;
}

export interface BrickEnv {
  readonly shown: Pick<ShownVolume, 'read' | 'answers' | 'notOpened' | 'heardAt'>;
  readonly patience: BrickPatience;
  readonly library: LibraryStore;
  readonly kernels: Kernels;
  readonly ahead: boolean;
}

/** Chunks that hold several bricks, decoded once for all of them. Shared by all volumes of the process. */
const sharedChunks = new DecodedChunks(192 * 2 ** 20);
/** Chunks at once for a brick that lies over several. */
const chunksAtOnce = 4;

export function brickSource(volume: Volume, { channel, time }: BrickImage, env: BrickEnv): BrickSource {
  const { cache } = env.library;
  // Bricks of labels of before were hashed: they lie below another folder.
  const folder = `brick/${volume.id}/${mapOf(volume)}${volume.display.labels ? 'ids/' : ''}${channel}/${time}`;
  const keyOf = ([level, x, y, z]: BrickAddress): string => `${folder}/${level}/${x}/${y}/${z}`;
  const isCoarsest = (level: number): boolean => level === volume.levels.length - 1;
  // What was read of a server is in the cache as it came; its bricks are not kept twice, but for those always drawn.
  const isKept = (level: number): boolean => volume.source.kind !== 'remote' || isCoarsest(level);
  let wasOverdue = false;
  const inTime = async <T>(signal: AbortSignal, read: (stop: AbortSignal) => Promise<T>): Promise<T> => {
    if (volume.source.kind !== 'remote') return read(signal);
    const { overdueMs, giveUpMs } = env.patience;
    // Where one was waited for in vain, the others of the request are waited for less.
    const patience = { overdueMs: wasOverdue ? overdueMs / 5 : overdueMs, giveUpMs };
    try {
      const awaited = { name: volume.name, heardAt: () => env.shown.heardAt };
      return await withPatience(patience, awaited, signal, read);
    } catch (error) {
      wasOverdue ||= isOverdue(error);
      throw error;
    }
  };
  return {
    check: (address) => checkAddress(volume, address),
    has: (address) => cache.get(keyOf(address)) !== undefined,
    isAway: (error): error is LamellaError => isOfSource(error) || error === env.shown.notOpened,
    fetch: async (address, signal) => {
      const box = boxOf(volume, address, { channel, time });
      const cached = cache.get(keyOf(address));
      if (cached) return { brick: { address, size: box.size, voxels: cached }, fromCache: true };
      const read = (stop: AbortSignal): Promise<ReadBrick> =>
        env.shown.read((opened) => readBrick(volume, opened, box, env, stop));
      const { voxels, isStored } = await inTime(signal, read);
      // That nothing is stored at a source of others is not kept: it costs little to see again, and may change.
      if ((isStored || volume.source.kind === 'library') && isKept(address[0]))
        cache.putSoon(keyOf(address), voxels, { pinned: isCoarsest(address[0]) });
      return { brick: { address, size: box.size, voxels }, fromCache: !env.shown.answers };
    },
  };
}

/** Bricks through another map are others: those of before are there again when a step is undone. */
const mapOf = ({ source }: Volume): string =>
  source.format === 'warp' ? `${createHash('sha256').update(source.text).digest('hex').slice(0, 12)}/` : '';

interface ReadBrick {
  readonly voxels: Uint8Array;
  /** Whether any chunk of it is. */
  readonly isStored: boolean;
}

/** Voxels as they are displayed, of labels an indexed brick; none where all are 0, as those without a chunk are. */
async function readBrick(
  { id, display, dtype }: Volume,
  volume: OpenVolume,
  box: BoxAt,
  { kernels, ahead }: BrickEnv,
  signal: AbortSignal,
): Promise<ReadBrick> {
  const chunks = isOneChunk(volume, box) ? undefined : { cache: sharedChunks, token: `${id}:${tokenOf(volume)}:` };
  const read = await readBox(volume, box, { inFlight: chunksAtOnce, signal, chunks });
  const isStored = read !== null;
  const empty = !read || isAllZero(read);
  if (empty && (display.labels || display.range[0] === 0)) return { voxels: new Uint8Array(), isStored };
  if (display.dtype === dtype && !display.labels && read) return { voxels: read, isStored };
  const voxels = read ?? new Uint8Array(voxelsIn(box.size) * bytesPerVoxel[dtype]);
  const options = { inputs: [voxels], signal, lane: ahead ? ('preview' as const) : ('interactive' as const) };
  const { outputs } = display.labels
    ? await kernels.run('index-labels', { dtype }, options)
    : await kernels.run('display-voxels', { dtype, as: greyOf(display), range: display.range }, options);
  const shown = outputs[0] ?? new Uint8Array();
  return { voxels: isAllZero(shown) ? new Uint8Array() : shown, isStored };
}

const greyOf = ({ dtype }: Volume['display']): Dtype => (dtype === 'uint8' ? 'uint8' : 'uint16');

/** A volume that is opened anew, because it changed, finds no chunks of before. */
const tokens = new WeakMap<OpenVolume, number>();
let lastToken = 0;

function tokenOf(volume: OpenVolume): number {
  const token = tokens.get(volume) ?? (lastToken += 1);
  tokens.set(volume, token);
  return token;
}

function isOneChunk({ plan }: OpenVolume, { level, min, size }: BoxAt): boolean {
  const chunk = plan.levels[level]?.chunkXyz ?? size;
  return ([0, 1, 2] as const).every((i) => min[i] % chunk[i] === 0 && size[i] <= chunk[i] && chunk[i] <= 2 * size[i]);
}

function boxOf({ levels }: Volume, [level, x, y, z]: BrickAddress, image: BrickImage): BoxAt {
  const { size, brick } = levels[level] ?? { size: [1, 1, 1] as Vec3, brick: [1, 1, 1] as Vec3 };
  const xyz: Vec3 = [x, y, z];
  const min = mapAxes((i) => xyz[i] * brick[i]);
  return { level, min, size: mapAxes((i) => Math.min(brick[i], size[i] - min[i])), ...image };
}

/** Throws 'invalid-input' for a brick that the volume does not have. */
export function checkAddress({ name, levels }: Volume, [level, x, y, z]: BrickAddress): void {
  const planned = levels[level];
  const xyz: Vec3 = [x, y, z];
  if (!planned)
    throw new LamellaError('invalid-input', `"${name}" has no level ${level}.`, {
      hint: `Its levels are 0 to ${levels.length - 1}.`,
      fields: { level },
    });
  const grid = gridOf(planned.size, planned.brick);
  if (xyz.every((at, i) => at >= 0 && at < (grid[i] ?? 0))) return;
  throw new LamellaError('invalid-input', `Brick ${xyz.join(', ')} lies outside level ${level} of "${name}".`, {
    hint: `That level has ${grid.join(' x ')} bricks, counted from 0.`,
    fields: { level, brick: xyz.join(',') },
  });
}
