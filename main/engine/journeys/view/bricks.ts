import { packBricks, type BrickAddress } from '../../../../preload/contract/brick.ts';
import type { WireError } from '../../../../preload/contract/errors.ts';
import { isLamellaError, LamellaError, toWireError } from '../../../../preload/contract/errors.ts';
import { inOrder } from '../../volumes/in-order.ts';
import type { StreamCall } from '../call.ts';
import type { BrickSource, Fetched } from './brick-source.ts';

/** A frame is sent once it holds this much. */
const frameBytes = 2 ** 20;
/** Less than this is held back a little while the next brick is still being decoded, unless it is the very first. */
const smallFrameBytes = 2 ** 18;

export interface BrickCount {
  readonly bricks: number;
  readonly fromCache: number;
  readonly offline: number;
  /** What is wrong with the source where there are such: once a request. */
  readonly away?: WireError;
  /** Why a part of a brick is missing: once a request. */
  readonly problem?: WireError;
}

/**
 * Sends bricks in the order asked for, in frames of about 1 MiB. A brick that can't be read is left out; the stream
 * goes on with the others. It ends with the error, unless that concerns the source, which may come back: such bricks
 * are counted, and it says why once.
 */
export async function streamBricks(
  source: BrickSource,
  addresses: readonly BrickAddress[],
  call: StreamCall<BrickCount>,
): Promise<void> {
  for (const address of addresses) source.check(address);
  const frame = new Frame(call);
  let failure: Error | undefined;
  const work = async (address: BrickAddress): Promise<Fetched | LamellaError | undefined> => {
    try {
      return await source.fetch(address, call.signal);
    } catch (error) {
      if (source.isAway(error)) return error;
      failure ??= error instanceof Error ? error : new Error(String(error), { cause: error });
      return undefined;
    }
  };
  for await (const { result, nextReady } of inOrder(addresses, call.kernels.threads + 2, call.signal, work)) {
    if (isLamellaError(failure, 'worker-died', 'cancelled')) break;
    if (result instanceof LamellaError) frame.addAway(result);
    else if (result) frame.add(result);
    if (frame.flushIfDue(nextReady)) await call.drained();
  }
  if (call.signal.aborted) return;
  frame.flush();
  if (failure) throw failure as Error;
}

/** Bricks that are read ahead at once, so that those asked for now find the threads free. */
const aheadAtOnce = 2;

/** Reads bricks into the cache, and tells once how many; what can't be read now will be told when it is asked for. */
export async function prefetchBricks(
  source: BrickSource,
  addresses: readonly BrickAddress[],
  call: StreamCall<BrickCount>,
): Promise<void> {
  for (const address of addresses) source.check(address);
  const count = { bricks: 0, fromCache: 0, offline: 0 };
  let away: WireError | undefined;
  const work = async (address: BrickAddress): Promise<void> => {
    if (source.has(address)) return void (count.fromCache += 1);
    try {
      await source.fetch(address, call.signal);
      count.bricks += 1;
    } catch (error) {
      if (!source.isAway(error)) return;
      count.offline += 1;
      away ??= toWireError(error);
    }
  };
  for await (const _ of inOrder(addresses, aheadAtOnce, call.signal, work)) if (call.signal.aborted) return;
  call.emit({ ...count, ...(away && { away }) });
}

class Frame {
  readonly #call: StreamCall<BrickCount>;
  #bricks: Fetched[] = [];
  #bytes = 0;
  #sent = false;
  #offline = 0;
  #away: WireError | undefined;
  #problem: WireError | undefined;
  #told = false;

  constructor(call: StreamCall<BrickCount>) {
    this.#call = call;
  }

  add(fetched: Fetched): void {
    this.#bricks.push(fetched);
    this.#bytes += fetched.brick.voxels.byteLength;
    if (fetched.problem && !this.#told) this.#problem = toWireError(fetched.problem);
    this.#told ||= fetched.problem !== undefined;
  }

  addAway(error: LamellaError): void {
    this.#offline += 1;
    this.#away ??= toWireError(error);
  }

  /** Says whether it sent: the caller then waits until enough of it was taken in, so that frames do not pile up. */
  flushIfDue(nextReady: boolean): boolean {
    const enough = this.#bytes >= (nextReady ? frameBytes : smallFrameBytes);
    if (enough || !this.#sent) this.flush();
    return enough;
  }

  flush(): void {
    if (this.#bricks.length + this.#offline === 0) return;
    const bytes = packBricks(this.#bricks.map(({ brick }) => brick));
    const fromCache = this.#bricks.filter((one) => one.fromCache).length;
    const said = { ...(this.#away && { away: this.#away }), ...(this.#problem && { problem: this.#problem }) };
    this.#call.emit({ bricks: this.#bricks.length, fromCache, offline: this.#offline, ...said }, bytes);
    [this.#bricks, this.#bytes, this.#sent, this.#offline, this.#problem] = [[], 0, true, 0, undefined];
  }
}
