import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputOf } from '../../../../preload/contract/define.ts';
import type { blockProcedures } from '../../../../preload/contract/block.ts';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import { looksLikeSpimData } from '../../formats/spimdata.ts';
import { looksLikeTeraStitcher } from '../../formats/terastitcher.ts';
import { looksLikeTileConfiguration } from '../../formats/tile-configuration.ts';
import { readBlockLayout } from './layout.ts';

type Candidate = OutputOf<typeof blockProcedures.detect>['candidates'][number];

const mostFiles = 200;

/** Layout files by their first bytes, folders by their names. A layout that turns out not to be one is left unsaid. */
export function detectBlocks(folder: string, asked?: string): Candidate[] {
  const texts = [...new Set([...(asked === undefined ? [] : [asked]), ...layoutFiles(folder), 'folders'])];
  return texts.flatMap((layout) => candidateOf(folder, layout) ?? []);
}

function candidateOf(folder: string, layout: string): Candidate | null {
  try {
    const { blocks, channels, voxelSizeNm } = readBlockLayout(layout, folder);
    const missing = blocks.filter(({ sources }) => sources.size === 0).length;
    return { layout, label: labelOf(layout), blocks: blocks.length, channels: [...channels], voxelSizeNm, missing };
  } catch (error) {
    if (isLamellaError(error)) return null;
    throw error;
  }
}

function labelOf(layout: string): string {
  const file = layout.slice(layout.indexOf(':') + 1);
  if (layout.startsWith('terastitcher:')) return `TeraStitcher project in ${file}`;
  if (layout.startsWith('spimdata:')) return `BigStitcher dataset in ${file}`;
  return layout === 'folders' ? 'Folders named by stage positions' : `Tile configuration in ${file}`;
}

function layoutFiles(folder: string): readonly string[] {
  const names = namesIn(folder).filter((name) => /\.(xml|txt)$/i.test(name));
  return names.slice(0, mostFiles).flatMap((name) => {
    const head = headOf(join(folder, name));
    if (looksLikeTeraStitcher(head)) return [`terastitcher:${name}`];
    if (looksLikeSpimData(head)) return [`spimdata:${name}`];
    return looksLikeTileConfiguration(head) && /dim\s*=\s*3/.test(head) ? [`tiles:${name}`] : [];
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}

function headOf(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(4096);
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
