// A window with a library that has something of everything, and what the tests of its screens do in it.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntilAllIsHere } from './figures.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { startLamella } from './lamella-window.ts';
import type { RichLibrary, ViewScreen } from './rich-library.ts';
import { makeRichLibrary, screensOf } from './rich-library.ts';
import { openDocument } from './view-library.ts';

export interface RichWindow extends LamellaWindow {
  readonly rich: RichLibrary;
}

let made: Promise<RichLibrary> | undefined;

/** Made once a run, and copied to `folder` for each test. What the library refers to lies where it was made. */
async function copyRichLibrary(folder: string): Promise<RichLibrary> {
  const rich = await (made ??= makeRichLibrary(folderOfTheRun()));
  const library = join(folder, 'library');
  cpSync(rich.library, library, { recursive: true });
  return { ...rich, library };
}

function folderOfTheRun(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-rich-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function withRich(use: (window: RichWindow) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-screens-'));
  const rich = await copyRichLibrary(folder);
  const window = await startLamella({ args: ['--library', rich.library] });
  try {
    await use({ ...window, rich });
    expect(window.problems).toEqual([]);
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}

export async function showScreen({ page }: LamellaWindow, { volume, document }: ViewScreen): Promise<void> {
  await openDocument(page, volume, document);
  await waitUntilAllIsHere(page);
}

export function screenNamed(rich: RichLibrary, name: string): ViewScreen {
  const screen = screensOf(rich).find((one) => one.name === name);
  if (!screen) throw new Error(`there is no screen ${name}`);
  return screen;
}

/** By the palette. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.getByRole('combobox', { name: 'Command' }).fill(title);
  await page.keyboard.press('Enter');
}
