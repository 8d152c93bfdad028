import type { BrickAddress } from '../../preload/contract/brick.ts';
import { engine } from '../engine.ts';
import { useLibrary } from './library.ts';
import { toastError } from './toasts.ts';

/** Streams bricks in the order asked for until `signal` aborts; each batch is packed as contract/brick.ts says. */
export async function streamBricks(
  volume: string,
  bricks: readonly BrickAddress[],
  signal: AbortSignal,
  onBatch: (batch: Uint8Array) => void,
): Promise<void> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return;
  const onValue = (_value: unknown, bytes?: Uint8Array): void => {
    if (bytes && !signal.aborted) onBatch(bytes);
  };
  try {
    await engine().view.bricks({ library, volume, bricks: [...bricks] }, { signal, onValue });
  } catch (error) {
    if (!signal.aborted) toastError(error);
  }
}
