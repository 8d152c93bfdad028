// Figures of voxels, labels, meshes and skeletons: how wide lines are, pixel by pixel, and that no seam shows.
import { expect } from '@playwright/test';
import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LayerOf } from '../../preload/contract/view-state.ts';
import { roundBar } from '../../renderer/state/figure/scale-bar.ts';
import { pngChunks, pngPixels } from '../renderer/png-pixels.ts';
import { answerDialogs } from './dialogs.ts';
import { exportFigure, pngTexts } from './figure-export.ts';
import { test } from './lamella-window.ts';
import type { OrbitStage } from './orbit-stage.ts';
import { ball, boxOf, edge, orbitOf, showOrbit, size, voxelNm, withOrbit } from './orbit-stage.ts';
import { paneOf } from './panes.ts';

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly nmPerPx: number;
  /** Whether a pixel is of a colour, not a grey. */
  readonly at: (x: number, y: number) => readonly [red: number, green: number, blue: number];
}

async function pictureOf(stage: OrbitStage, pane: 'xy' | '3d', widthPx: number): Promise<Picture> {
  const out = join(stage.folder, 'out', `${pane}-${widthPx}.png`);
  await exportFigure(stage, out, { pane, widthPx, overlay: true });
  const chunks = pngChunks(new Uint8Array(readFileSync(out)));
  const header = Buffer.from(chunks[0]?.data ?? []);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const rgb = pngPixels(chunks, width);
  expect(rgb.byteLength).toBe(width * height * 3);
  const physical = Buffer.from(chunks.find(({ type }) => type === 'pHYs')?.data ?? []);
  expect(physical.readUInt32BE(0)).toBe(Math.round((widthPx / 170) * 1000));
  const { nmPerPx } = JSON.parse(pngTexts(chunks)['Description'] ?? '') as { nmPerPx: number };
  const at = (x: number, y: number) => {
    const i = (y * width + x) * 3;
    return [rgb[i] ?? 0, rgb[i + 1] ?? 0, rgb[i + 2] ?? 0] as const;
  };
  return { width, height, nmPerPx, at };
}

const isColour = ([r, g, b]: readonly [number, number, number]): boolean => Math.max(r, g, b) - Math.min(r, g, b) > 30;
const isOrange = ([r, g, b]: readonly [number, number, number]): boolean => r > 150 && r - g > 40 && g - b > 20;

/** How many pixels of a line are so. */
const count = (length: number, is: (i: number) => boolean): number =>
  Array.from({ length }, (_, i) => Number(is(i))).reduce((sum, one) => sum + one, 0);

async function widthOf({ page }: OrbitStage, pane: 'xy' | '3d'): Promise<number> {
  const box = await paneOf(page, pane).boundingBox();
  return box?.width ?? Number.NaN;
}

test('a slice of 8192 pixels is the window’s, magnified: outlines, lines and the cross-hair, across all tiles', async () => {
  await withOrbit(async (stage) => {
    const outlined: LayerOf<'segmentation'> = { ...(stage.layers.labels as LayerOf<'segmentation'>), outlines: true };
    const grey = { ...stage.layers.image, colour: { tint: '#ffffff' } } as typeof stage.layers.image;
    const document = await showOrbit(stage, [grey, outlined, stage.layers.mesh], { crossHair: true });
    const picture = await pictureOf(stage, 'xy', 8192);
    const { width, height, nmPerPx, at } = picture;
    const magnified = document.nmPerPx / nmPerPx;
    expect(width).toBe(8192);
    expect(Math.abs(width / magnified - (await widthOf(stage, 'xy')))).toBeLessThanOrEqual(1);
    const px = (nm: number, axis: 0 | 1): number =>
      (nm - document.positionNm[axis]) / nmPerPx + (axis === 0 ? width : height) / 2;

    // The labels' border is straight: each column has as many pixels of it, whatever tile it lies in.
    const [left, right] = [Math.ceil(px(0, 0)), Math.floor(px(size[0] * voxelNm[0], 0))];
    const border = Math.round(px(15 * voxelNm[1], 1));
    const m = Math.round(magnified);
    for (let x = left + 2 * m; x < right - 2 * m; x += 1) {
      const off = Math.abs(x - width / 2);
      if (off < 3 * m || Math.abs(off - ball.radiusNm / nmPerPx) < 6 * m) continue;
      const run = count(8 * m, (i) => isColour(at(x, border - 4 * m + i)));
      // Of both labels; the cross-hair lies beside it.
      if (run < 2 * m || run > 4 * m) throw new Error(`column ${x}: ${run} pixels of the border, ${2 * m} are right`);
    }

    // The ball's outline is 1.5 pixels of the window wide, wherever it is cut.
    const [cx, cy] = [px(ball.centreNm[0], 0), px(ball.centreNm[1], 1)];
    const radius = Math.sqrt(ball.radiusNm ** 2 - (document.positionNm[2] - ball.centreNm[2]) ** 2) / nmPerPx;
    for (let degree = 0; degree < 360; degree += 0.5) {
      const [c, s] = [Math.cos((degree * Math.PI) / 180), Math.sin((degree * Math.PI) / 180)];
      if (Math.abs(c) < 0.05 || Math.abs(s) < 0.05) continue;
      const along = (r: number) => at(Math.floor(cx + c * r), Math.floor(cy + s * r));
      const ring = count(4 * m, (i) => isOrange(along(radius - 2 * m + i)));
      if (Math.abs(ring - 1.5 * magnified) > 2)
        throw new Error(`at ${degree}°: ${ring} pixels of the outline, ${1.5 * magnified} are right`);
    }

    // The cross-hair: a pixel of the window, and the bar within one of the picture.
    const hair = count(8 * m, (i) => isColour(at(Math.round(width / 2) - 4 * m + i, 40)));
    expect(Math.abs(hair - magnified)).toBeLessThanOrEqual(1.5);
    const bar = roundBar(nmPerPx, width * 0.22);
    let longest = 0;
    for (let y = height - 500; y < height; y++) {
      const run = count(width / 2, (i) => at(width / 2 + i, y).every((level) => level === 255));
      longest = Math.max(longest, run);
    }
    expect(Math.abs(longest - (bar?.lengthNm ?? 0) / nmPerPx)).toBeLessThanOrEqual(1);
    expect(stage.problems).toEqual([]);
  });
});

test('a 3-D figure and a movie larger than the window have lines as wide as theirs', async () => {
  await withOrbit(async (stage) => {
    const flat = { ...(stage.layers.image as LayerOf<'image'>), volumeMode: 'off' as const };
    const document = await showOrbit(stage, [flat, stage.layers.mesh, stage.layers.skeleton]);
    const widthPx = 3000;
    const { view, pxOf } = await orbitOf(stage, document);
    const pane = await boxOf(stage.page);
    const { at, nmPerPx, width, height } = await pictureOf(stage, '3d', widthPx);
    const magnified = widthPx / pane.width;
    expect(nmPerPx).toBeCloseTo(view.nmPerPx / magnified, 3);

    // The skeleton's edge is two pixels of the window wide, measured across it; its middle lies before the ball or beside it.
    const [from, to] = edge.map((nm) => pxOf(nm).map((one) => one * magnified));
    const [ax = 0, ay = 0] = from ?? [];
    const [bx = 0, by = 0] = to ?? [];
    const length = Math.hypot(bx - ax, by - ay);
    const normal = [-(by - ay) / length, (bx - ax) / length] as const;
    const isEdge = ([r, g, b]: readonly [number, number, number]): boolean =>
      isColour([r, g, b]) && !isOrange([r, g, b]);
    const widths: number[] = [];
    for (let t = 0.05; t < 0.95; t += 0.01) {
      const [x, y] = [ax + (bx - ax) * t, ay + (by - ay) * t];
      if (x < 20 || y < 20 || x > width - 20 || y > height - 20) continue;
      widths.push(
        count(120, (i) =>
          isEdge(at(Math.floor(x + normal[0] * (i / 2 - 30)), Math.floor(y + normal[1] * (i / 2 - 30)))),
        ),
      );
    }
    const middle = widths.toSorted((a, b) => a - b)[Math.floor(widths.length / 2)] ?? 0;
    expect(Math.abs(middle / 2 - 2 * magnified)).toBeLessThanOrEqual(1.5);

    const movie = join(stage.folder, 'out', 'turn.webm');
    await answerDialogs(stage.app, movie);
    await stage.page.keyboard.press('Control+Shift+e');
    const dialog = stage.page.getByRole('dialog', { name: 'Make a movie' });
    for (const [label, value] of [
      ['Seconds', '1'],
      ['Frames a second', '6'],
      ['Width, pixels', '1200'],
    ] as const) {
      await dialog.getByLabel(label).fill(value);
      await dialog.getByLabel(label).press('Tab');
    }
    await dialog.getByRole('button', { name: 'Make…' }).click();
    await expect(stage.page.getByText('Made turn.webm')).toBeVisible({ timeout: 60_000 });
    const track = await new Input({
      formats: ALL_FORMATS,
      source: new BufferSource(new Uint8Array(readFileSync(movie)).buffer),
    }).getPrimaryVideoTrack();
    expect([track?.displayWidth, (await track?.computePacketStats())?.packetCount]).toEqual([1200, 6]);
    expect(pane.width).toBeLessThan(1200);
    expect(stage.problems).toEqual([]);
  });
});
