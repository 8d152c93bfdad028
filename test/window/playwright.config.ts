import { defineConfig } from '@playwright/test';

/** Tests of how long something takes, or of what moves by the clock: no other window may be at work beside them. */
const timed = ['keys', 'layers', 'main-job', 'many-labels', 'monkey', 'shapes', 'sharing', 'streaming', 'volumes'];
const timedFiles = timed.map((name) => `**/${name}.window.ts`);
/** `npm test` runs parts of the suite, some at once: each tells of itself in a place of its own. */
const part = process.env['LAMELLA_WINDOW_PART'] ?? 'window';

export default defineConfig({
  testDir: '.',
  projects: [
    { name: 'together', testMatch: '**/*.window.ts', testIgnore: timedFiles },
    { name: 'alone', testMatch: timedFiles },
  ],
  globalSetup: './setup.ts',
  outputDir: `../../test-results/${part}`,
  // One real window at a time on a display: each has its own GPU process and engine.
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: `../../test-results/${part}.json` }]],
});
