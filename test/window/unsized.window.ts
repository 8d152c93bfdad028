// A volume of which nobody says how large its voxels are: nothing is shown in nanometres.
import { expect } from '@playwright/test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng } from '../engine/png.ts';
import { exportFigure } from './figure-export.ts';
import { waitUntilAllIsHere } from './figures.ts';
import { startLamella, test } from './lamella-window.ts';
import { paneOf } from './panes.ts';
import { documentOf, middleOf } from './rich-library.ts';
import { imageLayer } from '../../renderer/state/layers.ts';
import { libraryOf, openDocument } from './view-library.ts';

const edge = 200;

function writePictures(at: string): string {
  mkdirSync(at);
  const pixels = Uint8Array.from({ length: edge * edge }, (_, i) => i % 251);
  for (const z of [1, 2, 3, 4]) writeFileSync(join(at, `z${z}.png`), encodePng({ width: edge, height: edge, pixels }));
  return at;
}

test('positions, scale bars and figures of pictures count voxels, and say that there is no physical size', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-unsized-'));
  const { library, volumes } = await libraryOf(folder, [writePictures(join(folder, 'sections'))]);
  const [volume] = volumes;
  if (!volume) throw new Error('there is no volume');
  const window = await startLamella({ args: ['--library', library] });
  const { app, page, profile, problems } = window;
  try {
    await openDocument(page, volume.id, documentOf([imageLayer(volume, 0, 'pictures')], middleOf(volume)));
    await waitUntilAllIsHere(page);
    await expect(page.getByLabel('x, voxels', { exact: true })).toHaveValue('100.4');
    await expect(paneOf(page, 'xy').locator('.scale-bar')).toHaveText(/^\d+(\.\d+)? voxels?$/);
    await expect(page.getByRole('contentinfo', { name: 'Status' })).toContainText('voxels/px');
    await expect(page.getByRole('main', { name: 'View' })).not.toContainText(/\d [nµm]m\b/);
    await page.getByLabel('x, voxels', { exact: true }).fill('120 voxels');
    await page.keyboard.press('Enter');
    await expect(page.getByLabel('Position of the cross-hair')).toContainText(/^x 120(\.0)?  y 100\.4  z 2\.4 voxels$/);
    const out = join(folder, 'figure.png');
    await exportFigure(window, out, { pane: 'xy', widthPx: 300, overlay: false });
    await expect(page.getByText('It has no physical size')).toBeVisible();
    expect(readFileSync(out, 'latin1')).toContain('"physicalSize":"It has no physical size');
  } finally {
    await app.close();
    for (const left of [folder, profile]) rmSync(left, { recursive: true, force: true });
  }
  expect(problems).toEqual([]);
});
