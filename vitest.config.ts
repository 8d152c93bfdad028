import { defineConfig } from 'vitest/config';
import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/** Files that take long, the longest first: begun last, one of them would run alone. */
const long = [
  ...[
    'watch',
    'real-tiles',
    'main-job-kill',
    'volume-convert',
    'align',
    'block-kill',
    'assembly-kill',
    'publish-kills',
  ],
  ...['cli', 'intensity', 'stitch', 'ingest', 'block', 'hdf5', 'watch-kill', 'deform', 'warp-kill', 'region-kill'],
  ...['register-odd', 'register', 'deform-kill'],
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return at < 0 ? long.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/window/**', 'node_modules/**'],
    // Native addons and worker threads: each file in a process of its own, two at a time as CI has two cores.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
