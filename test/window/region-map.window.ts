// Results by region on the map of the atlas: what is seen is named and numbered as the table has it.
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import { boundsNm } from '../../renderer/state/volume-geometry.ts';
import { resultOf } from '../engine/follow-job.ts';
import { answerDialogs } from './dialogs.ts';
import { waitUntilAllIsHere } from './figures.ts';
import { shoot, startLamella, test, type LamellaWindow } from './lamella-window.ts';
import { runCommand } from './rich-window.ts';
import { cutText, seriousIn, smallTargets } from './screen-checks.ts';
import { toyAcronymAt, toySize, writeToyAtlas } from './toy-atlas.ts';
import { openDocument } from './view-library.ts';

interface Sources {
  readonly name: string;
  readonly orientation: string;
  readonly annotation: string;
  readonly template: string;
  readonly ontology: string;
}

/** A window with the template of an atlas, whose grey levels were measured by region. */
async function withResult(
  sources: (folder: string) => Sources,
  use: (window: LamellaWindow & { readonly folder: string; readonly results: Locator }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-map-'));
  const library = join(folder, 'library');
  const engine = createEngine({ threads: 1 });
  const client = engine.client();
  const imported = client.atlas.import({ library, ...sources(folder) });
  const { atlas, template } = await resultOf<{ atlas: string; template: string }>(client, library, imported);
  const { value: image } = await client.view.volume({ library, volume: template });
  const asked = { library, atlas, of: { volume: template, channel: 0, time: 0 }, name: 'Template' };
  await resultOf(client, library, client.region.measure(asked));
  await engine.close();
  const window = await startLamella({ args: ['--library', library] });
  try {
    const { page } = window;
    const layers = [{ ...imageLayer(image, 0, 'template'), volumeMode: 'off' as const }];
    const { min, max } = boundsNm(image);
    const positionNm = min.map((low, i) => (low + (max[i] ?? low)) / 2) as [number, number, number];
    await openDocument(page, template, { ...freshDocument, layers, positionNm });
    await waitUntilAllIsHere(page);
    await page
      .getByRole('button', { name: /: more$/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: `${sources(folder).name}: more` }).click();
    await page.getByRole('menuitem', { name: 'Template' }).click();
    const results = page.getByRole('region', { name: 'Results by region' });
    await expect(results.getByRole('table', { name: 'Regions' })).toBeVisible();
    await use({ ...window, folder, results });
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

/** Takes the pointer to the middle of a pixel of a picture of the map. */
async function pointAt(page: Page, picture: Locator, pixel: readonly [number, number]): Promise<void> {
  const [x, y] = await picture.locator('g[transform]').evaluate((group: SVGGElement, [u, v]) => {
    const at = new DOMPoint(u + 0.5, v + 0.5).matrixTransform(group.getScreenCTM() ?? undefined);
    return [at.x, at.y] as const;
  }, pixel);
  await page.mouse.move(x, y);
}

/** What is met from above at x and z. */
const fromAbove = (x: number, z: number): string | null =>
  Array.from({ length: toySize[1] }, (_, y) => toyAcronymAt(x, y, z)).find((one) => one !== null) ?? null;

/** Means of all regions, as the table writes them. */
async function meansOf(results: Locator): Promise<ReadonlyMap<string, string>> {
  await results.getByRole('button', { name: /^Mean/ }).click();
  const rows = await results.getByRole('table', { name: 'Regions' }).getByRole('row').all();
  const read = rows.slice(1).map(async (row) => {
    const acronym = await row.getByRole('rowheader').locator('b').innerText();
    return [acronym, await row.getByRole('cell').nth(1).innerText()] as const;
  });
  return new Map(await Promise.all(read));
}

const toySources = (folder: string): Sources => {
  const { table: ontology, ...images } = writeToyAtlas(join(folder, 'toy'));
  return { name: 'Toy mouse', orientation: 'lsa', ontology, ...images };
};

/** Where the pointer is, the region and the number of the table are told. */
async function expectTold(results: Locator, acronym: string | null, means: ReadonlyMap<string, string>): Promise<void> {
  const told = results.getByRole('group', { name: 'Region on the map' });
  await expect(told.locator('b')).toHaveText(acronym ?? 'a region');
  await expect(told.locator('.mono')).toHaveText(means.get(acronym ?? '') ?? 'a number');
}

test('results are seen on the atlas from outside, and a region there is one in the table', async () => {
  await withResult(toySources, async (window) => {
    const { app, page, folder, results } = window;
    const means = await meansOf(results);
    await results.getByRole('radio', { name: 'Map', exact: true }).click();
    const above = results.getByRole('listbox', { name: 'Above' });
    await expect(above.getByRole('option')).toHaveCount(3);
    for (const [x, z] of [
      [36, 12],
      [36, 36],
      [12, 30],
      [60, 30],
      [20, 20],
    ] as const) {
      await pointAt(page, above, [x, z]);
      await expectTold(results, fromAbove(x, z), means);
    }
    await shoot(window, 'check-map-toy');
    // A press selects; arrow keys walk on, Enter goes there.
    await pointAt(page, above, [36, 36]);
    await page.mouse.down();
    await page.mouse.up();
    await expect(above.getByRole('option', { selected: true })).toHaveAttribute('aria-label', /^VISam /);
    await page.keyboard.press('ArrowUp');
    await expect(above.getByRole('option', { selected: true })).toHaveAttribute('aria-label', /^MO /);
    await page.keyboard.press('Enter');
    await expect(page.getByLabel('Region at the cross-hair')).toContainText('MOSomatomotor areas');
    await results.getByRole('radio', { name: 'Table' }).click();
    await expect(results.locator('[role="row"][aria-current="true"]')).toContainText('MO Somatomotor areas');
    // What was the deepest is one region a level above.
    await results.getByRole('radio', { name: 'Map', exact: true }).click();
    await results.getByRole('slider', { name: 'Depth' }).press('ArrowLeft');
    await pointAt(page, above, [36, 36]);
    await expectTold(results, 'VIS', means);
    await answerDialogs(app, join(folder, 'map.svg'));
    await results.getByRole('button', { name: 'Picture' }).click();
    await expect(page.getByText('Exported map.svg')).toBeVisible();
    const svg = readFileSync(join(folder, 'map.svg'), 'utf8');
    expect(svg).toContain(`<title>VIS ${means.get('VIS')}: Visual areas</title>`);
    expect(svg).toContain('>Mean</text>');
    expect(svg).not.toMatch(/data-|aria-|role=|var\(/);
    // It is one document that others can draw.
    expect(
      await page.evaluate(
        (text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('svg svg').length,
        svg,
      ),
    ).toBe(6);
  });
});

test('results are seen on cuts of the atlas that keys move, each side by itself', async () => {
  await withResult(toySources, async (window) => {
    const { page, results } = window;
    const means = await meansOf(results);
    await results.getByRole('radio', { name: 'Map', exact: true }).click();
    await results.getByRole('radio', { name: 'Cuts' }).click();
    const coronal = results.getByRole('listbox', { name: /^Coronal/ });
    const slider = results.getByRole('slider', { name: 'Coronal cut' });
    for (const z of [24, 25, 26]) {
      await expect(slider).toHaveAttribute('aria-valuenow', String(z));
      for (const [x, y] of [
        [36, 28],
        [20, 28],
        [36, 6],
        [8, 28],
      ] as const) {
        await pointAt(page, coronal, [x, y]);
        await expectTold(results, toyAcronymAt(x, y, z), means);
      }
      await slider.press('ArrowRight');
    }
    await coronal.press('PageUp');
    await expect(slider).toHaveAttribute('aria-valuetext', '2.65 mm');
    await results.getByRole('radio', { name: 'Compare' }).click();
    await pointAt(page, coronal, [20, 28]);
    await expect(results.getByRole('group', { name: 'Region on the map' })).toContainText(/CP.*left/);
    await results.getByRole('radio', { name: 'Right', exact: true }).click();
    await pointAt(page, coronal, [20, 28]);
    await expect(results.getByRole('group', { name: 'Region on the map' })).toContainText('Point at a region');
    await shoot(window, 'check-map-right');
    expect(await seriousIn(page)).toEqual([]);
    expect(await cutText(page)).toEqual([]);
    expect(await smallTargets(page)).toEqual([]);
    await runCommand(page, 'dark and light');
    await shoot(window, 'check-map-light');
    expect(await seriousIn(page)).toEqual([]);
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '162.5%'));
    await shoot(window, 'check-map-200');
    expect(await cutText(page)).toEqual([]);
  });
});

const real = join(import.meta.dirname, '../../../shared/data/atlas');
const hasReal = existsSync(join(real, 'ara_ontology.json'));

test('the picture of the docs, of a real atlas', async () => {
  test.skip(process.env['LAMELLA_SHOTS'] !== 'docs' || !hasReal, 'only for the docs, with the atlas in ../shared/data');
  await withResult(
    () => ({
      ...{ name: 'Allen mouse, 100 µm', orientation: 'asl' },
      annotation: join(real, 'annotation_100.nrrd'),
      template: join(real, 'average_template_100.nrrd'),
      ontology: join(real, 'ara_ontology.json'),
    }),
    async (window) => {
      const { page, results } = window;
      await results.getByRole('radio', { name: 'Map', exact: true }).click();
      const above = results.getByRole('listbox', { name: 'Above' });
      await expect(above.getByRole('option').first()).toBeVisible();
      await shoot(window, 'check-map-outside-large', 'desktop');
      await shoot(window, 'check-map-outside');
      await results.getByRole('radio', { name: 'Cuts' }).click();
      await shoot(window, 'check-map-cuts-large', 'desktop');
      await shoot(window, 'check-map-cuts');
      for (const panel of ['navigator', 'inspector']) await runCommand(page, `Show or hide the ${panel}`);
      await results.getByRole('radio', { name: 'Outside' }).click();
      await pointAt(page, above, [80, 56]);
      await waitUntilAllIsHere(page);
      await shoot(window, 'atlas-map');
    },
  );
});
