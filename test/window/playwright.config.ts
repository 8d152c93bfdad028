import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.window.ts',
  globalSetup: './setup.ts',
  outputDir: '../../test-results/window',
  // One real window at a time: each has its own GPU process and engine, and CI has two cores.
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: '../../test-results/window.json' }]],
});
