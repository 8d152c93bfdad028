import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { tasks } from '../../../native-workers/tasks.ts';
import type { sampleProcedures } from '../../../preload/contract/dataset.ts';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { formatTileConfiguration } from '../formats/tile-configuration.ts';
import { type JobKind, type JobRun, type Unit, unitKey } from '../jobs/job.ts';
import { openFolderSource } from '../sources/folder.ts';
import { openFolderTarget } from '../targets/folder.ts';
import type { HandlersOf } from './call.ts';
import { type Acquisition, type AcquiredTile, planAcquisition } from './sample/acquisition.ts';

type Input = z.output<typeof sampleProcedures.make.input>;
type Output = z.output<typeof sampleProcedures.make.output>;

const layoutFile = 'TileConfiguration.txt';
const truthFile = 'truth.json';

/** Sample: plan an acquisition from its seed, write its tiles, then the layout and the truth. */
const make: JobKind<Input, Output> = {
  kind: 'sample.make',
  label: ({ sections, rows, cols }) => `Make a sample of ${sections * rows * cols} tiles`,
  run: async (job, input) => {
    const folder =
      input.out ??
      job.library.pathOf('samples', `em-${input.sections}x${input.rows}x${input.cols}-${input.tilePx}px-${input.seed}`);
    const acquisition = planAcquisition(input);
    refuseForeignFiles(folder, acquisition);
    await prepareFolder(folder);
    const written = await job.stage<{ readonly bytes: number }>({
      name: 'Acquiring tiles',
      unit: 'tiles',
      units: acquisition.tiles.map((tile) => acquireUnit(job, folder, input, tile)),
    });
    await writeRecords(folder, acquisition);
    const output = {
      folder,
      source: folder,
      layout: `tiles:${layoutFile}`,
      tiles: written.length,
      truth: join(folder, truthFile),
    };
    return { label: `Make a sample of ${written.length} tiles`, commit: () => output };
  },
};

export const sampleHandlers: HandlersOf<'sample'> = { make };

/**
 * The same acquisition may be made again over itself; anything else in the folder stays untouched, by refusing. What a
 * kill left of a tile (`NAME.PID.part`) goes.
 */
function refuseForeignFiles(folder: string, { tiles }: Acquisition): void {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) throw inTheWay(folder, 'it is a file');
  const ours = new Set([...tiles.map((tile) => tile.name), layoutFile, truthFile]);
  const wholeName = (name: string): string => name.replace(/\.\d+\.part$/, '');
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  const foreign = names.find((name) => !ours.has(wholeName(name)));
  if (foreign !== undefined) throw inTheWay(folder, `it already holds ${foreign}`);
  for (const name of names.filter((one) => !ours.has(one))) rmSync(join(folder, name), { force: true });
}

const inTheWay = (folder: string, why: string): LamellaError =>
  new LamellaError('conflict', `The sample cannot be written to ${folder}: ${why}.`, {
    hint: 'Name an empty folder, or one that does not exist yet.',
    fields: { folder },
  });

const targetIn = (folder: string): ReturnType<typeof openFolderTarget> =>
  openFolderTarget(openFolderSource(folder, basename(folder)));

/** A durable write makes the folder, and finds out early where it cannot be written. */
async function prepareFolder(folder: string): Promise<void> {
  const target = targetIn(folder);
  const probe = '.lamella-writable';
  await target.put(probe, new Uint8Array());
  await target.delete(probe);
}

function acquireUnit(
  job: JobRun,
  folder: string,
  { tilePx, seed }: Input,
  tile: AcquiredTile,
): Unit<{ readonly bytes: number }> {
  const path = join(folder, tile.name);
  // A repeated tile shows what the camera had before: the same file under another name.
  const { truePx, gain, offset, vignette, noiseSeed, kind } = tile.shows;
  const header = {
    seed,
    section: tile.section,
    sizePx: [tilePx, tilePx] as const,
    tissueFromTile: [1, 0, 0, 1, truePx[0], truePx[1]] as const,
    gain,
    offset,
    vignette,
    noiseSeed,
    kind,
  };
  return {
    key: unitKey('synthesize-tile', tasks['synthesize-tile'].version, path, header),
    subject: tile.name,
    run: async (signal) => {
      await job.kernels.run('synthesize-tile', { ...header, path }, { signal });
      return { bytes: statSync(path).size };
    },
    stillThere: ({ bytes }) => statSync(path, { throwIfNoEntry: false })?.size === bytes,
  };
}

/** The layout has the stage's word; the truth has where each tile really was, and which tiles are faulty. */
async function writeRecords(folder: string, acquisition: Acquisition): Promise<void> {
  const target = targetIn(folder);
  const layout = acquisition.tiles.map(({ name, stagePx, section }) => ({
    name,
    xPx: stagePx[0],
    yPx: stagePx[1],
    section,
  }));
  await target.put(layoutFile, new TextEncoder().encode(formatTileConfiguration(3, layout)));
  const { tiles, ...rest } = acquisition;
  const truth = {
    ...rest,
    tiles: tiles.map(({ shows, ...tile }) => ({
      ...tile,
      gain: shows.gain,
      offset: shows.offset,
      vignette: shows.vignette,
    })),
  };
  await target.put(truthFile, new TextEncoder().encode(`${JSON.stringify(truth, null, 1)}\n`));
}
