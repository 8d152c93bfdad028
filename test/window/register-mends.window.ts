// Registering where something is wrong or in the way: masks, voxels of another size, a volume dragged by mouse, a
// deformation that is paused, taken as good enough, or given up, and landmarks that say how far off it is.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import { bent, inside, photograph, side, truth, um } from '../engine/bent-brain.ts';
import { cornerUm, writeNrrd } from '../engine/write-nrrd.ts';
import { type LamellaWindow, shoot, startLamella, test } from './lamella-window.ts';
import { checkScreen, goToRegister, step } from './register-room.ts';
import { libraryOf } from './view-library.ts';

/** A brain, the same one bent, and once more with voxels that say to be twice as large; labels, and a mask of nothing. */
async function startWithBrains(folder: string): Promise<LamellaWindow> {
  const stays = photograph(folder, 'atlas', (place) => place);
  const wavy = photograph(folder, 'brain', bent);
  const wide = photograph(folder, 'wide', bent);
  const nothing = new Uint8Array(side ** 3);
  const empty = writeNrrd(join(folder, 'empty.nrrd'), [side, side, side], nothing, cornerUm([um, um, um]));
  const { library, volumes } = await libraryOf(folder, [
    ...[stays.image, wavy.image],
    { source: wide.image, voxelSizeNm: [2000 * um, 2000 * um, 2000 * um] },
    ...[stays.labelFile, wavy.labelFile, empty].map((source) => ({ source, kind: 'segmentation' as const })),
  ]);
  const [fixed, moving] = volumes;
  if (!fixed || !moving) throw new Error('the volumes were added');
  const engine = createEngine({ threads: 1 });
  const landmarks = truth(inside).map((target, i) => ({ id: String(i + 1), source: inside[i] ?? null, target }));
  const steps = [{ type: 'landmarks' as const, landmarks }];
  await engine.client().warp.create({ library, volume: moving.id, steps, grid: { type: 'like', volume: fixed.id } });
  await engine.close();
  return startLamella({ args: ['--library', library] });
}

const registrations = (page: Page) => page.getByRole('list', { name: 'Registrations' });

async function chooseMasks(page: Page, fixed: string, moving: string): Promise<void> {
  await step(page, 'Choose').click();
  const field = page.getByLabel('Mask of the fixed volume');
  if (!(await field.isVisible())) await page.getByRole('button', { name: 'Leave parts out' }).click();
  await field.selectOption({ label: fixed });
  await page.getByLabel('Mask of the moving volume').selectOption({ label: moving });
}

const noMask = 'None: all of it counts';

/** Says which mask is empty and what to give instead. */
async function refusesEmpty(page: Page): Promise<void> {
  const refused = page.getByText(/The mask "empty" leaves nothing of the volume to compare/).first();
  await expect(refused).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/Give a mask that lies where its volume does/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Choose another mask' }).first().click();
  await expect(page.getByLabel('Mask of the fixed volume')).toBeVisible();
}

/** Voxels of the wrong size are named, and mended by a button. */
async function mendVoxels(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await page.getByLabel('Is laid over it (moving)').selectOption({ label: 'wide' });
  await chooseMasks(page, 'empty', noMask);
  await page.getByRole('button', { name: 'Next: orient' }).click();
  await page.getByRole('button', { name: 'Find how it lies' }).click();
  await refusesEmpty(page);
  await shoot(window, 'check-register-empty-mask');
  await chooseMasks(page, 'atlas-labels', noMask);
  await page.getByRole('button', { name: 'Next: orient' }).click();
  await page.getByRole('button', { name: 'Find how it lies' }).click();
  await expect(page.getByRole('list', { name: 'Why' })).toContainText('its voxels may be', { timeout: 60_000 });
  await checkScreen(page);
  await shoot(window, 'check-register-voxels');
  await page.getByRole('button', { name: /^Add it with voxels of/ }).click();
  await expect(page.getByText('Not registered yet')).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Find how it lies' }).click();
  const mended = registrations(page).getByRole('listitem').filter({ hasText: 'wide, other voxels onto atlas' });
  await expect(mended).toContainText('Good', { timeout: 60_000 });
  await expect(page.getByRole('button', { name: /^Add it with voxels of/ })).toBeHidden();
}

/** The moving volume follows the mouse over a plane, is kept there, and goes back. */
async function drag({ page }: LamellaWindow): Promise<void> {
  await page.getByRole('button', { name: 'Move by hand' }).click();
  const plane = page.getByRole('button', { name: /^XY plane/ });
  const box = await plane.boundingBox();
  if (!box) throw new Error('the plane is there');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + box.width / 4, y - box.height / 8, { steps: 5 });
  await page.mouse.up();
  // A plane is as wide as the fixed volume.
  const shift = async (axis: string): Promise<number> =>
    Number(await page.getByLabel(`Shift ${axis}, µm`).inputValue());
  const pixelUm = (side * um) / box.width;
  expect(Math.abs((await shift('x')) - (side * um) / 4)).toBeLessThan(2 * pixelUm);
  expect(Math.abs((await shift('y')) + (side * um) / 8)).toBeLessThan(2 * pixelUm);
  expect(await shift('z')).toBe(0);
  await page.getByRole('button', { name: 'Keep it here' }).click();
  const why = page.getByRole('list', { name: 'Why' });
  await expect(why).toContainText('moved by hand');
  await page.keyboard.press('Control+z');
  await expect(why).toBeHidden();
}

/** A level of a deformation is good enough, and the next one is given up; another is paused, and goes on to its end. */
async function bend(page: Page): Promise<void> {
  await step(page, 'Deform').click();
  // Half of the voxels' own size: its levels last.
  await page.getByRole('button', { name: 'Advanced' }).click();
  const finest = page.getByRole('checkbox', { name: /^Set the finest level/ });
  await finest.check();
  await page.getByLabel('Finest level, µm').fill(String(um / 2));
  await page.getByLabel('Finest level, µm').press('Enter');
  const job = page.getByRole('region', { name: /, under way$/ });
  const start = page.getByRole('button', { name: 'Bend it to fit' });
  const running = page.getByRole('button', { name: /^Level of .*under way/ });
  await start.click();
  await expect(running).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Accept this level' }).click();
  await expect(page.getByRole('button', { name: /^Level of .*accepted/ })).toBeVisible({ timeout: 30_000 });
  await job.getByRole('button', { name: 'Cancel' }).click();
  await expect(start).toBeVisible();
  await expect(registrations(page).getByRole('button', { name: /deformable/ })).toHaveCount(0);
  if (!(await finest.isVisible())) await page.getByRole('button', { name: 'Advanced' }).click();
  await finest.uncheck();
  await start.click();
  await expect(running).toBeVisible({ timeout: 30_000 });
  await job.getByRole('button', { name: 'Pause' }).click();
  await expect(job.getByText('Paused')).toBeVisible();
  await checkScreen(page);
  await job.getByRole('button', { name: 'Resume' }).click();
  await expect(registrations(page).getByRole('button', { name: /deformable/ })).toBeVisible({ timeout: 60_000 });
}

/** Landmarks of View that nothing was begun from lie closer than before. */
async function measure(page: Page): Promise<void> {
  await step(page, 'Check').click();
  await page.getByRole('button', { name: 'Hold it against' }).click();
  await page.getByLabel(`${inside.length} landmarks of View`).check();
  await page.getByRole('button', { name: 'Measure how well it fits' }).click();
  const landmarks = page.getByRole('region', { name: 'Landmarks' });
  await expect(landmarks).toContainText(`${inside.length} measured`, { timeout: 30_000 });
  const told = async (name: string): Promise<number> =>
    Number.parseFloat((await landmarks.locator('dt', { hasText: name }).locator('+ dd').textContent()) ?? '');
  expect(await told('Miss by')).toBeLessThan(await told('Before'));
  await checkScreen(page);
}

test('what is in the way of a registration is named, and mended in the window', async () => {
  test.setTimeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), 'lamella-register-'));
  const window = await startWithBrains(folder);
  const { page } = window;
  try {
    await goToRegister(page);
    await page.getByLabel('Stays as it is (fixed)').selectOption({ label: 'atlas' });
    await mendVoxels(window);

    await step(page, 'Choose').click();
    await page.getByLabel('Is laid over it (moving)').selectOption({ label: 'brain' });
    await chooseMasks(page, 'atlas-labels', 'brain-labels');
    await page.getByRole('button', { name: 'Next: orient' }).click();
    await page.getByRole('button', { name: 'Find how it lies' }).click();
    await expect(registrations(page).getByRole('button', { name: /^brain onto atlas/ })).toBeVisible({
      timeout: 60_000,
    });
    await drag(window);

    await chooseMasks(page, 'atlas-labels', 'empty');
    await step(page, 'Deform').click();
    await page.getByRole('button', { name: 'Bend it to fit' }).click();
    await refusesEmpty(page);
    await chooseMasks(page, 'atlas-labels', 'brain-labels');
    await bend(page);
    await measure(page);
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
});
