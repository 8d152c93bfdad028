import { createHash } from 'node:crypto';
import type { RegionResult, RegionRow } from '../../../preload/contract/region.ts';
import { treeOf } from '../atlases/atlas-rows.ts';
import { regionResultById, regionResults, talliesOf } from '../atlases/region-results.ts';
import { regionTable } from '../atlases/region-table.ts';
import type { Hemisphere } from '../atlases/sides.ts';
import type { JobKind } from '../jobs/job.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { refuseToOverwrite } from '../store/output-file.ts';
import { writeFileDurably } from '../targets/folder.ts';
import type { OpenVolumes } from '../volumes/open-volumes.ts';
import type { HandlersOf } from './call.ts';
import { regionCsv, withPath } from './region/export.ts';
import {
  type MeasureInput,
  type MeasureOutput,
  measureRegions,
  type OpenShapesOf,
  type RegionRoom,
} from './region/measure.ts';

const measureKind = (room: RegionRoom): JobKind<MeasureInput, MeasureOutput> => ({
  kind: 'region.measure',
  label: ({ name }) => (name === undefined ? 'Measure by region' : `Measure ${name}`),
  run: (job, input) => measureRegions(room, job, input),
});

/** What lies in each region of an atlas. `shapes`: a set of the library, open. */
export const regionHandlers = (volumes: OpenVolumes, shapes: OpenShapesOf): HandlersOf<'region'> => ({
  measure: measureKind({ volumes, shapes }),

  list: ({ library, atlas }, call) => ({ value: { results: [...regionResults(call.library(library), atlas)] } }),

  get: ({ library, result }, call) => ({ value: { result: regionResultById(call.library(library), result) } }),

  table: ({ library: ref, result: id, hemisphere, under, empty, from, most }, call) => {
    const library = call.library(ref);
    const result = regionResultById(library, id);
    const side = hemisphere === 'both' ? null : hemisphere;
    const rows = rowsOf(library, result, [side], { under, empty });
    return { value: { total: rows.length, rows: rows.slice(from, from + most) } };
  },

  export: async ({ library: ref, result: id, format, empty, out: to }, call) => {
    const library = call.library(ref);
    const result = regionResultById(library, id);
    const out = call.path(to);
    refuseToOverwrite(library, out, `.${format}`);
    const sides: readonly (Hemisphere | null)[] = result.hemispheres ? [null, 'left', 'right'] : [null];
    const tree = treeOf(library, result.atlas);
    const rows = rowsOf(library, result, sides, { empty })
      .map((row) => withPath(tree, row))
      .toSorted((a, b) => a.at - b.at);
    const text = format === 'csv' ? regionCsv(result, rows) : `${JSON.stringify({ result, rows }, null, 1)}\n`;
    const bytes = new TextEncoder().encode(text);
    await writeFileDurably(out, [bytes]);
    return { file: call.refer(out), rows: rows.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  },

  remove: ({ library: ref, result: id }, call) => {
    const library = call.library(ref);
    const { name } = regionResultById(library, id);
    library.edit(`Remove ${name}`, (tx) => tx.put('region_result', { id, removed: 1 }));
    return { removed: true };
  },
});

interface RowsAsked {
  readonly under?: string | undefined;
  readonly empty: boolean;
}

/** The rows of each side, side by side. `sides`: null is both together. */
function rowsOf(
  library: LibraryStore,
  result: RegionResult,
  sides: readonly (Hemisphere | null)[],
  { under, empty }: RowsAsked,
): readonly RegionRow[] {
  const tree = treeOf(library, result.atlas);
  const { at: from, end } = under === undefined ? { at: 0, end: tree.regions.length } : tree.branch(under);
  const tallies = talliesOf(library.read, result.id);
  return sides.flatMap((hemisphere) => regionTable(tree, result, tallies, { hemisphere, empty, from, end }));
}
