// A stack version in the window: its state, what it came by, annotations carried into it, and served to other programs.
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyFusedLibrary, lamella as cli } from './fused-library.ts';
import { type LamellaWindow, shoot, startLamella, test } from './lamella-window.ts';

/** What a copy button puts on the clipboard. */
async function copied(what: string, { app, page }: LamellaWindow): Promise<string> {
  await page.getByRole('button', { name: `Copy ${what}` }).click();
  await expect(page.getByRole('button', { name: `${what} copied` })).toBeVisible();
  return app.evaluate(({ clipboard }) => clipboard.readText());
}

test('a version moves along its states and takes annotations over from the one before', async () => {
  const home = mkdtempSync(join(tmpdir(), 'lamella-stacks-'));
  const { folder, dataset, stack, volume } = copyFusedLibrary(home);
  const library = ['--library', folder] as const;
  const file = join(home, 'placed.json');
  cli(
    'annotate',
    'add',
    ...library,
    '--volume',
    volume,
    '--kind',
    'point',
    '--points-nm',
    '[[1200,1200,60]]',
    '--name',
    'synapse',
  );
  cli('stack', 'export', ...library, '--stack', stack, '--out', file);
  const second = cli('stack', 'import', ...library, '--source', file, '--dataset', dataset, '--name', 'again');
  cli('stitch', 'fuse', ...library, '--stack', String(second['stack']));
  const window = await startLamella({ args: ['--library', folder] });
  const { page } = window;
  await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Assemble' }).click();
  await page.getByRole('button', { name: /^v2, again/ }).click();
  const steps = page.getByRole('list', { name: 'Made in steps' });
  await expect(steps.getByRole('listitem')).toHaveText(['v2 import']);
  await page.getByLabel('State').selectOption('READ_ONLY');
  await expect(page.getByLabel('State').locator('option')).toHaveText([/^Read only/, /^Complete/, /^Offline/]);
  await page.getByRole('button', { name: 'Carry annotations here' }).click();
  await expect(page.getByText('Carried 1 annotation')).toBeVisible();
  await shoot(window, 'check-stack-inspector');
  await page.getByRole('checkbox', { name: 'Serve to other tools' }).check();
  const address = await copied('address', window);
  const token = await copied('token', window);
  const box = `${address}/z/0/box/0,0,256,128,0.5/png-image`;
  expect((await fetch(box)).status).toBe(401);
  const answer = await fetch(box, { headers: { authorization: `Bearer ${token}` } });
  const png = Buffer.from(await answer.arrayBuffer());
  expect([answer.status, png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([200, 128, 64]);
  await expect(page.getByText('2 requests answered, 1 with an error')).toBeVisible();
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.getByText('requests answered').scrollIntoViewIfNeeded();
  await shoot(window, 'check-stack-served');
  await page.getByRole('checkbox', { name: 'Serve to other tools' }).uncheck();
  await expect(fetch(box)).rejects.toThrow();
  expect(window.problems).toEqual([]);
  await window.app.close();
  for (const place of [home, window.profile]) rmSync(place, { recursive: true, force: true });
});
