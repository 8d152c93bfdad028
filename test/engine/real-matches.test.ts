import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parseCanvasMatches } from '../../main/engine/formats/canvas-matches.ts';
import { Pool } from '../../main/engine/jobs/pool.ts';
import type { TaskInput } from '../../native-workers/tasks.ts';
import { tempEngine } from './temp-engine.ts';

/** Nine tiles of a TEMCA montage with their matches and solver settings, of AllenInstitute/asap-modules. */
const folder = join(import.meta.dirname, '../../../shared/data/point-matches');
const isThere = existsSync(folder);
if (!isThere) console.warn(`skipped: ${folder} is not there, so no real matches are solved`);

type Row = readonly [a: number, b: number, ax: number, ay: number, bx: number, by: number, weight: number];

interface Montage {
  /** AffineModel2D order. */
  readonly priors: readonly (readonly number[])[];
  readonly sizes: readonly (readonly [number, number])[];
  readonly rows: readonly Row[];
}

function montage(): Montage {
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const tiles = JSON.parse(text('solver_raw_tiles_for_montage.json')) as {
    readonly tileId: string;
    readonly width: number;
    readonly height: number;
    readonly transforms: { readonly specList: readonly { readonly dataString: string }[] };
  }[];
  const at = new Map(tiles.map(({ tileId }, i) => [tileId, i]));
  const rows = parseCanvasMatches(text('solver_montage_pointmatches.json'), 'matches').flatMap(
    ({ pId, qId, matches }) => {
      const [a, b] = [at.get(pId), at.get(qId)];
      if (a === undefined || b === undefined) return [];
      const { p, q, w } = matches;
      const point = (_: number, i: number): Row => [
        a,
        b,
        p[0][i] ?? 0,
        p[1][i] ?? 0,
        q[0][i] ?? 0,
        q[1][i] ?? 0,
        w[i] ?? 0,
      ];
      return w.map(point);
    },
  );
  // Matches were taken after the lens correction, which comes first; the affine placement is the last transform.
  const priors = tiles.map(({ transforms }) => (transforms.specList.at(-1)?.dataString ?? '').split(' ').map(Number));
  return { priors, sizes: tiles.map(({ width, height }) => [width, height]), rows };
}

/** `A^T A + L` for x and for y, as EM_aligner and BigFeta state it: unknowns m00, m01, m02 a tile, over tile pixels. */
function reference({ priors, rows }: Montage, lambda: number, translationFactor: number): number {
  const size = priors.length * 3;
  const matrix = Array.from({ length: size }, () => new Float64Array(size));
  const add = (i: number, j: number, by: number): void => void (matrix[i]![j]! += by);
  const equation = ([a, b, ax, ay, bx, by]: Row): [number, number][] => [
    [a * 3, ax],
    [a * 3 + 1, ay],
    [a * 3 + 2, 1],
    [b * 3, -bx],
    [b * 3 + 1, -by],
    [b * 3 + 2, -1],
  ];
  for (const row of rows)
    for (const [i, u] of equation(row)) for (const [j, v] of equation(row)) add(i, j, row[6] * u * v);
  const holds = Float64Array.from({ length: size }, (_, i) => (i % 3 === 2 ? lambda * translationFactor : lambda));
  holds.forEach((hold, i) => add(i, i, hold));
  const solutions = [0, 1].map((axis) => {
    const prior = priors.flatMap((m) => [m[axis] ?? 0, m[axis + 2] ?? 0, m[axis + 4] ?? 0]);
    return solveDensely(
      matrix.map((row) => row.slice()),
      prior.map((v, i) => v * (holds[i] ?? 0)),
    );
  });
  const squares = rows.map((row) =>
    solutions.reduce((sum, x) => sum + equation(row).reduce((gap, [i, u]) => gap + u * (x[i] ?? 0), 0) ** 2, 0),
  );
  return Math.sqrt(squares.reduce((sum, s) => sum + s, 0) / rows.length);
}

/** Gaussian elimination with pivots by size. */
function solveDensely(matrix: Float64Array[], b: number[]): number[] {
  const n = b.length;
  for (let k = 0; k < n; k++) {
    const pivot = matrix.reduce(
      (best, row, i) => (i > k && Math.abs(row[k]!) > Math.abs(matrix[best]![k]!) ? i : best),
      k,
    );
    [matrix[k], matrix[pivot]] = [matrix[pivot]!, matrix[k]!];
    [b[k], b[pivot]] = [b[pivot]!, b[k]!];
    for (let i = k + 1; i < n; i++) {
      const factor = matrix[i]![k]! / matrix[k]![k]!;
      for (let j = k; j < n; j++) matrix[i]![j]! -= factor * matrix[k]![j]!;
      b[i]! -= factor * b[k]!;
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) b[i]! -= matrix[i]![j]! * b[j]!;
    b[i]! /= matrix[i]![i]!;
  }
  return b;
}

async function ours({ priors, sizes, rows }: Montage, how: Partial<TaskInput<'solve-stack'>>): Promise<number> {
  const pool = new Pool({
    workerFile: join(import.meta.dirname, '../../native-workers/worker.ts'),
    kernelsFile: join(import.meta.dirname, '../../native-workers/lamella-kernels.node'),
    threads: 1,
    log: (line) => console.error(line),
  });
  onTestFinished(() => pool.close());
  const bytes = (values: readonly number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);
  const inputs = [bytes(priors.flat()), bytes(sizes.flat()), bytes(rows.flatMap((row) => [...row, 0]))];
  const header = { model: 'affine', tiles: priors.length, matches: rows.length, ...how } as const;
  const { header: report, outputs } = await pool.run('solve-stack', header, { inputs });
  expect(report.relativeResidual).toBeLessThan(1e-8);
  const residuals = new Float64Array((outputs[1] ?? new Uint8Array()).slice().buffer);
  return Math.sqrt(residuals.reduce((sum, r) => sum + r * r, 0) / rows.length);
}

test.skipIf(!isThere)('real matches are solved to at or below the residual of the reference formulation', async () => {
  const given = montage();
  expect(given.rows.length).toBeGreaterThan(2000);
  // solver_montage_test.json: default_lambda 1e3, translation_factor 1e-5.
  const theirs = reference(given, 1e3, 1e-5);
  const affine = await ours(given, { robust: false });
  const bent = await ours(given, { model: 'polynomial', robust: false });
  console.log(`reference ${theirs.toFixed(4)} px, affine ${affine.toFixed(4)} px, polynomial ${bent.toFixed(4)} px`);
  expect(affine).toBeLessThanOrEqual(theirs);
  expect(bent).toBeLessThan(affine);
});

interface Spec {
  readonly tileId: string;
  readonly transforms: { readonly specList: readonly { readonly className: string; readonly dataString: string }[] };
}

test.skipIf(!isThere)('solving real tiles keeps their lens, behind which their matches were taken', async () => {
  const { client, library, result, folder: own } = tempEngine();
  const source = join(folder, 'solver_raw_tiles_for_montage.json');
  const file = join(folder, 'solver_montage_pointmatches.json');
  const { dataset } = await result<{ dataset: string }>(client.stack.import({ library, source }));
  const matched = await client.solve.importMatches({ library, dataset, file });
  const { stack } = await result<{ stack: string }>(
    client.solve.start({ library, stack: matched.stack, model: 'affine', robust: false }),
  );
  const [out, again] = [join(own, 'solved.json'), join(own, 'matches.json')];
  await client.stitch.export({ library, stack, out });
  await client.solve.exportMatches({ library, stack, out: again });
  const specs = JSON.parse(readFileSync(out, 'utf8')) as readonly Spec[];
  const before = JSON.parse(readFileSync(source, 'utf8')) as readonly Spec[];
  const lensOf = ({ transforms }: Spec): string => transforms.specList[0]?.dataString.trim() ?? '';
  expect(specs.map(({ tileId, ...spec }) => [tileId, lensOf(spec as Spec)])).toEqual(
    before.map(({ tileId, ...spec }) => [tileId, lensOf(spec as Spec)]),
  );
  // Straight from the file of matches through the last transform alone, as EM_aligner means them.
  const given = montage();
  const solved = specs.map(({ transforms }) => transforms.specList.at(-1)!.dataString.split(' ').map(Number));
  const led = (m: readonly number[], x: number, y: number): readonly [number, number] => [
    m[0]! * x + m[2]! * y + m[4]!,
    m[1]! * x + m[3]! * y + m[5]!,
  ];
  const squares = given.rows.map(([a, b, ax, ay, bx, by]) => {
    const [p, q] = [led(solved[a]!, ax, ay), led(solved[b]!, bx, by)];
    return (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2;
  });
  const rmsPx = Math.sqrt(squares.reduce((sum, s) => sum + s, 0) / squares.length);
  expect(rmsPx).toBeLessThanOrEqual(reference(given, 1e3, 1e-5));
  const points = (name: string): number[] =>
    parseCanvasMatches(readFileSync(name, 'utf8'), 'matches')
      .flatMap(({ matches: { p, q } }) => [...p, ...q].flat())
      .toSorted((x, y) => x - y);
  const [back, theirs] = [points(again), points(file)];
  expect(back).toHaveLength(theirs.length);
  expect(Math.max(...back.map((value, i) => Math.abs(value - theirs[i]!)))).toBeLessThan(1e-5);
});
