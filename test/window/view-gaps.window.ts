// Meshes and skeletons by themselves, coordinates in any unit, and layers that come back: what View does beside volumes.
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import { drop } from './drop.ts';
import { channelNames, writeChannels } from './known-volumes.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { libraryOf } from './view-library.ts';

const swc = `# a neuron of three branches, µm
1 1 10 10 5 2 -1
2 3 20 10 5 1 1
3 3 20 20 6 1 2
4 3 25 5 7 0.5 2
`;

const tetrahedron = `v 0 0 0
v 1000 0 0
v 0 1000 0
v 0 0 1000
f 1 3 2
f 1 2 4
f 1 4 3
f 2 3 4
`;

const layers = (page: Page): Locator => page.getByRole('list', { name: 'Layers' }).locator('.layer-name');

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-gaps-'));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inWindow(args: readonly string[], use: (window: LamellaWindow) => Promise<void>): Promise<void> {
  const window = await startLamella({ args });
  try {
    await use(window);
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
  }
}

test('a library of skeletons and meshes alone is viewed, says first what is added, and comes back', async () => {
  await inFolder(async (folder) => {
    const library = join(folder, 'library');
    const engine = createEngine({ threads: 1 });
    await engine.client().library.open({ library, create: true });
    await engine.close();
    const [neuron, mesh] = [join(folder, 'neuron.swc'), join(folder, 'pyramid.obj')];
    writeFileSync(neuron, swc);
    writeFileSync(mesh, tetrahedron);
    let profile = '';
    await inWindow(['--library', library], async (window) => {
      const { page } = window;
      profile = window.profile;
      await page
        .getByRole('navigation')
        .getByRole('button', { name: /^Volumes/ })
        .click();
      await drop(page, neuron);
      const form = page.getByRole('form', { name: 'Add these shapes' });
      await expect(form).toContainText('Skeletons');
      await expect(form.getByLabel('One unit of the file, nm')).toHaveValue('1000');
      await shoot(window, 'check-add-shapes');
      await form.getByRole('button', { name: 'Add and view' }).click();
      await expect(layers(page)).toHaveText([/neuron/]);
      await drop(page, mesh);
      await expect(form).toContainText('Meshes');
      await form.getByLabel('Name').fill('Pyramid');
      await form.getByRole('button', { name: 'Add and view' }).click();
      await expect(layers(page)).toHaveText([/Pyramid/, /neuron/]);
      await page.getByRole('button', { name: 'Hide Pyramid' }).click();
      await page.waitForTimeout(1000);
      await shoot(window, 'check-shapes-alone');
      await page.waitForTimeout(600);
    });
    const again = await startLamella({ profile });
    try {
      const { page } = again;
      await expect(layers(page)).toHaveText([/Pyramid/, /neuron/]);
      await expect(page.getByRole('button', { name: 'Show Pyramid', exact: true })).toBeVisible();
      await page.getByRole('button', { name: 'Take Pyramid out of the library' }).click();
      await expect(page.getByRole('list', { name: 'Meshes and skeletons' }).locator('.list-item')).toHaveCount(1);
      await expect(page.getByText('Its shapes are not in the library')).toBeVisible();
      await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
      await expect(page.getByText('Its shapes are not in the library')).toHaveCount(0);
    } finally {
      await again.app.close();
      rmSync(profile, { recursive: true, force: true });
    }
  });
});

test('coordinates are typed in any unit, panes have presets, side buttons go back, a layer returns to its place', async () => {
  await inFolder(async (folder) => {
    const { library } = await libraryOf(folder, [writeChannels(join(folder, 'channels.ome.zarr'))]);
    await inWindow(['--library', library], async (window) => {
      const { page } = window;
      await expect(layers(page)).toHaveCount(channelNames.length + 1);
      const x = page.getByLabel('x, nm', { exact: true });
      const before = await x.inputValue();
      await x.fill('2.5 µm');
      await x.press('Enter');
      await expect(x).toHaveValue('2500');
      await page.getByLabel('Shown in').selectOption('µm');
      await expect(page.getByLabel('x, µm', { exact: true })).toHaveValue('2.5');
      await page.getByLabel('Shown in').selectOption('auto');

      await page.waitForTimeout(1200);
      const session = await page.context().newCDPSession(page);
      const side = async (button: 'back' | 'forward'): Promise<void> => {
        for (const type of ['mousePressed', 'mouseReleased'] as const)
          await session.send('Input.dispatchMouseEvent', { type, x: 700, y: 400, button, clickCount: 1 });
      };
      await side('back');
      await expect(x).toHaveValue(before);
      await side('forward');
      await expect(x).toHaveValue('2500');

      await page.getByRole('button', { name: 'Presets' }).click();
      await expect(page.getByRole('menuitemcheckbox', { name: 'XY, XZ, YZ and 3-D' })).toBeChecked();
      await page.getByRole('menuitemcheckbox', { name: 'XY and 3-D side by side' }).click();
      await expect(page.locator('[data-pane]')).toHaveCount(2);

      await page.getByRole('button', { name: 'GFP: more' }).click();
      await page.getByRole('menuitem', { name: 'Remove from the view' }).click();
      await page.getByRole('button', { name: 'Hide DAPI' }).click();
      await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
      await expect(layers(page)).toHaveText([/Annotations/, /Cy5/, /GFP/, /DAPI/]);
      await expect(page.getByRole('button', { name: 'Show DAPI', exact: true })).toBeVisible();

      const started = Date.now();
      await page.getByRole('button', { name: 'Keep', exact: true }).click();
      const kept = page.getByRole('list', { name: 'Named views' });
      await expect(kept.getByText('View 1')).toBeVisible();
      console.log(`a view is in the list ${Date.now() - started} ms after Keep`);
      await expect(kept.locator('img')).toHaveAttribute('src', /^data:image\/png/);
      await page.getByRole('button', { name: 'Presets' }).click();
      await page.getByRole('menuitemcheckbox', { name: 'YZ alone' }).click();
      await page.getByRole('button', { name: 'Hide GFP' }).click();
      await x.fill('100');
      await x.press('Enter');
      await kept.getByRole('button', { name: 'Show View 1' }).click();
      await expect(x).toHaveValue('2500');
      await expect(page.locator('[data-pane]')).toHaveCount(2);
      await expect(page.getByRole('button', { name: 'Hide GFP', exact: true })).toBeVisible();
      await shoot(window, 'check-gaps');
    });
  });
});
