import { create } from 'zustand';
import { mostRegions } from '../../preload/contract/atlas.ts';
import type { RegionResult, RegionRow } from '../../preload/contract/region.ts';
import { bridge, engine } from '../engine.ts';
import { changed, onLibraryChanged, openLibraryId, undoAction, useLibrary } from './library.ts';
import { firstMeasure, firstPlotted, measuresOf, type Measure, type SortBy } from './region-numbers.ts';
import { attempt, toast } from './toasts.ts';

/** What was measured by region, and the result that is shown below the panes. */

export type Plot = 'table' | 'bars' | 'tree-map' | 'map';
export type Sides = 'both' | 'left' | 'right' | 'compare';

export interface OpenResult {
  readonly result: RegionResult;
  /** Regions in which something lies, in the order of the tree. */
  readonly rows: Readonly<Record<'both' | 'left' | 'right', readonly RegionRow[]>>;
  readonly measure: Measure;
  readonly sides: Sides;
  /** Whether a region's numbers are with those of the regions inside of it; plots always are. */
  readonly inside: boolean;
  readonly sortBy: SortBy;
  /** Regions whose insides the table leaves out. */
  readonly folded: ReadonlySet<number>;
  /** The region whose insides are plotted. */
  readonly within: number | null;
  /** The region that is marked in the table and on the map. */
  readonly selected: number | null;
}

interface ResultsState {
  /** Newest first. */
  readonly results: readonly RegionResult[];
  readonly open: OpenResult | null;
  readonly plot: Plot;
}

export const useRegionResults = create<ResultsState>(() => ({ results: [], open: null, plot: 'table' }));
const set = useRegionResults.setState;

export const choosePlot = (plot: Plot): void => set({ plot });
export const closeResult = (): void => set({ open: null });
export const changeResult = (change: Partial<OpenResult>): void =>
  set(({ open }) => ({ open: open && { ...open, ...change } }));

/** Marks a region; the table is unfolded down to it. */
export function selectRegion(at: number): void {
  const { open } = useRegionResults.getState();
  if (!open) return;
  const around = new Set(open.rows.both.filter((row) => row.at < at && at < row.end).map((row) => row.at));
  changeResult({ selected: at, folded: new Set([...open.folded].filter((one) => !around.has(one))) });
}

async function loadResults(): Promise<void> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined) return set({ results: [], open: null });
  const answer = await attempt(() => engine().region.list({ library }));
  if (!answer || useLibrary.getState().library?.library !== library) return;
  const { results } = answer.value;
  // One that was undone is no longer there.
  set(({ open }) => ({ results, open: results.some(({ id }) => id === open?.result.id) ? open : null }));
}

useLibrary.subscribe((now, before) => {
  if (now.library?.library === before.library?.library) return;
  set({ results: [], open: null });
  void loadResults();
});
onLibraryChanged(loadResults);

/** Shows a result below the panes of View. */
export async function openResult(id: string): Promise<void> {
  const read = await attempt(() => readResult(id));
  if (!read) return;
  const { result, rows } = read;
  const before = useRegionResults.getState().open;
  const measure = before && measuresOf(result).includes(before.measure) ? before.measure : firstMeasure(result);
  const folded = new Set(rows.both.filter(({ depth, at, end }) => depth >= 3 && end > at + 1).map(({ at }) => at));
  const sides = result.hemispheres ? (before?.sides ?? 'both') : 'both';
  const within = firstPlotted(rows.both);
  set({ open: { result, rows, measure, sides, inside: true, sortBy: 'tree', folded, within, selected: null } });
}

async function readResult(id: string): Promise<Pick<OpenResult, 'result' | 'rows'>> {
  const library = openLibraryId();
  const { value } = await engine().region.get({ library, result: id });
  const rowsOf = async (hemisphere: 'both' | 'left' | 'right'): Promise<readonly RegionRow[]> => {
    if (hemisphere !== 'both' && !value.result.hemispheres) return [];
    const answer = await engine().region.table({ library, result: id, hemisphere, most: mostRegions });
    return answer.value.rows;
  };
  const [both, left, right] = await Promise.all([rowsOf('both'), rowsOf('left'), rowsOf('right')]);
  return { result: value.result, rows: { both, left, right } };
}

const tables = [
  { name: 'Table', extensions: ['csv'] },
  { name: 'JSON', extensions: ['json'] },
];

/** Writes the whole result, of both hemispheres and of each, where the user says. */
export async function exportResult({ id, name }: RegionResult): Promise<void> {
  const out = await attempt(() => bridge.saveFile(`${name} by region.csv`, tables));
  if (!out) return;
  const format = /\.json$/i.test(out.name) ? 'json' : 'csv';
  const library = openLibraryId();
  const written = await attempt(() => engine().region.export({ library, result: id, format, out: out.id }));
  if (!written) return;
  toast({
    tone: 'good',
    title: `${written.rows} rows written`,
    detail: out.name,
    action: { label: 'Show the file', run: () => void bridge.reveal(out.id) },
  });
}

export async function removeResult({ id, name }: RegionResult): Promise<void> {
  const removed = await attempt(() => engine().region.remove({ library: openLibraryId(), result: id }));
  if (!removed) return;
  await changed();
  toast({
    tone: 'info',
    title: `Took ${name} out of the library`,
    action: undoAction,
  });
}
