import type { BrickAddress } from '../../../preload/contract/brick.ts';

/** In view now; in view soon, and had in memory; in view within seconds, and had in the engine's cache. */
export type Tier = 0 | 1 | 2;

export interface Want {
  readonly key: string;
  /** The key of the source that it is asked of. */
  readonly source: string;
  readonly address: BrickAddress;
  readonly tier: Tier;
}

/** One request for a few bricks of one source. `ahead`: they are only read into the cache. */
export interface Request {
  readonly lane: number;
  readonly source: string;
  readonly bricks: readonly BrickAddress[];
  readonly ahead: boolean;
}

/** What to do after a change: requests to cancel, and requests to begin. */
export interface Orders {
  readonly abort: readonly number[];
  readonly start: readonly Request[];
}

/** How a request ended. `offline`: its source does not answer; `failed`: something in it can't be read. */
export type Outcome = 'done' | 'offline' | 'failed';

interface Lane {
  readonly asked: readonly Want[];
  /** Not come yet. */
  readonly left: Set<string>;
  readonly ahead: boolean;
  /** Asked for only to learn whether the source is there: goes on though nobody wants it. */
  readonly probe: boolean;
}

const mostLanes = 4;
/** Reading ahead leaves the engine free for what is looked at. */
const mostAheadLanes = 1;
const batch = 24;
/** Sources take turns in the list: a request looks so far down it for more of its own. */
const reach = 24 * 24;
/** Bricks read ahead that are remembered, so as not to ask twice. */
const mostRemembered = 50_000;

/**
 * Decides which bricks are asked for next. Pure: no clock, no port. What is wanted comes as a list, most wanted first,
 * with tiers that never fall; a request of a lower tier is cancelled in the very update that brings something higher to
 * ask for. An update costs one map entry for each want: O(n).
 */
export class WantList {
  #wants: readonly Want[] = [];
  readonly #tierOf = new Map<string, Tier>();
  readonly #lanes = new Map<number, Lane>();
  readonly #inFlight = new Set<string>();
  readonly #readAhead = new Set<string>();
  /** Asked for in vain while the source did not answer. */
  readonly #waiting = new Set<string>();
  /** One of what was asked for in vain, also once it is out of view. */
  #unanswered: Want | null = null;
  /** Can't be read at all. */
  readonly #bad = new Set<string>();
  /** Volumes whose source would not give something: they get one request at a time, so that the others go on. */
  readonly #silent = new Set<string>();
  /** Bricks of a request that failed are asked for again in smaller ones, until the bad one is alone. */
  readonly #batchOf = new Map<string, number>();
  #next = 0;
  #nextLane = 1;

  /** Takes a new list. `here`: whether a brick is in memory. */
  update(wants: readonly Want[], here: (key: string) => boolean): Orders {
    this.#tierOf.clear();
    const missing: Want[] = [];
    for (const want of wants) {
      if (here(want.key)) continue;
      if (want.tier === 2 && this.#readAhead.has(want.key)) continue;
      if (!this.#bad.has(want.key)) this.#tierOf.set(want.key, want.tier);
      missing.push(want);
    }
    this.#wants = missing;
    this.#next = 0;
    const abort = this.#giveWay();
    return { abort, start: this.#fill() };
  }

  /** A brick has come. */
  arrived(key: string): void {
    this.#tierOf.delete(key);
    this.#waiting.delete(key);
    if (this.#unanswered?.key === key) this.#unanswered = null;
    this.#batchOf.delete(key);
    if (!this.#inFlight.delete(key)) return;
    for (const lane of this.#lanes.values()) lane.left.delete(key);
  }

  /** A brick has come that does not hold what it says: it is not asked for again. */
  refused(key: string): void {
    this.arrived(key);
    this.#bad.add(key);
  }

  /** A request is over; those of its bricks that did not come are judged by how it ended. */
  ended(id: number, outcome: Outcome): Orders {
    const lane = this.#lanes.get(id);
    if (!lane) return { abort: [], start: [] };
    this.#drop(id, lane);
    this.#hear(lane, outcome);
    if (lane.ahead && outcome === 'done') this.#remember(lane);
    else if (outcome === 'failed') this.#narrow(lane);
    else for (const key of lane.left) this.#waiting.add(key);
    if (outcome === 'offline') this.#unanswered = lane.asked.find(({ key }) => lane.left.has(key)) ?? null;
    this.#next = 0;
    return { abort: [], start: this.#fill() };
  }

  #hear({ asked, left }: Lane, outcome: Outcome): void {
    const volume = volumeOf(asked[0]?.source ?? '');
    if (outcome === 'offline') this.#silent.add(volume);
    else if (left.size === 0) this.#silent.delete(volume);
  }

  /**
   * Asks again for what could not be had, or not be read; where all that is in view is here, for one
   * brick of what was not: only an answer tells that the source is back.
   */
  retry(): Orders {
    this.#waiting.clear();
    for (const { key, tier } of this.#wants) if (this.#bad.has(key)) this.#tierOf.set(key, tier);
    this.#bad.clear();
    this.#next = 0;
    const start = this.#fill();
    if (this.#lanes.size > 0 || !this.#unanswered) return { abort: [], start };
    return { abort: [], start: [this.#begin([this.#unanswered], true)] };
  }

  /** Forgets everything; the requests to cancel are returned. */
  clear(): readonly number[] {
    const abort = [...this.#lanes.keys()];
    this.#lanes.clear();
    for (const set of [this.#inFlight, this.#readAhead, this.#waiting, this.#bad, this.#silent]) set.clear();
    for (const map of [this.#tierOf, this.#batchOf]) map.clear();
    this.#wants = [];
    this.#unanswered = null;
    this.#next = 0;
    return abort;
  }

  /** Bricks in view or soon in view that are still to come. */
  get outstanding(): number {
    let count = 0;
    for (const [key, tier] of this.#tierOf) if (tier < 2 && !this.#waiting.has(key)) count += 1;
    return count;
  }

  /** Whether a brick was asked for and will not come: it can't be read, or its source does not answer. */
  isGivenUp(key: string): boolean {
    return this.#bad.has(key) || this.#waiting.has(key);
  }

  /** Bricks that the source would not give. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Cancels what nobody wants any more, and what stands in the way of something more wanted. */
  #giveWay(): readonly number[] {
    const first = this.#wants.find((want) => this.#isOpen(want));
    const abort: number[] = [];
    for (const [id, lane] of this.#lanes) {
      let best = 3;
      for (const key of lane.left) best = Math.min(best, this.#tierOf.get(key) ?? 3);
      if (lane.probe && best === 3) continue;
      // A brick that is only being cached has to be sent once it is in view.
      const tooWeak = lane.ahead && best < 2;
      if (best < 3 && !tooWeak && (first === undefined || first.tier >= best)) continue;
      this.#drop(id, lane);
      abort.push(id);
    }
    return abort;
  }

  #drop(id: number, lane: Lane): void {
    this.#lanes.delete(id);
    for (const key of lane.left) this.#inFlight.delete(key);
  }

  #remember(lane: Lane): void {
    if (this.#readAhead.size > mostRemembered) this.#readAhead.clear();
    for (const { key } of lane.asked) {
      this.#readAhead.add(key);
      if (this.#tierOf.get(key) === 2) this.#tierOf.delete(key);
    }
  }

  #narrow(lane: Lane): void {
    const half = Math.floor(lane.left.size / 2);
    for (const key of lane.left) {
      if (half > 0) this.#batchOf.set(key, half);
      else {
        this.#bad.add(key);
        this.#tierOf.delete(key);
      }
    }
  }

  #fill(): readonly Request[] {
    const start: Request[] = [];
    while (this.#lanes.size < mostLanes) {
      const from = this.#next;
      const asked = this.#take();
      const [first] = asked;
      if (!first) break;
      if (first.tier === 2 && this.#aheadLanes >= mostAheadLanes) {
        this.#next = from;
        break;
      }
      start.push(this.#begin(asked));
    }
    return start;
  }

  #begin(asked: readonly Want[], probe = false): Request {
    const lane = this.#nextLane++;
    const ahead = probe || asked[0]?.tier === 2;
    this.#lanes.set(lane, { asked, left: new Set(asked.map(({ key }) => key)), ahead, probe });
    for (const { key } of asked) this.#inFlight.add(key);
    const source = asked[0]?.source ?? '';
    return { lane, source, bricks: asked.map(({ address }) => address), ahead };
  }

  get #aheadLanes(): number {
    return [...this.#lanes.values()].filter(({ ahead }) => ahead).length;
  }

  /** The next few wants of one tier and one source that nobody was asked for. */
  #take(): readonly Want[] {
    while (this.#next < this.#wants.length && !this.#isOpen(this.#wants[this.#next])) this.#next += 1;
    const first = this.#wants[this.#next];
    if (!first) return [];
    const taken: Want[] = [];
    let most = batch;
    const end = Math.min(this.#wants.length, this.#next + reach);
    for (let i = this.#next; i < end && taken.length < most; i++) {
      const want = this.#wants[i];
      if (!want || want.source !== first.source || !this.#isOpen(want)) continue;
      // A coarse level comes by itself: its picture does not wait for finer bricks.
      if (want.tier !== first.tier || want.address[0] !== first.address[0]) break;
      most = Math.min(most, this.#batchOf.get(want.key) ?? batch);
      if (taken.length < most) taken.push(want);
    }
    return taken;
  }

  /** Whether a brick is still to be asked for. */
  #isOpen(want: Want | undefined): boolean {
    if (!want || !this.#tierOf.has(want.key) || this.#inFlight.has(want.key) || this.#waiting.has(want.key))
      return false;
    if (this.#silent.size === 0 || !this.#silent.has(volumeOf(want.source))) return true;
    return ![...this.#lanes.values()].some(({ asked }) => asked[0] && isSameVolume(asked[0].source, want.source));
  }
}

/** Of the key of a source: see `sourceKey`. */
const volumeOf = (source: string): string => source.split('/', 1)[0] ?? source;
const isSameVolume = (a: string, b: string): boolean => volumeOf(a) === volumeOf(b);
