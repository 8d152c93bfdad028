import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { atlasVolumeOfJob, atlasVolumes, idOfJob } from '../../store/id-of-job.ts';
import { meshesRefOf } from '../../store/library-meshes.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { asLibraryError } from '../../store/sqlite-errors.ts';

export interface Swept {
  readonly files: number;
  readonly bytes: number;
  /** Names of the folders below `volumes/`, `fields/` and `meshes/`. */
  readonly folders: string[];
}

interface SweepOptions {
  /** Also the files of volumes that were removed or undone: undo and redo cannot bring those back afterwards. */
  readonly alsoRemoved: boolean;
  readonly dryRun: boolean;
}

const setAsidePrefix = '.swept-';
const ours = {
  volumes: /^(volume-[0-9a-z]+|\.swept-.+)$/,
  fields: /^(registration-[0-9a-z]+|\.swept-.+)$/,
  meshes: /^(shape-[0-9a-z]+|\.swept-.+)$/,
} as const;

/** A folder of the library by where it lies. */
interface Unneeded {
  readonly room: keyof typeof ours;
  readonly name: string;
}

/**
 * Deletes the folders below `volumes/`, `fields/` and `meshes/` that nothing needs. A kill half-way leaves folders that
 * the next sweep takes.
 */
export async function sweepVolumes(library: LibraryStore, { alsoRemoved, dryRun }: SweepOptions): Promise<Swept> {
  const swept: Swept[] = [];
  for (const { room, name } of unneeded(library, alsoRemoved)) swept.push(await sizeOf(library.pathOf(room, name)));
  if (dryRun) return sumOf(swept);
  const taken = setAside(library, swept, alsoRemoved);
  for (const folder of taken.folders) await rm(folder, { recursive: true, force: true });
  return sumOf(taken.swept);
}

/** In one turn of the event loop, so that no job that takes up its folder meets it half deleted. */
function setAside(
  library: LibraryStore,
  found: readonly Swept[],
  alsoRemoved: boolean,
): { readonly swept: readonly Swept[]; readonly folders: readonly string[] } {
  // Throws where the library may only be read.
  library.record(() => undefined);
  const rooms = new Map(unneeded(library, alsoRemoved).map(({ room, name }) => [name, room]));
  const swept = found.filter(({ folders }) => rooms.has(folders[0] ?? ''));
  const folders = swept.map(({ folders: [name = ''] }) => {
    const room = rooms.get(name) ?? 'volumes';
    const aside = library.pathOf(room, `${setAsidePrefix}${randomUUID()}`);
    try {
      renameSync(library.pathOf(room, name), aside);
    } catch (error) {
      throw asLibraryError(error, library.pathOf(room, name));
    }
    return aside;
  });
  return { swept, folders };
}

const unneeded = (library: LibraryStore, alsoRemoved: boolean): readonly Unneeded[] => [
  ...unneededVolumes(library, alsoRemoved).map((name) => ({ room: 'volumes' as const, name })),
  ...unneededFields(library, alsoRemoved).map((name) => ({ room: 'fields' as const, name })),
  ...unneededMeshes(library, alsoRemoved).map((name) => ({ room: 'meshes' as const, name })),
];

/** Folders below `meshes/` that are neither those of a set of shapes nor of a job that goes on, waits or failed. */
function unneededMeshes(library: LibraryStore, alsoRemoved: boolean): readonly string[] {
  const { read } = library;
  const jobs = read.all<{ id: string }>(
    "SELECT id FROM job WHERE kind = 'atlas.meshes' AND state NOT IN ('done', 'done-with-warnings', 'cancelled')",
  );
  const sets = read.all<{ id: string }>('SELECT id FROM shape');
  const needed = new Set([...sets.map(({ id }) => id), ...jobs.map(({ id }) => idOfJob('shape', id))]);
  const isRemembered = (name: string): boolean => !alsoRemoved && isInHistory(library, meshesRefOf(name));
  return foldersIn(library, 'meshes').filter((name) => !needed.has(name) && !isRemembered(name));
}

/** Whether undo or redo brings something back that speaks of this. */
const isInHistory = ({ read }: LibraryStore, words: string): boolean =>
  read.get('SELECT 1 AS found FROM history WHERE instr(changes, ?) LIMIT 1', words) !== undefined;

/**
 * Folders below `fields/` that no chain of a registration, a warped volume or a set of shapes refers to, nor a job that
 * goes on, waits or failed.
 */
function unneededFields(library: LibraryStore, alsoRemoved: boolean): readonly string[] {
  const { read } = library;
  const jobs = read.all<{ id: string }>(
    "SELECT id FROM job WHERE kind IN ('register.lddmm', 'register.import') AND state NOT IN ('done', 'done-with-warnings', 'cancelled')",
  );
  const worked = new Set(jobs.map(({ id }) => idOfJob('registration', id)));
  const kept = alsoRemoved ? 'removed = 0' : '1';
  const chains = read.all<{ steps: string }>(
    `SELECT moving_from_fixed || fixed_from_moving AS steps FROM registration WHERE ${kept} UNION ALL SELECT warp AS steps FROM volume WHERE warp IS NOT NULL AND ${kept} UNION ALL SELECT source AS steps FROM shape`,
  );
  const isUsed = (name: string): boolean => chains.some(({ steps }) => steps.includes(`library:fields/${name}/`));
  return foldersIn(library, 'fields').filter((name) => !worked.has(name) && !isUsed(name));
}

function foldersIn(library: LibraryStore, room: Unneeded['room']): readonly string[] {
  const folder = library.pathOf(room);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && ours[room].test(entry.name))
    .map(({ name }) => name)
    .toSorted();
}

/**
 * Folders below `volumes/` that are neither a volume's nor those of a fuse that goes on, waits or failed. A cancelled
 * fuse that is resumed after all finds its files gone and makes them again.
 */
function unneededVolumes(library: LibraryStore, alsoRemoved: boolean): readonly string[] {
  const { read } = library;
  const rows = read.all<{ folder: string; removed: number }>(
    'SELECT folder, removed FROM volume WHERE folder IS NOT NULL',
  );
  const jobs = read.all<{ id: string }>(
    "SELECT id FROM job WHERE kind IN ('stitch.fuse', 'volume.add', 'volume.pyramid', 'atlas.import') AND state NOT IN ('done', 'done-with-warnings', 'cancelled')",
  );
  const needed = new Set([
    ...rows.filter(({ removed }) => removed === 0 || !alsoRemoved).map(({ folder }) => basename(folder)),
    ...jobs.flatMap(({ id }) => [idOfJob('volume', id), ...atlasVolumes.map((part) => atlasVolumeOfJob(part, id))]),
  ]);
  // Coarse levels that were made anew: undo brings those of before back.
  const isRemembered = (name: string): boolean => !alsoRemoved && isInHistory(library, `volumes/${name}`);
  return foldersIn(library, 'volumes').filter((name) => !needed.has(name) && !isRemembered(name));
}

async function sizeOf(folder: string): Promise<Swept> {
  const inside: Swept[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) inside.push(await sizeOf(path));
    else inside.push({ files: 1, bytes: (await stat(path).catch(() => null))?.size ?? 0, folders: [] });
  }
  return { ...sumOf(inside), folders: [basename(folder)] };
}

const sumOf = (swept: readonly Swept[]): Swept => ({
  files: swept.reduce((sum, { files }) => sum + files, 0),
  bytes: swept.reduce((sum, { bytes }) => sum + bytes, 0),
  folders: swept.flatMap(({ folders }) => folders),
});
