// Transforms of another program taken over in the window: chosen, put in order, inverted and back, looked at in Check.
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { itkFiles } from '../engine/itk-registrations.ts';
import { answerDialogs } from './dialogs.ts';
import { startLamella, test } from './lamella-window.ts';
import { checkScreen, chooseBoth, goToRegister } from './register-room.ts';
import { libraryOf } from './view-library.ts';

test('files of ANTs become a registration that is looked at in Check', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-register-import-'));
  const { fixed, moving, transforms } = itkFiles(folder, 'ants');
  const { library } = await libraryOf(folder, [fixed, moving]);
  const window = await startLamella({ args: ['--library', library] });
  const { page, app } = window;
  try {
    await goToRegister(page);
    await chooseBoth(page, 'ants-fixed', 'ants-moving');
    await page.getByRole('button', { name: 'Use transforms of another program' }).press('Enter');
    for (const path of transforms.toReversed()) {
      await answerDialogs(app, path);
      await page.getByRole('button', { name: 'Add a file…' }).press('Enter');
      await expect(page.getByTitle(basename(path))).toBeVisible();
    }
    const rows = page.getByRole('list', { name: 'Transforms, the first done first' }).getByRole('listitem');
    await expect(rows).toHaveText([/0GenericAffine\.mat/, /1Warp\.nii\.gz/]);
    await page.getByRole('button', { name: 'Move 1Warp.nii.gz up' }).press('Enter');
    await expect(rows).toHaveText([/1Warp\.nii\.gz/, /0GenericAffine\.mat/]);
    const inverted = page.getByRole('checkbox', { name: 'Inverted 0GenericAffine.mat' });
    await inverted.press('Space');
    await expect(inverted).toBeChecked();
    await inverted.press('Space');
    await checkScreen(page);

    await page.getByRole('button', { name: 'Take them over' }).press('Enter');
    const list = page.getByRole('list', { name: 'Registrations' });
    await expect(list.getByRole('button', { name: /^ants-moving onto ants-fixed, imported/ })).toBeVisible({
      timeout: 60_000,
    });
    await expect(page.getByRole('heading', { name: 'Of another program' })).toBeVisible();
    await expect(page.getByText('computed from these')).toBeVisible();
    await expect(list.getByText('Good')).toBeVisible();
    await checkScreen(page);
  } finally {
    await app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
});
