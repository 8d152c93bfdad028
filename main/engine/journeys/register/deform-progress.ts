import type { OutputOf } from '../../../../preload/contract/define.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { registerProcedures } from '../../../../preload/contract/register.ts';
import { acceptLevel, isAccepted } from '../../registrations/accepted-levels.ts';
import { type CheckpointHeader, readCheckpoint } from '../../registrations/checkpoint.ts';
import { idOfJob } from '../../store/id-of-job.ts';
import { fieldsFolder } from '../../store/library-fields.ts';
import type { LibraryStore } from '../../store/library-store.ts';

type Progress = OutputOf<typeof registerProcedures.progress>;

/** Where a deformation is, as its last checkpoint says: the same after a restart. */
export async function progressOf(library: LibraryStore, job: string) {
  refuseOther(library, job);
  const last = await checkpointOf(library, job, true);
  if (!last) return { value: { levels: [], preview: null } };
  const { header, preview } = last;
  const { level, chunk, planes } = header;
  const steps = (header.levels[level]?.data.length ?? 1) - 1;
  const value: Progress = {
    levels: header.levels.map((one, i) => ({ ...one, state: stateOf(library, job, header, i) })),
    preview: planes.length === 0 ? null : { level, iteration: Math.max(0, chunk < 0 ? 0 : steps), planes },
  };
  return { value, bytes: preview };
}

/** The level that the job is at is good enough. */
export async function acceptRunning(library: LibraryStore, job: string): Promise<{ level: number }> {
  refuseOther(library, job);
  const last = await checkpointOf(library, job, false);
  const level = last ? last.header.levels.findIndex((_, i) => stateOf(library, job, last.header, i) === 'running') : -1;
  if (level < 0)
    throw new LamellaError('invalid-input', `No level of ${job} is being worked on.`, {
      hint: 'register progress says how far it is.',
      fields: { job },
    });
  acceptLevel(library, job, level);
  return { level };
}

const checkpointOf = (library: LibraryStore, job: string, preview: boolean) =>
  readCheckpoint(fieldsFolder(library, idOfJob('registration', job)), { velocities: false, preview });

/** The first that is neither done nor accepted is the one that runs. */
function stateOf({ read }: LibraryStore, job: string, header: CheckpointHeader, level: number) {
  const over = (i: number) => header.isDone[i] === true || i < header.level;
  const accepted = (i: number): boolean => isAccepted(read, job, i);
  if (accepted(level)) return 'accepted' as const;
  if (over(level)) return 'done' as const;
  return header.levels.every((_, i) => i >= level || over(i) || accepted(i))
    ? ('running' as const)
    : ('waiting' as const);
}

function refuseOther({ read }: LibraryStore, job: string): void {
  const row = read.get<{ kind: string }>('SELECT kind FROM job WHERE id = ?', job);
  if (row?.kind === 'register.lddmm') return;
  throw new LamellaError('not-found', `There is no deformation ${job} in this library.`, {
    hint: 'job list shows those there are: of kind register.lddmm.',
    fields: { job },
  });
}
