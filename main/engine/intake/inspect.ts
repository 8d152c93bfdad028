import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { type TaskOutput, tasks } from '../../../native-workers/tasks.ts';
import { isLamellaError, LamellaError, toWireError } from '../../../preload/contract/errors.ts';
import { each, inTurns } from '../jobs/in-turns.ts';
import { type JobRun, type KernelResult, type Unit, unitKey } from '../jobs/job.ts';
import { putThumbnail, thumbnailPx } from '../store/thumbnails.ts';
import type { LayoutTile } from './layout.ts';
import { type Finder, fileNameOf, type SourceFolder, statFile } from './source-files.ts';

/** A tile of the layout with the file that serves it, if one was found. */
export interface LocatedTile {
  readonly layout: LayoutTile;
  /** The file that serves, or where it should have been. */
  readonly path: string;
  readonly isFound: boolean;
  readonly mipmapLevel: number;
  /** Its mask, where one is named and found. */
  readonly mask: LocatedPicture | null;
  /** Its further channels, found or not. */
  readonly channels: readonly LocatedChannel[];
}

export interface LocatedPicture {
  readonly path: string;
  readonly mipmapLevel: number;
}

export interface LocatedChannel extends LocatedPicture {
  readonly name: string;
  readonly mask: LocatedPicture | null;
  readonly intensity: readonly [number, number] | null;
}

/** The finest level whose file is there, by its path or by its name anywhere in the source folder. */
export const locateTiles = (
  tiles: readonly LayoutTile[],
  source: SourceFolder,
  finder: Finder,
): Promise<readonly LocatedTile[]> => inTurns(each(tiles, (layout) => locateTile(layout, source, finder)));

function locateTile(layout: LayoutTile, source: SourceFolder, finder: Finder): LocatedTile {
  const found = findPicture(layout.images, finder);
  const mask = findPicture(layout.pictures?.masks ?? new Map(), finder);
  const channels = (layout.pictures?.channels ?? []).map(({ name, images, masks, intensity }) => ({
    name,
    ...(findPicture(images, finder) ?? missingPicture(images, name, source)),
    mask: findPicture(masks, finder),
    intensity,
  }));
  return {
    layout,
    ...(found ?? missingPicture(layout.images, layout.name, source)),
    isFound: found !== null,
    mask,
    channels,
  };
}

function findPicture(references: ReadonlyMap<number, string>, finder: Finder): LocatedPicture | null {
  for (const [mipmapLevel, reference] of references) {
    const path = finder.find(reference);
    if (path !== null) return { path, mipmapLevel };
  }
  return null;
}

/** Where a file should have been. */
function missingPicture(
  references: ReadonlyMap<number, string>,
  name: string,
  { folder }: SourceFolder,
): LocatedPicture {
  const [mipmapLevel, reference] = [...references][0] ?? [0, name];
  return { path: join(folder, fileNameOf(reference)), mipmapLevel };
}

/** What the one reading of a tile's file gave; plain JSON, kept in the ledger. */
export type Inspection =
  | { readonly ok: true; readonly measured: TaskOutput<'inspect-tile'> }
  | { readonly ok: false; readonly why: string; readonly hint: string };

/** Reads each file once. A file that cannot be read gives `ok: false`; the rest goes on. */
export async function inspectTiles(
  job: JobRun,
  tiles: readonly LocatedTile[],
): Promise<ReadonlyMap<string, Inspection>> {
  const paths = [...new Set(tiles.flatMap((tile) => (tile.isFound ? [tile.path] : [])))];
  const units = await inTurns(
    each(paths, (path) => inspectUnit(job, path)),
    job.signal,
  );
  const results = await job.stage<Inspection>({
    name: 'Reading tiles',
    unit: 'tiles',
    units,
    weight: 1,
    onFailure: (error, unit) => {
      if (isLamellaError(error, 'worker-died')) return unreadable(error, unit.subject);
      throw error;
    },
  });
  return new Map(
    paths.map((path, i) => [path, results[i] ?? { ok: false, why: 'it was not read', hint: 'Import again.' }]),
  );
}

function inspectUnit(job: JobRun, path: string): Unit<Inspection> {
  const { version } = tasks['inspect-tile'];
  return {
    key: unitKey('inspect-tile', version, path, fingerprint(path), thumbnailPx),
    subject: fileNameOf(path),
    run: async (signal) => {
      try {
        return { ok: true, measured: await inspectStill(job, path, signal) };
      } catch (error) {
        if (isLamellaError(error, 'bad-source', 'over-budget')) return unreadable(error, path);
        throw error;
      }
    },
  };
}

/** Reasons name the file, not where it lies: they are shown, and a window is told no paths. */
function unreadable(error: unknown, path: string): Inspection {
  const { message, hint } = toWireError(error);
  return { ok: false, why: message.replaceAll(path, fileNameOf(path)), hint };
}

/** Size and times of last change (of the rights to read it, too): what tells that a file is still the one that was read. */
function fingerprint(path: string): string {
  const found = statFile(path);
  return found ? `${found.size}@${found.mtimeMs}@${found.ctimeMs}` : 'absent';
}

const attempts = 3;
const pauseMs = 400;
const recentMs = 60_000;

/** Written so lately that a file which seems cut short may only be unfinished. */
const isRecent = (path: string): boolean => Date.now() - (statFile(path)?.mtimeMs ?? 0) < recentMs;

/** Reads a file that holds still: one that changed while it was read is read again, and refused if it goes on changing. */
async function inspectStill(job: JobRun, path: string, signal: AbortSignal): Promise<TaskOutput<'inspect-tile'>> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const before = fingerprint(path);
    const read = await inspectOnce(job, path, signal).catch((error: unknown) => ({ error }));
    if (('error' in read || read.header.truncated) && isRecent(path)) await sleep(pauseMs, undefined, { signal });
    if (fingerprint(path) === before) {
      if ('error' in read) throw read.error;
      const [widthPx, heightPx] = read.header.thumbnailSize;
      if (read.outputs[0])
        putThumbnail(job.library.cache, read.header.sha256, { widthPx, heightPx, pixels: read.outputs[0] });
      return read.header;
    }
    await sleep(pauseMs, undefined, { signal });
  }
  throw new LamellaError('bad-source', `${fileNameOf(path)} is still being written.`, {
    hint: 'Import again when the microscope or the copy is done.',
    fields: { file: path },
  });
}

const inspectOnce = (job: JobRun, path: string, signal: AbortSignal): Promise<KernelResult<'inspect-tile'>> =>
  job.kernels.run('inspect-tile', { path, thumbnailPx }, { signal });
