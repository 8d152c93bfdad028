import { z } from 'zod';
import type { ViewDocument } from '../../preload/contract/view-state.ts';
import { viewDocumentSchema } from '../../preload/contract/view-state.ts';
import { soundDocument } from './sound-document.ts';

/** Views as they were left, one for each volume that was opened: what a restart comes back to. */

const keptViewSchema = z.object({ document: viewDocumentSchema, dock: z.string().max(200_000) });
export interface KeptView {
  readonly document: ViewDocument;
  readonly dock: string;
}

const keyOf = (volume: string): string => `lamella.view.4.${volume}`;

export function recallView(volume: string): KeptView | null {
  try {
    const { document, dock } = keptViewSchema.parse(JSON.parse(localStorage.getItem(keyOf(volume)) ?? 'null'));
    return { document: soundDocument(document), dock };
  } catch {
    return null;
  }
}

/** Keeps a view; where the browser's store is full, the session just starts afresh the next time. */
export function keepView(volume: string, view: KeptView): void {
  try {
    localStorage.setItem(keyOf(volume), JSON.stringify(view));
  } catch {
    localStorage.removeItem(keyOf(volume));
  }
}
