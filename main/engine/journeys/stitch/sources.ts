import { statSync } from 'node:fs';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { StoredTile } from '../../store/tiles.ts';

/**
 * Refuses to go on where a tile's file is gone or no longer as long as when it was imported: matches and voxels would
 * not be of the pixels that were judged. A disk that is not connected is noticed here, before any work.
 */
export function checkSources(tiles: readonly StoredTile[]): void {
  const lost = tiles.filter((tile) => sizeOf(tile.path) === null);
  const changed = tiles.filter((tile) => ![tile.bytes, null].includes(sizeOf(tile.path)));
  if (lost.length === 0 && changed.length === 0) return;
  const parts = [
    lost.length > 0 ? `${count(lost.length)} not found: ${named(lost)}` : '',
    changed.length > 0 ? `${count(changed.length)} changed since the import: ${named(changed)}` : '',
  ];
  throw new LamellaError('bad-source', `Of ${tiles.length} files, ${parts.filter((part) => part !== '').join('; ')}.`, {
    hint:
      lost.length > 0
        ? 'Connect the disk or put the files back, then resume; or reject those tiles.'
        : 'Import the dataset again; or reject those tiles.',
    fields: { lost: lost.length, changed: changed.length },
  });
}

function sizeOf(path: string): number | null {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size ?? null;
  } catch {
    return null;
  }
}

const count = (n: number): string => (n === 1 ? '1 is' : `${n} are`);
const named = (tiles: readonly StoredTile[]): string =>
  tiles
    .slice(0, 3)
    .map((tile) => tile.fileName)
    .join(', ') + (tiles.length > 3 ? ', …' : '');
