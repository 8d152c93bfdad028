// What leaves the window: figures, movies, links; and links that come in.
import type { Page } from '@playwright/test';
import { _electron, expect } from '@playwright/test';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { roundBar } from '../../renderer/state/figure/scale-bar.ts';
import { stateOfText } from '../../renderer/state/neuroglancer/url.ts';
import { pngChunks, pngPixels } from '../renderer/png-pixels.ts';
import { viewerStateRules } from '../renderer/neuroglancer/schema.ts';
import { answerDialogs } from './dialogs.ts';
import { FolderServer } from './folder-server.ts';
import { writeDeepVolume } from './known-volumes.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { startLamella, test } from './lamella-window.ts';
import { waitUntilSharp } from './panes.ts';
import { libraryOf } from './view-library.ts';

interface Stage extends LamellaWindow {
  readonly folder: string;
}

async function withVolume(use: (stage: Stage) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-sharing-'));
  mkdirSync(join(folder, 'out'));
  const { library } = await libraryOf(folder, [writeDeepVolume(join(folder, 'deep'))]);
  const window = await startLamella({ args: ['--library', library] });
  try {
    await waitUntilSharp(window.page);
    await use({ ...window, folder });
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

const dialogOf = (page: Page, title: string) => page.getByRole('dialog', { name: title });

async function runAction(page: Page, title: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page
    .getByRole('dialog')
    .getByRole('combobox')
    .or(page.getByRole('dialog').locator('input'))
    .first()
    .fill(title);
  await page.keyboard.press('Enter');
}

/** The longest run of white pixels in the lower right quarter, where the scale bar stands. */
function whiteRun(rgb: Uint8Array, width: number, height: number): number {
  let longest = 0;
  for (let y = Math.floor(height * 0.6); y < height; y++)
    for (let x = Math.floor(width / 2), run = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      run = rgb[at] === 255 && rgb[at + 1] === 255 && rgb[at + 2] === 255 ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
  return longest;
}

interface Provenance {
  readonly nmPerPx: number;
  readonly layers: readonly { readonly name: string }[];
}

for (const format of ['PNG', 'SVG', 'TIFF'] as const)
  test(`a figure as ${format} has the size that was asked for, and a scale bar that is right`, async () => {
    await withVolume(async ({ app, page, folder }) => {
      const ending = { PNG: 'png', SVG: 'svg', TIFF: 'tif' }[format];
      const out = join(folder, 'out', `figure.${ending}`);
      await answerDialogs(app, out);
      await page.keyboard.press('Control+e');
      const dialog = dialogOf(page, 'Export a figure');
      await dialog.getByRole('radio', { name: format }).click();
      await dialog.getByLabel('Width, pixels').fill('4321');
      await dialog.getByLabel('Width, pixels').press('Tab');
      await dialog.getByRole('button', { name: 'Export…' }).click();
      await expect(page.getByText(`Exported figure.${ending}`)).toBeVisible({ timeout: 60_000 });
      expect(readdirSync(join(folder, 'out'))).toEqual([`figure.${ending}`]);
      if (format === 'TIFF') return;
      const bytes = readFileSync(out);
      const svg = format === 'SVG' ? bytes.toString('utf8') : null;
      const png = svg === null ? bytes : Buffer.from(/base64,([^"]*)"/.exec(svg)?.[1] ?? '', 'base64');
      const chunks = pngChunks(new Uint8Array(png));
      const header = Buffer.from(chunks[0]?.data ?? []);
      const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
      expect(width).toBe(4321);
      const rgb = pngPixels(chunks, width);
      expect(rgb.byteLength).toBe(width * height * 3);
      expect(new Set(rgb).size).toBeGreaterThan(30);
      const texts = chunks
        .filter(({ type }) => type === 'tEXt')
        .map(({ data }) => Buffer.from(data).toString('latin1'));
      const told = JSON.parse(texts.find((text) => text.startsWith('Description'))?.slice(12) ?? '') as Provenance;
      const bar = roundBar(told.nmPerPx, width * 0.22);
      const drawn =
        svg === null
          ? whiteRun(rgb, width, height)
          : Number(
              /<rect[^>]*width="(\d+)"[^>]*fill="#ffffff"\/>\n<rect id="frame"/.exec(svg)?.[1] ??
                /y="\d+" width="(\d+)" height="\d+" fill="#ffffff"/.exec(svg)?.[1],
            );
      expect(Math.abs(drawn - (bar?.lengthNm ?? 0) / told.nmPerPx)).toBeLessThanOrEqual(1);
    });
  });

test('a figure that is cancelled leaves nothing behind', async () => {
  await withVolume(async ({ app, page, folder }) => {
    await answerDialogs(app, join(folder, 'out', 'figure.png'));
    await page.keyboard.press('Control+e');
    const dialog = dialogOf(page, 'Export a figure');
    await dialog.getByLabel('Width, pixels').fill('16384');
    await dialog.getByLabel('Width, pixels').press('Tab');
    await dialog.getByRole('button', { name: 'Export…' }).click();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await expect(dialog.getByRole('button', { name: 'Export…' })).toBeVisible();
    await expect.poll(() => readdirSync(join(folder, 'out'))).toEqual([]);
  });
});

test('a movie of sections plays, with as many frames as it should have', async () => {
  await withVolume(async ({ app, page, folder }) => {
    const out = join(folder, 'out', 'movie.webm');
    await answerDialogs(app, out);
    await page.keyboard.press('Control+Shift+e');
    const dialog = dialogOf(page, 'Make a movie');
    await dialog.getByRole('radio', { name: 'Sections' }).click();
    for (const [label, value] of [
      ['Seconds', '2'],
      ['Width, pixels', '640'],
      ['Frames a second', '12'],
    ] as const) {
      await dialog.getByLabel(label).fill(value);
      await dialog.getByLabel(label).press('Tab');
    }
    await expect(dialog.getByText('24 frames, 2 s, 640 x')).toBeVisible();
    await dialog.getByRole('button', { name: 'Make…' }).click();
    await expect(page.getByText('Made movie.webm')).toBeVisible({ timeout: 90_000 });
    expect(readdirSync(join(folder, 'out'))).toEqual(['movie.webm']);

    const played = await play(folder, out);
    expect(played.width).toBe(640);
    expect(played.seconds).toBeCloseTo(2, 2);
    expect(await framesOf(out)).toBe(24);
  });
});

interface Played {
  readonly width: number;
  readonly seconds: number;
}

/** Plays a movie to its end, in a runtime of its own: Lamella's windows load no files. */
async function play(folder: string, movie: string): Promise<Played> {
  const [html, main] = [join(folder, 'play.html'), join(folder, 'player.cjs')];
  writeFileSync(html, `<video muted src="${pathToFileURL(movie).href}"></video>`);
  const open = `new BrowserWindow({ show: false }).loadFile(${JSON.stringify(html)})`;
  writeFileSync(main, `const { app, BrowserWindow } = require('electron'); app.whenReady().then(() => ${open});`);
  const player = await _electron.launch({ args: [main, `--user-data-dir=${join(folder, 'player')}`] });
  try {
    const page = await player.firstWindow();
    return await page.locator('video').evaluate(
      (element) =>
        new Promise<Played>((resolve, reject) => {
          const video = element as HTMLVideoElement;
          video.addEventListener('ended', () => resolve({ width: video.videoWidth, seconds: video.duration }));
          video.addEventListener('error', () => reject(new Error(video.error?.message)));
          video.play().catch(reject);
        }),
    );
  } finally {
    await player.close();
  }
}

/** Packets of the video track: players may drop frames, a file does not. */
async function framesOf(file: string): Promise<number> {
  const { ALL_FORMATS, BufferSource, Input } = await import('mediabunny');
  const input = new Input({
    formats: ALL_FORMATS,
    source: new BufferSource(new Uint8Array(readFileSync(file)).buffer),
  });
  const track = await input.getPrimaryVideoTrack();
  return (await track?.computePacketStats())?.packetCount ?? 0;
}

test('a view is copied as a link that Neuroglancer takes, and opened from one again', async () => {
  await withVolume(async ({ app, page, folder }) => {
    await runAction(page, 'Copy as Neuroglancer link');
    const dialog = page.getByRole('dialog', { name: /Copied a link/ });
    await expect(dialog.getByText('it lies on this computer, where others can not open it')).toBeVisible();
    const link = await app.evaluate(({ clipboard }) => clipboard.readText());
    expect(viewerStateRules.safeParse(stateOfText(link)).error).toBeUndefined();
    await dialog.getByRole('button', { name: 'Close' }).last().click();

    const server = new FolderServer(folder);
    const origin = await server.up();
    try {
      await app.evaluate(({ dialog: native }) => {
        native.showMessageBox = () => Promise.resolve({ response: 0, checkboxChecked: false });
        native.showMessageBoxSync = () => 0;
      });
      const state = {
        dimensions: { x: [8e-9, 'm'], y: [8e-9, 'm'], z: [3e-8, 'm'] },
        position: [100.5, 200.5, 33.5],
        crossSectionScale: 0.5,
        layers: [
          {
            type: 'image',
            name: 'from afar',
            source: `precomputed://${origin}/deep`,
            shaderControls: { normalized: { range: [40, 220] } },
          },
          { type: 'segmentation', name: 'not ours', source: 'graphene://middleauth+https://example.org/x' },
        ],
        layout: 'xy',
      };
      await runAction(page, 'Open a Neuroglancer link or state');
      const ask = dialogOf(page, 'Open a Neuroglancer link or state');
      await ask
        .getByLabel('Link, or the JSON of a state')
        .fill(`https://example.org/#!${encodeURIComponent(JSON.stringify(state))}`);
      await ask.getByRole('button', { name: 'Open', exact: true }).click();
      const done = page.getByRole('dialog', { name: 'Opened 1 layer of a Neuroglancer view' });
      await expect(done.getByText('Layer "not ours": Lamella reads no "graphene://".')).toBeVisible({
        timeout: 30_000,
      });
      await done.getByRole('button', { name: 'Close' }).last().click();
      await expect(page.getByText('from afar').first()).toBeVisible();
    } finally {
      await server.down();
    }
  });
});

test('a state that is saved as a file is opened from it', async () => {
  await withVolume(async ({ app, page, folder }) => {
    const out = join(folder, 'out', 'view.json');
    await answerDialogs(app, out);
    await runAction(page, 'Save as Neuroglancer state');
    await page
      .getByRole('dialog', { name: `Saved ${basename(out)}` })
      .getByRole('button', { name: 'Close' })
      .last()
      .click();
    expect(existsSync(out)).toBe(true);
    await runAction(page, 'Open a Neuroglancer link or state');
    const ask = dialogOf(page, 'Open a Neuroglancer link or state');
    await ask.getByLabel('Link, or the JSON of a state').fill('hello');
    await ask.getByRole('button', { name: 'Open', exact: true }).click();
    await expect(ask.getByRole('alert')).toContainText('This is no Neuroglancer link or state');
    await ask.getByRole('button', { name: 'From a file…' }).click();
    await expect(page.getByText(/Opened \d layers? of a Neuroglancer view/).first()).toBeVisible();
  });
});
