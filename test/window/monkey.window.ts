// Somebody who presses everything: random input, from a seed, and afterwards the window is as sound as before.
// LAMELLA_MONKEY_SEED and LAMELLA_MONKEY_S (seconds) look longer, LAMELLA_MONKEY_ATLAS=1 also where an atlas leads.
import type { ElectronApplication, Page } from '@playwright/test';
import { expect, test } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import { viewDocumentSchema } from '../../preload/contract/view-state.ts';
import { layersOf, shapeLayer } from '../../renderer/state/layers.ts';
import { soundDocument } from '../../renderer/state/sound-document.ts';
import { resultOf } from '../engine/follow-job.ts';
import { seededRandom } from '../formats/mutate.ts';
import { waitUntilAllIsHere } from './figures.ts';
import { startLamella } from './lamella-window.ts';
import { randomAct } from './monkey-acts.ts';
import { shadesIn } from './panes.ts';
import { documentOf, makeRichLibrary, middleOf } from './rich-library.ts';
import { runCommand } from './rich-window.ts';
import { writeToyAtlas } from './toy-atlas.ts';
import { openDocument } from './view-library.ts';

const seed = Number(process.env['LAMELLA_MONKEY_SEED'] ?? 1);
const seconds = Number(process.env['LAMELLA_MONKEY_S'] ?? 25);

/** A window that does not answer a question this long is frozen. */
const mostSilenceMs = 15_000;

/** Everything native answers as if the user had thought better of it. */
const cancelDialogs = (app: ElectronApplication): Promise<void> =>
  app.evaluate(({ dialog }) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: true, filePaths: [] });
    dialog.showSaveDialog = () => Promise.resolve({ canceled: true, filePath: '' });
    dialog.showMessageBox = () => Promise.resolve({ response: 1, checkboxChecked: false });
  });

async function answers(page: Page): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<'silent'>((resolve) => {
    timer = setTimeout(() => resolve('silent'), mostSilenceMs);
  });
  const answer = await Promise.race([page.evaluate(() => document.querySelectorAll('[data-mishap]').length), silence]);
  clearTimeout(timer);
  expect(answer, 'mishaps, or silence').toBe(0);
}

/** The views that the window kept, as a restart would read them. */
const keptViews = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() =>
    Object.entries(localStorage).flatMap(([key, text]) => (key.startsWith('lamella.view.4.') ? [String(text)] : [])),
  );

/** With an atlas there are regions to show, to measure by and to register to. */
async function addAtlas(folder: string, library: string): Promise<void> {
  const { annotation, template, table: ontology } = writeToyAtlas(join(folder, 'atlas'));
  const engine = createEngine({ threads: 1 });
  const client = engine.client();
  const input = { library, annotation, template, ontology, orientation: 'lsa' };
  await resultOf(client, library, client.atlas.import(input));
  await engine.close();
}

async function showStart(page: Page): Promise<void> {
  for (let i = 0; i < 4; i++) await page.keyboard.press('Escape');
  await runCommand(page, 'Go to View');
  const start = page
    .getByRole('button', { name: /^Show / })
    .and(page.locator('.named-view-show'))
    .last();
  // The room may take a moment to be there, and the command would then hide what is about to be shown.
  const isShown = await start.waitFor({ timeout: 5000 }).then(
    () => true,
    () => false,
  );
  if (!isShown) await runCommand(page, 'Show or hide the navigator');
  await start.click();
  await waitUntilAllIsHere(page);
  await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(3);
  await expect.poll(() => shadesIn(page, '3d')).toBeGreaterThan(3);
}

test(`the window stands ${seconds} s of random input`, async () => {
  test.setTimeout(seconds * 2000 + 120_000);
  console.log(`monkey: seed ${seed}, ${seconds} s`);
  const folder = mkdtempSync(join(tmpdir(), 'lamella-monkey-'));
  const { library, labels, channels, mesh } = await makeRichLibrary(folder);
  if (process.env['LAMELLA_MONKEY_ATLAS'] === '1') await addAtlas(folder, library);
  const lamella = await startLamella({ args: ['--library', library] });
  const { app, page, problems, profile } = lamella;
  const acts: string[] = [];
  try {
    await cancelDialogs(app);
    const layers = [...layersOf(channels), ...layersOf(labels), shapeLayer(mesh, [])];
    await openDocument(page, labels.id, documentOf(layers, middleOf(labels)));
    await waitUntilAllIsHere(page);
    await runCommand(page, 'Keep this view under a name');
    await expect(page.locator('button.named-view-show')).toBeVisible();

    const random = seededRandom(seed);
    const until = Date.now() + seconds * 1000;
    while (Date.now() < until) {
      acts.push(await randomAct(page, random));
      await answers(page);
      expect(problems).toEqual([]);
    }
    console.log(`monkey: ${acts.length} acts`);

    await showStart(page);
    const kept = await keptViews(page);
    expect(kept.length).toBeGreaterThan(0);
    for (const text of kept) {
      const { document } = JSON.parse(text) as { document: unknown };
      expect(soundDocument(viewDocumentSchema.parse(document))).toEqual(viewDocumentSchema.parse(document));
    }
    expect(problems).toEqual([]);
    await app.close();

    const again = await startLamella({ profile });
    try {
      await waitUntilAllIsHere(again.page);
      await expect.poll(() => shadesIn(again.page, 'xy')).toBeGreaterThan(3);
      expect(again.problems).toEqual([]);
    } finally {
      await again.app.close();
    }
  } catch (error) {
    console.log(
      `monkey: after ${acts.length} acts, the last:\n${acts.slice(-30).join('\n')}\nproblems: ${problems.join('\n')}`,
    );
    await page.screenshot({ path: test.info().outputPath('monkey.png') }).catch(() => undefined);
    throw error;
  } finally {
    await app.close().catch(() => undefined);
    for (const left of [folder, profile]) rmSync(left, { recursive: true, force: true });
  }
});
