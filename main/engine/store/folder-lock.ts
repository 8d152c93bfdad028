import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import { codeOf } from './sqlite-errors.ts';

/** Who has a library open, for the message that another process shows. SQLite's own lock is what keeps it out. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with the same pid; null where the system does not say. */
  readonly born: string | null;
  readonly since: string;
}

const LOCK_FILE = 'library.lock';

/** Throws 'library-locked' where a living process, or one on another machine, holds the folder. */
export function refuseIfHeld(folder: string): void {
  const holder = holderOf(folder);
  if (!holder) return;
  if (holder.host !== hostname())
    throw locked(
      folder,
      holder,
      `If Lamella no longer runs on ${holder.host}, delete ${join(folder, LOCK_FILE)} and try again.`,
    );
  if (isAlive(holder)) throw locked(folder, holder);
}

export const thisProcess = (): Holder => ({
  pid: process.pid,
  host: hostname(),
  born: bornOf(process.pid),
  since: new Date().toISOString(),
});

/** Names this process in the folder. Throws the file system's error where it cannot be written. */
export function nameHolder(folder: string): void {
  const file = join(folder, LOCK_FILE);
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(thisProcess()));
  renameSync(`${file}.${process.pid}`, file);
}

export function forgetHolder(folder: string): void {
  const holder = holderOf(folder);
  if (holder?.pid === process.pid && holder.host === hostname()) rmSync(join(folder, LOCK_FILE), { force: true });
}

export function locked(
  folder: string,
  holder: Holder | null,
  hint = 'Close it there, or wait for its job to end, then try again.',
): LamellaError {
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : 'another program';
  return new LamellaError('library-locked', `The library ${folder} is open in ${who}.`, {
    hint,
    fields: holder ? { folder, pid: holder.pid, host: holder.host } : { folder },
  });
}

/** Null where nobody is named, or where the file was cut short by a crash. */
export function holderOf(folder: string): Holder | null {
  try {
    const holder = JSON.parse(readFileSync(join(folder, LOCK_FILE), 'utf8')) as Partial<Holder>;
    return typeof holder.pid === 'number' && typeof holder.host === 'string'
      ? { born: null, since: 'an unknown time', ...holder, pid: holder.pid, host: holder.host }
      : null;
  } catch {
    return null;
  }
}

/** Asked of a holder on this machine. */
export function isAlive({ pid, born }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
  const bornNow = bornOf(pid);
  return born === null || bornNow === null || born === bornNow;
}

/** Linux: the start time of a process, in ticks since this boot, and the boot. */
function bornOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
  } catch {
    return null;
  }
}
