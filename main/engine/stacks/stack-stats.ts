import type { StackStats } from '../../../preload/contract/stack.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { StackMaps } from './section-maps.ts';
import { ownChannelName } from './tile-rows.ts';

interface CountRow {
  readonly tiles: number;
  readonly minWidth: number | null;
  readonly maxWidth: number | null;
  readonly minHeight: number | null;
  readonly maxHeight: number | null;
}

/** Render's StackStats of a stack version. Its bounds are those of its tiles as it maps them. */
export function statsOf(read: ReadHandle, stack: { readonly id: string; readonly dataset: string }): StackStats {
  const count = read.get<CountRow>(
    `SELECT count(*) AS tiles, min(t.width_px) AS minWidth, max(t.width_px) AS maxWidth, min(t.height_px) AS minHeight,
      max(t.height_px) AS maxHeight FROM placement p JOIN tile t ON t.id = p.tile WHERE p.stack = ?`,
    stack.id,
  );
  const sections = placedSections(read, stack.id);
  return {
    bounds: boundsOf(read, stack, sections),
    sectionCount: sections.length,
    nonIntegralSectionCount: sections.filter((section) => !Number.isInteger(section)).length,
    tileCount: count?.tiles ?? 0,
    transformCount: sharedCount(read, stack.id),
    minTileWidth: count?.minWidth ?? 0,
    maxTileWidth: count?.maxWidth ?? 0,
    minTileHeight: count?.minHeight ?? 0,
    maxTileHeight: count?.maxHeight ?? 0,
    channelNames: channelNames(read, stack.dataset),
  };
}

/** The sections that a stack version places tiles of, ascending. */
export const placedSections = (read: ReadHandle, stack: string): readonly number[] =>
  read
    .all<{ section: number }>(
      'SELECT DISTINCT t.section FROM placement p JOIN tile t ON t.id = p.tile WHERE p.stack = ? ORDER BY t.section',
      stack,
    )
    .map(({ section }) => section);

/** As Render counts them: the shared ones. */
const sharedCount = (read: ReadHandle, stack: string): number =>
  read.get<{ n: number }>('SELECT count(*) AS n FROM shared_transform WHERE stack = ?', stack)?.n ?? 0;

function boundsOf(
  read: ReadHandle,
  stack: { readonly id: string; readonly dataset: string },
  sections: readonly number[],
): StackStats['bounds'] {
  const maps = new StackMaps(read, stack);
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  for (const section of sections)
    for (const { bounds } of maps.tilesOf(section)) {
      box.minX = Math.min(box.minX, bounds.minX);
      box.minY = Math.min(box.minY, bounds.minY);
      box.maxX = Math.max(box.maxX, bounds.maxX);
      box.maxY = Math.max(box.maxY, bounds.maxY);
    }
  const [minZ, maxZ] = [sections[0], sections.at(-1)];
  return Number.isFinite(box.minX) && minZ !== undefined && maxZ !== undefined ? { ...box, minZ, maxZ } : null;
}

/** The tiles' own channel first, by the name that their tilespecs give it. */
function channelNames(read: ReadHandle, dataset: string): string[] {
  const others = read.all<{ name: string }>(
    'SELECT DISTINCT c.name FROM tile_channel c JOIN tile t ON t.id = c.tile WHERE t.dataset = ? ORDER BY c.name',
    dataset,
  );
  return [...new Set([ownChannelName(read, dataset), ...others.map(({ name }) => name)])];
}
