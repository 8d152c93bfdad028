// Meshes and skeletons in the real window: a million triangles, neurons, and what is broken.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { ShapeSet } from '../../preload/contract/shape.ts';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { segmentationLayer, shapeLayer } from '../../renderer/state/layers.ts';
import type { RawMesh } from '../renderer/shapes-make.ts';
import { sphere } from '../renderer/shapes-make.ts';
import { writeLabels } from './known-volumes.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { shoot, startLamella, test } from './lamella-window.ts';
import { longestTaskMs, watchTasks } from './long-tasks.ts';
import type { Pane } from './panes.ts';
import { paneOf } from './panes.ts';
import { libraryOf, openDocument } from './view-library.ts';

const neurons = join(import.meta.dirname, '../../../shared/data/neurons');

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

interface ShapeWindow {
  readonly lamella: LamellaWindow;
  readonly page: Page;
  readonly sets: readonly ShapeSet[];
  /** Opens a view of the sets, with the middle of the first in the middle. */
  show(visible?: boolean): Promise<void>;
}

/** A library with a small volume, which is hidden, and sets of shapes. */
async function withShapes(
  make: (folder: string) => readonly string[],
  use: (shown: ShapeWindow) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-shapes-'));
  const labels = join(folder, 'labels');
  mkdirSync(labels);
  const { library, volumes } = await libraryOf(folder, [writeLabels(labels)]);
  const engine = createEngine({ threads: 1 });
  const sets: ShapeSet[] = [];
  for (const source of make(folder)) sets.push(await engine.client().shape.add({ library, source, unitNm: 1 }));
  await engine.close();
  const lamella = await startLamella({ args: ['--library', library] });
  try {
    const { page } = lamella;
    const show = async (visible = true): Promise<void> => {
      const [volume] = volumes;
      const box = sets[0]?.boundsNm;
      if (!volume || !box) throw new Error('nothing to show');
      const middle = [0, 1, 2].map((a) => ((box.min[a as 0] ?? 0) + (box.max[a as 0] ?? 0)) / 2 + 0.1);
      const hidden = { ...segmentationLayer(volume, volume.id), visible: false };
      const layers = [hidden, ...sets.map((set) => ({ ...shapeLayer(set, []), visible }))];
      const positionNm = [middle[0] ?? 0, middle[1] ?? 0, middle[2] ?? 0] as const;
      const nmPerPx = Math.max(...box.max.map((nm, axis) => nm - (box.min[axis as 0] ?? 0))) / 250;
      await openDocument(page, volume.id, { ...freshDocument, layers, positionNm, nmPerPx, fitted: false });
    };
    await use({ lamella, page, sets, show });
    expect(lamella.problems).toEqual([]);
  } finally {
    await lamella.app.close();
    for (const path of [folder, lamella.profile]) rmSync(path, { recursive: true, force: true });
  }
}

/** How many pixels of a pane have a colour that is no grey: shapes are coloured, the background is not. */
const colouredIn = (page: Page, pane: Pane): Promise<number> =>
  paneOf(page, pane)
    .locator('canvas.pane-image')
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      const context = copy.getContext('2d', { willReadFrequently: true });
      context?.drawImage(canvas, 0, 0);
      const { data } = context?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: new Uint8ClampedArray() };
      let count = 0;
      for (let i = 0; i < data.length; i += 4)
        if (
          Math.max(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0) -
            Math.min(data[i] ?? 0, data[i + 1] ?? 0, data[i + 2] ?? 0) >
          20
        )
          count++;
      return count;
    });

/** Turns the 3-D pane by dragging; says for how many seconds. */
async function drag(page: Page): Promise<number> {
  const box = await paneOf(page, '3d').boundingBox();
  if (!box) throw new Error('the 3-D pane is not there');
  const started = Date.now();
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
  await page.mouse.down();
  for (let step = 0; step < 60; step++) {
    await page.mouse.move(box.x + box.width * (0.3 + step / 150), box.y + box.height * (0.5 + step / 600));
    await page.waitForTimeout(16);
  }
  await page.mouse.up();
  return (Date.now() - started) / 1000;
}

/** Turns the 3-D pane, and counts the pictures that are drawn meanwhile. */
async function turn(page: Page): Promise<{ readonly pictures: number; readonly seconds: number }> {
  await paneOf(page, '3d')
    .locator('canvas.pane-image')
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const small = new OffscreenCanvas(48, 48);
      const context = small.getContext('2d', { willReadFrequently: true });
      const seen = { pictures: 0, on: true };
      (window as unknown as { turned: typeof seen }).turned = seen;
      let before = '';
      const look = (): void => {
        context?.drawImage(canvas, 0, 0, 48, 48);
        const now = context?.getImageData(0, 0, 48, 48).data.join('') ?? '';
        if (now !== before) seen.pictures++;
        before = now;
        if (seen.on) requestAnimationFrame(look);
      };
      look();
    });
  const seconds = await drag(page);
  const pictures = await page.evaluate(() => {
    const { turned } = window as unknown as { turned: { pictures: number; on: boolean } };
    turned.on = false;
    return turned.pictures;
  });
  return { pictures, seconds };
}

test('a million triangles appear, turn and are cut by the slices, and the window stays free', async () => {
  test.setTimeout(180_000);
  const radius = 20_000;
  const make = (folder: string): readonly string[] => [
    writePly(join(folder, 'sphere.ply'), sphere(radius, [300, 310, 45], 500, 1000)),
  ];
  await withShapes(make, async ({ lamella, page, show }) => {
    await show(false);
    const eye = page.getByRole('button', { name: 'Show sphere' });
    await eye.waitFor();
    await page.waitForTimeout(2_000);
    // Reading pixels holds the window up by itself, so it is watched before any are read.
    await watchTasks(page);
    await eye.click();
    await page.waitForTimeout(6_000);
    await drag(page);
    const longest = await longestTaskMs(page);
    await page.reload();
    await eye.click();
    const started = Date.now();
    await expect.poll(() => colouredIn(page, '3d'), { timeout: 60_000, intervals: [50] }).toBeGreaterThan(5_000);
    const shown = (Date.now() - started) / 1000;
    // A circle in each slice pane.
    for (const pane of ['xy', 'xz', 'yz'] as const)
      await expect.poll(() => colouredIn(page, pane), { timeout: 60_000 }).toBeGreaterThan(300);
    const { pictures, seconds } = await turn(page);
    console.log(
      `1,000,000 triangles: shown after ${shown.toFixed(1)} s, ${(pictures / seconds).toFixed(1)} pictures a second turning, longest task ${longest.toFixed(0)} ms`,
    );
    expect(pictures).toBeGreaterThan(3);
    await expect.poll(() => colouredIn(page, '3d')).toBeGreaterThan(5_000);
    await page.waitForTimeout(2_000);
    await shoot(lamella, 'check-sphere');
  });
});

test('a neuron appears as a mesh and as a skeleton', async () => {
  test.skip(!existsSync(neurons), 'needs ../shared/data/neurons');
  const sources = ['722817260.ply', '722817260.swc'].map((name) => join(neurons, name));
  await withShapes(
    () => sources,
    async ({ lamella, page, show }) => {
      await show();
      await expect.poll(() => colouredIn(page, '3d'), { timeout: 60_000 }).toBeGreaterThan(1_000);
      await shoot(lamella, 'check-neuron');
    },
  );
});

test('a mesh with vertices that lie nowhere is drawn without them', async () => {
  const ball = sphere(20_000, [300, 310, 45], 40, 80);
  for (let i = 0; i < 300; i++) ball.positions[i * 7] = Number.NaN;
  await withShapes(
    (folder) => [writePly(join(folder, 'broken.ply'), ball)],
    async ({ lamella, page, show }) => {
      await show();
      await expect.poll(() => colouredIn(page, '3d'), { timeout: 60_000 }).toBeGreaterThan(1_000);
      await shoot(lamella, 'check-broken');
    },
  );
});

/** A folder with one good mesh between bad ones, of which each is bad in its own way. */
function writeBadFolder(folder: string): string {
  const path = join(folder, 'mixed');
  mkdirSync(path);
  writePly(join(path, 'm-good.ply'), sphere(150, [300, 310, 45], 20, 40));
  const far = sphere(2_000, [300, 310, 45], 4, 8);
  far.positions.fill(3e38);
  writePly(join(path, 'far.ply'), far);
  const pointing = sphere(2_000, [300, 310, 45], 4, 8);
  writePly(join(path, 'pointing.ply'), { ...pointing, indices: pointing.indices.map((index) => index + 4_000_000) });
  writeFileSync(
    join(path, 'a-lies.ply'),
    'ply\nformat ascii 1.0\nelement vertex 4000000000\nproperty float x\nend_header\n',
  );
  writeFileSync(join(path, 'z-empty.ply'), '');
  return path;
}

/** Two triangles too small to be seen, at the corners of a place to look at. */
const corners: RawMesh = {
  positions: Float32Array.from([
    100, 110, -155, 100.01, 110, -155, 100, 110.01, -155, 500, 510, 245, 499.99, 510, 245, 500, 509.99, 245,
  ]),
  indices: Uint32Array.from([0, 1, 2, 3, 4, 5]),
};

test('of a folder, the good mesh is drawn, and the layer says in a line what the bad ones are', async () => {
  await withShapes(
    (folder) => [writePly(join(folder, 'place.ply'), corners), writeBadFolder(folder)],
    async ({ lamella, page, show }) => {
      await show();
      await watchTasks(page);
      await expect.poll(() => colouredIn(page, '3d'), { timeout: 60_000 }).toBeGreaterThan(1_000);
      const line = page.locator('.layer-problem');
      await expect(line).toHaveText(/^4 shapes can’t be drawn: .*can't be read/);
      await expect(line).toHaveAttribute(
        'title',
        /"(a-lies|far|pointing|z-empty).ply" can't be read: .*Check that it was copied whole/,
      );
      // Asked again, they are as bad as before, and told as often.
      await line.getByRole('button', { name: 'Try again' }).click();
      await expect(line).toHaveText(/^4 shapes/);
      expect(await colouredIn(page, '3d')).toBeGreaterThan(1_000);
      console.log(`a folder with bad meshes: longest task ${(await longestTaskMs(page)).toFixed(0)} ms`);
      await shoot(lamella, 'check-bad-meshes');
    },
  );
});
