import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { Rect } from '../../../../preload/contract/space.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { type PlacedStack, placedStack } from '../../stacks/placed-stack.ts';
import { boundsOf, hashOfTiles } from '../../stacks/tile-table.ts';

/** A section as a stack version lays it out. */
export interface AlignSection {
  readonly section: number;
  /** For messages: "section 3", or "section 3 of Day 2". */
  readonly name: string;
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
  /** Common pixels a stack pixel: bounds and all that is matched are in these, where stacks have pixels of their own. */
  readonly pxScale: number;
}

/** How a stack is seen among others: its name, and common pixels a pixel of it. */
export interface SeenAmong {
  readonly name: string;
  readonly pxScale: number;
}

/** The sections of a stack version that have a tile to look at. 'bad-source' where there are fewer than `least`. */
export function sectionSource(
  library: LibraryStore,
  of: { readonly dataset: string; readonly stack: string | null; readonly channel: string },
  least: number,
  among: SeenAmong = { name: '', pxScale: 1 },
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
      name: `section ${section}${among.name === '' ? '' : ` of ${among.name}`}`,
      bounds: scaled(boundsOf(placed.table.bounds, tiles), among.pxScale),
      hash: `${hashOfTiles(placed.table, Uint32Array.from(tiles))}${among.pxScale === 1 ? '' : ` x ${among.pxScale}`}`,
    }));
  if (sections.length < least) throw tooFew(of.dataset, sections.length, of.channel);
  const longestPx = Math.max(...sections.map(({ bounds: b }) => Math.max(b.maxX - b.minX, b.maxY - b.minY)));
  return { library, dataset: of.dataset, stack: of.stack, placed, sections, longestPx, pxScale: among.pxScale };
}

export const scaled = ({ minX, minY, maxX, maxY }: Rect, by: number): Rect => ({
  minX: minX * by,
  minY: minY * by,
  maxX: maxX * by,
  maxY: maxY * by,
});

const tooFew = (dataset: string, sections: number, channel: string): LamellaError =>
  new LamellaError(
    'bad-source',
    `${dataset} has ${sections === 1 ? 'one section' : 'no section'} that can be aligned${channel === '' ? '' : ` in channel ${channel}`}: all other tiles are rejected, bad or missing.`,
    { hint: 'Accept tiles on the tile board, or import the other sections.', fields: { dataset, sections, channel } },
  );
