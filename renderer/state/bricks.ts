import type { BrickAddress } from '../../preload/contract/brick.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { isLamellaError, toWireError } from '../../preload/contract/errors.ts';
import { engine } from '../engine.ts';
import { useLibrary } from './library.ts';
import { partIsBroken, sourceAnswers, sourceIsAway } from './offline.ts';
import { toast } from './toasts.ts';
import { whatHelps } from './what-helps.ts';

export interface BrickRequest {
  readonly volume: string;
  readonly channel: number;
  readonly time: number;
  readonly bricks: readonly BrickAddress[];
  /** Read into the engine's cache only. */
  readonly ahead: boolean;
  readonly signal: AbortSignal;
}

interface BrickCount {
  readonly bricks: number;
  readonly fromCache: number;
  readonly offline: number;
  readonly problem?: WireError | undefined;
}

/**
 * Streams bricks in the order asked for until the signal aborts; each batch is packed as contract/brick.ts says.
 * Resolves to how it ended: what goes wrong shows once, however many bricks it concerns.
 */
export async function askForBricks(
  { volume, channel, time, bricks, ahead, signal }: BrickRequest,
  onBatch: (batch: Uint8Array) => void,
): Promise<'done' | 'offline' | 'failed'> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return 'done';
  let [offline, fresh] = [0, 0];
  const onValue = (value: BrickCount, bytes?: Uint8Array): void => {
    if (value.problem) sayOnce(volume, value.problem);
    // Said with the first brick that could not be had: the others may take long to be given up.
    if (value.offline > 0 && offline === 0) sourceIsAway(volume);
    offline += value.offline;
    // What is read ahead is counted where it was not cached.
    fresh += ahead ? value.bricks : value.bricks - value.fromCache;
    if (bytes && bytes.byteLength > 0 && !signal.aborted) onBatch(bytes);
  };
  try {
    await engine().view.bricks({ library, volume, channel, time, bricks: [...bricks], ahead }, { signal, onValue });
    if (offline === 0 && fresh > 0) sourceAnswers(volume);
    return offline > 0 ? 'offline' : 'done';
  } catch (error) {
    return signal.aborted ? 'done' : judge(volume, error, bricks.length);
  }
}

function judge(volume: string, error: unknown, bricks: number): 'done' | 'offline' | 'failed' {
  if (isLamellaError(error, 'unreachable')) {
    sourceIsAway(volume, toWireError(error));
    return 'offline';
  }
  if (isLamellaError(error, 'worker-died', 'cancelled')) return 'done';
  // A request of many is asked for again in parts: the one that is at fault says so by itself.
  if (bricks === 1) sayOnce(volume, toWireError(error));
  return 'failed';
}

const told = new Map<string, number>();

/** One message for a volume, however many of its bricks can't be read. */
function sayOnce(volume: string, error: WireError): void {
  partIsBroken(volume, error);
  const count = (told.get(volume) ?? 0) + 1;
  told.set(volume, count);
  if (count > 1) return;
  toast({
    tone: 'bad',
    topic: `bricks of ${volume}`,
    title: error.message,
    detail: `${error.hint} ${whatHelps(volume)}`,
    error,
  });
}

/** A volume that is opened again may say again what is wrong with it. */
export const forgetBadBricks = (volume: string): void => void told.delete(volume);
