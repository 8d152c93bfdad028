import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { APPLICATION_ID } from './database.ts';
import type { Db } from './database.ts';
import { foundation } from './migrations/0010-foundation.ts';
import { volumes } from './migrations/0020-volumes.ts';
import { shapes } from './migrations/0030-shapes.ts';
import { namedViews } from './migrations/0040-named-views.ts';
import { legends } from './migrations/0050-legends.ts';
import { warps } from './migrations/0060-warps.ts';
import { openings } from './migrations/0070-openings.ts';
import { assembly } from './migrations/0080-assembly.ts';
import { blocks } from './migrations/0090-blocks.ts';
import { watching } from './migrations/0110-watching.ts';
import { watchBehind } from './migrations/0120-watch-behind.ts';
import { registrations } from './migrations/0130-registrations.ts';
import { atlases } from './migrations/0140-atlases.ts';
import { acceptedLevels } from './migrations/0150-accepted-levels.ts';
import { regionResults } from './migrations/0160-region-results.ts';

/** One step of the schema; numbers go up by tens, and a released one never changes. */
export interface Migration {
  readonly number: number;
  readonly purpose: string;
  readonly sql: string;
  /**
   * Set where a table that others point at is made anew, as https://sqlite.org/lang_altertable.html#otheralter says:
   * foreign keys are not watched meanwhile, and all are checked before the commit.
   */
  readonly rebuildsTables?: boolean;
}

export const migrations: readonly Migration[] = [
  foundation,
  volumes,
  shapes,
  namedViews,
  legends,
  warps,
  openings,
  assembly,
  blocks,
  watching,
  watchBehind,
  registrations,
  atlases,
  acceptedLevels,
  regionResults,
];

const KEPT_BACKUPS = 3;

export type SchemaState = 'new' | 'current' | 'older' | 'newer';

/** Says where a database stands. 'conflict' where it holds another program's tables. */
export function schemaState(db: Db, file: string, list: readonly Migration[] = migrations): SchemaState {
  const version = versionOf(db);
  if (version === 0 && hasTables(db)) throw foreign(file);
  if (version !== 0 && db.pragma('application_id', { simple: true }) !== APPLICATION_ID) throw foreign(file);
  if (version === 0) return 'new';
  const newest = list.at(-1)?.number ?? 0;
  if (version === newest) return 'current';
  return version > newest ? 'newer' : 'older';
}

/**
 * Brings the schema up to date: each step in one transaction with its number, after a backup of what was there.
 * A kill at any moment leaves the step before or the step after, never between.
 */
export function migrate(db: Db, file: string, list: readonly Migration[] = migrations): void {
  const state = schemaState(db, file, list);
  if (state === 'current' || state === 'newer') return;
  if (state === 'older') backUp(db, file);
  const from = versionOf(db);
  for (const step of list.filter(({ number }) => number > from)) {
    // Not inside of a transaction: there it does nothing. A kill ends the connection, and with it the pragma.
    if (step.rebuildsTables) db.pragma('foreign_keys = OFF');
    try {
      db.transaction(() => take(db, step, file)).immediate();
    } finally {
      db.pragma('foreign_keys = ON');
    }
  }
}

function take(db: Db, step: Migration, file: string): void {
  db.exec(step.sql);
  const dangling = step.rebuildsTables ? (db.pragma('foreign_key_check') as readonly { table: string }[]) : [];
  if (dangling.length > 0) throw damaged(file, dangling[0]?.table ?? '');
  db.pragma(`application_id = ${APPLICATION_ID}`);
  db.pragma(`user_version = ${step.number}`);
}

export const versionOf = (db: Db): number => Number(db.pragma('user_version', { simple: true }));

function hasTables(db: Db): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;
}

/** VACUUM INTO reads through SQLite, so it is whole even while the log holds commits. The newest few are kept. */
function backUp(db: Db, file: string): void {
  const prefix = `${basename(file)}.backup-`;
  const stamp = new Date().toISOString().replaceAll(/[-:.]/g, '');
  const target = join(dirname(file), `${prefix}${stamp}-v${versionOf(db)}`);
  db.prepare('VACUUM INTO ?').run(`${target}.partial`);
  renameSync(`${target}.partial`, target);
  const backups = readdirSync(dirname(file))
    .filter((name) => name.startsWith(prefix))
    .sort();
  for (const name of backups.slice(0, -KEPT_BACKUPS)) rmSync(join(dirname(file), name), { force: true });
}

function foreign(file: string): LamellaError {
  return new LamellaError('conflict', `${file} is another program's database.`, {
    hint: 'Choose another folder for the library; this file is left as it is.',
    fields: { file },
  });
}

function damaged(file: string, table: string): LamellaError {
  return new LamellaError(
    'library-damaged',
    `${file} can't be brought up to date: a row of ${table} points at a row that is gone.`,
    {
      hint: 'It is left as it was; put the newest library.db.backup-… of the folder in its place, or report this with the log.',
      fields: { file, table },
    },
  );
}
