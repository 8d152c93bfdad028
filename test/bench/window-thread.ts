import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { createEngine } from '../../main/engine/index.ts';
import type { RawMesh } from '../renderer/shapes-make.ts';
import { sphere } from '../renderer/shapes-make.ts';
import { watchTasks } from '../window/long-tasks.ts';
import { libraryOf } from '../window/view-library.ts';
import type { Bench, BenchRow } from './row.ts';
import { ensureEmPyramid, pyramidSize } from './viewer/em-pyramid.ts';
import { registerCommands } from './window/many-commands.ts';
import { dragAround, percentile95, waitUntilSharp } from './window/pictures.ts';
import { withWindow } from './window/real-window.ts';

const root = join(import.meta.dirname, '..', '..');
const neurons = join(root, '..', 'shared', 'data', 'neurons');

function writePly(path: string, { positions, indices }: RawMesh): string {
  const header = `ply\nformat binary_little_endian 1.0\nelement vertex ${positions.length / 3}\nproperty float x\nproperty float y\nproperty float z\nelement face ${indices.length / 3}\nproperty list uchar uint vertex_indices\nend_header\n`;
  const faces = Buffer.alloc((indices.length / 3) * 13);
  for (let face = 0; face < indices.length / 3; face++) {
    faces[face * 13] = 3;
    for (let c = 0; c < 3; c++) faces.writeUInt32LE(indices[face * 3 + c] ?? 0, face * 13 + 1 + c * 4);
  }
  writeFileSync(path, Buffer.concat([Buffer.from(header), Buffer.from(positions.buffer), faces]));
  return path;
}

/** A library with the volume, a mesh of a million triangles in it, and neurons where the shared data is. */
async function libraryWithShapes(folder: string): Promise<string> {
  const volume = join(root, '.venv', 'bench-volume-1.precomputed');
  ensureEmPyramid(volume);
  const { library } = await libraryOf(folder, [volume]);
  const engine = createEngine({ threads: 1 });
  const add = (source: string): Promise<unknown> => engine.client().shape.add({ library, source, unitNm: 1 });
  await add(writePly(join(folder, 'million.ply'), sphere(900, [8200, 8200, 1000], 500, 1000)));
  for (const name of ['722817260.swc', '1734350788.ply']) {
    if (existsSync(join(neurons, name))) await add(join(neurons, name));
    else console.warn(`shared data is absent: no ${name}`);
  }
  await engine.close();
  return library;
}

type Part = readonly [name: string, work: (page: Page) => Promise<void>];

const addLayer = async (page: Page, name: string): Promise<void> => {
  await page
    .getByRole('complementary', { name: /navigator/ })
    .getByRole('button', { name: 'Add', exact: true })
    .first()
    .click();
  await page.getByRole('menuitem', { name }).first().click();
  await page.waitForTimeout(3000);
};

const typed = async (page: Page, word: string): Promise<void> => {
  await page.keyboard.press('F1');
  await page.keyboard.type(word, { delay: 60 });
  await page.waitForTimeout(200);
  await page.keyboard.press('Escape');
};

const room = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('navigation', { name: 'Journeys' }).getByRole('button', { name }).click();
  await page.waitForTimeout(700);
};

async function steps(page: Page): Promise<void> {
  await page.locator('[data-pane="xy"]').focus();
  for (let n = 0; n < 60; n++) {
    await page.keyboard.press(n < 40 ? 'PageDown' : 'PageUp');
    await page.waitForTimeout(30);
  }
}

async function zoom(page: Page): Promise<void> {
  const box = await page.locator('[data-pane="xy"]').boundingBox();
  if (!box) throw new Error('there is no XY pane');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (let n = 0; n < 40; n++) {
    await page.mouse.wheel(0, n < 20 ? -120 : 120);
    await page.waitForTimeout(50);
  }
}

/** What a hand does while the window is watched. */
const parts: readonly Part[] = [
  [
    'open View',
    async (page) => {
      await room(page, 'View');
      await waitUntilSharp(page);
      await page.waitForTimeout(1000);
    },
  ],
  ['pan', (page) => dragAround(page, 'xy', 4)],
  ['zoom', zoom],
  ['step', steps],
  ['turn', (page) => dragAround(page, '3d', 3)],
  ['palette', async (page) => typed(page, 'volume')],
  ['a million triangles', (page) => addLayer(page, 'million')],
  ['a skeleton', (page) => addLayer(page, '722817260')],
  ['a mesh', (page) => addLayer(page, '1734350788')],
  ['turn shapes', (page) => dragAround(page, '3d', 3)],
  ['pan shapes', (page) => dragAround(page, 'xy', 3)],
];

async function longestTask({ folder }: Bench): Promise<number> {
  return withWindow(await libraryWithShapes(folder), async ({ page }) => {
    await page.getByRole('button', { name: /Search or run a command/ }).waitFor();
    await room(page, 'Home');
    await watchTasks(page);
    const found: Record<string, readonly number[]> = {};
    for (const [name, work] of parts) {
      await page.evaluate(() => void (window.longTasks.length = 0));
      await work(page);
      await page.waitForTimeout(500);
      found[name] = (await page.evaluate(() => [...window.longTasks])).map(Math.round);
    }
    console.error(`window-tasks: ${JSON.stringify(found)}`);
    return Math.max(0, ...Object.values(found).flat());
  });
}

const commands = 1000;
const words = ['fit', 'volume', 'dendrites', 'add a layer', 'go to view', 'axons of group 7'];

/** Milliseconds from each key to the frame that shows what it found. */
async function keysToFrames({ folder }: Bench): Promise<number> {
  const { library } = await libraryOf(folder, []);
  return withWindow(library, async ({ page }) => {
    await page.getByRole('button', { name: /Search or run a command/ }).waitFor();
    await registerCommands(page, commands);
    await page.evaluate(() => {
      window.keyMs = [];
      const after = new MessageChannel();
      let pressed: number[] = [];
      after.port1.onmessage = () => {
        window.keyMs.push(...pressed.map((at) => performance.now() - at));
        pressed = [];
      };
      window.addEventListener(
        'keydown',
        ({ timeStamp }) => {
          pressed.push(timeStamp);
          // A message that is sent before a frame is painted comes after it.
          requestAnimationFrame(() => after.port2.postMessage(null));
        },
        { capture: true },
      );
    });
    for (const word of words) await typed(page, word);
    const ms = await page.evaluate(() => window.keyMs);
    console.error(`palette-keys: ${ms.length} keys, ${JSON.stringify(ms.map(Math.round))}`);
    return percentile95(ms);
  });
}

declare global {
  interface Window {
    /** From a key to the end of its frame. */
    keyMs: number[];
  }
}

const windowTasks: BenchRow = {
  id: 'window-tasks',
  workload: `${pyramidSize} and a million triangles: the longest task of the window's own thread while a view streams, is panned, zoomed, stepped through and turned, shapes come and the palette opens`,
  unit: 'ms',
  target: 'none over 50 ms (0 = none was that long)',
  isMet: (ours) => ours <= 50,
  measure: longestTask,
};

const paletteKeys: BenchRow = {
  id: 'palette-keys',
  workload: `the palette with ${commands} commands: 95th percentile from a key to the end of the frame that shows what it finds, opening included`,
  unit: 'ms',
  target: 'under 50 ms',
  isMet: (ours) => ours < 50,
  measure: keysToFrames,
};

export const windowThreadRows: readonly BenchRow[] = [windowTasks, paletteKeys];
