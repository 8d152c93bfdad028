import { createHash } from 'node:crypto';
import { type TaskInput, type TaskOutput, tasks } from '../../../native-workers/tasks.ts';
import type { Affine } from '../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../preload/contract/transform.ts';
import type { Steps } from '../formats/steps.ts';
import { inTurns } from '../jobs/in-turns.ts';
import { type JobRun, type Unit, unitKey } from '../jobs/job.ts';
import { degreeOf, formatPolynomial } from '../transforms/tile/polynomial.ts';

/** Numbers of a match: tileA, tileB (places among the tiles), ax, ay, bx, by (tile pixels), weight, link. */
export const numbersOfMatch = 8;

/** Tiles that are solved together. Arrays are as the kernel `solve-stack` takes them. */
export interface SolveProblem {
  /** What a warning would name: "section 3". */
  readonly subject: string;
  readonly tiles: number;
  /** f64[tiles][6], stack-space pixels. */
  readonly priors: Float64Array;
  /** f64[tiles][2], pixels. */
  readonly sizes: Float64Array;
  /** f64[matches][8] */
  readonly matches: Float64Array;
  /** f64[tiles], where any tile is held more than usual. */
  readonly holds?: Float64Array;
}

export type SolveSettings = Omit<TaskInput<'solve-stack'>, 'tiles' | 'matches'>;

/** What the solve says of a problem. Arrays go with its tiles and matches. */
export interface Solution {
  readonly affines: Float64Array;
  /** Pixels, one a match. */
  readonly residuals: Float32Array;
  readonly kept: Uint8Array;
  /** Connected component, -1 for a tile without a kept link. */
  readonly component: Int32Array;
  /** Of the polynomial model: f64[tiles][2][terms]. */
  readonly coefficients: Float64Array;
  readonly report: TaskOutput<'solve-stack'>;
}

/** As the ledger keeps it: bytes in base 64, which a hundred thousand tiles need. */
interface KeptSolution {
  readonly outputs: readonly string[];
  readonly report: TaskOutput<'solve-stack'>;
}

/** Solves each problem with each of the settings: one unit each, in the order of the problems, settings inside. */
export async function solveProblems(
  job: JobRun,
  problems: readonly SolveProblem[],
  settings: readonly SolveSettings[],
  unit: string,
): Promise<readonly Solution[]> {
  const units = await inTurns(unitSteps(job, problems, settings), job.signal);
  const kept = await job.stage<KeptSolution>({ name: 'Solving placements', unit, units, weight: 1 });
  return kept.map(solutionOf);
}

function* unitSteps(
  job: JobRun,
  problems: readonly SolveProblem[],
  settings: readonly SolveSettings[],
): Steps<readonly Unit<KeptSolution>[]> {
  const units: Unit<KeptSolution>[] = [];
  for (const problem of problems) {
    const { priors, sizes, matches, holds } = problem;
    const inputs = [priors, sizes, matches, ...(holds ? [holds] : [])].map(bytesOf);
    const digest = yield* digestSteps(inputs);
    for (const one of settings) units.push(solveUnit(job, problem, one, inputs, digest));
  }
  return units;
}

const digestedAtOnce = 2 ** 21;

function* digestSteps(inputs: readonly Uint8Array[]): Steps<string> {
  const hash = createHash('sha256');
  for (const bytes of inputs)
    for (let at = 0; at < bytes.length; at += digestedAtOnce) {
      hash.update(bytes.subarray(at, at + digestedAtOnce));
      yield;
    }
  return hash.digest('hex');
}

function solveUnit(
  job: JobRun,
  { subject, tiles, matches }: SolveProblem,
  settings: SolveSettings,
  inputs: readonly Uint8Array[],
  digest: string,
): Unit<KeptSolution> {
  const header = { ...settings, tiles, matches: matches.length / numbersOfMatch };
  return {
    key: unitKey('solve-stack', tasks['solve-stack'].version, header, digest),
    subject,
    run: async (signal) => {
      const { header: report, outputs } = await job.kernels.run('solve-stack', header, { inputs, signal });
      const residuals = bytesOf(Float32Array.from(doubles(outputs[1])));
      const [affines, , kept, component, coefficients] = outputs;
      return { report, outputs: [affines, residuals, kept, component, coefficients].map(inBase64) };
    },
  };
}

function solutionOf({ outputs, report }: KeptSolution): Solution {
  const [affines, residuals, kept, component, coefficients] = outputs.map((text) => Buffer.from(text, 'base64'));
  return {
    affines: doubles(affines),
    residuals: new Float32Array(aligned(residuals)),
    kept: new Uint8Array(aligned(kept)),
    component: new Int32Array(aligned(component)),
    coefficients: doubles(coefficients),
    report,
  };
}

const bytesOf = (values: Float64Array | Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const inBase64 = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('base64');
/** On a buffer of its own, from its start, as typed arrays want it. */
const aligned = (bytes: Uint8Array | undefined): ArrayBuffer => new Uint8Array(bytes ?? []).buffer;
const doubles = (bytes: Uint8Array | undefined): Float64Array => new Float64Array(aligned(bytes));

/** Where the solution puts a tile. */
export function affineOfTile({ affines }: Pick<Solution, 'affines'>, tile: number): Affine {
  const at = (k: number): number => affines[tile * 6 + k] ?? Number.NaN;
  return [at(0), at(1), at(2), at(3), at(4), at(5)];
}

/** What the affine placement of a tile does not say: its polynomial. None of the other models. */
export function transformsOfTile(
  { affines, coefficients }: Solution,
  tile: number,
): readonly TransformSpec[] | undefined {
  if (coefficients.length === 0) return undefined;
  const terms = coefficients.length / (affines.length / 6) / 2;
  const [x, y] = [0, 1].map((axis) => {
    const from = (tile * 2 + axis) * terms;
    return coefficients.subarray(from, from + terms);
  });
  const degree = degreeOf(terms);
  if (!x || !y || degree === null) return undefined;
  return [{ type: 'leaf', className: polynomialClass, dataString: formatPolynomial({ degree, x, y }) }];
}

const polynomialClass = 'mpicbg.trakem2.transform.PolynomialTransform2D';

/**
 * Trust in a point: inverse variance with a floor for what tiles distort, times its correlation squared; the points of
 * a link share the weight of about two, since patches of one overlap are no independent witnesses.
 */
export function weightOfPoint(ncc: number, sigmaPx: number, pointsOfLink: number): number {
  const variance = 0.25 ** 2 + Math.min(sigmaPx, 10) ** 2;
  return ((ncc * ncc * 0.25 ** 2) / variance) * Math.min(1, 2 / pointsOfLink);
}
