// Where things lie, and how every tool here runs a command, takes a lock and tells stale from fresh.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import lockfile from 'proper-lockfile';

export const root = join(import.meta.dirname, '..');
export const at = (...parts: string[]): string => join(root, ...parts);

/** Git-ignored home of the fallback runtime, the recompiled SQLite binding, stamps and locks. */
export const runtimeHome = at('.electron');

export const isRoot = (): boolean => process.getuid?.() === 0;

/** Progress and notices go to stderr: a tool's stdout belongs to its result. With `--json` stderr is NDJSON. */
export function say(line: string): void {
  process.stderr.write(`${process.argv.includes('--json') ? JSON.stringify({ note: line.trim() }) : line}\n`);
}

export class ToolError extends Error {}

/** Runs `main`, and turns a ToolError into one readable line and exit code 1. */
export async function runTool(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    say(`\n${error.message}`);
    process.exitCode = 1;
  }
}

/** Every child finds Node 24 and the installed command-line tools first. */
export function toolEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const bin = at('node_modules', '.bin');
  const plain = process.stderr.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined };
  return { ...process.env, ...plain, PATH: `${bin}:${process.env['PATH'] ?? ''}`, ...extra };
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** `capture` returns the output; `tee` also shows it on stderr as it comes. */
  output?: 'capture' | 'tee';
}

export interface RunResult {
  code: number;
  output: string;
}

/** Runs a command without a shell; resolves with its exit code (127 when it does not exist). */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: options.env ?? toolEnv(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      if (options.output === 'tee') process.stderr.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

/** As `run`, but a failure is a ToolError that shows the command's output. */
export async function mustRun(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, output } = await run(command, args, options);
  if (code !== 0) throw new ToolError(`${command} ${args.join(' ')} failed (exit ${code}).\n${output}`);
  return output;
}

/** Keeps two processes from making the same thing at once; the second waits and then finds it made. */
export async function withLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(runtimeHome, { recursive: true });
  const release = await lockfile.lock(join(runtimeHome, name), {
    realpath: false,
    stale: 20_000,
    retries: { retries: 600, factor: 1, minTimeout: 500, maxTimeout: 500 },
  });
  try {
    return await work();
  } finally {
    await release();
  }
}

export async function hashOfFile(file: string, algorithm: string, encoding: 'hex' | 'base64' = 'hex'): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file), hash);
  return hash.digest(encoding);
}

/** One hash over the names and contents of every file the patterns match, plus `salt`. */
export function hashOfInputs(patterns: readonly string[], salt = ''): string {
  const hash = createHash('sha256').update(salt);
  const files = globSync([...patterns], {
    cwd: root,
    exclude: ['**/target/**', '**/node_modules/**'],
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const file of files) hash.update(`\0${file.slice(root.length)}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

export const readStamp = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** Written last and atomically: a stamp is only there when everything before it is. */
export function writeStamp(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}
