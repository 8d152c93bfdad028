/** One row of the benchmarks. To add one: a file with an exported row, and one line in `rows.ts`. */
export interface BenchRow {
  /** Stable: scripts and notes refer to it. */
  readonly id: string;
  readonly workload: string;
  /** What `ours` and `theirs` are, lower being better: 'ms', 's', 'px'. */
  readonly unit: string;
  /** In words, as the table shows it. */
  readonly target: string;
  /** Whether the target is met; `theirs` is null where the peer did not run. */
  isMet(ours: number, theirs: number | null): boolean;
  /** Measures, and gives the median. Warm-up is up to the row. */
  measure(bench: Bench): Promise<number>;
  readonly peer?: BenchPeer;
}

export interface BenchPeer {
  /** Name and settings: "scikit-image 0.26 phase_cross_correlation, upsample 10". */
  readonly name: string;
  /** Pinned requirements of the Python environment that the bench makes for itself. */
  readonly requirements: readonly string[];
  /** The median of the peer on the same workload, from the files that `measure` left in `bench.folder`. */
  measure(bench: Bench, python: (script: string, ...args: readonly string[]) => Promise<string>): Promise<number>;
}

/** What a row may use. */
export interface Bench {
  /** A folder of its own for the row, empty at first and removed afterwards. */
  readonly folder: string;
  readonly threads: number;
  /** Whether the peers run, too: for rows that measure both in turn. */
  readonly peers: boolean;
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? Number.NaN)) / 2;
}

/** Milliseconds of each of `times` runs after `warmUps` that do not count. */
export async function timesOf(
  times: number,
  warmUps: number,
  work: () => Promise<unknown>,
): Promise<readonly number[]> {
  const measured: number[] = [];
  for (let i = -warmUps; i < times; i++) {
    const started = performance.now();
    await work();
    if (i >= 0) measured.push(performance.now() - started);
  }
  return measured;
}
