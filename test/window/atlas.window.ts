// An atlas in the window: imported, its tree found, walked, shown and coloured, and the regions under the pointer named
// without asking the engine.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { Volume } from '../../preload/contract/library.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { imageLayer, segmentationLayer } from '../../renderer/state/layers.ts';
import { resultOf } from '../engine/follow-job.ts';
import { answerDialogs } from './dialogs.ts';
import { drop } from './drop.ts';
import { waitUntilAllIsHere } from './figures.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { callsMade, countCalls } from './messages-counted.ts';
import { paneOf, pixelsIn } from './panes.ts';
import { runCommand } from './rich-window.ts';
import { cutText, seriousIn, smallTargets } from './screen-checks.ts';
import { toyAcronymAt, toyCount, toyRegions, toySize, toyVoxelUm, writeToyAtlas, writeToyFolder } from './toy-atlas.ts';
import { openDocument } from './view-library.ts';

interface AtlasWindow extends LamellaWindow {
  readonly folder: string;
  readonly library: string;
}

async function withWindow(use: (window: AtlasWindow) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-atlas-'));
  const library = join(folder, 'library');
  const window = await startLamella({ args: ['--library', library] });
  try {
    await expect(window.page.getByText('· saved')).toBeVisible();
    await use({ ...window, folder, library });
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

const nmPerPx = 20_000;
const voxelNm = 1000 * toyVoxelUm;
const middle = toySize.map((n) => (n / 2 + 0.5) * voxelNm) as [number, number, number];

/** The XY pane alone on the template, its pixels a fifth of a voxel. */
async function openTemplate(page: Page, template: Volume, labels?: Volume): Promise<void> {
  const image = { ...imageLayer(template, 0, 'template'), window: [0, 255] as const, volumeMode: 'off' as const };
  const layers = [image, ...(labels ? [{ ...segmentationLayer(labels, 'labels'), opacity: 0.5 }] : [])];
  const document = {
    ...freshDocument,
    layers,
    positionNm: middle,
    nmPerPx,
    fitted: false,
    alone: 'xy',
    selectedLayer: 'template',
  };
  await openDocument(page, template.id, document);
  await waitUntilAllIsHere(page);
}

/** Takes the pointer to the middle of a voxel of the slice in the middle. */
async function pointAt(page: Page, [x, y]: readonly [number, number]): Promise<void> {
  const box = await paneOf(page, 'xy').boundingBox();
  if (!box) throw new Error('the pane is not there');
  const px = (voxel: number, axis: 0 | 1): number => ((voxel + 0.5) * voxelNm - middle[axis]) / nmPerPx;
  await page.mouse.move(box.x + box.width / 2 + px(x, 0), box.y + box.height / 2 + px(y, 1));
}

interface Made {
  readonly annotation: string;
  readonly atlas: string;
  readonly template: string;
}

async function withEngine<T>(
  use: (client: ReturnType<ReturnType<typeof createEngine>['client']>) => Promise<T>,
): Promise<T> {
  const engine = createEngine({ threads: 1 });
  try {
    return await use(engine.client());
  } finally {
    await engine.close();
  }
}

/** #b0ffb8: hues of it, lit from a side, are much greener than red. */
const cortexColour = (r: number, g: number, b: number): boolean => g > 60 && g > 1.2 * r && g > 1.2 * b;

/** Pixels of the 3-D pane in a colour. */
async function pixelsOf(page: Page, is: (r: number, g: number, b: number) => boolean): Promise<number> {
  const { rgba, width, height } = await pixelsIn(page, '3d');
  return Array.from({ length: width * height }, (_, i) =>
    is(rgba[4 * i] ?? 0, rgba[4 * i + 1] ?? 0, rgba[4 * i + 2] ?? 0),
  ).filter(Boolean).length;
}

/** With text of twice the size, nothing is cut off. */
async function expectWholeTwice(window: LamellaWindow, name: string): Promise<void> {
  const size = (percent: number): Promise<void> =>
    window.page.evaluate((rem) => document.documentElement.style.setProperty('font-size', rem), `${0.8125 * percent}%`);
  await size(200);
  await shoot(window, `check-atlas-${name}-200`);
  expect(await cutText(window.page), `${name}, text of 200 %`).toEqual([]);
  await size(100);
}

/** Measures the grey levels of the template, looks at them in every way, and writes them. */
async function measureTemplate(window: LamellaWindow, out: string): Promise<void> {
  const { app, page } = window;
  await runCommand(page, 'Measure by region');
  const dialog = page.getByRole('dialog', { name: 'Measure by region' });
  await dialog.getByLabel('What').selectOption({ label: 'Grey levels of Toy mouse, template' });
  await dialog.getByLabel('Name', { exact: true }).fill('Template');
  await shoot(window, 'check-regions-measure');
  await dialog.getByRole('button', { name: 'Measure' }).click();
  const results = page.getByRole('region', { name: 'Results by region' });
  const table = results.getByRole('table', { name: 'Regions' });
  const primary = table.getByRole('row', { name: /VISp/ });
  await expect(table.getByRole('row')).toHaveCount(8);
  await table.getByRole('button', { name: 'Regions inside of Visual areas' }).click();
  // A voxel is a thousandth of a cubic millimetre.
  const volume = toyCount(385) / 1000;
  await expect(primary.getByRole('cell').first()).toHaveText(String(Number(volume.toPrecision(3))));
  await shoot(window, 'check-regions-table');
  await results.getByRole('button', { name: /^Mean/ }).click();
  await expect(table.getByRole('row').nth(1)).toContainText('fiber tracts');
  await results.getByRole('radio', { name: 'Compare' }).click();
  await expect(primary.getByRole('cell').last()).toHaveText('even');
  await shoot(window, 'check-regions-compare');
  await results.getByRole('radio', { name: 'Bars' }).click();
  await results.getByLabel('Of', { exact: true }).selectOption({ label: 'Volume, mm³' });
  await results.getByRole('button', { name: /^grey/ }).click();
  await results.getByRole('button', { name: /^CTX/ }).click();
  await expect(results.getByRole('listitem')).toHaveCount(2);
  await shoot(window, 'check-regions-bars');
  await results.getByRole('button', { name: 'root' }).click();
  await results.getByRole('radio', { name: 'Tree-map' }).click();
  await expect(results.getByRole('listitem')).toHaveCount(4);
  await shoot(window, 'check-regions-tree-map', 'desktop');
  expect(await seriousIn(page)).toEqual([]);
  expect(await cutText(page)).toEqual([]);
  await results.getByRole('radio', { name: 'Table' }).click();
  // By the measure that is compared.
  await expect(table.getByRole('row').nth(1)).toContainText('root');
  await runCommand(page, 'dark and light');
  await shoot(window, 'check-atlas-light');
  expect(await seriousIn(page)).toEqual([]);
  await runCommand(page, 'dark and light');
  await expectWholeTwice(window, 'tree-and-table');
  await answerDialogs(app, out);
  await results.getByRole('button', { name: 'Export' }).click();
  await expect(page.getByText('rows written')).toBeVisible();
  expect(readFileSync(out, 'utf8')).toContain('Primary visual area');
}

test('an atlas is imported, and its regions are found, named, shown and coloured', async () => {
  await withWindow(async (window) => {
    const { app, page, folder } = window;
    const toy = writeToyAtlas(join(folder, 'toy'));
    await runCommand(page, 'Import an atlas');
    const dialog = page.getByRole('dialog', { name: 'Import an atlas' });
    await dialog.getByRole('radio', { name: 'An annotation and its table' }).click();
    await dialog.getByRole('button', { name: 'Import' }).focus();
    await shoot(window, 'check-atlas-dialog-empty');
    for (const [at, path] of [toy.annotation, toy.table, toy.template].entries()) {
      await answerDialogs(app, path);
      await dialog.getByRole('button', { name: 'File…' }).nth(at).click();
    }
    await expect(dialog).toContainText('regions.csv');
    await dialog.getByLabel('Where x, y and z begin').fill('lsz');
    await expect(dialog).toContainText('One of l or r');
    await dialog.getByLabel('Where x, y and z begin').fill('lsa');
    await dialog.getByLabel('Name', { exact: true }).fill('Toy mouse');
    await shoot(window, 'check-atlas-dialog');
    expect(await seriousIn(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Import' }).click();
    await page.getByRole('button', { name: 'Look at it' }).click();
    await waitUntilAllIsHere(page);

    const tree = page.getByRole('tree', { name: 'Regions of Toy mouse' });
    await expect(tree.getByRole('treeitem')).toHaveCount(3);
    await shoot(window, 'check-atlas-view');

    // By keyboard: unfold, walk in, go there.
    await tree.focus();
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowDown', 'ArrowDown', 'ArrowRight'])
      await page.keyboard.press(key);
    await page.keyboard.press('ArrowRight');
    await expect(tree.getByRole('treeitem', { selected: true })).toContainText('VISp');
    await page.keyboard.press('Enter');
    const region = page.getByLabel('Region at the cross-hair');
    await expect(region).toContainText('VISpPrimary visual arearight');
    await expect(region).toContainText('root › grey › CTX › VIS');
    await expect(region).toHaveAttribute('title', /Basic cell groups and regions › Cerebral cortex › Visual areas/);

    // Hidden with all inside of it, shown alone, and all again.
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press(' ');
    const drawn = page.getByLabel('Regions drawn');
    await expect(drawn).toHaveText('3 of 5 drawn');
    await page.keyboard.press('Shift+ ');
    await expect(drawn).toHaveText('2 of 5 drawn');
    await waitUntilAllIsHere(page);
    await shoot(window, 'check-atlas-branch');
    expect(await seriousIn(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    expect(await cutText(page)).toEqual([]);

    // One colour for all inside of it, as the picture has it.
    await tree.getByLabel('Colour of VIS, Visual areas and all inside of it').fill('#ff8800');
    await expect(tree.getByLabel('Colour of VISp, Primary visual area and all inside of it')).toHaveValue('#ff8800');
    await page.getByRole('button', { name: 'Show all', exact: true }).click();
    await expect(drawn).toHaveCount(0);

    // Meshes are made when the first is asked for: the cortex with its areas, in its colour.
    for (const key of ['ArrowLeft', 'ArrowLeft', 'm']) await tree.press(key);
    await expect(tree.getByRole('treeitem', { selected: true })).toContainText('CTX');
    await expect(page.getByRole('list', { name: 'Layers' })).toContainText('Toy mouse, regions', { timeout: 30_000 });
    await waitUntilAllIsHere(page);
    await expect.poll(() => pixelsOf(page, cortexColour)).toBeGreaterThan(500);
    await shoot(window, 'check-atlas-mesh');
    await tree.press('m');
    await expect.poll(() => pixelsOf(page, cortexColour)).toBe(0);

    const find = page.getByLabel('Find a region');
    await find.fill('tubero');
    const found = page.getByRole('tree', { name: 'Regions found' });
    await expect(found.getByRole('treeitem')).toHaveCount(1);
    await find.press('Enter');
    await expect(page.getByText('is not in this view')).toBeVisible();
    await find.fill('visual');
    await expect(found.getByRole('treeitem')).toHaveCount(3);
    await shoot(window, 'check-atlas-finds');
    await find.fill('anteromedial');
    await expect(found.getByRole('treeitem')).toHaveCount(1);
    await find.press('Enter');
    await expect(region).toContainText('VISam');
    // What was found is where the tree goes on.
    await find.fill('');
    await expect(tree.getByRole('treeitem', { selected: true })).toContainText('VISam');

    await measureTemplate(window, join(folder, 'by region.csv'));
  });
});

/** Voxels. */
const shift = 8;

/** What the status bar tells of two atlases of the same regions. */
const ofBoth = (acronym: string | null): string[] => (acronym === null ? ['no region'] : [acronym, acronym]);

test('regions under the pointer are named without a call, as the engine names them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-atlas-'));
  const library = join(folder, 'library');
  const { annotation, template, table: ontology } = writeToyAtlas(join(folder, 'toy'));
  const input = { library, annotation, template, ontology, name: 'Toy mouse', orientation: 'lsa' };
  const [made, image, labels, seen] = await withEngine(async (client) => {
    const done = await resultOf<Made>(client, library, client.atlas.import(input));
    const again = { library, annotation: done.annotation, ontology, name: 'Second' };
    await resultOf(client, library, client.atlas.import(again));
    // From what is seen to the template: some voxels along x.
    const steps = [{ type: 'affine' as const, matrix: [1, 0, 0, shift * voxelNm, 0, 1, 0, 0, 0, 0, 1, 0] }];
    const { volume } = await client.warp.create({ library, volume: done.template, steps });
    const shown = async (id: string) => (await client.view.volume({ library, volume: id })).value;
    return [done, await shown(done.template), await shown(done.annotation), volume] as const;
  });
  const voxels = Array.from({ length: 200 }, (_, i) => [4 + ((i * 37) % 64), 4 + ((i * 23) % 48)] as const);
  const z = toySize[2] / 2;
  const window = await startLamella({ args: ['--library', library] });
  try {
    const { page } = window;
    await openTemplate(page, image, labels);
    await expect(page.getByLabel('Region at the cross-hair')).toContainText('fiber tracts');
    // The last thing that is asked of a volume that was opened.
    await expect(page.getByRole('group', { name: /^Grey levels of the/ })).toBeVisible();
    await countCalls(page);
    const told = page.getByLabel('Region under the pointer').locator('.region-acronym, .region-none');
    for (const voxel of voxels) {
      await pointAt(page, voxel);
      await expect(told).toHaveText(ofBoth(toyAcronymAt(...voxel, z)));
    }
    expect(await callsMade(page)).toEqual([]);
    await shoot(window, 'check-atlas-two');
    // The same through a chain of maps.
    await openTemplate(page, seen);
    for (const [x, y] of voxels.slice(0, 12)) {
      await pointAt(page, [x, y]);
      await expect(told).toHaveText(ofBoth(toyAcronymAt(x + shift, y, z)));
    }
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    rmSync(window.profile, { recursive: true, force: true });
  }
  const points = voxels.map(([x, y]) => [x, y, z].map((n) => (n + 0.5) * voxelNm) as [number, number, number]);
  const { value } = await withEngine((client) =>
    client.atlas.lookup({ library, atlas: made.atlas, space: made.template, points }),
  );
  const names = value.points.map(({ region }) => (region === null ? null : value.regions[region]?.acronym));
  expect(names).toEqual(voxels.map((voxel) => toyAcronymAt(...voxel, z)));
  rmSync(folder, { recursive: true, force: true });
});

test('a folder of an atlas is told from a volume when it is dropped', async () => {
  await withWindow(async (window) => {
    const { page, folder } = window;
    await drop(page, writeToyFolder(join(folder, 'toy_mouse_100um')));
    const dialog = page.getByRole('dialog', { name: 'Import an atlas' });
    await expect(dialog.getByLabel('Name', { exact: true })).toHaveValue('toy_mouse');
    await expect(dialog).toContainText(String(toyRegions.length));
    await expect(dialog).toContainText('Nobody 2026');
    await shoot(window, 'check-atlas-dropped');
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
  });
});

const real = join(import.meta.dirname, '../../../shared/data/atlas');
const hasReal = existsSync(join(real, 'ara_ontology.json'));
const forDocs = process.env['LAMELLA_SHOTS'] === 'docs';

test('the pictures of the docs, of a real atlas', async () => {
  test.skip(!forDocs || !hasReal, 'only for the docs, with the atlas in ../shared/data');
  const folder = mkdtempSync(join(tmpdir(), 'lamella-atlas-'));
  const library = join(folder, 'library');
  await withEngine((client) =>
    resultOf<Made>(
      client,
      library,
      client.atlas.import({
        ...{ library, name: 'Allen mouse, 100 µm', orientation: 'asl' },
        annotation: join(real, 'annotation_100.nrrd'),
        template: join(real, 'average_template_100.nrrd'),
        ontology: join(real, 'ara_ontology.json'),
      }),
    ),
  );
  const window = await startLamella({ args: ['--library', library] });
  try {
    const { page } = window;
    const tree = page.getByRole('tree', { name: /^Regions of/ });
    await expect(tree).toBeVisible();
    await page.getByRole('button', { name: 'Show it' }).click();
    await waitUntilAllIsHere(page);
    await page.getByLabel('Find a region').fill('hippocampal formation');
    await page.keyboard.press('Enter');
    await page.getByLabel('Find a region').fill('');
    for (const name of ['grey', 'CH', 'CTX', 'CTXpl'])
      await tree.getByRole('button', { name: new RegExp(`^Unfold ${name},`) }).click();
    await waitUntilAllIsHere(page);
    await page.mouse.move(900, 20);
    await shoot(window, 'atlas-view');
    for (const name of ['HPF', 'CNU', 'CBX']) {
      await page.getByLabel('Find a region').fill(name);
      await page
        .getByRole('tree', { name: 'Regions found' })
        .getByRole('button', { name: new RegExp(`^${name} `) })
        .first()
        .hover();
      await page.getByRole('button', { name: new RegExp(`^${name},.* in 3-D`) }).click();
    }
    await page.getByLabel('Find a region').fill('');
    await expect(page.getByRole('list', { name: 'Layers' })).toContainText('regions', { timeout: 100_000 });
    await waitUntilAllIsHere(page);
    await page.mouse.move(900, 20);
    await shoot(window, 'atlas-meshes', 'desktop');
    await waitUntilAllIsHere(page);
    await shoot(window, 'atlas-meshes', 'desktop');
    await runCommand(page, 'Measure by region');
    const dialog = page.getByRole('dialog', { name: 'Measure by region' });
    await dialog.getByLabel('What').selectOption({ label: 'Grey levels of Allen mouse, 100 µm, template' });
    await dialog.getByRole('button', { name: 'Measure' }).click();
    const results = page.getByRole('region', { name: 'Results by region' });
    await expect(results.getByRole('table', { name: 'Regions' })).toBeVisible();
    await waitUntilAllIsHere(page);
    await shoot(window, 'atlas-table', 'desktop');
    await waitUntilAllIsHere(page);
    await shoot(window, 'atlas-table', 'desktop');
    await results.getByRole('radio', { name: 'Tree-map' }).click();
    await shoot(window, 'atlas-tree-map', 'desktop');
    await results.getByRole('radio', { name: 'Bars' }).click();
    await results.getByRole('radio', { name: 'Compare' }).click();
    await shoot(window, 'check-atlas-bars', 'desktop');
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
});
