// A file system of its own, so that a full or read-only disk is a real one. Needs the right to mount: Linux, as root.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface SmallDisk {
  readonly folder: string;
  makeReadOnly(): void;
}

function tryMount(bytes: number): string | null {
  if (process.platform !== 'linux') return null;
  const folder = mkdtempSync(join(tmpdir(), 'lamella-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
}

function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder]);
  rmSync(folder, { recursive: true, force: true });
}

/** Whether this machine lets a test mount something; says so on stderr where it does not. */
export function canMount(): boolean {
  const folder = tryMount(1 << 16);
  if (folder) unmount(folder);
  else
    process.stderr.write('Skipped: the tests of full and read-only disks need the right to mount (Linux, as root).\n');
  return folder !== null;
}

export function smallDisk(bytes: number): SmallDisk {
  const folder = tryMount(bytes);
  if (folder === null) throw new Error('nothing can be mounted here: ask canMount first');
  onTestFinished(() => unmount(folder));
  return { folder, makeReadOnly: () => void execFileSync('mount', ['-o', 'remount,ro', folder]) };
}
