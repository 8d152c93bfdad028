import type { Alarm, Limit, Overlap, Reading, Watch } from '../../../../preload/contract/watch.ts';
import type { Tile } from '../../../../preload/contract/dataset.ts';

/** What has changed. */
export interface WatchNews {
  readonly watch: Watch;
  readonly limits: readonly Limit[];
  readonly tiles: readonly Tile[];
  readonly readings: readonly Reading[];
  readonly overlaps: readonly Overlap[];
  readonly alarms: readonly Alarm[];
}

type Listener = (news: WatchNews) => void;

/** Those who follow watches, and which watches are at work in this process. */
export class WatchHub {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #limits = new Map<string, () => readonly Limit[]>();

  /** A job looks at the folder from now on, until the returned function is called. */
  begin(watch: string, limits: () => readonly Limit[]): () => void {
    this.#limits.set(watch, limits);
    return () => this.#limits.delete(watch);
  }

  isAtWork(watch: string): boolean {
    return this.#limits.has(watch);
  }

  /** The limits as they are learned at present; null where nobody learns. */
  limitsOf(watch: string): readonly Limit[] | null {
    return this.#limits.get(watch)?.() ?? null;
  }

  tell(watch: string, news: WatchNews): void {
    for (const listener of this.#listeners.get(watch) ?? []) listener(news);
  }

  follow(watch: string, listener: Listener): () => void {
    const all = this.#listeners.get(watch) ?? new Set();
    this.#listeners.set(watch, all.add(listener));
    return () => all.delete(listener);
  }
}

/** News that waited for a slow follower become one: of each thing the last word. */
export function joined(a: WatchNews, b: WatchNews): WatchNews {
  return {
    watch: b.watch,
    limits: b.limits,
    tiles: lastOf(a.tiles, b.tiles, ({ id }) => id),
    readings: lastOf(a.readings, b.readings, ({ tile }) => tile),
    overlaps: lastOf(a.overlaps, b.overlaps, ({ tileA, tileB }) => `${tileA}/${tileB}`),
    alarms: lastOf(a.alarms, b.alarms, ({ id }) => id),
  };
}

const lastOf = <T>(a: readonly T[], b: readonly T[], keyOf: (item: T) => string | number): readonly T[] => [
  ...new Map([...a, ...b].map((item) => [keyOf(item), item])).values(),
];
