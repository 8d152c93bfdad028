// Jobs under the user's hands: paused, resumed, cancelled, and going on after the window was closed.
import { expect } from '@playwright/test';
import { rmSync } from 'node:fs';
import { shoot, startLamella, test } from './lamella-window.ts';

test('a job pauses, resumes, is cancelled and taken up again', async ({ lamella: window }) => {
  const { page } = window;
  await page.getByRole('button', { name: /Try the sample acquisition/ }).click();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByRole('main').getByText('Paused', { exact: true })).toBeVisible();
  await page.keyboard.press('Control+j');
  const panel = page.getByRole('region', { name: 'Jobs' });
  await expect(panel.getByText('Paused', { exact: true }).first()).toBeVisible();
  await shoot(window, 'jobs-paused');
  await panel.getByRole('button', { name: /^Resume/ }).click();
  await expect(panel.getByText('Running')).toBeVisible();
  await panel.getByRole('button', { name: /^Cancel/ }).click();
  await expect(panel.getByText('Cancelled', { exact: true })).toBeVisible();
  await panel.getByRole('button', { name: 'Resume' }).click();
  await expect(
    panel.getByRole('listitem').filter({ hasText: 'Make a sample' }).getByText('Done', { exact: true }),
  ).toBeVisible({
    timeout: 60_000,
  });
  expect(window.problems).toEqual([]);
});

test('a job goes on after the window was closed in the middle of it', async () => {
  let window = await startLamella();
  try {
    await window.page.getByRole('button', { name: /Try the sample acquisition/ }).click();
    await expect(window.page.getByRole('progressbar').first()).toBeVisible();
    await window.app.close();
    window = await startLamella({ profile: window.profile });
    const { page } = window;
    await page.keyboard.press('Control+j');
    const panel = page.getByRole('region', { name: 'Jobs' });
    const job = panel.getByRole('listitem').filter({ hasText: 'Make a sample' });
    await expect(job).toBeVisible();
    const resume = job.getByRole('button', { name: /^Resume/ });
    if (await resume.isVisible()) await resume.click();
    await expect(job.getByText('Done')).toBeVisible({ timeout: 60_000 });
    await job.getByRole('button', { name: 'Import the sample' }).click();
    await page.keyboard.press('Control+2');
    await expect(page.getByRole('region', { name: 'Tiles' })).toBeVisible({ timeout: 60_000 });
  } finally {
    await window.app.close();
    rmSync(window.profile, { recursive: true, force: true });
  }
});
