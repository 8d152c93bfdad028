import { createHash } from 'node:crypto';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { LibraryStore, ReadHandle } from '../../store/library-store.ts';
import { datasetRow } from '../../store/tiles.ts';
import { placedStack, rejectedTiles, type PlacedStack } from '../../stacks/placed-stack.ts';

export interface MosaicOf {
  readonly dataset: string;
  /** Null: where the stage put the tiles. */
  readonly stack: string | null;
}

/** What the tiles of a mosaic are, without having read them. */
export interface MosaicFacts extends MosaicOf {
  readonly name: string;
  readonly voxelSizeNm: readonly [number, number, number];
  /** Tiles that are not shown. */
  readonly rejected: readonly number[];
  /** Another wherever a tile was rejected or taken back, or the name is another: tiles themselves never change. */
  readonly stamp: string;
}

/** 'not-found' for a dataset or stack that is not there. */
export function mosaicFacts({ read }: LibraryStore, { dataset, stack }: MosaicOf): MosaicFacts {
  const { name, voxel_size_nm } = datasetRow(read, dataset);
  const version = stack === null ? null : stackVersion(read, dataset, stack);
  const title = version === null ? `${name}, as the stage placed it` : `${name}, stack ${version}`;
  const rejected = rejectedTiles(read, dataset);
  const text = JSON.stringify([dataset, stack, title, voxel_size_nm, rejected]);
  return {
    dataset,
    stack,
    name: title,
    voxelSizeNm: JSON.parse(voxel_size_nm) as [number, number, number],
    rejected,
    stamp: createHash('sha256').update(text).digest('hex').slice(0, 12),
  };
}

function stackVersion(read: ReadHandle, dataset: string, stack: string): number {
  const row = read.get<{ version: number }>(
    'SELECT version FROM stack WHERE id = ? AND dataset = ? AND removed = 0',
    stack,
    dataset,
  );
  if (row) return row.version;
  throw new LamellaError('not-found', `The dataset ${dataset} has no stack ${stack}.`, {
    hint: 'It may have been removed: undo, or list the stacks with library info.',
    fields: { dataset, stack },
  });
}

/** Tiles that can be read and were not rejected: of a stack, those that it places. 'invalid-input' where none is left. */
export function mosaicTiles(library: LibraryStore, { dataset, stack, name }: MosaicFacts, channel = ''): PlacedStack {
  const placed = placedStack(library, { dataset, stack, channel });
  if (placed.table.count === 0 && channel === '') throw nothingToShow(name, dataset);
  return placed;
}

const nothingToShow = (name: string, dataset: string): LamellaError =>
  new LamellaError('invalid-input', `"${name}" has no tile to show.`, {
    hint: 'Its tiles could not be read, or were all rejected: look at them in Acquire.',
    fields: { dataset },
  });
