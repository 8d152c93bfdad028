import type { OpenVolume } from '../formats/volume-format.ts';
import type { OpenPlace } from '../sources/index.ts';
import { withPlan } from './levels-in-library.ts';

/**
 * A volume that was opened from memory: what is read of it is given out once its source has said that it still is what
 * it was. Both are asked for at the same time, so that this costs no wait.
 */
export function whileItIs(volume: OpenVolume, { stillIs }: Pick<OpenPlace, 'stillIs'>): OpenVolume {
  const checked = async <R>(work: Promise<R>, signal?: AbortSignal): Promise<R> => {
    const result = await work;
    await stillIs(signal);
    return result;
  };
  return {
    ...withPlan(volume, volume.plan),
    locate: (at, signal) => checked(volume.locate(at, signal), signal),
    readChunk: (at, signal) => checked(volume.readChunk(at, signal), signal),
    ...(volume.labels && { labels: () => checked(volume.labels?.() ?? Promise.resolve([])) }),
  };
}
