import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { BlockLink, BlockSource } from '../../../../preload/contract/block.ts';
import type { Warning } from '../../../../preload/contract/reference.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';

/** A link as a file came with it; ends are indices of blocks. */
export type LayoutLink = Omit<BlockLink, 'blockA' | 'blockB'> & { readonly a: number; readonly b: number };

export interface LayoutBlock {
  readonly name: string;
  readonly row: number | null;
  readonly column: number | null;
  /** Voxels; nanometres where `unit` of the layout says so. */
  readonly stage: Vec3;
  /** By channel. */
  readonly sources: ReadonlyMap<string, BlockSource>;
  /** Where the file's own program placed it, voxels. */
  readonly placed: Vec3 | null;
  /** What is odd about it. */
  readonly reasons: readonly string[];
}

export interface BlockLayout {
  readonly blocks: readonly LayoutBlock[];
  readonly unit: 'voxels' | 'nm';
  readonly voxelSizeNm: Vec3 | null;
  readonly channels: readonly string[];
  readonly links: readonly LayoutLink[];
  readonly project: string | null;
  readonly warnings: readonly Warning[];
}

/** Where a layout is read: the folder that the user named, and the layout's file. */
export interface LayoutPlace {
  readonly folder: string;
  readonly file: string;
  readonly text: string;
}

/** The first of several places of a block that is there; the first of all where none is. */
export function locate(place: LayoutPlace, names: readonly string[]): string {
  const folders = [place.folder, dirname(place.file)];
  const paths = names.flatMap((name) => folders.map((folder) => resolve(folder, name)));
  return paths.find((path) => existsSync(path)) ?? paths[0] ?? place.folder;
}
