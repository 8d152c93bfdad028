// Aligning a layer by landmarks, with mouse and keys: what the picture shows where is what the pairs say.
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { ViewDocument } from '../../preload/contract/view-state.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import { resultOf } from '../engine/follow-job.ts';
import { answerDialogs } from './dialogs.ts';
import { waitUntilAllIsHere } from './figures.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { paneOf, pixelsIn } from './panes.ts';
import { runCommand } from './rich-window.ts';
import { cutText, seriousIn, smallTargets } from './screen-checks.ts';
import type { VolumeLibrary } from './view-library.ts';
import { libraryOf, openDocument } from './view-library.ts';

type Point = readonly [xNm: number, yNm: number];

const voxelNm = 10;
const depth = 8;
const middleNm = [700, 640, 45] as const;
const nmPerPx = 2;

/** Grey of the moving image at a place in it: the steps along x and y differ, so that neither is taken for the other. */
const greyAt = ([x, y]: Point): number => 1.4 * (x / voxelNm - 0.5) + 0.5 * (y / voxelNm - 0.5);

/** Writes precomputed of one chunk: `edge` x `edge` x 8 voxels of 10 nm. */
function writeImage(folder: string, edge: number, grey: (at: Point) => number): string {
  mkdirSync(join(folder, 'full'), { recursive: true });
  const voxels = Uint8Array.from({ length: edge * edge * depth }, (_, i) =>
    grey([((i % edge) + 0.5) * voxelNm, ((Math.floor(i / edge) % edge) + 0.5) * voxelNm]),
  );
  writeFileSync(join(folder, 'full', `0-${edge}_0-${edge}_0-${depth}`), voxels);
  const size = [edge, edge, depth];
  const scale = { key: 'full', size, resolution: [10, 10, 10], voxel_offset: [0, 0, 0], encoding: 'raw' };
  const info = { type: 'image', data_type: 'uint8', num_channels: 1, scales: [{ ...scale, chunk_sizes: [size] }] };
  writeFileSync(join(folder, 'info'), JSON.stringify(info));
  return folder;
}

/** The moving image over a dark one that stays, in the XY pane alone. */
function documentOf([fixed, moving]: readonly Volume[]): ViewDocument {
  if (!fixed || !moving) throw new Error('two volumes are needed');
  const layers = [fixed, moving].map((volume, i) => ({
    ...imageLayer(volume, 0, ['fixed', 'moving'][i] ?? ''),
    name: ['Fixed', 'Moving'][i] ?? '',
    window: [0, 255] as const,
    volumeMode: 'off' as const,
  }));
  const where = { positionNm: middleNm, nmPerPx, fitted: false, alone: 'xy', selectedLayer: 'moving' };
  return { ...freshDocument, ...where, layers };
}

const pane = (page: Page): Locator => paneOf(page, 'xy');

/** Where a place of the world lies in the pane, CSS pixels. */
async function pixelOf(page: Page, [x, y]: Point): Promise<{ x: number; y: number }> {
  const box = await pane(page).boundingBox();
  if (!box) throw new Error('there is no pane');
  return { x: box.width / 2 + (x - middleNm[0]) / nmPerPx, y: box.height / 2 + (y - middleNm[1]) / nmPerPx };
}

const click = async (page: Page, at: Point): Promise<void> => pane(page).click({ position: await pixelOf(page, at) });

/** Places a point at the cross-hair, without the mouse; the view goes back to where it was. Null: it only goes back. */
async function placeByKeys(page: Page, at: Point | null): Promise<void> {
  for (const point of at ? [at, null] : [null]) {
    for (const [name, nm] of [
      ['x, nm', (point ?? middleNm)[0]],
      ['y, nm', (point ?? middleNm)[1]],
    ] as const) {
      await page.getByLabel(name, { exact: true }).fill(String(nm));
      await page.keyboard.press('Enter');
    }
    await pane(page).focus();
    if (point) await page.keyboard.press('Enter');
  }
}

/** Takes the tool; its bar takes room from the panes, which lie elsewhere then. */
async function takeTool(page: Page): Promise<void> {
  const heightOf = async (): Promise<number> => (await pane(page).boundingBox())?.height ?? 0;
  const before = await heightOf();
  await pane(page).focus();
  await page.keyboard.press('Shift+L');
  await expect.poll(heightOf).toBeLessThan(before);
}

async function dragEnd(page: Page, from: Point, to: Point): Promise<void> {
  const box = await pane(page).boundingBox();
  const [a, b] = [await pixelOf(page, from), await pixelOf(page, to)];
  await page.mouse.move((box?.x ?? 0) + a.x, (box?.y ?? 0) + a.y);
  await page.mouse.down();
  await page.mouse.move((box?.x ?? 0) + (a.x + b.x) / 2, (box?.y ?? 0) + (a.y + b.y) / 2);
  await page.mouse.move((box?.x ?? 0) + b.x, (box?.y ?? 0) + b.y);
  await page.mouse.up();
}

/** That the picture shows at a place what the moving image has at another, to within a voxel. */
async function expectShows(page: Page, at: Point, of: Point): Promise<void> {
  const { x, y } = await pixelOf(page, at);
  const shown = async (): Promise<number> => {
    const { width, rgba } = await pixelsIn(page, 'xy');
    return rgba[4 * (Math.round(x) + width * Math.round(y))] ?? 0;
  };
  await expect
    .poll(async () => Math.abs((await shown()) - greyAt(of)), { message: `at ${at.join()}` })
    .toBeLessThan(2.5);
}

/** Two points of the moving image and where they belong; each pair within the same section. */
const pairs: readonly (readonly [moving: Point, fixed: Point])[] = [
  [
    [300, 300],
    [360, 280],
  ],
  [
    [1000, 320],
    [1080, 400],
  ],
  [
    [320, 1000],
    [300, 1060],
  ],
  [
    [900, 900],
    [1000, 920],
  ],
  [
    [640, 640],
    [720, 600],
  ],
];
const [moving, fixed] = [pairs.map(([one]) => one), pairs.map(([, other]) => other)] as [Point[], Point[]];
const plus = (a: Point, b: Point, sign = 1): Point => [a[0] + sign * b[0], a[1] + sign * b[1]];

/** Where the affine map of the first three pairs takes a place of the picture to in the moving image. */
function throughThree(at: Point): Point {
  const [t0, t1, t2] = fixed as [Point, Point, Point];
  const [s0, s1, s2] = moving as [Point, Point, Point];
  const [u, v, w] = [plus(t1, t0, -1), plus(t2, t0, -1), plus(at, t0, -1)];
  const det = u[0] * v[1] - u[1] * v[0];
  const [a, b] = [(w[0] * v[1] - w[1] * v[0]) / det, (u[0] * w[1] - u[1] * w[0]) / det];
  const along = (s: Point, k: number): Point => [k * (s[0] - s0[0]), k * (s[1] - s0[1])];
  return plus(plus(s0, along(s1, a)), along(s2, b));
}

const list = (page: Page): Locator => page.getByRole('list', { name: 'Landmarks' });
const rows = (page: Page): Locator => list(page).getByRole('listitem');
const section = (page: Page): Locator => page.getByRole('region', { name: 'Landmarks' });

async function expectSound(page: Page, name: string): Promise<void> {
  expect(await seriousIn(page), name).toEqual([]);
  expect(await smallTargets(page), name).toEqual([]);
  expect(await cutText(page), name).toEqual([]);
}

/** Written for BigWarp in micrometres from the centre of the first voxel, and read again: nothing has changed. */
async function throughBigWarp({ app, page }: LamellaWindow, file: string): Promise<void> {
  await answerDialogs(app, file);
  await section(page).getByText('Files of BigWarp').click();
  await section(page).getByRole('button', { name: 'Export…' }).click();
  await expect.poll(() => existsSync(file)).toBe(true);
  const [first = '', ...more] = readFileSync(file, 'utf8').trim().split('\n');
  expect(more).toHaveLength(4);
  expect(more.at(-1)).toContain('Rim');
  const [name, on, ...numbers] = first.split(',').map((field) => field.replaceAll('"', ''));
  expect([name, on]).toEqual(['Point 1', 'true']);
  const half = voxelNm / 2;
  const expected = [...(moving[0] as Point), middleNm[2], ...(fixed[0] as Point), middleNm[2]].map((nm) => nm - half);
  numbers.forEach((text, i) => expect(Math.abs(1000 * Number(text) - (expected[i] ?? NaN))).toBeLessThan(nmPerPx));
  await section(page).getByRole('button', { name: 'Import…' }).click();
  await expect(page.getByText('Took 5 landmarks from landmarks.csv')).toBeVisible();
  await expect(rows(page).nth(4)).toContainText('Rim');
  await expectShows(page, plus(fixed[4] as Point, [-60, 40]), moving[4] as Point);
}

/** A window that is started again draws the layer through its pairs, lists them, and goes on with them. */
async function comesBack(profile: string): Promise<void> {
  const { page, app, problems } = await startLamella({ profile });
  try {
    await waitUntilAllIsHere(page);
    await expectShows(page, plus(fixed[4] as Point, [-60, 40]), moving[4] as Point);
    await expect(rows(page)).toHaveCount(5);
    await expect(rows(page).nth(4)).toContainText('Rim');
    await expect(section(page).getByLabel('Kept in the library as')).toHaveValue('Moving on fixed');
    await takeTool(page);
    await dragEnd(page, plus(fixed[4] as Point, [-60, 40]), fixed[4] as Point);
    await expectShows(page, fixed[4] as Point, moving[4] as Point);
    expect(problems).toEqual([]);
  } finally {
    await app.close();
  }
}

test('a layer is aligned by landmarks: placed, moved, left out, undone; it comes back after a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-landmarks-'));
  const sources = [writeImage(join(folder, 'fixed'), 160, () => 20), writeImage(join(folder, 'moving'), 128, greyAt)];
  const { library, volumes } = await libraryOf(folder, sources);
  const window = await startLamella({ args: ['--library', library] });
  const { page, app, profile, problems } = window;
  try {
    await openDocument(page, volumes[0]?.id ?? '', documentOf(volumes));
    await waitUntilAllIsHere(page);
    await expectShows(page, [500, 700], [500, 700]);

    await test.step('one pair moves the layer, by the mouse', async () => {
      await takeTool(page);
      await expect(page.getByRole('toolbar', { name: 'Landmark tool' })).toContainText('Click a point of Moving');
      await expect(section(page)).toContainText('No pairs yet');
      await click(page, [500, 700]);
      await expect(page.getByRole('toolbar', { name: 'Landmark tool' })).toContainText('where that point belongs');
      await page.keyboard.press('Escape');
      await click(page, moving[0] as Point);
      await click(page, fixed[0] as Point);
      await expect(rows(page)).toHaveCount(1);
      await expect(section(page)).toContainText('One pair moves the layer');
      await expectShows(page, plus([500, 700], [60, -20]), [500, 700]);
    });

    await test.step('a second by keys, a third: the layer fits within the plane', async () => {
      // The layer is drawn moved: a point of it is placed where it is seen.
      await placeByKeys(page, plus(moving[1] as Point, [60, -20]));
      await placeByKeys(page, fixed[1] as Point);
      await expect(rows(page)).toHaveCount(2);
      await expectShows(page, plus([500, 700], [70, 30]), [500, 700]);
      await click(page, plus(moving[2] as Point, [70, 30]));
      await click(page, fixed[2] as Point);
      await expect(section(page)).toContainText('All 3 pairs lie in one plane: the layer fits within it');
      for (const at of [[700, 500], [450, 800], [800, 750], fixed[0], fixed[1]] as const)
        await expectShows(page, at as Point, throughThree(at as Point));
    });

    await test.step('more bend it; before and after; the numbers and marks', async () => {
      await page.keyboard.press('b');
      await expectShows(page, [500, 700], [500, 700]);
      for (const i of [3, 4]) {
        await click(page, moving[i] as Point);
        await click(page, fixed[i] as Point);
        await expect(rows(page)).toHaveCount(i + 1);
      }
      await page.keyboard.press('b');
      await expect(section(page)).toContainText('the layer bends within it');
      for (const [of, at] of pairs) await expectShows(page, at, of);
      await expect(rows(page).nth(4)).toContainText(/\d+ nm/);
      await expectSound(page, 'landmarks, dark');
      await shoot(window, 'check-landmarks-desktop', 'desktop');
      await shoot(window, 'check-landmarks');
      await runCommand(page, 'dark and light');
      await shoot(window, 'check-landmarks-light');
      await expectSound(page, 'landmarks, light');
      await runCommand(page, 'dark and light');
    });

    await test.step('undo and redo, left out and used again, moved, deleted, named', async () => {
      await pane(page).focus();
      await page.keyboard.press('Control+z');
      await expect(rows(page)).toHaveCount(4);
      await page.keyboard.press('Control+Shift+Z');
      await expect(rows(page)).toHaveCount(5);
      await expectShows(page, fixed[4] as Point, moving[4] as Point);
      const use = list(page).getByRole('checkbox', { name: 'Use Point 4' });
      for (const n of [4, 5])
        await list(page)
          .getByRole('checkbox', { name: `Use Point ${n}` })
          .uncheck();
      const [x, y] = fixed[3] as Point;
      await expectShows(page, [x, y], throughThree([x, y]));
      await use.check();
      await expectShows(page, [x, y], moving[3] as Point);
      await pane(page).focus();
      for (let i = 0; i < 5; i++) await page.keyboard.press('n');
      await expect(rows(page).nth(4)).toHaveClass(/selected/);
      await page.keyboard.press('o');
      await expect(list(page).getByRole('checkbox', { name: 'Use Point 5' })).toBeChecked();
      // Going to a pair moved the view: back to where clicks are counted from.
      await placeByKeys(page, null);
      await dragEnd(page, fixed[4] as Point, plus(fixed[4] as Point, [-60, 40]));
      await expectShows(page, plus(fixed[4] as Point, [-60, 40]), moving[4] as Point);
      await page.keyboard.press('Delete');
      await expect(rows(page)).toHaveCount(4);
      // At once, before the library has it: what is undone is that, and not what came before it.
      await page.keyboard.press('Control+z');
      await expect(rows(page)).toHaveCount(5);
      await expectShows(page, plus(fixed[4] as Point, [-60, 40]), moving[4] as Point);
      await rows(page).nth(4).getByRole('button', { name: 'Point 5', exact: true }).dblclick();
      await page.getByLabel('New name of Point 5').fill('Rim');
      await page.keyboard.press('Enter');
      await expect(rows(page).nth(4)).toContainText('Rim');
      await section(page).getByLabel('Kept in the library as').fill('Moving on fixed');
      await page.keyboard.press('Enter');
      await placeByKeys(page, null);
      await throughBigWarp(window, join(folder, 'landmarks.csv'));
      await pane(page).focus();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await expect(page.getByRole('toolbar', { name: 'Landmark tool' })).toHaveCount(0);
      await expect(page.getByRole('list', { name: 'Volumes' })).toContainText('Moving on fixed');
    });

    await app.close();
    await comesBack(profile);
  } finally {
    await app.close();
    for (const left of [folder, profile]) rmSync(left, { recursive: true, force: true });
  }
  expect(problems).toEqual([]);
});

/** Writes vectors that are all alike, nm, as precomputed of three channels around all of the moving image. */
function writeField(folder: string, vectorNm: readonly [number, number, number]): string {
  mkdirSync(join(folder, 'full'), { recursive: true });
  const [edge, deep] = [33, 5];
  const values = vectorNm.flatMap((value) => Array<number>(edge * edge * deep).fill(value));
  const chunk = new Uint8Array(Float32Array.from(values).buffer);
  writeFileSync(join(folder, 'full', `0-${edge}_0-${edge}_0-${deep}`), chunk);
  const size = [edge, edge, deep];
  const scale = { key: 'full', size, resolution: [50, 50, 20], voxel_offset: [0, 0, 0], encoding: 'raw' };
  const info = { type: 'image', data_type: 'float32', num_channels: 3, scales: [{ ...scale, chunk_sizes: [size] }] };
  writeFileSync(join(folder, 'info'), JSON.stringify(info));
  return folder;
}

test('a layer is drawn through a displacement field that was looked at first; undo takes it back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-field-'));
  const sources = [writeImage(join(folder, 'fixed'), 160, () => 20), writeImage(join(folder, 'moving'), 128, greyAt)];
  const { library, volumes } = await libraryOf(folder, sources);
  const field = writeField(join(folder, 'field'), [120, -50, 0]);
  const window = await startLamella({ args: ['--library', library] });
  const { page, app, profile, problems } = window;
  const dialog = page.getByRole('dialog', { name: /^Warp Moving by a displacement field/ });
  const choose = async (path: string): Promise<void> => {
    await answerDialogs(app, path);
    await dialog.getByRole('button', { name: 'Folder…' }).click();
  };
  try {
    await openDocument(page, volumes[0]?.id ?? '', documentOf(volumes));
    await waitUntilAllIsHere(page);
    await page.getByRole('button', { name: 'Moving: more' }).click();
    await shoot(window, 'check-layer-menu');
    await page.getByRole('menuitem', { name: 'Warp by a displacement field…' }).click();
    await choose(join(folder, 'nothing'));
    await expect(dialog.getByRole('alert')).toBeVisible();
    await choose(sources[0] ?? '');
    await expect(dialog.getByRole('alert')).toContainText('It has one value a voxel');
    await choose(field);
    await expect(dialog).toContainText('by up to 130 nm');
    await expect(dialog).toContainText('33 × 33 × 5 voxels');
    await shoot(window, 'check-field');
    await expectSound(page, 'field');
    await dialog.getByRole('button', { name: 'Warp', exact: true }).click();
    await expect(dialog).toHaveCount(0);
    for (const at of [
      [500, 700],
      [300, 900],
    ] as const)
      await expectShows(page, at, plus(at, [120, -50]));
    const warped = page.getByRole('region', { name: 'Warped' });
    await expect(warped).toContainText('field field');
    await shoot(window, 'check-field-drawn');
    await pane(page).focus();
    await page.keyboard.press('Control+z');
    await expectShows(page, [500, 700], [500, 700]);
    await expect(warped).toHaveCount(0);
  } finally {
    await app.close();
    for (const left of [folder, profile]) rmSync(left, { recursive: true, force: true });
  }
  expect(problems).toEqual([]);
});

const brains = join(import.meta.dirname, '../../../shared/data/mouse-brain');

/** The files do not say how large their voxels are. */
async function libraryOfBrains(folder: string): Promise<VolumeLibrary> {
  const library = join(folder, 'library');
  const engine = createEngine({ threads: 1 });
  const client = engine.client();
  const volumes: Volume[] = [];
  for (const [name, file] of [
    ['Standard', 'downsampled_standard.tiff'],
    ['Sample 12', 'downsampled.tiff'],
  ] as const) {
    const asked = { library, name, source: join(brains, file), voxelSizeNm: [1e5, 1e5, 1e5] as const };
    const { volume } = await resultOf<{ volume: string }>(client, library, client.volume.add(asked));
    volumes.push((await client.view.volume({ library, volume })).value);
  }
  await engine.close();
  return { library, volumes };
}

/** For the docs: a brain onto the standard one, in places that a reader knows again. */
test('the picture of landmarks in the docs', async () => {
  test.skip(process.env['LAMELLA_SHOTS'] !== 'docs', 'made where the docs are shot');
  test.skip(!existsSync(brains), 'shared data is absent');
  const folder = mkdtempSync(join(tmpdir(), 'lamella-brains-'));
  const { library, volumes } = await libraryOfBrains(folder);
  const window = await startLamella({ args: ['--library', library] });
  const { page, app, profile, problems } = window;
  try {
    const looks = [
      { name: 'Standard', window: [0, 500], tint: '#00ff00' },
      { name: 'Sample 12', window: [0, 2600], tint: '#ff00ff' },
    ] as const;
    const layers = looks.map(({ name, window: greys, tint }, i) => ({
      ...imageLayer(volumes[i] as Volume, 0, String(i)),
      ...{ name, window: greys, colour: { tint }, blend: 'additive' as const, volumeMode: 'off' as const },
    }));
    const document = { ...freshDocument, layers, selectedLayer: '1', positionNm: [57e5, 40e5, 66e5] as const };
    await openDocument(page, volumes[0]?.id ?? '', document);
    await waitUntilAllIsHere(page);
    await shoot(window, 'check-landmarks-brains');
    await takeTool(page);
    const places = [
      ['xy', [0.146, 0.544], [0.168, 0.547]],
      ['xy', [0.799, 0.528], [0.845, 0.535]],
      ['xy', [0.473, 0.242], [0.506, 0.248]],
      ['xy', [0.479, 0.701], [0.503, 0.714]],
      ['xz', [0.299, 0.275], [0.32, 0.275]],
      ['xz', [0.695, 0.275], [0.732, 0.275]],
      ['xz', [0.299, 0.75], [0.32, 0.737]],
      ['xz', [0.695, 0.75], [0.732, 0.737]],
    ] as const;
    for (const [i, [id, ...ends]] of places.entries()) {
      // All are placed on the layer as it was.
      if (i === 1) await page.keyboard.press('b');
      for (const [x, y] of ends) {
        const box = await paneOf(page, id).boundingBox();
        await paneOf(page, id).click({ position: { x: x * (box?.width ?? 0), y: y * (box?.height ?? 0) } });
      }
      await expect(rows(page)).toHaveCount(i + 1);
    }
    await page.keyboard.press('b');
    await waitUntilAllIsHere(page);
    await shoot(window, '32-landmarks');
  } finally {
    await app.close();
    for (const left of [folder, profile]) rmSync(left, { recursive: true, force: true });
  }
  expect(problems).toEqual([]);
});
