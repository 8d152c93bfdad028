// Closing a window, and telling why where it does not close: which of its processes is left, and what that waits for.
import type { ElectronApplication } from '@playwright/test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The app gives up on a page that hangs after 8 s, and on the engine after 3 s more. */
const patienceMs = 40_000;

/** Closes the app. Where that does not end, ends all of its processes and throws, saying what they were at. */
export async function closeAloud(close: () => Promise<void>, profile: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), patienceMs)));
  const closed = close().then(() => 'closed' as const);
  const outcome = await Promise.race([closed, late]);
  clearTimeout(timer);
  if (outcome === 'closed') return;
  const left = processesOf(profile);
  const told = [...left.map(describe), ...lastLinesOf(profile)].join('\n');
  for (const pid of left) process.kill(pid, 'SIGKILL');
  await closed;
  throw new Error(`The window did not close within ${patienceMs / 1000} s. What was left of it:\n${told}`);
}

/** Makes `app.close` the one that tells. */
export function tellOfClosing(app: ElectronApplication, profile: string): void {
  const close = app.close.bind(app);
  app.close = () => closeAloud(close, profile);
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
};

/** Ids of the processes that were started with a profile; none where the system has no /proc. */
export const processesOf = (profile: string): readonly number[] =>
  existsSync('/proc/self')
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/cmdline`).includes(`--user-data-dir=${profile}`))
        .map(Number)
    : [];

/** What a process is, and what each of its threads waits for in the kernel. */
function describe(pid: number): string {
  const type = /--type=(\S+)/.exec(read(`/proc/${pid}/cmdline`))?.[1] ?? 'shell';
  const threads = existsSync(`/proc/${pid}/task`) ? readdirSync(`/proc/${pid}/task`) : [];
  const states = threads.map((thread) => {
    const of = `/proc/${pid}/task/${thread}`;
    const state = /^State:\s+(\S)/m.exec(read(`${of}/status`))?.[1] ?? '?';
    return `${read(`${of}/comm`)} ${state} ${read(`${of}/wchan`)} ${read(`${of}/syscall`).split(' ')[0] ?? ''}`;
  });
  return `${type} (${pid})\n  ${states.join('\n  ')}`;
}

function lastLinesOf(profile: string): readonly string[] {
  const log = read(join(profile, 'logs', 'engine.log'));
  return log === '' ? [] : log.split('\n').slice(-20);
}
