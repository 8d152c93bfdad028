import { defineConfig } from '@playwright/test';

/** Tests of how long something takes, or of what moves by the clock: no other window may be at work beside them. */
const timed = ['main-job', 'many-labels', 'monkey', 'shapes', 'streaming'];
/** Begun first: begun last, one of them would run alone. */
const long = ['accessibility', 'view-screens', 'volume-rendering', 'sharing', 'layers', 'volumes'];
const files = (names: readonly string[]): string[] => names.map((name) => `**/${name}.window.ts`);
/** `npm test` runs parts of the suite: each tells of itself in a place of its own. */
const part = process.env['LAMELLA_WINDOW_PART'] ?? 'window';

export default defineConfig({
  testDir: '.',
  projects: [
    { name: 'long', testMatch: files(long) },
    { name: 'together', testMatch: '**/*.window.ts', testIgnore: files([...timed, ...long]) },
    { name: 'alone', testMatch: files(timed) },
  ],
  globalSetup: './setup.ts',
  outputDir: `../../test-results/${part}`,
  // One real window at a time on a display: each has its own GPU process and engine.
  workers: process.env['LAMELLA_OTHER_DISPLAY'] === undefined ? 1 : 2,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: `../../test-results/${part}.json` }]],
});
