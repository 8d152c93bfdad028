import { packBricks, type Brick, type BrickAddress } from '../../../../preload/contract/brick.ts';
import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { chunkExtent, levelAt } from '../../formats/pyramid.ts';
import type { OpenVolume } from '../../formats/volume-format.ts';
import type { BlobCache } from '../../store/library-store.ts';
import type { StreamCall } from '../call.ts';
import { inOrder } from './in-order.ts';

/** A frame is sent once it holds this much. */
const frameBytes = 2 ** 20;
/** Less than this is held back a little while the next brick is still being decoded, unless it is the very first. */
const smallFrameBytes = 2 ** 18;

export interface BrickCount {
  readonly bricks: number;
  readonly fromCache: number;
}

export interface BrickSource {
  /** Of the volume: part of the keys in the cache. */
  readonly id: string;
  readonly volume: OpenVolume;
  readonly cache: BlobCache;
}

/**
 * Sends bricks in the order asked for, in frames of about 1 MiB. A brick that can't be read is left out; the stream
 * goes on with the others and ends with the error.
 */
export async function streamBricks(
  source: BrickSource,
  addresses: readonly BrickAddress[],
  call: StreamCall<BrickCount>,
): Promise<void> {
  for (const address of addresses) checkAddress(source.volume, address);
  const frame = new Frame(call);
  let failure: Error | undefined;
  const work = async (address: BrickAddress): Promise<Fetched | undefined> => {
    try {
      return await fetchBrick(source, address);
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error), { cause: error });
      return undefined;
    }
  };
  for await (const { result, nextReady } of inOrder(addresses, call.kernels.threads + 2, call.signal, work)) {
    if (isLamellaError(failure, 'worker-died', 'cancelled')) break;
    if (result) frame.add(result);
    if (frame.flushIfDue(nextReady)) await call.drained();
  }
  if (call.signal.aborted) return;
  frame.flush();
  if (failure) throw failure as Error;
}

class Frame {
  readonly #call: StreamCall<BrickCount>;
  #bricks: Fetched[] = [];
  #bytes = 0;
  #sent = false;

  constructor(call: StreamCall<BrickCount>) {
    this.#call = call;
  }

  add(fetched: Fetched): void {
    this.#bricks.push(fetched);
    this.#bytes += fetched.brick.voxels.byteLength;
  }

  /** Says whether it sent: the caller then waits until enough of it was taken in, so that frames do not pile up. */
  flushIfDue(nextReady: boolean): boolean {
    const enough = this.#bytes >= (nextReady ? frameBytes : smallFrameBytes);
    if (enough || !this.#sent) this.flush();
    return enough;
  }

  flush(): void {
    if (this.#bricks.length === 0) return;
    const bytes = packBricks(this.#bricks.map(({ brick }) => brick));
    this.#call.emit(
      { bricks: this.#bricks.length, fromCache: this.#bricks.filter((one) => one.fromCache).length },
      bytes,
    );
    [this.#bricks, this.#bytes, this.#sent] = [[], 0, true];
  }
}

interface Fetched {
  readonly brick: Brick;
  readonly fromCache: boolean;
}

async function fetchBrick({ id, volume, cache }: BrickSource, address: BrickAddress): Promise<Fetched> {
  const [level, x, y, z] = address;
  const { size } = chunkExtent(levelAt(volume.plan, level), [x, y, z]);
  const key = `brick/${id}/${level}/${x}/${y}/${z}`;
  const cached = cache.get(key);
  if (cached) return { brick: { address, size, voxels: cached }, fromCache: true };
  const read = await volume.readChunk(level, [x, y, z]);
  const voxels = read && !isAllZero(read) ? read : new Uint8Array();
  cache.putSoon(key, voxels);
  return { brick: { address, size, voxels }, fromCache: false };
}

const zeros = Buffer.alloc(2 ** 16);

/** Empty bricks travel as no bytes at all; memcmp ends at the first voxel that is not 0. */
function isAllZero(voxels: Uint8Array): boolean {
  for (let at = 0; at < voxels.byteLength; at += zeros.byteLength) {
    const part = voxels.subarray(at, at + zeros.byteLength);
    if (Buffer.compare(part, zeros.subarray(0, part.byteLength)) !== 0) return false;
  }
  return true;
}

function checkAddress({ plan }: OpenVolume, [level, x, y, z]: BrickAddress): void {
  const { gridXyz } = levelAt(plan, level);
  const xyz: Vec3 = [x, y, z];
  if (xyz.every((at, i) => at >= 0 && at < (gridXyz[i] ?? 0))) return;
  throw new LamellaError('invalid-input', `Brick ${xyz.join(', ')} lies outside level ${level} of "${plan.name}".`, {
    hint: `That level has ${gridXyz.join(' x ')} bricks, counted from 0.`,
    fields: { level, brick: xyz.join(',') },
  });
}
