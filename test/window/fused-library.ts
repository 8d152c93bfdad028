// A small library that is stitched and fused already, made once a run by the command line and copied for each test.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export interface FusedLibrary {
  readonly folder: string;
  readonly dataset: string;
  readonly stack: string;
  readonly volume: string;
}

/** Runs the command line and gives its result. */
export function lamella(...args: readonly string[]): Record<string, unknown> {
  const output = execFileSync(process.execPath, [join(root, 'tools', 'lamella.mjs'), ...args, '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return JSON.parse(output) as Record<string, unknown>;
}

let made: FusedLibrary | null = null;

function make(): FusedLibrary {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-fused-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const inLibrary = ['--library', folder];
  const sample = lamella(
    'sample',
    'make',
    ...inLibrary,
    '--sections',
    '4',
    '--rows',
    '3',
    '--cols',
    '3',
    '--tile-px',
    '384',
  );
  const source = ['--source', String(sample['source']), '--layout', String(sample['layout'])];
  const { dataset } = lamella('ingest', 'start', ...inLibrary, ...source, '--name', 'Small sample');
  const { stack } = lamella('stitch', 'start', ...inLibrary, '--dataset', String(dataset), '--model', 'translation');
  const { volume } = lamella('stitch', 'fuse', ...inLibrary, '--stack', String(stack));
  return { folder, dataset: String(dataset), stack: String(stack), volume: String(volume) };
}

/** A fresh copy, so that what one test does to it no other test sees. The caller's profile folder is a good place. */
export function copyFusedLibrary(into: string): FusedLibrary {
  made ??= make();
  const folder = join(into, 'fused library');
  cpSync(made.folder, folder, { recursive: true });
  return { ...made, folder };
}
