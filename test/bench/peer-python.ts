// The Python environment of the peers: made once under .venv/, never shipped.
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');

export type RunPython = (script: string, ...args: readonly string[]) => Promise<string>;

/** Makes the environment with exactly these requirements, where it is not there yet. Two threads, as ours. */
export async function peerPython(
  requirements: readonly string[],
  scripts = join(import.meta.dirname, 'peers'),
): Promise<RunPython> {
  const pinned = [...new Set(requirements)].toSorted();
  const folder = join(root, '.venv', `bench-${createHash('sha256').update(pinned.join()).digest('hex').slice(0, 8)}`);
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const done = join(folder, 'installed');
  if (!existsSync(done)) {
    run('python3', ['-m', 'venv', folder]);
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pinned]);
    run(python, ['-c', `open(${JSON.stringify(done)}, 'w').close()`]);
  }
  const threads = { OMP_NUM_THREADS: '2', OPENBLAS_NUM_THREADS: '2', MKL_NUM_THREADS: '2' };
  return async (script, ...args) => {
    const options = { env: { ...process.env, ...threads }, maxBuffer: 2 ** 26 };
    return (await promisify(execFile)(python, [join(scripts, script), ...args], options)).stdout;
  };
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ` with code ${status}`}`);
}
