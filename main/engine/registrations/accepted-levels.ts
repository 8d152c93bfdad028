import type { LibraryStore, ReadHandle } from '../store/library-store.ts';

/** Whether the user took a level of a running deformation as good enough. */
export const isAccepted = (read: ReadHandle, job: string, level: number): boolean =>
  read.get('SELECT 1 AS found FROM accepted_level WHERE job = ? AND level = ?', job, level) !== undefined;

export function acceptLevel(library: LibraryStore, job: string, level: number): void {
  const at = new Date().toISOString();
  library.record((tx) => tx.insertMany('accepted_level', [{ job, level, at }], ['job', 'level']));
}
