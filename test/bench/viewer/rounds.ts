// Both programs in turn, in the same run: each round a fresh start of each, in each layout.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../row.ts';
import { medianOf } from '../row.ts';
import { BenchStage } from './bench-stage.ts';
import type { Outcome } from './plan.ts';
import type { Layout } from './programs.ts';
import { planForOurs, planForTheirs, planToArrange } from './programs.ts';

const rounds = 5;
const layouts: readonly Layout[] = ['xy', 'four'];

/** Medians of one program in one layout. */
export interface Viewing {
  readonly firstMs: number;
  readonly fullMs: number;
  /** Megabytes sent until the picture was as it stays, and until all was quiet. */
  readonly fullMb: number;
  readonly quietMb: number;
  readonly requests: number;
  /** Of the intervals between two pictures, over all motions; and of each motion. */
  readonly p95Ms: number;
  readonly motions: Readonly<Record<string, number>>;
}

export type Which = 'ours' | 'theirs' | 'disk' | 'cache';
export type Viewings = Readonly<Record<Layout, Partial<Record<Which, Viewing>>>>;

let measured: Promise<Viewings> | undefined;

/** The same for all rows of a run; the details go to stderr. */
export function viewings(bench: Bench): Promise<Viewings> {
  return (measured ??= measureAll(bench));
}

async function measureAll(bench: Bench): Promise<Viewings> {
  const folder = join(bench.folder, 'viewer');
  mkdirSync(folder);
  const stage = await BenchStage.open(folder);
  try {
    const found = { xy: {}, four: {} } as Record<Layout, Partial<Record<Which, Viewing>>>;
    for (const layout of layouts) {
      found[layout] = await measureLayout(stage, layout, bench.peers);
      console.error(`${layout}: ${JSON.stringify(found[layout])}`);
    }
    return found;
  } finally {
    await stage.close();
  }
}

async function measureLayout(
  stage: BenchStage,
  layout: Layout,
  withPeer: boolean,
): Promise<Partial<Record<Which, Viewing>>> {
  const { outcome, origin } = stage;
  const base = { outcome, origin, moveFromNmPerPx: null } as const;
  await stage.run(planToArrange({ outcome, origin, layout }), { program: 'ours', cache: 'cold' });
  stage.keepProfile();
  // Where the panes lie, and at which scale the volume fits.
  const scouted = await stage.run(planForOurs({ ...base, volume: 'near' }), { program: 'ours', cache: 'cold' });
  const { nmPerPx } = scouted.report;
  const all: Record<Which, Raw[]> = { ours: [], theirs: [], disk: [], cache: [] };
  const take = async (which: Which, run: Promise<Outcome>): Promise<void> =>
    void all[which].push(rawOf(await run, stage));
  for (let round = 0; round < rounds; round++) {
    const far = planForOurs({ ...base, volume: 'far', moveFromNmPerPx: nmPerPx });
    const ours = (): Promise<void> => take('ours', stage.run(far, { program: 'ours', cache: 'cold' }));
    const theirs = (): Promise<void> =>
      take(
        'theirs',
        stage.run(planForTheirs({ outcome, origin, layout, page: stage.pageUrl, place: scouted.place, nmPerPx }), {
          program: 'theirs',
        }),
      );
    for (const turn of !withPeer ? [ours] : round % 2 === 0 ? [ours, theirs] : [theirs, ours]) await turn();
    const again = planForOurs({ ...base, volume: 'far' });
    // What ours kept in this round.
    await take('cache', stage.run(again, { program: 'ours', cache: 'kept' }));
    const near = planForOurs({ ...base, volume: 'near' });
    await take('disk', stage.run(near, { program: 'ours', cache: 'cold' }));
  }
  return Object.fromEntries(
    Object.entries(all).flatMap(([which, raws]) => (raws.length > 0 ? [[which, summary(raws)]] : [])),
  );
}

interface Raw extends Omit<Viewing, 'p95Ms' | 'motions'> {
  readonly intervals: Readonly<Record<string, readonly number[]>>;
}

const rawOf = ({ toldAtMs, firstMs, fullMs, quietAtMs, intervals }: Outcome, { server }: BenchStage): Raw => ({
  firstMs,
  fullMs,
  fullMb: server.bytesUntil(toldAtMs + fullMs) / 1e6,
  quietMb: server.bytesUntil(quietAtMs) / 1e6,
  requests: server.requests,
  intervals,
});

function summary(raws: readonly Raw[]): Viewing {
  const median = (of: (raw: Raw) => number): number => Number(medianOf(raws.map(of)).toPrecision(4));
  const names = Object.keys(raws[0]?.intervals ?? {});
  return {
    firstMs: median((raw) => raw.firstMs),
    fullMs: median((raw) => raw.fullMs),
    fullMb: median((raw) => raw.fullMb),
    quietMb: median((raw) => raw.quietMb),
    requests: median((raw) => raw.requests),
    p95Ms: names.length > 0 ? median(({ intervals }) => p95(Object.values(intervals).flat())) : Number.NaN,
    motions: Object.fromEntries(names.map((name) => [name, median(({ intervals }) => p95(intervals[name] ?? []))])),
  };
}

export function p95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(0.95 * sorted.length))] ?? Number.NaN;
}
