import { basename, dirname } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Warning } from '../../../../preload/contract/reference.ts';
import { layDataset, showDataset } from '../../intake/dataset-rows.ts';
import { inspectTiles, type LocatedTile, locateTiles } from '../../intake/inspect.ts';
import { layoutTileOf, type TileLayout } from '../../intake/layout.ts';
import { createFinder, listSource } from '../../intake/source-files.ts';
import { readStackFile, type StackFile } from '../../intake/stack-file.ts';
import { judgeTiles, type MeasuredTile, measureTiles } from '../../intake/verdicts.ts';
import { refuseVoxelSize } from '../../intake/voxel-size.ts';
import type { JobEnding, JobRun } from '../../jobs/job.ts';
import { type ImportedTile, importedStack } from '../../stacks/imported-stack.ts';
import { layStack, showStack } from '../../stacks/lay-stack.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import type { ImportInput, ImportOutput } from './import.ts';

/** A dataset of the tiles of a file, and its first stack version. Tiles whose images are not here have places alone. */
export async function importDataset(job: JobRun, input: ImportInput): Promise<JobEnding<ImportOutput>> {
  refuseVoxelSize(input.voxelSizeNm);
  const file = await readStackFile(input.source, input.transforms);
  const source = await listSource(input.images ?? dirname(input.source));
  const layout: TileLayout = { tiles: file.tiles.map(layoutTileOf), overlap: null, shared: file.shared, warnings: [] };
  const located = await locateTiles(layout.tiles, source, createFinder(source));
  const tiles = measureTiles(located, await inspectTiles(job, located));
  const fileName = basename(input.source);
  refuseUnsized(tiles, fileName);
  for (const warning of [...file.warnings, ...absent(located, source.folder)]) job.warn(warning);
  const judged = judgeTiles(tiles);
  const [dataset, stack] = [idOfJob('dataset', job.id), idOfJob('stack', job.id)];
  const name = input.name?.trim() || fileName;
  const { voxelSizeNm } = input;
  const from = { source: source.folder, layout: `${file.format}:${fileName}`, voxelSizeNm, job: job.id };
  const idOf = await layDataset(job, { id: dataset, name, ...from }, layout, tiles, judged);
  const placed = placedBy(file, idOf);
  const parameters = { file: fileName, format: file.format };
  const { shared } = file;
  const version = { id: stack, dataset, job: job.id, name, parameters, tiles: placed, shared, reasons: [] };
  await layStack(job, importedStack(version));
  return {
    label: `Import ${fileName}`,
    commit: (tx) => {
      showDataset(tx, dataset);
      showStack(tx, stack);
      return { stack, dataset, tiles: placed.length, unplaced: 0, unknown: 0, warnings: [...job.warnings] };
    },
  };
}

const placedBy = ({ tiles }: StackFile, idOf: ReadonlyMap<string, number>): readonly ImportedTile[] =>
  tiles.flatMap(({ tileId, stageFromTile: stackFromTile, transforms }) => {
    const tile = idOf.get(tileId);
    return tile === undefined ? [] : [{ tile, stackFromTile, transforms }];
  });

function refuseUnsized(tiles: readonly MeasuredTile[], fileName: string): void {
  const unsized = tiles.filter(({ sizePx }) => sizePx === null);
  const [first] = unsized;
  if (!first || unsized.length < tiles.length) return;
  throw new LamellaError(
    'bad-layout',
    `${fileName} does not say how large its tiles are, and no image is here to tell, such as "${first.located.layout.name}".`,
    {
      hint: 'Name the folder of the images with --images, or place the tiles of a dataset that is in the library with --dataset.',
      fields: { file: fileName, tiles: tiles.length },
    },
  );
}

function absent(located: readonly LocatedTile[], folder: string): readonly Warning[] {
  const missing = located.filter(({ isFound }) => !isFound);
  const [first] = missing;
  if (!first) return [];
  return [
    {
      subject: first.layout.name,
      message: `The images of ${missing.length} of ${located.length} tiles are not in ${basename(folder)}: these tiles have places and no pixels.`,
      hint: 'Coordinates can be led through them. To see them, import again with the folder of the images.',
    },
  ];
}
