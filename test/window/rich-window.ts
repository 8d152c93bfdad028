// A window with a library that has something of everything, and what the tests of its screens do in it.
import type { Page } from '@playwright/test';
import { expect } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
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

export async function withRich(use: (window: RichWindow) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-screens-'));
  const rich = await makeRichLibrary(folder);
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
