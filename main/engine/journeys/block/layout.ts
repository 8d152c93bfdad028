import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import type { BlockLayout, LayoutPlace } from './block-layout.ts';
import { foldersLayout } from './layout-folders.ts';
import { spimLayout } from './layout-spimdata.ts';
import { teraLayout } from './layout-terastitcher.ts';
import { tilesLayout } from './layout-tiles.ts';

const readers: Readonly<Record<string, (place: LayoutPlace) => Omit<BlockLayout, 'channels'>>> = {
  terastitcher: teraLayout,
  spimdata: spimLayout,
  tiles: tilesLayout,
};

const maxFileBytes = 128 * 2 ** 20;
const mostBlocks = 100_000;

/** Throws 'bad-layout' where the layout can't be read or names no block, 'not-found' where its file is not there. */
export function readBlockLayout(layout: string, folder: string): BlockLayout {
  const [, how = '', file = ''] = /^(\w+)(?::(.+))?$/s.exec(layout) ?? [];
  const read = how === 'folders' ? foldersLayout(folder) : readers[how]?.(placeOf(folder, file));
  if (!read || read.blocks.length === 0) throw noBlocks(folder, layout);
  if (read.blocks.length > mostBlocks) throw tooMany(folder, read.blocks.length);
  const channels = new Set(read.blocks.flatMap(({ sources }) => [...sources.keys()]));
  return { ...read, channels: [...channels].toSorted() };
}

function placeOf(folder: string, file: string): LayoutPlace {
  const path = existsSync(resolve(folder, file)) ? resolve(folder, file) : resolve(file);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw noFile(path);
  if (size > maxFileBytes) throw tooLong(path, size);
  return { folder, file: path, text: readFileSync(path, 'utf8') };
}

const noFile = (path: string): LamellaError =>
  new LamellaError('not-found', `There is no ${path}.`, {
    hint: 'Name the layout file by its path.',
    fields: { file: path },
  });

const tooLong = (path: string, bytes: number): LamellaError =>
  new LamellaError('over-budget', `${basename(path)} has ${bytes} bytes; at most ${maxFileBytes} are read.`, {
    hint: 'Split the project.',
    fields: { file: path, bytes },
  });

const noBlocks = (folder: string, layout: string): LamellaError =>
  new LamellaError('bad-layout', `The layout "${layout}" finds no blocks in ${folder}.`, {
    hint: 'Choose another layout; block detect says which there are.',
    fields: { source: folder, layout },
  });

const tooMany = (folder: string, blocks: number): LamellaError =>
  new LamellaError('over-budget', `${folder} has ${blocks} blocks; at most ${mostBlocks} make a set.`, {
    hint: 'Import it in parts.',
    fields: { source: folder, blocks },
  });
