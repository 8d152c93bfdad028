import { openNetwork, type Network, type NetworkOptions } from '../../main/engine/sources/network.ts';
import { seededRandom } from '../formats/mutate.ts';

/** As the engine's, but with little patience, so that tests end. */
export function quickNetwork(options: NetworkOptions = {}): Network {
  return openNetwork({
    ...options,
    timeouts: { connect: 1000, firstByte: 150, idle: 120, ...options.timeouts },
    backoff: { baseMs: 1, capMs: 8, patienceMs: 2000, random: seededRandom(7), ...options.backoff },
  });
}
