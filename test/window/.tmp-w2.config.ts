import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '/work/main/test/window',
  testMatch: '**/*.window.ts',
  outputDir: '/work/main/test-results/window',
  // One real window at a time: each has its own GPU process and engine, and CI has two cores.
  workers: 1,
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: '/tmp/window2/window.json' }]],
});
