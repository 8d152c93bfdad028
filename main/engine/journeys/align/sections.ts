import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Rect } from '../../../../preload/contract/space.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { type PlacedStack, placedStack } from '../../stacks/placed-stack.ts';
import { boundsOf, hashOfTiles } from '../../stacks/tile-table.ts';

/** A section as a stack version lays it out. */
export interface AlignSection {
  readonly section: number;
  readonly bounds: Rect;
  /** Of its tiles and where they lie. */
  readonly hash: string;
}

/** A stack version (null: the stage's places) of one channel, section by section in the order of z. */
export interface SectionSource {
  readonly library: LibraryStore;
  readonly dataset: string;
  readonly stack: string | null;
  readonly placed: PlacedStack;
  readonly sections: readonly AlignSection[];
  /** The longest side of any section, stack pixels. */
  readonly longestPx: number;
}

/** The sections of a stack version that have a tile to look at. 'bad-source' where there are fewer than `least`. */
export function sectionSource(
  library: LibraryStore,
  of: { readonly dataset: string; readonly stack: string | null; readonly channel: string },
  least: number,
): SectionSource {
  const placed = placedStack(library, of);
  const numbers = new Map<number, number[]>();
  placed.table.sections.forEach((section, at) => {
    const there = numbers.get(section);
    if (there) there.push(at);
    else numbers.set(section, [at]);
  });
  const sections = [...numbers]
    .toSorted(([a], [b]) => a - b)
    .map(([section, tiles]): AlignSection => ({
      section,
      bounds: boundsOf(placed.table.bounds, tiles),
      hash: hashOfTiles(placed.table, Uint32Array.from(tiles)),
    }));
  if (sections.length < least) throw tooFew(of.dataset, sections.length, of.channel);
  const longestPx = Math.max(...sections.map(({ bounds: b }) => Math.max(b.maxX - b.minX, b.maxY - b.minY)));
  return { library, dataset: of.dataset, stack: of.stack, placed, sections, longestPx };
}

const tooFew = (dataset: string, sections: number, channel: string): LamellaError =>
  new LamellaError(
    'bad-source',
    `${dataset} has ${sections === 1 ? 'one section' : 'no section'} that can be aligned${channel === '' ? '' : ` in channel ${channel}`}: all other tiles are rejected, bad or missing.`,
    { hint: 'Accept tiles on the tile board, or import the other sections.', fields: { dataset, sections, channel } },
  );
