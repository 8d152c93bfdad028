import type { FragmentAddress, ShapeAsk, ShapeOutcome } from '../../../state/shape-messages.ts';

/** Something to ask for. */
export type Wish =
  | { readonly t: 'keys' | 'manifests' | 'skeletons'; readonly shape: string; readonly key: string }
  | { readonly t: 'fragments'; readonly shape: string; readonly at: FragmentAddress; readonly bytes: number };

/** What a wish is known by. */
export function idOf(wish: Wish): string {
  const place = wish.t === 'fragments' ? `${wish.at.level}/${wish.at.box}/${wish.at.key}` : wish.key;
  return `${wish.t}|${wish.shape}|${place}`;
}

interface Lane {
  readonly shape: string;
  /** What has not come yet. */
  readonly waiting: Map<string, Wish>;
  readonly count: number;
}

/** A few requests at a time, so that what becomes more urgent is soon asked for. */
const mostLanes = 4;
const mostInLane = { keys: 1, manifests: 200, skeletons: 16, fragments: 48 } as const;
const mostBytesInLane = 4e6;
const firstPauseMs = 2_000;
const longestPauseMs = 30_000;

/** Shapes on their way: asks for the most wanted first, a few requests at a time, and lets go what nobody wants. */
export class ShapeFlow {
  readonly #post: (ask: ShapeAsk) => void;
  readonly #lanes = new Map<number, Lane>();
  /** Could not be had: not asked for until someone asks again. */
  readonly #failed = new Set<string>();
  /** A request of many failed: each is asked for by itself. */
  readonly #alone = new Set<string>();
  /** Sets whose source does not answer, and when they are asked again (`performance.now()`). */
  readonly #pauses = new Map<string, { readonly until: number; readonly ms: number }>();
  /** Not here yet, the most wanted first. */
  #wishes: Map<string, Wish> = new Map();
  #last = 0;

  constructor(post: (ask: ShapeAsk) => void) {
    this.#post = post;
  }

  /** Asked for and not here. */
  get outstanding(): number {
    return Array.from(this.#wishes.keys()).filter((id) => !this.#failed.has(id)).length;
  }

  /** When a source that did not answer is to be asked again; null where there is none. */
  get pausedUntil(): number | null {
    const times = Array.from(this.#pauses.values(), ({ until }) => until);
    return times.length > 0 ? Math.min(...times) : null;
  }

  /** All that is wanted and not here, the most wanted first. */
  update(wishes: readonly Wish[]): void {
    const wanted = new Map(wishes.map((wish) => [idOf(wish), wish]));
    this.#wishes = wanted;
    for (const [ask, lane] of this.#lanes) {
      if (Array.from(lane.waiting.keys()).some((id) => wanted.has(id))) continue;
      this.#lanes.delete(ask);
      this.#post({ t: 'cancel', ask });
    }
    this.start();
  }

  /** Why something is not here; null where it is not asked for. */
  whyNot(wish: Wish): 'coming' | 'away' | null {
    const id = idOf(wish);
    if (this.#failed.has(id)) return 'away';
    if (!this.#wishes.has(id)) return null;
    return this.#pauses.has(wish.shape) ? 'away' : 'coming';
  }

  /** Fills what is free of the lanes. */
  start(now = performance.now()): void {
    const asked = new Set(Array.from(this.#lanes.values(), ({ waiting }) => Array.from(waiting.keys())).flat());
    const free = Array.from(this.#wishes.entries())
      .filter(
        ([id, { shape }]) => !this.#failed.has(id) && !asked.has(id) && (this.#pauses.get(shape)?.until ?? 0) <= now,
      )
      .map(([, wish]) => wish);
    while (this.#lanes.size < mostLanes && free.length > 0) this.#send(takeBatch(free, this.#alone));
  }

  #send(batch: readonly Wish[]): void {
    const [first] = batch;
    if (!first) return;
    const ask = ++this.#last;
    this.#lanes.set(ask, {
      shape: first.shape,
      waiting: new Map(batch.map((wish) => [idOf(wish), wish])),
      count: batch.length,
    });
    this.#post(askOf(ask, first, batch));
  }

  /** The set that a request is of; null where it was let go. */
  shapeOf(ask: number): string | null {
    return this.#lanes.get(ask)?.shape ?? null;
  }

  /** One of the things asked for is here, or (`failed`) will not come. */
  arrived(ask: number, wish: Wish, failed = false): void {
    const id = idOf(wish);
    this.#lanes.get(ask)?.waiting.delete(id);
    this.#wishes.delete(id);
    if (failed) this.#failed.add(id);
    else this.#pauses.delete(wish.shape);
  }

  ended(ask: number, outcome: ShapeOutcome, now = performance.now()): void {
    const lane = this.#lanes.get(ask);
    if (!lane) return;
    this.#lanes.delete(ask);
    const { waiting, shape, count } = lane;
    if (outcome === 'offline') {
      const ms = Math.min(longestPauseMs, (this.#pauses.get(shape)?.ms ?? firstPauseMs / 2) * 2);
      this.#pauses.set(shape, { until: now + ms, ms });
    } else
      for (const [id] of waiting) {
        // What a request that went well left out will not come either.
        if (outcome === 'failed' && count > 1) this.#alone.add(id);
        else this.#failed.add(id);
      }
    this.start(now);
  }

  /** Asks again for what could not be had of a set, or (null) of all. */
  again(shape: string | null): void {
    const of = (id: string): boolean => shape === null || id.split('|')[1] === shape;
    for (const set of [this.#failed, this.#alone]) for (const id of set) if (of(id)) set.delete(id);
    if (shape === null) this.#pauses.clear();
    else this.#pauses.delete(shape);
    this.start();
  }
}

/** Takes what can be asked for together with the first, in order. */
function takeBatch(free: Wish[], alone: ReadonlySet<string>): readonly Wish[] {
  const [first] = free;
  if (!first) return [];
  const most = alone.has(idOf(first)) ? 1 : mostInLane[first.t];
  const batch: Wish[] = [];
  let bytes = 0;
  for (let i = 0; i < free.length && batch.length < most && bytes < mostBytesInLane;) {
    const wish = free[i]!;
    if (wish.t === first.t && wish.shape === first.shape && (i === 0 || !alone.has(idOf(wish)))) {
      batch.push(wish);
      bytes += wish.t === 'fragments' ? wish.bytes : 0;
      free.splice(i, 1);
    } else i++;
  }
  return batch;
}

/** Shapes of a set that are drawn where a layer shows all of it. */
export const mostShown = 2_000;

function askOf(ask: number, { t, shape }: Wish, batch: readonly Wish[]): ShapeAsk {
  const keys = batch.map((wish) => (wish.t === 'fragments' ? wish.at.key : wish.key));
  if (t === 'keys') return { t, ask, shape, most: mostShown };
  if (t !== 'fragments') return { t, ask, shape, keys };
  return { t, ask, shape, fragments: batch.flatMap((wish) => (wish.t === 'fragments' ? [wish.at] : [])) };
}
