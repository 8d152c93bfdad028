import type { Grant } from '../../preload/contract/bridge.ts';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { engine } from '../engine.ts';
import { onTilesDropped, prepareImport } from './acquire.ts';
import { session } from './session.ts';
import { toast } from './toasts.ts';
import { lookAtSource } from './volume-draft.ts';

/** What was dropped on the window: tiles in the rooms of tiles, a volume in the rooms of volumes; at home, it looks. */
export function onDropped(grants: readonly Grant[]): void {
  const [first] = grants;
  if (!first) return;
  const { room } = session();
  if (room === 'acquire' || room === 'assemble') return onTilesDropped(grants);
  if (grants.length > 1) sayOnlyOne(first, grants.length);
  if (room === 'home' && first.kind === 'folder') void sortOut(first);
  else void lookAtSource({ ref: first.id, text: first.name, kind: first.kind === 'folder' ? 'folder' : 'file' });
}

const sayOnlyOne = (first: Grant, count: number): void =>
  toast({
    tone: 'info',
    title: `${count} things were dropped; this is ${first.name}`,
    detail: 'One volume is added at a time. Sections in single files: drop the folder that holds them.',
  });

/** A folder at home: a library's images are tiles to import, anything else that is a volume is added as one. */
async function sortOut(folder: Grant): Promise<void> {
  try {
    const { value } = await engine().volume.describe({ source: folder.id });
    if (value.format !== 'image-stack')
      return await lookAtSource({ ref: folder.id, text: folder.name, kind: 'folder' });
  } catch (error) {
    if (!isLamellaError(error)) throw error;
  }
  await prepareImport(folder);
}
