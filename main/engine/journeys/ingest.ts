import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { z } from 'zod';
import type { ingestProcedures } from '../../../preload/contract/dataset.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import { voxelSizeNmSchema } from '../../../preload/contract/space.ts';
import type { JobEnding, JobKind, JobRun } from '../jobs/job.ts';
import { idOfJob } from '../store/id-of-job.ts';
import { showStack } from '../stacks/lay-stack.ts';
import { datasetRow } from '../store/tiles.ts';
import type { HandlersOf } from './call.ts';
import { layDataset, showDataset } from '../intake/dataset-rows.ts';
import { layBentPlaces } from './ingest/bent-places.ts';
import { detectLayouts } from './ingest/detect.ts';
import { inspectTiles, type LocatedTile, locateTiles } from '../intake/inspect.ts';
import { readAnyLayout, type TileLayout } from '../intake/layout.ts';
import { takeOrder } from '../intake/layout-order.ts';
import { createFinder, fileNameOf, listSource, type SourceFolder } from '../intake/source-files.ts';
import { refuseVoxelSize } from '../intake/voxel-size.ts';
import { type Judgement, judgeTiles, type MeasuredTile, measuredOf, measureTiles } from '../intake/verdicts.ts';

type Input = z.output<typeof ingestProcedures.start.input>;
type Output = z.output<typeof ingestProcedures.start.output>;

/** Import: list the folder, read the layout, find the files, read each once, judge, store. */
const start: JobKind<Input, Output> = {
  kind: 'ingest.start',
  label: ({ name, source }) => `Import ${nameOf(name, source)}`,
  run: async (job, input) => {
    refuseVoxelSize(input.voxelSizeNm);
    const source = await listSource(input.source);
    const layout = await readAnyLayout(input.layout, source);
    const located = await locateTiles(layout.tiles, source, createFinder(source));
    refuseIfNothing(located, source, input.layout);
    const inspected = await inspectTiles(job, located);
    const tiles = measureTiles(located, inspected);
    refuseIfUnreadable(tiles, source);
    await nextTurn();
    const judged = judgeTiles(tiles);
    await nextTurn();
    const layoutWarnings = capped(layout.warnings, 'layout', (more) => `${more} more warnings about the layout.`);
    const masks = missingMasks(located);
    for (const warning of [...sourceWarnings(source), ...layoutWarnings, ...masks, ...tileWarnings(tiles, judged)])
      job.warn(warning);
    await nextTurn();
    return ending(job, input, layout, tiles, judged);
  },
};

/** The same folder by the same layout, in another order; files that were read are not read again. */
const again: JobKind<z.output<typeof ingestProcedures.again.input>, Output> = {
  kind: 'ingest.again',
  label: ({ order }) => `Import again (${order})`,
  run: (job, { library, dataset, order }) => {
    const row = datasetRow(job.library.read, dataset);
    const voxelSizeNm = voxelSizeNmSchema.parse(JSON.parse(row.voxel_size_nm));
    const layout = `${takeOrder(row.layout).layout};order=${order}`;
    return start.run(job, { library, source: row.source, layout, name: `${row.name} (${order})`, voxelSizeNm });
  },
};

export const ingestHandlers: HandlersOf<'ingest'> = {
  again,
  detect: async ({ source, layout }, call) => {
    const { candidates, ...found } = await detectLayouts(call.path(source), layout);
    return { value: { ...found, candidates: [...candidates] } };
  },
  start,
};

const nameOf = (name: string | undefined, source: string): string => name?.trim() || basename(source);

function refuseIfNothing(located: readonly LocatedTile[], source: SourceFolder, layout: string): void {
  if (located.some((tile) => tile.isFound)) return;
  const names = located.slice(0, 3).map((tile) => fileNameOf(tile.path));
  throw new LamellaError(
    'bad-source',
    `None of the ${located.length} tiles that the layout names is in ${source.folder}: no ${names.join(', no ')}${located.length > 3 ? ', …' : ''}.`,
    {
      hint: 'Name the folder that holds the images; they may lie in folders inside it.',
      fields: { source: source.folder, layout, tiles: located.length },
    },
  );
}

function refuseIfUnreadable(tiles: readonly MeasuredTile[], source: SourceFolder): void {
  if (tiles.some((tile) => measuredOf(tile))) return;
  const failed = tiles.find((tile) => tile.inspection && !tile.inspection.ok);
  const why = failed?.inspection && !failed.inspection.ok ? failed.inspection.why : 'no file could be read.';
  throw new LamellaError(
    'bad-source',
    `None of the ${tiles.length} tiles in ${source.folder} can be read; the first: ${why}`,
    {
      hint: 'Check that these are PNG, TIFF or JPEG images and that they were copied whole.',
      fields: { source: source.folder, tiles: tiles.length },
    },
  );
}

function sourceWarnings(source: SourceFolder): readonly Warning[] {
  if (!source.isCut) return [];
  return [
    {
      subject: basename(source.folder),
      message: `The folder has more files than Lamella looks at; only the first ${source.paths.length} were.`,
      hint: 'Import its subfolders one by one.',
    },
  ];
}

const maxWarnings = 200;

/** Up to a limit; the rest are counted in one more. */
function capped(warnings: readonly Warning[], subject: string, message: (more: number) => string): readonly Warning[] {
  const more = warnings.length - maxWarnings;
  const rest = { subject, message: message(more), hint: 'The tile board shows every tile.' };
  return more > 0 ? [...warnings.slice(0, maxWarnings), rest] : warnings;
}

function missingMasks(located: readonly LocatedTile[]): readonly Warning[] {
  const missing = located.filter(({ layout, mask }) => mask === null && (layout.pictures?.masks.size ?? 0) > 0);
  const [first] = missing;
  if (!first) return [];
  const [reference = ''] = first.layout.pictures?.masks.values() ?? [];
  return [
    {
      subject: first.layout.name,
      message: `${missing.length} of ${located.length} tiles name a mask that was not found; the first: ${fileNameOf(reference)}.`,
      hint: 'They are used whole. Put the masks into the source folder and import again.',
    },
  ];
}

/** One warning for each tile that is not ok. */
function tileWarnings(tiles: readonly MeasuredTile[], judged: readonly Judgement[]): readonly Warning[] {
  const flagged = tiles.flatMap((tile, i) => {
    const { verdict = 'ok', reasons = [] } = judged[i] ?? {};
    return verdict === 'ok' ? [] : [tileWarning(tile, verdict, reasons)];
  });
  return capped(flagged, 'tiles', (more) => `${more} more tiles are flagged.`);
}

function tileWarning(
  { located, inspection }: MeasuredTile,
  verdict: 'warn' | 'bad',
  reasons: readonly string[],
): Warning {
  const file = fileNameOf(located.path);
  const subject = located.layout.spec === null ? file : `${located.layout.name} (${file})`;
  if (!located.isFound)
    return {
      subject,
      message: `${subject}: its file was not found.`,
      hint: 'Put the file into the source folder and import again.',
    };
  if (inspection && !inspection.ok) {
    const message = inspection.why.startsWith(file) ? inspection.why : `${subject}: ${inspection.why}`;
    return { subject, message, hint: inspection.hint };
  }
  const hint =
    verdict === 'bad'
      ? 'It stays out of stitching and fusing unless you accept it on the tile board.'
      : 'Look at it on the tile board.';
  return { subject, message: `${subject}: ${reasons.join('; ')}.`, hint };
}

async function ending(
  job: JobRun,
  input: Input,
  layout: TileLayout,
  tiles: readonly MeasuredTile[],
  judged: readonly Judgement[],
): Promise<JobEnding<Output>> {
  const dataset = idOfJob('dataset', job.id);
  const { name, source, voxelSizeNm } = input;
  const row = { id: dataset, name: nameOf(name, source), source, layout: input.layout, voxelSizeNm, job: job.id };
  const idOf = await layDataset(job, row, layout, tiles, judged);
  const bent = await layBentPlaces(job, dataset, layout, idOf);
  return {
    label: `Import ${tiles.length} tiles`,
    commit: (tx) => {
      showDataset(tx, dataset);
      if (bent !== null) showStack(tx, bent);
      return { dataset, tiles: tiles.length, warnings: [...job.warnings] };
    },
  };
}
