import { type TaskOutput, tasks } from '../../../../native-workers/tasks.ts';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import type { Overlap } from '../../../../preload/contract/watch.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import type { Finding, Values } from './judge.ts';
import { lightRatio } from './overlap-light.ts';
import { type Neighbours, offOf, type PlacedTile, searchPxOf } from './stage-track.ts';

interface Match extends TaskOutput<'correlate-pair'> {
  /** Logarithm of b's grey level over a's where they match. */
  readonly light: number | null;
}

/** An overlap as it was measured: tile b is the one that came. */
export interface Compared {
  readonly pair: Neighbours;
  readonly overlap: Overlap;
  /** Logarithm of b's grey level over a's where they show the same; null where that is not known. */
  readonly light: number | null;
  /** False where nothing can be said: too little is shared, or there is no texture in it. */
  readonly says: boolean;
}

/** Measures overlaps; one whose files cannot be read any more says nothing. Same order as given. */
export async function compareOverlaps(
  job: JobRun,
  pairs: readonly Neighbours[],
  label: string,
): Promise<readonly Compared[]> {
  const matches = await job.stage<Match>({
    name: label,
    unit: 'overlaps',
    units: pairs.map((pair) => overlapUnit(job, pair)),
    onFailure: (error) => {
      if (!isLamellaError(error, 'bad-source', 'over-budget', 'worker-died', 'not-found')) throw error;
      return { points: [], ncc: 0, peakRatio: 1, overlapPx: 0, reason: error.message, light: null };
    },
  });
  return pairs.map((pair, i) => comparedOf(pair, matches[i]));
}

function overlapUnit(job: JobRun, pair: Neighbours): Unit<Match> {
  const image = ({ path, scale, sizePx }: PlacedTile) => ({ path, scale, sizePx });
  const header = {
    a: image(pair.a),
    b: image(pair.b),
    bFromA: pair.bFromA,
    searchPx: searchPxOf(pair),
    model: 'translation',
  } as const;
  const versions = `${tasks['correlate-pair'].version}.${tasks['compare-light'].version}`;
  return {
    key: unitKey('watch-overlap', 2, versions, pair.a.version, pair.b.version, header),
    subject: `${pair.a.name} and ${pair.b.name}`,
    run: async (signal) => {
      const { header: match } = await job.kernels.run('correlate-pair', header, { signal, lane: 'preview' });
      const [point] = match.points;
      return { ...match, light: point ? await lightRatio(job, pair, point, signal) : null };
    },
  };
}

function comparedOf(pair: Neighbours, match: Match | undefined): Compared {
  const { ncc = 0, reason = 'it was not measured', points = [], light = null } = match ?? {};
  const point = points[0];
  const overlap = {
    tileA: pair.a.id,
    tileB: pair.b.id,
    ncc,
    offPx: point ? ([...offOf(pair, point)] as [number, number]) : null,
    reason,
  };
  return { pair, overlap, light, says: point !== undefined || reason === 'no significant peak' };
}

/** What the overlaps of a tile say of it: its weakest correlation, and whether it lies where it should. */
export function overlapValues(
  compared: readonly Compared[],
  track: { readonly stepPx: number | null; readonly driftPx: number } | null,
): Values {
  const said = compared.filter(({ says }) => says);
  return {
    ...(said.length > 0 && { ncc: Math.min(...said.map(({ overlap }) => overlap.ncc)) }),
    ...(track && { stageDrift: track.driftPx }),
    ...(track && track.stepPx !== null && { stageStep: track.stepPx }),
  };
}

/** A tile that shows tissue and matches none of its neighbours lies elsewhere than the stage says. */
export function lostFinding(compared: readonly Compared[]): Finding | null {
  const said = compared.filter(({ says }) => says);
  if (said.length === 0 || said.some(({ overlap }) => overlap.offPx !== null)) return null;
  const searched = Math.min(...said.map(({ pair }) => searchPxOf(pair)));
  const reason = `none of its ${said.length === 1 ? 'overlap matches' : `${said.length} overlaps match`}: the stage may have jumped by more than ${searched} px`;
  return {
    kind: 'stage-jump',
    metric: 'ncc',
    value: Math.max(...said.map(({ overlap }) => overlap.ncc)),
    low: null,
    high: null,
    reason,
  };
}

/** Whether an alarm was raised by `lostFinding`: other jumps are told by how far they go. */
export const isLostAlarm = ({ kind, metric }: Pick<Finding, 'kind' | 'metric'>): boolean =>
  kind === 'stage-jump' && metric === 'ncc';
