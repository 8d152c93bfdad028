import type { BrickAddress } from '../../../preload/contract/brick.ts';
import { unpackBricks } from '../../../preload/contract/brick.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { PlacePlan, SourceBrick, SourceBricks } from './brick-plan.ts';
import { ofEach, planNow, takeTurns, targetTails } from './brick-plan.ts';
import { BrickStore } from './brick-store.ts';
import type { BrickOrder } from './messages.ts';
import { turnThrough } from './plane-view.ts';
import type { Source } from './sources.ts';
import { brickBytes, brickKey, kindOf, pageOf } from './sources.ts';
import { planAhead, Travel } from './travel.ts';
import type { Orders, Outcome, Tier, Want } from './want-list.ts';
import { WantList } from './want-list.ts';

const mostWanted = 16_384;
/** Had in memory before it is seen: so much of what comes next, however many bricks that is, within bounds. */
const nearBytes = 48 * 2 ** 20;
const leastNear = 192;
const mostAhead = 960;
/** Of the memory for bricks, what may be wanted at one time: the rest is room for what was seen before. */
const wantedShare = 0.85;

/** What is to be had, all layers and panes together. */
export interface ViewNow {
  /** Of a picture that is being made: before all else. */
  readonly shot: readonly SourceBricks[];
  readonly plans: readonly PlacePlan[];
  /** What 3-D panes need. */
  readonly orbits: readonly SourceBricks[];
  /** The same places at times that play next, soonest first. */
  readonly later: ReadonlyArray<readonly PlacePlan[]>;
  /** Whether a view that rests reads what lies beside it: not before it is whole. */
  readonly reachesOut: boolean;
}

/** Bricks on their way: what the view needs is asked for, what comes is kept, and the rest is let go. */
export class BrickFlow {
  readonly #order: (order: BrickOrder) => void;
  readonly #wants = new WantList();
  readonly #travel = new Travel();
  readonly store: BrickStore;
  #sources = new Map<string, Source>();
  /** Which source a request was asked of. */
  readonly #lanes = new Map<number, Source>();
  /** Wanted now or soon: not put out of memory. */
  #kept: ReadonlySet<string> = new Set();
  /** Wanted now, and how much: 0 the most. */
  #ranks: ReadonlyMap<string, number> = new Map();
  #inView: ReadonlySet<string> = new Set();
  /** Bricks of the right level that came into view, and those of them that were here already. */
  readonly arrivals = { entered: 0, ready: 0 };

  constructor(order: (order: BrickOrder) => void, capBytes: number) {
    this.#order = order;
    this.store = new BrickStore(capBytes);
  }

  get outstanding(): number {
    return this.#wants.outstanding;
  }

  setCap(capBytes: number): void {
    this.store.setCap(capBytes);
  }

  /** Volumes have other voxels than before: nothing of them is kept. */
  forget(volumes: readonly string[]): void {
    if (volumes.length === 0) return;
    this.#abort(this.#wants.clear());
    this.store.forget((key) => volumes.some((volume) => key.startsWith(`${volume}/`)));
  }

  moved(positionNm: Vec3, ms: number): void {
    this.#travel.move(positionNm, ms);
  }

  rest(): void {
    this.#travel.rest();
  }

  /** Asks for what the view needs, now and soon; cancels what it does not. */
  want(view: ViewNow, ms: number): void {
    const list = new WantsInOrder(this.store.capBytes * wantedShare);
    list.add(inTurns(view.shot), 0);
    list.add(planNow(view.plans, mostWanted), 0);
    list.add(inTurns(view.orbits), 0);
    this.#ranks = new Map([...list.kept].map((key, rank) => [key, rank]));
    for (const plans of view.later) list.add(planNow(plans, mostWanted), 1);
    const speed = this.#travel.speed(ms);
    const { near, far } = this.#ahead(speed.some((nm) => nm !== 0) || view.reachesOut ? view.plans : [], speed);
    list.add(near, 1);
    list.add(far, 2);
    this.#kept = list.kept;
    this.#sources = list.sources;
    this.#obey(this.#wants.update(list.wants, (key) => this.store.has(key)));
  }

  #ahead(
    plans: readonly PlacePlan[],
    speed: Vec3,
  ): { readonly near: readonly SourceBrick[]; readonly far: readonly SourceBrick[] } {
    const sources = Math.max(
      1,
      plans.reduce((sum, plan) => sum + plan.sources.length, 0),
    );
    const ahead = plans.map((plan) => {
      const { volume, layerFromWorld } = plan.place;
      const fits = Math.floor(nearBytes / Math.max(1, brickBytes(volume, 0)));
      const mostNear = Math.ceil(Math.max(leastNear, Math.min(mostAhead, fits)) / sources);
      const mostFar = Math.ceil(mostAhead / sources) - mostNear;
      const speedNmPerS = turnThrough(layerFromWorld, speed);
      return { plan, ...planAhead({ volume, cuts: plan.cuts, speedNmPerS, mostNear, mostFar }) };
    });
    const listed = (which: 'near' | 'far'): readonly SourceBrick[] =>
      inTurns(ahead.flatMap((one) => ofEach(one.plan, one[which])));
    return { near: listed('near'), far: listed('far') };
  }

  /** Counts which bricks of the right level come into view, and whether they were waited for. */
  countArrivals(plan: PlacePlan | null): void {
    const inView = new Set<string>();
    for (const tail of plan ? targetTails(plan) : [])
      for (const { key } of plan?.sources ?? []) inView.add(`${key}|${tail}`);
    for (const key of inView) {
      if (this.#inView.has(key)) continue;
      this.arrivals.entered += 1;
      if (this.store.has(key)) this.arrivals.ready += 1;
    }
    this.#inView = inView;
  }

  /** How much a brick is wanted: 0 the most, Infinity where it is not in view. */
  rankOf(key: string): number {
    return this.#ranks.get(key) ?? Infinity;
  }

  /** What is in view and in memory, most wanted first. */
  get seenHere(): readonly string[] {
    return [...this.#ranks.keys()].filter((key) => this.store.has(key));
  }

  /** Whether a brick will not come, for now. */
  isGivenUp(key: string): boolean {
    return this.#wants.isGivenUp(key);
  }

  sourceOf(key: string): Source | undefined {
    return this.#sources.get(pageOf(key));
  }

  /** Keeps what has come; gives the keys of what is worth uploading. */
  take(lane: number, batch: Uint8Array): readonly string[] {
    const source = this.#lanes.get(lane);
    if (!source) return [];
    const came: string[] = [];
    for (const brick of unpackBricks(batch)) {
      const key = brickKey(source.key, brick.address);
      if (this.#keep(key, brick, source)) came.push(key);
    }
    return came;
  }

  /** A brick that does not hold what it says stays away, as one that can't be read. */
  #keep(key: string, brick: ReturnType<typeof unpackBricks>[number], { volume }: Source): boolean {
    try {
      const kept = this.store.add(key, brick, kindOf(volume), (held) => this.#kept.has(held));
      this.#wants.arrived(key);
      return kept;
    } catch {
      this.#wants.refused(key);
      return false;
    }
  }

  ended(lane: number, outcome: Outcome): void {
    this.#lanes.delete(lane);
    this.#obey(this.#wants.ended(lane, outcome));
  }

  retry(): void {
    this.#obey(this.#wants.retry());
  }

  #obey({ abort, start }: Orders): void {
    this.#abort(abort);
    for (const request of start) {
      const source = this.#sources.get(request.source);
      if (!source) continue;
      this.#lanes.set(request.lane, source);
      const { volume, channel, time } = source;
      this.#order({ t: 'ask', origin: { volume: volume.id, channel, time }, request });
    }
  }

  #abort(lanes: readonly number[]): void {
    if (lanes.length > 0) this.#order({ t: 'abort', lanes });
    for (const lane of lanes) this.#lanes.delete(lane);
  }
}

function inTurns(lists: readonly SourceBricks[]): readonly SourceBrick[] {
  const wanted = new Map<string, SourceBrick>();
  takeTurns(lists, wanted, mostWanted);
  return [...wanted.values()];
}

/** Wants as they are added, nothing twice, and no more than memory holds; what is only cached costs no memory here. */
class WantsInOrder {
  readonly wants: Want[] = [];
  readonly kept = new Set<string>();
  readonly sources = new Map<string, Source>();
  readonly #bytesOf = new Map<string, number>();
  #budget: number;

  constructor(budgetBytes: number) {
    this.#budget = budgetBytes;
  }

  add(bricks: readonly SourceBrick[], tier: Tier): void {
    for (const { key, source, address } of bricks) {
      if (this.kept.has(key)) continue;
      if (tier < 2) {
        this.#budget -= this.#costOf(source, address);
        if (this.#budget < 0) continue;
        this.kept.add(key);
      }
      this.sources.set(source.key, source);
      this.wants.push({ key, source: source.key, address, tier });
    }
  }

  #costOf(source: Source, [level]: BrickAddress): number {
    const name = `${source.volume.id} ${level}`;
    const known = this.#bytesOf.get(name) ?? brickBytes(source.volume, level);
    this.#bytesOf.set(name, known);
    return known;
  }
}
