import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication, Page } from '@playwright/test';
import { Library } from '../../main/engine/store/library.ts';
import { putThumbnail, thumbnailPx } from '../../main/engine/store/thumbnails.ts';
import { manyTiles } from '../engine/many-tiles.ts';
import { encodePng } from '../engine/png.ts';
import { seededRandom } from '../formats/mutate.ts';
import { libraryOf } from '../window/view-library.ts';
import type { Bench, BenchRow } from './row.ts';
import {
  dragAround,
  firstPictureAt,
  intervalsSeen,
  percentile95,
  waitUntilSharp,
  watchPictures,
} from './window/pictures.ts';
import { withWindow } from './window/real-window.ts';

const columns = Number(process.env['LAMELLA_MOSAIC_COLUMNS'] ?? 400);
const rows = 250;
const tiles = (columns * rows).toLocaleString('en-US');
const tilePx = 512;
/** Tiles around the middle that have thumbnails, and those of them that have files. */
const withThumbnails = 140;
const withFiles = 24;

/**
 * A library of a small volume and of tiles that were imported: all of them measured, those around the middle with more
 * than that. Views begin with the volume, so that nothing of the tiles is read before they are asked for.
 */
async function makeLibrary(folder: string): Promise<string> {
  const { library: made } = await libraryOf(folder, [smallVolume(folder)]);
  const library = Library.open({
    folder: made,
    create: false,
    cacheBytes: 2 ** 30,
    now: () => new Date(),
    log: () => undefined,
  });
  const dataset = manyTiles(library, { columns, rows, tilePx });
  const random = seededRandom(9);
  const file = join(folder, 'tile.png');
  const noise = (side: number, grey: number): Uint8Array =>
    Uint8Array.from({ length: side * side }, () => Math.max(1, Math.min(255, grey + 60 * (random() - 0.5))));
  writeFileSync(file, encodePng({ width: tilePx, height: tilePx, pixels: noise(tilePx, 128) }));
  const around = (side: number): readonly [column: number, row: number][] =>
    Array.from({ length: side * side }, (_, i) => [
      Math.round((columns - side) / 2) + (i % side),
      Math.round((rows - side) / 2) + Math.floor(i / side),
    ]);
  const shades = Array.from({ length: 200 }, (_, shade) => noise(thumbnailPx, 20 + shade));
  for (const [column, row] of around(withThumbnails))
    putThumbnail(library.cache, `${row}-${column}`, {
      widthPx: thumbnailPx,
      heightPx: thumbnailPx,
      pixels: shades[column % 200] ?? new Uint8Array(thumbnailPx ** 2),
    });
  library.record((tx) => {
    // As long as the rows of an import are.
    tx.run('UPDATE tile SET histogram = randomblob(1024) WHERE dataset = ?', dataset);
    for (const [column, row] of around(withFiles))
      tx.run('UPDATE tile SET path = ? WHERE dataset = ? AND name = ?', file, dataset, `r${row}c${column}`);
  });
  library.close();
  return made;
}

function smallVolume(folder: string): string {
  const [file, side] = [join(folder, 'small.nrrd'), 64];
  const header = `NRRD0004\ntype: uint8\ndimension: 3\nsizes: ${side} ${side} ${side}\nencoding: raw\n\n`;
  writeFileSync(file, Buffer.concat([Buffer.from(header), Uint8Array.from({ length: side ** 3 }, (_, i) => i % 251)]));
  return file;
}

interface Looked {
  readonly openMs: number;
  readonly panMs: number;
}

let looked: Promise<Looked> | undefined;

/** The same for both rows of a run; the details go to stderr. */
const look = (bench: Bench): Promise<Looked> => (looked ??= lookOnce(bench));

async function lookOnce({ folder }: Bench): Promise<Looked> {
  const library = await makeLibrary(folder);
  return withWindow(library, async ({ app, page }) => {
    await page.getByRole('button', { name: /Search or run a command/ }).waitFor();
    await waitUntilSharp(page);
    const before = await memoryMb(app);
    const openMs = await openTiles(page);
    await page.waitForTimeout(1500);
    const intervals: Record<string, number> = {};
    for (const layout of ['Four', 'XY'])
      for (const nmPerPx of [null, 256, 64, 8])
        intervals[`${layout} ${nmPerPx ?? 'fitted'}`] = await panAt(page, layout, nmPerPx);
    console.error(`mosaic: ${JSON.stringify({ openMs, intervals, memoryMb: { before, after: await memoryMb(app) } })}`);
    return { openMs, panMs: Math.max(...Object.values(intervals)) };
  });
}

/** The 95th percentile of the intervals between two pictures that differ, milliseconds. */
async function panAt(page: Page, layout: string, nmPerPx: number | null): Promise<number> {
  await page.getByRole('radio', { name: layout, exact: true }).click();
  await page.getByRole('button', { name: 'Fit', exact: true }).first().click();
  if (nmPerPx !== null) await zoomTo(page, nmPerPx);
  await waitUntilSharp(page);
  await watchPictures(page, 'xy');
  await dragAround(page, 'xy', 3);
  return percentile95((await intervalsSeen(page)).slice(1));
}

/** What the window, the graphics process and the engine hold. */
async function memoryMb(app: ElectronApplication): Promise<Record<string, number>> {
  const metrics = await app.evaluate(({ app: electron }) =>
    electron.getAppMetrics().map(({ type, name, memory }) => [name ?? type, memory.workingSetSize] as const),
  );
  return Object.fromEntries(metrics.map(([name, kb]) => [name, Math.round(kb / 1024)]));
}

/** Runs the command as a user does; milliseconds from Enter to the first picture of tiles. */
async function openTiles(page: Page): Promise<number> {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Look at the tiles in View');
  await page
    .getByRole('option', { name: /Look at the tiles in View/ })
    .first()
    .waitFor();
  const from = await page.evaluate(() => performance.now());
  const [at] = await Promise.all([firstPictureAt(page, 'xy'), page.keyboard.press('Enter')]);
  return at - from;
}

async function zoomTo(page: Page, nmPerPx: number): Promise<void> {
  await page.getByLabel('Scale, nm per pixel').fill(String(nmPerPx));
  await page.keyboard.press('Enter');
  await page.waitForTimeout(500);
}

const workload = `${tiles} tiles of ${tilePx} x ${tilePx} in one section, in the real window on software GL`;

const mosaicOpen: BenchRow = {
  id: 'mosaic-open',
  workload: `${workload}: from the command, none of them read before, to the first picture of them`,
  unit: 'ms',
  target: 'under 3 s',
  isMet: (ours) => ours < 3000,
  measure: async (bench) => (await look(bench)).openMs,
};

const mosaicPan: BenchRow = {
  id: 'mosaic-pan',
  workload: `${workload}: 95th percentile of the intervals between two pictures that differ while it is dragged, the worst of 4 scales in four panes and in one`,
  unit: 'ms',
  target: 'under 100 ms',
  isMet: (ours) => ours < 100,
  measure: async (bench) => (await look(bench)).panMs,
};

export const mosaicRows: readonly BenchRow[] = [mosaicOpen, mosaicPan];
