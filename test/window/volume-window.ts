// A window on a fused library of its own, its first slice drawn.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntilDrawn } from './figures.ts';
import type { FusedLibrary } from './fused-library.ts';
import { copyFusedLibrary } from './fused-library.ts';
import type { LamellaWindow } from './lamella-window.ts';
import { startLamella } from './lamella-window.ts';

export interface Viewed extends LamellaWindow {
  readonly folder: string;
  readonly library: FusedLibrary;
}

export async function withVolume(
  use: (window: Viewed) => Promise<void>,
  before: (library: FusedLibrary, folder: string) => void = () => undefined,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-volume-'));
  const library = copyFusedLibrary(folder);
  before(library, folder);
  const window = await startLamella({ args: ['--library', library.folder] });
  try {
    await waitUntilDrawn(window.page);
    await use({ ...window, folder, library });
  } finally {
    await window.app.close();
    for (const left of [folder, window.profile]) rmSync(left, { recursive: true, force: true });
  }
}
