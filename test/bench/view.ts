import type { BenchPeer, BenchRow } from './row.ts';
import { pyramidSize } from './viewer/em-pyramid.ts';
import { neuroglancerVersion } from './viewer/neuroglancer-build.ts';
import type { Viewing, Which } from './viewer/rounds.ts';
import { viewings } from './viewer/rounds.ts';

/**
 * Lamella and Neuroglancer, each in the same Electron and on as many pixels, told to show the same volume. What they draw is
 * read off the window's compositor; see viewer/probe.ts. XY alone and four panes are measured one after the other.
 */
const scene = `${pyramidSize}, precomputed, over 20 ms and 50 MB/s, XY alone and four panes`;

interface Measure {
  readonly id: string;
  readonly what: string;
  readonly unit: string;
  /** Of theirs. */
  readonly goal: number;
  of(viewing: Viewing): number;
  /** What the two layouts make together. */
  together(xy: number, four: number): number;
}

const sum = (a: number, b: number): number => a + b;

const measures: readonly Measure[] = [
  {
    id: 'view-first',
    what: 'until the first picture with data, both added',
    unit: 'ms',
    goal: 0.7,
    of: ({ firstMs }) => firstMs,
    together: sum,
  },
  {
    id: 'view-full',
    what: 'until the picture is as it stays, both added',
    unit: 'ms',
    goal: 0.8,
    of: ({ fullMs }) => fullMs,
    together: sum,
  },
  {
    id: 'view-bytes',
    what: 'sent by the server until two seconds after the last change of the picture, both added',
    unit: 'MB',
    goal: 1,
    of: ({ quietMb }) => quietMb,
    together: sum,
  },
  {
    id: 'view-frames',
    what: '95th percentile of the intervals between two pictures that differ, in 6 s of zooming, panning and going through sections, the worse of both',
    unit: 'ms',
    goal: 1,
    of: ({ p95Ms }) => p95Ms,
    together: Math.max,
  },
];

function rowOf({ id, what, unit, goal, of, together }: Measure): BenchRow {
  const take = async (which: Which, ...[bench]: Parameters<BenchRow['measure']>): Promise<number> => {
    const { xy, four } = await viewings(bench);
    return together(xy[which] ? of(xy[which]) : Number.NaN, four[which] ? of(four[which]) : Number.NaN);
  };
  const peer: BenchPeer = {
    name: `Neuroglancer ${neuroglancerVersion}, its npm package`,
    requirements: [],
    measure: (bench) => take('theirs', bench),
  };
  return {
    id,
    workload: `${scene}: ${what}`,
    unit,
    target: `at most ${goal}x Neuroglancer`,
    isMet: (ours, theirs) => theirs === null || ours <= goal * theirs,
    measure: (bench) => take('ours', bench),
    peer,
  };
}

/** What a page in a browser can't do: the same volume from this disk, and from what was kept of the server. */
function ownRow(which: 'disk' | 'cache', where: string): BenchRow {
  return {
    id: `view-${which}`,
    workload: `${pyramidSize}, precomputed, ${where}, XY alone and four panes: until the picture is as it stays, both added`,
    unit: 'ms',
    target: 'none: a page in a browser does not do it',
    isMet: () => true,
    measure: async (bench) => {
      const { xy, four } = await viewings(bench);
      return (xy[which]?.fullMs ?? Number.NaN) + (four[which]?.fullMs ?? Number.NaN);
    },
  };
}

export const viewerRows: readonly BenchRow[] = [
  ...measures.map(rowOf),
  ownRow('disk', 'from the local disk'),
  ownRow('cache', 'from what the cache kept of the server'),
];
