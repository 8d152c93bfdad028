import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isLamellaError } from '../../../../preload/contract/errors.ts';
import { guessFileNamePatterns } from '../../formats/file-name-guess.ts';
import { looksLikeRenderTilespecs } from '../../formats/render-tilespec.ts';
import { looksLikeTemca } from '../../formats/temca-metadata.ts';
import { looksLikeTileConfiguration } from '../../formats/tile-configuration.ts';
import { locateTiles } from '../../intake/inspect.ts';
import { type LayoutTile, readAnyLayout } from '../../intake/layout.ts';
import {
  createFinder,
  type Finder,
  headOf,
  isImagePath,
  listSource,
  type SourceFolder,
  statFile,
} from '../../intake/source-files.ts';

export interface Candidate {
  readonly layout: string;
  readonly label: string;
  readonly tiles: number;
  readonly sections: number;
  readonly missing: number;
  /** Nanometres a pixel, where the layout says. */
  readonly pixelNm?: number;
}

export interface Detected {
  readonly sourceName: string;
  readonly images: number;
  readonly bytes: number;
  readonly candidates: readonly Candidate[];
}

const maxLayoutFiles = 200;

/** Looks for layouts in a folder: layout files by their first bytes, patterns by the file names. Reads no pixels. */
export async function detectLayouts(folder: string, asked?: string): Promise<Detected> {
  const source = await listSource(folder);
  const images = source.paths.filter(isImagePath);
  const texts = [
    ...(await layoutTexts(source)),
    ...guessFileNamePatterns(images).map(({ template }) => `pattern:${template}`),
  ];
  const finder = createFinder(source);
  const wanted = asked === undefined || texts.includes(asked) ? texts : [asked, ...texts];
  const found: Ranked[] = [];
  for (const text of wanted) found.push(...[(await candidateOf(text, source, finder, images.length)) ?? []].flat());
  return {
    sourceName: basename(folder),
    images: images.length,
    bytes: await bytesOf(images.map((path) => join(folder, path))),
    candidates: found
      .toSorted((a, b) => placeOf(a, asked) - placeOf(b, asked) || a.rank - b.rank || b.found - a.found)
      .map(({ candidate }) => candidate),
  };
}

/** In steps, so that the engine answers others while a large folder is looked at. */
async function bytesOf(paths: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const [i, path] of paths.entries()) {
    bytes += statFile(path)?.size ?? 0;
    if (i % 1000 === 999) await nextTurn();
  }
  return bytes;
}

async function layoutTexts(source: SourceFolder): Promise<readonly string[]> {
  const texts: string[] = [];
  const files = source.paths.filter((path) => /\.(json|txt)$/i.test(path)).slice(0, maxLayoutFiles);
  for (const path of files) {
    const head = await headOf(join(source.folder, path));
    if (looksLikeTemca(head)) texts.push(`temca:${path}`);
    else if (looksLikeRenderTilespecs(head)) texts.push(`render:${path}`);
    else if (looksLikeTileConfiguration(head)) texts.push(`tiles:${path}`);
  }
  if (texts.filter((text) => text.startsWith('temca:')).length > 1) texts.unshift('temca:*.json');
  if (source.paths.some((path) => /\.ome\.tiff?$/i.test(path))) texts.push('ome:*.ome.tif');
  return texts;
}

interface Ranked {
  readonly candidate: Candidate;
  /** 0: a layout file whose tiles are all there. 1: a pattern that makes a full grid of all images. 2: any other. */
  readonly rank: number;
  readonly found: number;
}

/** What was asked for comes first, whatever else is found. */
const placeOf = ({ candidate }: Ranked, asked: string | undefined): number => (candidate.layout === asked ? 0 : 1);

function isFullGrid(tiles: readonly LayoutTile[]): boolean {
  const places = tiles.flatMap(({ place, section }) => (place.kind === 'grid' ? [{ ...place, section }] : []));
  const cells = (['row', 'col', 'section'] as const).map((axis) => new Set(places.map((place) => place[axis])).size);
  return tiles.length === cells.reduce((product, n) => product * n, 1);
}

/** Null for a layout that turns out not to be one: detection offers what works and leaves the rest unsaid. */
async function candidateOf(text: string, source: SourceFolder, finder: Finder, images: number): Promise<Ranked | null> {
  try {
    const { tiles, pixelNm } = await readAnyLayout(text, source);
    const located = await locateTiles(tiles, source, finder);
    const sections = new Set(tiles.map((tile) => tile.section)).size;
    const missing = located.filter((tile) => !tile.isFound).length;
    const found = pixelNm === undefined ? {} : { pixelNm };
    const candidate = { layout: text, label: labelOf(text), tiles: tiles.length, sections, missing, ...found };
    const isWhole = text.startsWith('pattern:') ? tiles.length === images && isFullGrid(tiles) : missing === 0;
    const rank = !isWhole ? 2 : text.startsWith('pattern:') ? 1 : 0;
    return { candidate, rank, found: tiles.length - missing };
  } catch (error) {
    if (isLamellaError(error)) return null;
    throw error;
  }
}

function labelOf(text: string): string {
  const rest = text.slice(text.indexOf(':') + 1);
  if (text.startsWith('render:')) return `Render tilespecs in ${rest}`;
  if (text.startsWith('ome:')) return 'Stage positions in the images (OME-TIFF)';
  if (text === 'temca:*.json') return 'TEMCA metadata, all regions';
  if (text.startsWith('temca:')) return `TEMCA metadata in ${rest}`;
  return text.startsWith('tiles:') ? `Tile configuration in ${rest}` : `File names like ${rest}`;
}
