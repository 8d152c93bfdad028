import { createHash } from 'node:crypto';
import type { BlockLink } from '../../../../preload/contract/block.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { formatTileConfiguration } from '../../formats/tile-configuration.ts';
import {
  blockLinks,
  blockPlacements,
  blockSetRow,
  blocksOf,
  blockStackRow,
  type StoredBlock,
  type StoredBlockSet,
} from '../../stacks/block-rows.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import { refuseToOverwrite } from '../../store/output-file.ts';
import { writeFileDurably } from '../../targets/folder.ts';
import { spimText } from './export-spimdata.ts';
import { teraText } from './export-terastitcher.ts';

/** A version as exports write it. */
export interface PlacedSet {
  readonly set: StoredBlockSet;
  readonly blocks: readonly (StoredBlock & { readonly place: Vec3 })[];
  readonly links: readonly BlockLink[];
}

export type ExportFormat = 'terastitcher' | 'spimdata' | 'tiles';

const writers: Readonly<Record<ExportFormat, (placed: PlacedSet, out: string) => string>> = {
  terastitcher: teraText,
  spimdata: spimText,
  tiles: tilesText,
};

export interface Exported {
  readonly file: string;
  readonly blocks: number;
  readonly sha256: string;
}

/** Writes the places of a version, whole or not at all. Never over a file of the source. */
export async function exportBlocks(
  library: LibraryStore,
  stack: string,
  format: ExportFormat,
  out: string,
): Promise<Exported> {
  refuseToOverwrite(library, out, format === 'tiles' ? '.txt' : '.xml');
  const { read } = library;
  const set = blockSetRow(read, blockStackRow(read, stack).set);
  const places = new Map(blockPlacements(read, stack).map(({ block, place }) => [block, place]));
  const blocks = blocksOf(read, set.id).flatMap((block) => {
    const place = places.get(block.id);
    return place ? [{ ...block, place }] : [];
  });
  const bytes = new TextEncoder().encode(writers[format]({ set, blocks, links: blockLinks(read, stack) }, out));
  await writeFileDurably(out, [bytes]);
  return { file: out, blocks: blocks.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function tilesText({ blocks }: PlacedSet): string {
  return formatTileConfiguration(
    3,
    blocks.map(({ name, place }) => ({ name, xPx: place[0], yPx: place[1], section: place[2] })),
  );
}
