import type { WatchMetric } from '../../../../preload/contract/watch.ts';
import type { Values } from './judge.ts';
import type { LearnedLimits } from './limits.ts';

/** A tile with the metrics that it can be judged by now, and could not when it came. */
export interface DueTile {
  readonly tile: number;
  readonly metrics: ReadonlySet<WatchMetric>;
}

/** The first tiles of a session: they came while there was nothing usual yet, and are judged once there is. */
export class EarlyTiles {
  readonly #waits = new Map<number, Set<WatchMetric>>();

  /** Notes what a tile could not be judged by. */
  note(tile: number, values: Values, limits: LearnedLimits): void {
    const waits = (Object.keys(values) as WatchMetric[]).filter((one) => limits.limit(one).source === 'learning');
    if (waits.length === 0) return;
    this.#waits.set(tile, new Set([...(this.#waits.get(tile) ?? []), ...waits]));
  }

  /** It was taken again. */
  forget(tile: number): void {
    this.#waits.delete(tile);
  }

  /** Those whose limits are there by now, in order of arrival; each metric of a tile is due once. */
  due(limits: LearnedLimits): readonly DueTile[] {
    return [...this.#waits].flatMap(([tile, waits]) => {
      const metrics = new Set([...waits].filter((one) => limits.limit(one).source !== 'learning'));
      for (const metric of metrics) waits.delete(metric);
      if (waits.size === 0) this.#waits.delete(tile);
      return metrics.size === 0 ? [] : [{ tile, metrics }];
    });
  }
}
