// A library of volumes made without the window, and views opened in it as a session that was left comes back.
import type { Page } from '@playwright/test';
import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { ViewDocument } from '../../preload/contract/view-state.ts';
import { resultOf } from '../engine/follow-job.ts';

export interface VolumeLibrary {
  readonly library: string;
  readonly volumes: readonly Volume[];
}

/** A place, and what of it does not say itself. */
export interface SourceAndKind {
  readonly source: string;
  readonly kind?: 'segmentation';
  readonly voxelSizeNm?: Vec3;
}

/** Adds what lies at each of `sources` to a library in `folder`. */
export async function libraryOf(
  folder: string,
  sources: ReadonlyArray<string | SourceAndKind>,
): Promise<VolumeLibrary> {
  const library = join(folder, 'library');
  const engine = createEngine({ threads: 1 });
  const client = engine.client();
  const volumes: Volume[] = [];
  for (const one of sources) {
    const asked = typeof one === 'string' ? { source: one } : one;
    const added = await resultOf<{ volume: string }>(client, library, client.volume.add({ library, ...asked }));
    volumes.push((await client.view.volume({ library, volume: added.volume })).value);
  }
  await engine.close();
  return { library, volumes };
}

/** Opens a view of a volume: what the document says is what is drawn. The page is loaded anew. */
export async function openDocument(page: Page, volume: string, document: ViewDocument): Promise<void> {
  // A library that is opened for the first time begins a session of its own.
  await page.waitForFunction(
    () => (JSON.parse(localStorage.getItem('lamella.session.1') ?? '{}') as { folder?: string | null }).folder,
  );
  // A session that knows no library yet would choose a volume by itself.
  await page.waitForFunction(() => /"volume":"/.test(localStorage.getItem('lamella.session.1') ?? ''));
  await page.addInitScript(
    ([id, text]) => {
      localStorage.setItem(`lamella.view.4.${id}`, text);
      const session = JSON.parse(localStorage.getItem('lamella.session.1') ?? '{}') as object;
      localStorage.setItem('lamella.session.1', JSON.stringify({ ...session, room: 'view', volume: id }));
    },
    [volume, JSON.stringify({ document, dock: '' })] as const,
  );
  await page.reload();
}
