import { basename } from 'node:path';
import type { z } from 'zod';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { stackProcedures } from '../../../../preload/contract/stack.ts';
import { readStackFile } from '../../intake/stack-file.ts';
import type { JobEnding, JobKind, JobRun } from '../../jobs/job.ts';
import { type Import, importedStack } from '../../stacks/imported-stack.ts';
import { layStack, showStack } from '../../stacks/lay-stack.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { datasetRow, tilesOf } from '../../store/tiles.ts';
import { matchTiles } from './match-tiles.ts';
import { importDataset } from './new-dataset.ts';

export type ImportInput = z.output<typeof stackProcedures.import.input>;
export type ImportOutput = z.output<typeof stackProcedures.import.output>;

/** Reads placed tiles into a new version of a dataset, or into a dataset of their own. */
export const importStack: JobKind<ImportInput, ImportOutput> = {
  kind: 'stack.import',
  label: ({ source }) => `Import ${basename(source)}`,
  run: (job, input) =>
    input.dataset === undefined ? importDataset(job, input) : importVersion(job, input, input.dataset),
};

async function importVersion(job: JobRun, input: ImportInput, dataset: string): Promise<JobEnding<ImportOutput>> {
  const { name } = datasetRow(job.library.read, dataset);
  const file = await readStackFile(input.source, input.transforms);
  const { placed, warnings, unplaced, unknown } = matchTiles(file, tilesOf(job.library.read, dataset));
  const fileName = basename(input.source);
  for (const warning of [...file.warnings, ...warnings]) job.warn(warning);
  if (placed.length === 0) {
    throw new LamellaError('bad-layout', `${fileName} names none of the tiles of ${name}.`, {
      hint: 'Tiles are matched by their names, then by the names of their files. Is it the file of another dataset?',
      fields: { file: fileName, dataset, tiles: file.tiles.length },
    });
  }
  const stack: Import = {
    id: idOfJob('stack', job.id),
    dataset,
    job: job.id,
    name: input.name ?? fileName,
    parameters: { file: fileName, format: file.format },
    tiles: placed,
    shared: file.shared,
    reasons: reasonsOf(unplaced, unknown, fileName),
  };
  await layStack(job, importedStack(stack));
  return {
    label: `Import ${fileName} into ${name}`,
    commit: (tx) => {
      showStack(tx, stack.id);
      return { stack: stack.id, dataset, tiles: placed.length, unplaced, unknown, warnings: [...job.warnings] };
    },
  };
}

function reasonsOf(unplaced: number, unknown: number, fileName: string): readonly string[] {
  return [
    ...(unplaced > 0 ? [`${fileName} does not name ${unplaced} tiles of the dataset`] : []),
    ...(unknown > 0 ? [`${fileName} names ${unknown} tiles that the dataset does not have`] : []),
  ];
}
