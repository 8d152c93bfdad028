import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { requireState } from '../../stacks/stack-state.ts';
import { stackRow } from '../../stacks/stack-rows.ts';
import { placedStack, type PlacedStack } from '../../stacks/placed-stack.ts';
import { channelsOf, ownChannelName } from '../../stacks/tile-rows.ts';

/**
 * The tiles of a stack whose pixels are asked for. 'not-found' where the library has none of that id, or the tiles no such
 * channel; 'conflict' where it is OFFLINE.
 */
export function askedStack(library: LibraryStore, stack: string, channel: string): PlacedStack {
  const { read } = library;
  const { dataset } = stackRow(read, stack);
  requireState(read, stack, 'read');
  const channels = channelsOf(read, dataset);
  const own = ownChannelName(read, dataset);
  if (channel === own) return placedStack(library, { dataset, stack, channel: '' });
  if (!channels.includes(channel)) throw noChannel(channel, [own, ...channels]);
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
