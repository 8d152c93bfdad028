import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Library } from '../store/library.ts';
import type { LibraryStore } from '../store/library-store.ts';
import { librarySummary } from '../store/summary.ts';
import { chunkProblems } from '../store/volume-chunks.ts';
import { savedViews } from '../store/saved-views.ts';
import { allVolumes } from '../store/volume-rows.ts';
import type { Call, HandlersOf } from './call.ts';
import { sweepVolumes } from './library/sweep.ts';

/** What the library journey needs of the engine. */
export interface LibraryAccess {
  /** Opens what `ref` names; throws 'not-found' where there is none and `create` is false. */
  readonly open: (ref: string, call: Call, create: boolean) => Library;
  /** Waits for its running job to put down its units; false where it was not open. */
  readonly close: (ref: string, call: Call) => Promise<boolean>;
}

interface HistoryRow {
  readonly id: number;
  readonly label: string;
  readonly at: string;
  readonly undone: number;
}

export function libraryHandlers({ open, close }: LibraryAccess): HandlersOf<'library'> {
  return {
    open: ({ library, create }, call) => librarySummary(open(library, call, create)),
    info: ({ library }, call) => ({ value: librarySummary(call.library(library)) }),
    close: async ({ library }, call) => ({ closed: await close(library, call) }),
    undo: ({ library }, call) => ({ label: call.library(library).undo() }),
    redo: ({ library }, call) => ({ label: call.library(library).redo() }),
    history: ({ library, limit }, call) => {
      const rows = call
        .library(library)
        .read.all<HistoryRow>('SELECT id, label, at, undone FROM history ORDER BY id DESC LIMIT ?', limit);
      return { value: { entries: rows.map((row) => ({ ...row, undone: row.undone === 1 })) } };
    },
    sweep: ({ library, alsoRemoved, dryRun }, call) => sweepVolumes(call.library(library), { alsoRemoved, dryRun }),
    check: ({ library }, call) => {
      const store = open(library, call, false);
      const problems = [...store.problems(), ...volumeProblems(store), ...viewProblems(store)];
      return { value: { ok: problems.length === 0, problems } };
    },
  };
}

const viewProblems = ({ read }: LibraryStore): string[] =>
  savedViews(read).unreadable.map((id) => `the record of the view ${id} can't be read: forget it, and save it again`);

const maxChunksNamed = 20;

/** Volumes of the library whose files are gone, or not as they were written, and rows that can't be read. */
function volumeProblems(library: LibraryStore): string[] {
  const { volumes, unreadable } = allVolumes(library.read);
  const ids = new Set(volumes.map(({ volume }) => volume.id));
  const damaged = volumes.flatMap(({ volume: { id, name, bytes }, folder, source, warp, job }) => {
    if (warp && !ids.has(warp.source))
      return [`the volume ${name} (${id}) is made of ${warp.source}, which was removed: undo that, or remove it too`];
    if (folder === null) return [];
    if (!existsSync(join(library.pathOf(...folder.split('/')), 'zarr.json')))
      return [
        source
          ? `the coarse levels of ${name} (${id}) are not in ${folder}: make them again with volume pyramid`
          : `the volume ${name} (${id}) has no zarr.json in ${folder}: fuse its stack again`,
      ];
    if (source) return [];
    return chunkProblems(library, { folder, job, bytes: bytes ?? 0 })
      .slice(0, maxChunksNamed)
      .map((problem) => `the volume ${name} (${id}) is not whole: ${problem}`);
  });
  return [...damaged, ...unreadable.map((id) => `the record of the volume ${id} can't be read`)];
}
