// Runs a command again and again, each time killed (SIGKILL) at a seeded random moment, until it was killed often enough
// or came to its end. For the command line: `runThroughKills(cli('ingest', 'start', …), …)`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Library } from '../../main/engine/store/library.ts';

export interface Ran {
  /** null when it was killed. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** When to kill: so long after the start of the process, or after the first thing that it says on stderr. */
export interface KillTime {
  readonly ms: number;
  readonly since: 'start' | 'progress';
}

/** Kills as soon as this is so. */
export interface KillWhen {
  readonly isTime: () => boolean;
}

/** Runs to the end, or to the kill. */
export function run(command: readonly string[], kill?: KillTime | KillWhen, cwd = process.cwd()): Promise<Ran> {
  const [file = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let timer: NodeJS.Timeout | undefined;
    const arm = (event: KillTime['since']): void => {
      if (kill && 'since' in kill && kill.since === event) timer ??= setTimeout(() => child.kill('SIGKILL'), kill.ms);
    };
    if (kill && 'isTime' in kill) timer = setInterval(() => kill.isTime() && child.kill('SIGKILL'), 3);
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      arm('progress');
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
    arm('start');
  });
}

const built = join(import.meta.dirname, '..', '..', 'dist', 'main', 'cli.cjs');
/** What is built starts in a third of the time; that it is up to date only `npm test` knows. */
export const fromSources = process.env['LAMELLA_BUILT'] !== '1';

/** The built command line, `dist/main/cli.cjs`, under the Node that runs this; or the sources with `asSources`. */
export function cli(args: readonly string[], asSources = false): readonly string[] {
  const sources = join(import.meta.dirname, '..', '..', 'main', 'cli.ts');
  return [process.execPath, asSources ? sources : built, ...args];
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Kills {
  readonly random: () => number;
  readonly most: number;
  /** Chosen anew for each run. */
  readonly when: (random: () => number) => KillTime;
  readonly cwd?: string;
  /** Looked at after each kill, before the next start. */
  readonly afterKill?: (ran: Ran, kill: number) => void | Promise<void>;
}

export interface Survived {
  readonly last: Ran;
  readonly kills: number;
}

/** Kills and starts again; the last run is left alone. */
export async function runThroughKills(
  command: readonly string[],
  { random, most, when, cwd, afterKill }: Kills,
): Promise<Survived> {
  for (let kills = 0; kills < most; kills++) {
    const ran = await run(command, when(random), cwd);
    if (ran.code !== null) return { last: ran, kills };
    await afterKill?.(ran, kills + 1);
  }
  return { last: await run(command, undefined, cwd), kills: most };
}

interface ListedJob {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly result: unknown;
}

/** The jobs of a library, newest first; none where a kill fell before there was one. A process would take ten times as long. */
export function jobsOf(folder: string): readonly ListedJob[] {
  let library: Library;
  try {
    const quiet = { cacheBytes: 1 << 20, now: () => new Date(), log: () => undefined };
    library = Library.open({ folder, create: false, ...quiet });
  } catch {
    return [];
  }
  const jobs = library.read.all<{ id: string; kind: string; state: string; result: string | null }>(
    'SELECT id, kind, state, result FROM job ORDER BY created_at DESC',
  );
  library.close();
  return jobs.map((job) => ({ ...job, result: job.result === null ? null : (JSON.parse(job.result) as unknown) }));
}

/**
 * Runs a job from the command line (`ingest start --library DIR …`) through kills to its result. Where a kill fell
 * between the job's last row and its answer on stdout, the job is finished: its result is read from the library.
 */
export async function resultThroughKills(
  args: readonly string[],
  library: string,
  kills: Kills,
  asSources = false,
): Promise<{ readonly result: unknown; readonly kills: number }> {
  const kind = `${args[0]}.${args[1]}`;
  const known = new Set(jobsOf(library).map(({ id }) => id));
  for (let killed = 0; killed <= kills.most; killed++) {
    const isLast = killed === kills.most;
    const ran = await run(
      cli([...args, '--json'], asSources),
      isLast ? undefined : kills.when(kills.random),
      kills.cwd,
    );
    if (ran.code === 0) return { result: JSON.parse(ran.stdout), kills: killed };
    if (ran.code !== null) throw new Error(`${args.join(' ')} failed with ${ran.code}:\n${ran.stderr}`);
    await kills.afterKill?.(ran, killed + 1);
    const finished = jobsOf(library).find(
      (job) => job.kind === kind && !known.has(job.id) && job.state.startsWith('done'),
    );
    if (finished) return { result: finished.result, kills: killed + 1 };
  }
  throw new Error('not reached: the last run is never killed');
}
