// Exports figures as a user does, and reads what is said in them.
import { expect } from '@playwright/test';
import type { Chunk } from '../renderer/png-pixels.ts';
import { basename } from 'node:path';
import { answerDialogs } from './dialogs.ts';
import type { LamellaWindow } from './lamella-window.ts';
import type { Pane } from './panes.ts';
import { paneOf } from './panes.ts';

export interface FigureAsk {
  readonly pane: Pane;
  readonly widthPx: number;
  /** Cross-hair and annotations. */
  readonly overlay: boolean;
}

/** Begins to export; the dialog shows how it goes. */
export async function beginFigure({ app, page }: LamellaWindow, out: string, ask: FigureAsk): Promise<void> {
  await answerDialogs(app, out);
  await paneOf(page, ask.pane).focus();
  await page.keyboard.press('Control+e');
  const dialog = page.getByRole('dialog', { name: 'Export a figure' });
  await dialog.getByLabel('Width, pixels').fill(String(ask.widthPx));
  await dialog.getByLabel('Width, pixels').press('Tab');
  await dialog.getByLabel('Cross-hair and annotations').setChecked(ask.overlay);
  await dialog.getByRole('button', { name: 'Export…' }).click();
}

export async function exportFigure(window: LamellaWindow, out: string, ask: FigureAsk): Promise<void> {
  await beginFigure(window, out, ask);
  await expect(window.page.getByText(`Exported ${basename(out)}`)).toBeVisible({ timeout: 60_000 });
}

/** Texts of a PNG by their keyword. */
export const pngTexts = (chunks: readonly Chunk[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    chunks
      .filter(({ type }) => type === 'tEXt')
      .map(({ data }) => {
        const [keyword = '', text = ''] = Buffer.from(data).toString('latin1').split('\0');
        return [keyword, text];
      }),
  );
