// Volumes from anywhere: dropped, typed, looked at, added; and what can be done with them.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labelIds, writeLabels } from './known-volumes.ts';
import { answerDialogs } from './dialogs.ts';
import { drop } from './drop.ts';
import { waitUntilAllIsHere, waitUntilDrawn } from './figures.ts';
import type { FusedLibrary } from './fused-library.ts';
import { copyFusedLibrary } from './fused-library.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { greyLevels, paneOf, shadesIn } from './panes.ts';
import { convertTo, volumeFiles } from './volume-files.ts';

interface Prepared<T> extends LamellaWindow {
  readonly folder: string;
  /** What was made before the window took the library for itself. */
  readonly made: T;
}

async function withLibrary<T>(
  make: (library: FusedLibrary, folder: string) => T,
  use: (window: Prepared<T>) => Promise<void>,
  ...args: readonly string[]
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-volumes-'));
  const library = copyFusedLibrary(folder);
  const made = make(library, folder);
  const window = await startLamella({ args: ['--library', library.folder, ...args] });
  try {
    await waitUntilDrawn(window.page);
    await use({ ...window, folder, made });
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

const nothing = (): null => null;

const goToVolumes = (page: Page): Promise<void> =>
  page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name: 'Volumes' }).click();

const volumeButton = (page: Page, name: string | RegExp): ReturnType<Page['getByRole']> =>
  page.getByRole('list', { name: 'Volumes' }).getByRole('button', { name }).first();

async function seriousIn(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}

/** No name leads anywhere: what opens now, opens from this computer. */
const noNetwork = '--host-resolver-rules=MAP * ~NOTFOUND';

test('volumes of seven formats are dropped, and drawn, without a network', async () => {
  await withLibrary(
    volumeFiles,
    async ({ page, made, problems }) => {
      for (const { format, path, foreign } of made) {
        await goToVolumes(page);
        const started = performance.now();
        await drop(page, path);
        await page.getByRole('button', { name: 'Add and view' }).click();
        await expect(page.getByRole('main', { name: 'View' })).toBeVisible();
        await waitUntilDrawn(page);
        const seconds = (performance.now() - started) / 1000;
        console.log(`${format}${foreign ? '' : ' (our own)'}: first slice after ${seconds.toFixed(2)} s`);
        await expect.poll(() => shadesIn(page, 'xy')).toBeGreaterThan(1);
      }
      expect(problems).toEqual([]);
    },
    noNetwork,
  );
});

test('what a source holds shows before it is added, and what it is not is said', async () => {
  const asN5 = (library: FusedLibrary, folder: string): string => convertTo(library, join(folder, 'block.n5'), 'n5');
  await withLibrary(asN5, async (window) => {
    const { page, made } = window;
    await goToVolumes(page);
    await drop(page, made);
    await expect(page.getByRole('region', { name: 'Levels' })).toBeVisible();
    for (const fact of ['Format', 'Axes', 'Size', 'Extent', 'Voxel', 'Stored as', 'On disk'])
      await expect(page.getByRole('main', { name: 'Volumes' }).getByText(fact, { exact: true }).first()).toBeVisible();
    await shoot(window, '18-add-a-volume');
    await shoot(window, 'check-add-desktop', 'desktop');
    expect(await seriousIn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await drop(page, join(import.meta.dirname, 'volumes.window.ts'));
    await expect(page.getByRole('alert')).toContainText('volumes.window.ts');
    expect(await seriousIn(page)).toEqual([]);
  });
});

test('volumes are named, favoured, audited, removed and brought back', async () => {
  await withLibrary(nothing, async (window) => {
    const { page } = window;
    await goToVolumes(page);
    await expect(page.getByRole('region', { name: 'Levels' })).toBeVisible();
    await page.getByLabel('Name of the volume').fill('Block 7');
    await page.getByRole('button', { name: 'Rename' }).click();
    await expect(page.getByRole('heading', { name: 'Block 7' })).toBeVisible();
    await page.getByRole('button', { name: 'Block 7: favourite' }).click();
    await expect(page.getByRole('button', { name: 'Block 7: favourite' })).toHaveAttribute('aria-pressed', 'true');
    await page.getByRole('button', { name: 'Audit chunks' }).click();
    await expect(page.getByRole('heading', { name: 'Audit' })).toBeVisible();
    await expect(page.getByText('No fault found')).toBeVisible();
    await shoot(window, '19-volumes');
    await shoot(window, 'check-volumes-desktop', 'desktop');
    expect(await seriousIn(page)).toEqual([]);
    await page.getByRole('button', { name: 'Take out of the library' }).click();
    await expect(page.getByRole('heading', { name: 'Add a volume' })).toBeVisible();
    await page.getByRole('region', { name: 'Messages' }).getByRole('button', { name: 'Undo' }).click();
    await expect(volumeButton(page, 'Block 7')).toBeVisible();
    expect(window.problems).toEqual([]);
  });
});

test('a volume is converted, and its copy opens', async () => {
  await withLibrary(nothing, async (window) => {
    const { app, page, folder } = window;
    await goToVolumes(page);
    await page.getByRole('button', { name: 'Convert…' }).click();
    await page.getByLabel('N5', { exact: true }).check();
    await shoot(window, '20-convert');
    await shoot(window, 'check-convert-desktop', 'desktop');
    expect(await seriousIn(page)).toEqual([]);
    await page.getByLabel('Memory at most').fill('much');
    await expect(page.getByText('A size looks like 2 GB.')).toBeVisible();
    await page.getByLabel('Memory at most').fill('1 GB');
    const target = join(folder, 'converted');
    await answerDialogs(app, target);
    await page.getByRole('button', { name: 'Choose where, and convert…' }).click();
    await expect(page.getByRole('region', { name: 'Messages' }).getByText(/done/)).toBeVisible({ timeout: 60_000 });
    const [made] = readdirSync(target);
    expect(made).toMatch(/\.n5$/);
    await drop(page, join(target, made ?? ''));
    await expect(page.getByRole('button', { name: 'Add and view' })).toBeVisible();
  });
});

test('a volume that moved is linked again, and not to another', async () => {
  const two = (library: FusedLibrary, folder: string): readonly [string, string] => [
    convertTo(library, join(folder, 'here.n5'), 'n5'),
    convertTo(library, join(folder, 'other.n5'), 'n5', '--level', '1'),
  ];
  await withLibrary(two, async ({ app, page, folder, made: [at, other] }) => {
    await goToVolumes(page);
    await drop(page, at);
    await page.getByRole('button', { name: 'Add and view' }).click();
    await waitUntilAllIsHere(page);
    renameSync(at, join(folder, 'there.n5'));
    expect(existsSync(at)).toBe(false);
    await goToVolumes(page);
    await page.getByRole('button', { name: 'Has it moved?' }).click();
    const relink = page.getByRole('region', { name: 'Has it moved?' });
    await answerDialogs(app, other);
    await relink.getByRole('button', { name: 'Folder…' }).click();
    await expect(relink.getByRole('alert')).toBeVisible();
    await answerDialogs(app, join(folder, 'there.n5'));
    await relink.getByRole('button', { name: 'Folder…' }).click();
    await expect(page.getByText(/is linked again/)).toBeVisible();
  });
});

test('labels have colours of their own, and the pointer reads their ids with every digit', async () => {
  const labels = (_library: FusedLibrary, folder: string): string => writeLabels(join(folder, 'labels'));
  await withLibrary(labels, async (window) => {
    const { page, made, problems } = window;
    await goToVolumes(page);
    await drop(page, made);
    await expect(page.getByLabel('Holds')).toHaveValue('segmentation');
    await page.getByRole('button', { name: 'Add and view' }).click();
    await waitUntilAllIsHere(page);
    const box = await paneOf(page, 'xy').boundingBox();
    if (!box) throw new Error('the pane has no place');
    for (const [half, id] of [
      [-1, labelIds[0]],
      [1, labelIds[1]],
    ] as const) {
      await page.mouse.move(box.x + box.width / 2 + half * 40, box.y + box.height / 2);
      await expect(page.getByLabel('Label', { exact: true })).toHaveText(`label ${id}`);
    }
    await shoot(window, '22-labels');
    const { grey, width, height } = await greyLevels(page, 'xy');
    const row = Math.floor(height / 2) - 20;
    const [left, right] = [-40, 40].map((by) => grey[row * width + Math.floor(width / 2) + by]);
    expect(left).not.toBe(right);
    await shoot(window, 'check-labels-desktop', 'desktop');
    expect(problems).toEqual([]);
  });
});
