import { stringify } from 'csv-stringify/sync';
import type { z } from 'zod';
import type { Alarm, watchProcedures } from '../../../../preload/contract/watch.ts';
import type { WithBytes } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { applyAffine } from '../../../../preload/contract/space.ts';
import type { JobKind, Kernels } from '../../jobs/job.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { refuseToOverwrite } from '../../store/output-file.ts';
import { datasetRow, tilesOf, tilesWithIds } from '../../store/tiles.ts';
import { writeFileDurably } from '../../targets/folder.ts';
import { thumbnailOf } from '../../volumes/thumbnail-of.ts';

import { limitsNow } from './follow.ts';
import type { WatchHub } from './hub.ts';
import { greyPng } from './report/grey-png.ts';
import { type ReportData, reportHtml, retakeList } from './report/page.ts';
import { alarmsOf, readingsOf, watchRow, watchSummary } from './watch-rows.ts';

type Input = z.output<typeof watchProcedures.report.input>;
type Output = z.output<typeof watchProcedures.report.output>;

/** What making a report needs. */
interface Maker {
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
}

export const reportKind = (hub: WatchHub): JobKind<Input, Output> => ({
  kind: 'watch.report',
  runsBeside: true,
  label: ({ out }) => `Report into ${out.split(/[\\/]/).at(-1) ?? out}`,
  run: async (job, { watch, out }) => {
    const ending = /\.(html|csv)$/i.exec(out)?.[0]?.toLowerCase();
    if (ending === undefined) throw unknownEnding(out);
    refuseToOverwrite(job.library, out, ending);
    const data = await dataOf(job.library, watch, hub, job);
    const text = ending === '.csv' ? retakeCsv(data.alarms) : reportHtml(data);
    await writeFileDurably(out, [new TextEncoder().encode(text)]);
    const retake = retakeList(data.alarms).length;
    return {
      label: `Report on ${data.watch.name}`,
      commit: () => ({ file: out, tiles: data.watch.tiles, alarms: data.alarms.length, retake }),
    };
  },
});

export async function reportPage(
  library: LibraryStore,
  watch: string,
  hub: WatchHub,
  maker: Maker,
): Promise<WithBytes<{ title: string }>> {
  const data = await dataOf(library, watch, hub, maker);
  return { value: { title: `Shift report ${data.watch.name}` }, bytes: new TextEncoder().encode(reportHtml(data)) };
}

/** Alarms beyond these have no picture: a page of gigabytes opens nowhere. */
const mostPictures = 400;

async function dataOf(
  library: LibraryStore,
  id: string,
  hub: WatchHub,
  { kernels, signal }: Maker,
): Promise<ReportData> {
  const { read } = library;
  const row = watchRow(read, id);
  const made = read.get<{ version: string }>('SELECT lamella_version AS version FROM job WHERE id = ?', row.job);
  const [readings, alarms] = [readingsOf(read, id), alarmsOf(read, id)];
  const about = [...new Set(alarms.flatMap(({ tile }) => tile ?? []))].slice(0, mostPictures);
  const pictures = new Map<number, Uint8Array>();
  for (const tile of tilesWithIds(read, row.dataset, about)) {
    const thumbnail = await thumbnailOf(library, tile, kernels, signal);
    if (thumbnail.widthPx > 0) pictures.set(tile.id, greyPng(thumbnail));
  }
  const dataset = datasetRow(read, row.dataset);
  return {
    layout: basenameOfLayout(dataset.layout),
    voxelSizeNm: JSON.parse(dataset.voxel_size_nm) as ReportData['voxelSizeNm'],
    tiles: tilesOf(read, row.dataset).map(({ id: tile, name, section, widthPx, heightPx, stageFromTile }) => ({
      id: tile,
      name,
      section,
      corners: cornersOf([widthPx, heightPx]).map(([x, y]) => applyAffine(stageFromTile, x, y)),
    })),
    watch: watchSummary(read, row, hub.isAtWork(id)),
    readings,
    limits: limitsNow(library, id, hub),
    alarms,
    pictures,
    retakes: readings.reduce((sum, reading) => sum + reading.retakes, 0),
    madeAt: new Date().toISOString(),
    version: made?.version ?? '',
  };
}

const cornersOf = ([width, height]: readonly [number, number]): ReadonlyArray<readonly [number, number]> => [
  [0, 0],
  [width, 0],
  [width, height],
  [0, height],
];

/** A layout as it was given, its file by its name alone: a report tells no paths. */
const basenameOfLayout = (layout: string): string => layout.replace(/^(tiles|render|temca):.*[\\/]/, '$1:');

/** What to take again, one a row. Text that a spreadsheet would take for a formula is quoted. */
const retakeCsv = (alarms: readonly Alarm[]): string =>
  stringify(
    retakeList(alarms).map(({ subject, section, kind, reason, value, low, high, at }) => ({
      tile: subject,
      section,
      alarm: kind,
      reason,
      value,
      low,
      high,
      at,
    })),
    {
      header: true,
      columns: ['tile', 'section', 'alarm', 'reason', 'value', 'low', 'high', 'at'],
      escape_formulas: true,
    },
  );

const unknownEnding = (out: string): LamellaError =>
  new LamellaError('invalid-input', `"${out}" is neither a web page nor a table.`, {
    hint: 'Give a name that ends in .html or .csv.',
    fields: { out },
  });
