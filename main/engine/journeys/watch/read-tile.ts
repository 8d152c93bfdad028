import { stat } from 'node:fs/promises';
import { type TaskOutput, tasks } from '../../../../native-workers/tasks.ts';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import { fingerprintOf, type RestedFile } from '../../intake/folder-poll.ts';
import { fileNameOf } from '../../intake/source-files.ts';
import { type JobRun, type Unit, unitKey } from '../../jobs/job.ts';
import { putThumbnail, thumbnailPx } from '../../store/thumbnails.ts';

/** What the reading of a file gave; plain JSON, kept in the ledger. */
export type TileRead =
  | {
      readonly state: 'read';
      readonly measured: TaskOutput<'inspect-tile'>;
      /** Null where the picture could be read and not measured. */
      readonly scan: TaskOutput<'measure-tile'> | null;
    }
  | { readonly state: 'unreadable'; readonly why: string }
  /** Not whole yet, or changed while it was read: it is read again. */
  | { readonly state: 'growing' }
  | { readonly state: 'gone' };

/** Reads files that rested, a few at a time. Same order as given. */
export function readTiles(
  job: JobRun,
  folder: (path: string) => string,
  files: readonly RestedFile[],
  label: string,
): Promise<readonly TileRead[]> {
  return job.stage<TileRead>({
    name: label,
    unit: 'tiles',
    units: files.map((file) => readUnit(job, folder(file.path), file)),
    onFailure: (error, unit) => {
      if (isLamellaError(error, 'worker-died'))
        return { state: 'unreadable', why: `${unit.subject}: ${error.message}` };
      throw error;
    },
  });
}

function readUnit(job: JobRun, path: string, { fingerprint, isFinal }: RestedFile): Unit<TileRead> {
  const versions = `${tasks['inspect-tile'].version}.${tasks['measure-tile'].version}`;
  return {
    key: unitKey('watch-tile', 1, versions, path, fingerprint, thumbnailPx, isFinal),
    subject: fileNameOf(path),
    run: (signal) => readOne(job, path, fingerprint, isFinal, signal),
    stillThere: ({ state }) => state === 'read' || state === 'unreadable',
  };
}

async function readOne(
  job: JobRun,
  path: string,
  fingerprint: string,
  isFinal: boolean,
  signal: AbortSignal,
): Promise<TileRead> {
  try {
    const { header: measured, outputs } = await job.kernels.run(
      'inspect-tile',
      { path, thumbnailPx },
      { signal, lane: 'preview' },
    );
    if ((measured.truncated && !isFinal) || (await fingerprintNow(path)) !== fingerprint) return { state: 'growing' };
    const [widthPx, heightPx] = measured.thumbnailSize;
    if (outputs[0]) putThumbnail(job.library.cache, measured.sha256, { widthPx, heightPx, pixels: outputs[0] });
    return { state: 'read', measured, scan: await scanOf(job, path, signal) };
  } catch (error) {
    if (isLamellaError(error, 'not-found')) return { state: 'gone' };
    if (!isLamellaError(error, 'bad-source', 'over-budget')) throw error;
    const now = await fingerprintNow(path);
    if (now === null) return { state: 'gone' };
    if (now !== fingerprint || !isFinal) return { state: 'growing' };
    // Reasons name the file, not where it lies: a window is told no paths.
    return { state: 'unreadable', why: error.message.replaceAll(path, fileNameOf(path)) };
  }
}

/** Of the pixels that were decoded just now. */
async function scanOf(job: JobRun, path: string, signal: AbortSignal): Promise<TaskOutput<'measure-tile'> | null> {
  try {
    return (await job.kernels.run('measure-tile', { path }, { signal, lane: 'preview' })).header;
  } catch (error) {
    if (isLamellaError(error, 'bad-source', 'over-budget', 'not-found')) return null;
    throw error;
  }
}

async function fingerprintNow(path: string): Promise<string | null> {
  try {
    return fingerprintOf(await stat(path));
  } catch {
    return null;
  }
}
