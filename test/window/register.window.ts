// Registering in the window: two volumes are chosen, laid over each other, moved by hand and back, bent, measured and used.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import { bent, photograph } from '../engine/bent-brain.ts';
import { answerDialogs } from './dialogs.ts';
import { lamella } from './fused-library.ts';
import { type LamellaWindow, shoot, startLamella, test } from './lamella-window.ts';
import { checkScreen, chooseBoth, goToRegister, step } from './register-room.ts';
import { cutText } from './screen-checks.ts';
import { libraryOf } from './view-library.ts';

/** A made-up brain and the same one bent, with the regions of both. */
async function startWithBrains(folder: string): Promise<LamellaWindow> {
  const stays = photograph(folder, 'atlas', (place) => place);
  const wavy = photograph(folder, 'brain', bent);
  const labels = [stays, wavy].map(({ labelFile }) => ({ source: labelFile, kind: 'segmentation' as const }));
  const { library, volumes } = await libraryOf(folder, [stays.image, wavy.image, ...labels]);
  await tracedIn(folder, library, volumes[1]!.id);
  return startLamella({ args: ['--library', library] });
}

/** A point in the middle of the moving brain, and a neurite there. */
async function tracedIn(folder: string, library: string, volume: string): Promise<void> {
  const source = join(folder, 'neurite.swc');
  writeFileSync(source, '1 2 500 500 500 5 -1\n2 2 550 480 510 5 1\n');
  const engine = createEngine({ threads: 1 });
  const client = engine.client();
  await client.annotate.add({
    library,
    volume,
    kind: 'point',
    pointsNm: [[500_000, 500_000, 500_000]],
    name: 'middle',
  });
  await client.shape.add({ library, source });
  await engine.close();
}

/** Mean grey of the picture of a plane, and whether there is one. */
const meanOf = (page: Page, plane: string): Promise<number> =>
  page
    .getByRole('button', { name: new RegExp(`^${plane} plane`) })
    .locator('canvas')
    .evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      return data.reduce((sum, value) => sum + value, 0) / data.length;
    });

test('a brain is laid over an atlas, moved by hand, checked, and brought over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-register-'));
  const window = await startWithBrains(folder);
  const { page } = window;
  try {
    await goToRegister(page);
    await chooseBoth(page, 'atlas', 'brain');
    await expect(page.getByRole('region', { name: 'Moving volume' }).locator('canvas')).toHaveCount(3);
    await checkScreen(page);
    await shoot(window, 'check-register-choose');

    await page.getByRole('button', { name: 'Next: orient' }).click();
    await expect(page.getByRole('button', { name: /^XY plane/ })).toBeVisible();
    await page.getByRole('button', { name: 'Find how it lies' }).click();
    const list = page.getByRole('list', { name: 'Registrations' });
    await expect(list.getByRole('button', { name: /^brain onto atlas/ })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText('+x, +y, +z')).toBeVisible();
    await expect(list.getByText('Good')).toBeVisible();
    await checkScreen(page);
    await shoot(window, 'check-register-orient');

    await nudge(window);
    await use(window, folder);
    await bend(window);
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
});

/** Keys move what is seen; kept it can be undone. */
async function nudge({ page }: LamellaWindow): Promise<void> {
  await page.getByRole('radio', { name: 'Blend' }).click();
  const slider = page.getByRole('slider', { name: 'Moving volume' });
  await slider.focus();
  await page.keyboard.press('End');
  const before = await meanOf(page, 'XY');
  await page.getByRole('button', { name: /^XY plane/ }).focus();
  await page.keyboard.press('m');
  for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('.');
  await expect(page.getByLabel('Turn about z, °')).toHaveValue('1');
  await expect(page.getByLabel('Shift x, µm')).not.toHaveValue('0');
  await expect.poll(() => meanOf(page, 'XY')).not.toBeCloseTo(before, 3);
  await page.getByRole('button', { name: 'Keep it here' }).click();
  const why = page.getByRole('list', { name: 'Why' });
  await expect(why).toContainText('moved by hand');
  await checkScreen(page);
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page.keyboard.press('Control+z');
  await expect(why).toBeHidden();
  await expect.poll(() => meanOf(page, 'XY')).toBeCloseTo(before, 3);
}

/** A deformation is followed while it runs, and told by its curve, its grid and its Jacobian. */
async function bend(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await goToRegister(page);
  await step(page, 'Deform').click();
  await checkScreen(page);
  await page.getByRole('button', { name: 'Bend it to fit' }).click();
  const list = page.getByRole('list', { name: 'Registrations' });
  await expect(list.getByRole('button', { name: /deformable/ })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('button', { name: /^Level of .*steps?, .* → / }).first()).toBeVisible();
  await page.getByRole('radio', { name: 'Jacobian' }).click();
  await expect(page.getByText('Moving tissue over the fixed, by volume')).toBeVisible();
  await page.getByRole('radio', { name: 'Grid' }).click();
  await expect(page.locator('.reg-grid').first()).toHaveAttribute('d', /^M.*L/);
  await measure(window);
}

/** Regions of both are held against each other; what was measured stays with the registration. */
async function measure(window: LamellaWindow): Promise<void> {
  const { page } = window;
  await page.getByRole('button', { name: 'Hold it against' }).click();
  await page.getByLabel('Labels of the fixed volume').selectOption({ label: 'atlas-labels' });
  await page.getByLabel('Labels of the moving volume').selectOption({ label: 'brain-labels' });
  const affine = page.getByLabel('Another registration of the two');
  await affine.selectOption({ index: 1 });
  await page.getByRole('button', { name: 'Measure how well it fits' }).click();
  const regions = page.getByRole('listbox', { name: 'Overlap by region, worst first' });
  await expect(regions.getByRole('option').first()).toBeVisible({ timeout: 30_000 });
  const dice = page.getByRole('region', { name: 'Overlap by region (Dice)' });
  const [own, other] = (await dice.textContent())?.match(/0\.\d{3}/g)?.map(Number) ?? [];
  expect(own).toBeGreaterThan((other ?? 1) + 0.05);
  await page.getByRole('radio', { name: 'Jacobian' }).click();
  await checkScreen(page);
  await shoot(window, 'check-register-check', 'desktop');
  await shoot(window, 'check-register-check-small');
  await page.evaluate(() => document.documentElement.style.setProperty('font-size', '162.5%'));
  for (const name of ['Choose', 'Orient', 'Deform', 'Check', 'Use']) {
    await step(page, name).click();
    await shoot(window, `check-text-200-register-${name.toLowerCase()}`, 'desktop');
    expect(await cutText(page), name).toEqual([]);
  }
}

/** The moving volume over the fixed one in View, and a transform that others read. */
async function use({ app, page }: LamellaWindow, folder: string): Promise<void> {
  await step(page, 'Use').click();
  const file = join(folder, 'affine.txt');
  await answerDialogs(app, file);
  await page.getByRole('button', { name: 'Export…' }).click();
  await expect(page.getByText('Exported brain onto atlas')).toBeVisible();
  expect(readFileSync(file, 'utf8')).toContain('AffineTransform');
  await checkScreen(page);
  await page.getByRole('button', { name: 'Copy the annotations of brain' }).click();
  await expect(page.getByText('1 annotation copied to atlas')).toBeVisible();
  await page.getByRole('button', { name: 'Bring them over' }).click();
  await expect(page.getByText(/is a set of the library/)).toBeVisible();
  await page.getByRole('button', { name: 'See it over atlas' }).click();
  await expect(page.getByText('is a volume of the library')).toBeVisible();
  await expect(page.getByRole('listbox', { name: 'Layers' }).or(page.getByText('brain, warped')).first()).toBeVisible();
}

const shared = join(import.meta.dirname, '../../../shared/data');
const brain = join(shared, 'mouse-brain/downsampled.tiff');
const template = join(shared, 'atlas/average_template_100.nrrd');
const isForDocs = process.env['LAMELLA_SHOTS'] === 'docs' && existsSync(brain) && existsSync(template);

test('a real brain in the Allen atlas, for the docs', async () => {
  test.skip(!isForDocs, 'only for the docs, with ../shared/data');
  test.setTimeout(230_000);
  const folder = mkdtempSync(join(tmpdir(), 'lamella-register-'));
  const voxelSizeNm = [100_000, 100_000, 100_000] as const;
  const { library } = await libraryOf(folder, [{ source: brain, voxelSizeNm }]);
  lamella(
    ...['atlas', 'import', '--library', library, '--name', 'Allen CCFv3, 100 µm', '--orientation', 'asl'],
    ...['--template', template, '--annotation', join(shared, 'atlas/annotation_100.nrrd')],
    ...['--ontology', join(shared, 'atlas/ara_ontology.json')],
  );
  const window = await startLamella({ args: ['--library', library] });
  const { page } = window;
  try {
    await goToRegister(page);
    await expect(page.getByRole('region', { name: 'Moving volume' }).locator('canvas')).toHaveCount(3);
    await expect(page.getByRole('region', { name: 'Fixed volume' }).locator('canvas')).toHaveCount(3);
    await shoot(window, 'register-choose');
    await page.getByRole('button', { name: 'Next: orient' }).click();
    await page.getByRole('button', { name: 'Find how it lies' }).click();
    const list = page.getByRole('list', { name: 'Registrations' });
    await expect(list.getByRole('button', { name: /affine/ })).toBeVisible({ timeout: 60_000 });
    await expect(page.getByRole('button', { name: /^XY plane/ })).toBeVisible();
    await shoot(window, 'register-orient');
    await step(page, 'Deform').click();
    await page.getByRole('button', { name: 'Bend it to fit' }).click();
    await page.getByRole('radio', { name: 'Grid' }).click({ timeout: 90_000 });
    await expect(page.getByRole('button', { name: /^Level of 200.*under way: .*→/ })).toBeVisible({ timeout: 90_000 });
    await shoot(window, 'register-deform');
    await page.getByRole('button', { name: 'Accept this level' }).click();
    await expect(page.getByRole('button', { name: /^Level of 200.*accepted/ })).toBeVisible({ timeout: 60_000 });
    await expect(list.getByRole('button', { name: /deformable/ })).toBeVisible({ timeout: 150_000 });
    await page.getByRole('button', { name: 'Measure how well it fits' }).click();
    await expect(page.getByText('Measured afterwards')).toBeVisible({ timeout: 60_000 });
    await page.getByRole('radio', { name: 'Jacobian' }).click();
    await shoot(window, 'register-check');
    await step(page, 'Use').click();
    await page.getByRole('radio', { name: 'Colours' }).click();
    await shoot(window, 'register-use');
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
});
