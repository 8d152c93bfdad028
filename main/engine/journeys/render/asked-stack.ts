import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { placedStack, type PlacedStack } from '../../stacks/placed-stack.ts';
import { channelsOf } from '../../stacks/tile-rows.ts';

interface StackState {
  readonly dataset: string;
  readonly version: number;
  readonly state: string;
}

/** Where a stack is and what state it is in; 'not-found' where the library has none of that id. */
export function stackState({ read }: LibraryStore, stack: string): StackState {
  const row = read.get<StackState>('SELECT dataset, version, state FROM stack WHERE id = ? AND removed = 0', stack);
  if (row) return row;
  throw new LamellaError('not-found', `The library has no stack ${stack}.`, {
    hint: 'It may have been removed: undo, or list the stacks with library info.',
    fields: { stack },
  });
}

/** The tiles of a stack whose pixels are asked for. 'conflict' where it is OFFLINE, 'not-found' for another channel. */
export function askedStack(library: LibraryStore, stack: string, channel: string): PlacedStack {
  const { dataset, version, state } = stackState(library, stack);
  if (state === 'OFFLINE')
    throw new LamellaError('conflict', `The stack v${version} is OFFLINE: its pixels are not to be had.`, {
      hint: 'Set its state to COMPLETE first.',
      fields: { stack, state },
    });
  const channels = channelsOf(library.read, dataset);
  if (!channels.includes(channel)) throw noChannel(channel, channels);
  return placedStack(library, { dataset, stack, channel });
}

function noChannel(channel: string, channels: readonly string[]): LamellaError {
  const others = channels.filter((name) => name !== '');
  return new LamellaError('not-found', `The tiles have no channel "${channel}".`, {
    hint:
      others.length === 0
        ? 'They have one picture each: leave the channel out.'
        : `There are ${others.join(', ')}; their own picture is what comes where it is left out.`,
    fields: { channel },
  });
}
