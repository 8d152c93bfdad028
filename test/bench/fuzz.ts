import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { BenchRow } from './row.ts';

const root = join(import.meta.dirname, '..', '..');
const times = 20;
const tests = [
  'test/conformance/fuzz.test.ts',
  'test/formats/volume-mutations.test.ts',
  'test/formats/tiff-hostile.test.ts',
  'test/formats/image-stack.test.ts',
];

/** The fuzz tests of CI, twenty times as long: 100,000 mutations a format. */
export const fuzzVolumes: BenchRow = {
  id: 'fuzz-volumes',
  workload: `${times} x 5,000 mutations of every format of volumes: typed errors alone`,
  unit: 's',
  target: 'no crash, no hang, no silent zero',
  isMet: (seconds) => Number.isFinite(seconds),
  measure: async () => {
    const started = performance.now();
    const { status } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--testTimeout=3600000', ...tests],
      { cwd: root, env: { ...process.env, LAMELLA_FUZZ: String(times) }, stdio: ['ignore', 2, 2] },
    );
    return status === 0 ? (performance.now() - started) / 1000 : Number.POSITIVE_INFINITY;
  },
};
