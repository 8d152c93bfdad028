import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FuzzReport } from './fuzz-decoders.ts';

const kernelsFile = join(import.meta.dirname, '../../native-workers/lamella-kernels.node');
const mutations = 2000;

/** Runs the mutations in a process of their own. */
async function fuzzed(): Promise<readonly FuzzReport[]> {
  const script = join(import.meta.dirname, 'fuzz-decoders.ts');
  const child = spawn(process.execPath, [script, kernelsFile, String(mutations)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (err = (err + bytes.toString()).slice(-2000)));
  const ended = await new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? String(code)));
  });
  expect(ended, err).toBe('0');
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FuzzReport);
}

test('2,000 mutations of each kind of tile crash, hang or swell nothing', { timeout: 180_000 }, async () => {
  const reports = await fuzzed();
  expect(reports.map((report) => report.kind)).toEqual(['png', 'tiff-u8', 'tiff-u16', 'jpeg']);
  for (const { kind, runs, outcomes, slowestMs, peakRssBytes } of reports) {
    expect(runs).toBe(mutations);
    expect(Object.keys(outcomes).toSorted(), kind).toEqual(['bad-source', 'decoded', 'over-budget']);
    expect(slowestMs, kind).toBeLessThan(5000);
    expect(peakRssBytes, kind).toBeLessThan(1e9);
  }
});
