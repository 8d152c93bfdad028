import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { Library } from '../../main/engine/store/library.ts';
import { putThumbnail } from '../../main/engine/store/thumbnails.ts';
import { manyTiles } from '../engine/many-tiles.ts';
import { encodePng } from '../engine/png.ts';
import { seededRandom } from '../formats/mutate.ts';
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

const columns = 400;
const rows = 250;
const tilePx = 512;
/** Tiles around the middle that have thumbnails, and those of them that have files. */
const withThumbnails = 140;
const withFiles = 24;
const thumbnailPx = 48;

/** A library of 100,000 tiles that were imported: all of them measured, those around the middle with more than that. */
function makeLibrary(folder: string): void {
  const library = Library.open({
    folder,
    create: true,
    cacheBytes: 1 << 30,
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
  for (const [column, row] of around(withThumbnails))
    putThumbnail(library.cache, `${row}-${column}`, {
      widthPx: thumbnailPx,
      heightPx: thumbnailPx,
      pixels: noise(thumbnailPx, 20 + (column % 200)),
    });
  library.record((tx) => {
    for (const [column, row] of around(withFiles))
      tx.run('UPDATE tile SET path = ? WHERE dataset = ? AND name = ?', file, dataset, `r${row}c${column}`);
  });
  library.close();
}

interface Looked {
  readonly openMs: number;
  readonly panMs: number;
}

let looked: Promise<Looked> | undefined;

/** The same for both rows of a run; the details go to stderr. */
const look = (bench: Bench): Promise<Looked> => (looked ??= lookOnce(bench));

async function lookOnce({ folder }: Bench): Promise<Looked> {
  const library = join(folder, 'library');
  mkdirSync(library);
  makeLibrary(library);
  return withWindow(library, async ({ page }) => {
    await page.getByRole('button', { name: /Search or run a command/ }).waitFor();
    // The library is open, and what its rooms read of it has come.
    await page.waitForTimeout(4000);
    const openMs = await openTiles(page);
    await page.waitForTimeout(1500);
    const intervals: Record<string, number> = {};
    for (const nmPerPx of [null, 256, 64, 8]) {
      await page.getByRole('button', { name: 'Fit', exact: true }).first().click();
      if (nmPerPx !== null) await zoomTo(page, nmPerPx);
      await waitUntilSharp(page);
      await watchPictures(page, 'xy');
      await dragAround(page, 'xy', 3);
      intervals[String(nmPerPx ?? 'fitted')] = percentile95((await intervalsSeen(page)).slice(1));
    }
    console.error(`mosaic: ${JSON.stringify({ openMs, intervals })}`);
    return { openMs, panMs: Math.max(...Object.values(intervals)) };
  });
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

const workload = `100,000 tiles of ${tilePx} x ${tilePx} in one section, in the real window on software GL`;

const mosaicOpen: BenchRow = {
  id: 'mosaic-open',
  workload: `${workload}: from the command to the first picture of them`,
  unit: 'ms',
  target: 'under 3 s',
  isMet: (ours) => ours < 3000,
  measure: async (bench) => (await look(bench)).openMs,
};

const mosaicPan: BenchRow = {
  id: 'mosaic-pan',
  workload: `${workload}: 95th percentile of the intervals between two pictures that differ while it is dragged, the worst of 4 scales`,
  unit: 'ms',
  target: 'under 100 ms',
  isMet: (ours) => ours < 100,
  measure: async (bench) => (await look(bench)).panMs,
};

export const mosaicRows: readonly BenchRow[] = [mosaicOpen, mosaicPan];
