import { basename } from 'node:path';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import type { Affine } from '../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../preload/contract/transform.ts';
import { type FileNamePattern, parseFileNamePattern } from '../formats/file-name-pattern.ts';
import type { RenderChannel, TileSpec } from '../formats/render-fields.ts';
import { maxJsonBytes, renderTilespecSteps, type RenderTile } from '../formats/render-tilespec.ts';
import { atOnce, type Steps } from '../formats/steps.ts';
import { type ConfiguredTile, tileConfigurationSteps } from '../formats/tile-configuration.ts';
import { inTurns } from '../jobs/in-turns.ts';
import { reorderTiles, takeOrder } from './layout-order.ts';
import { readOmeLayout } from './ome-layout.ts';
import { isImagePath, readLayoutFile, type SourceFolder } from './source-files.ts';
import { temcaLayout } from './temca-layout.ts';

/** A tile as its layout describes it, whatever the layout: the images have not been looked for yet. */
export interface LayoutTile {
  /** Unique in the dataset. */
  readonly name: string;
  readonly section: number;
  /** References to images by mipmap level, finest first. */
  readonly images: ReadonlyMap<number, string>;
  /** Level-0 size, where the layout knows it. */
  readonly sizePx: readonly [number, number] | null;
  readonly place: TilePlace;
  readonly spec: TileSpec | null;
  /** What tilespecs say of its pictures, beyond `images`. */
  readonly pictures?: LayoutPictures;
  /** From tile to stage, first to last, where `place` is only the affine map nearest to them. */
  readonly transforms?: readonly TransformSpec[];
}

export interface LayoutPictures {
  /** References to masks by mipmap level, finest first. */
  readonly masks: ReadonlyMap<number, string>;
  /** The grey levels to show as black and white. */
  readonly intensity: readonly [number, number] | null;
  /** Further pictures, of the same size and place. */
  readonly channels: readonly RenderChannel[];
}

/** `grid` places get their pixels once the tile size is known. */
export type TilePlace =
  | { readonly kind: 'affine'; readonly stageFromTile: Affine }
  | { readonly kind: 'grid'; readonly row: number; readonly col: number };

export interface TileLayout {
  readonly tiles: readonly LayoutTile[];
  /** Overlap of grid neighbours, where the layout is a grid. */
  readonly overlap: FileNamePattern['overlap'] | null;
  /** Transforms that tiles refer to, by id. */
  readonly shared?: ReadonlyMap<string, TransformSpec>;
  readonly warnings: readonly Warning[];
  /** Nanometres a pixel, where the layout says. */
  readonly pixelNm?: number;
}

/**
 * Reads the layout that `render:FILE`, `tiles:FILE`, `temca:FILE` or `pattern:TEXT` names. With `;order=…` at its end, its
 * places are read in another order.
 */
export const readLayout = (text: string, source: SourceFolder): TileLayout => atOnce(layoutSteps(text, source));

function* layoutSteps(text: string, source: SourceFolder): Steps<TileLayout> {
  const { layout, order } = takeOrder(text);
  const read = yield* asWritten(layout, source);
  return order ? { ...read, tiles: reorderTiles(read.tiles, order) } : read;
}

/** Reads any layout, in turns with other work: also `ome:PATTERN`, from the metadata of the images themselves. */
export async function readAnyLayout(text: string, source: SourceFolder): Promise<TileLayout> {
  const { layout, order } = takeOrder(text);
  if (!layout.startsWith('ome:')) return inTurns(layoutSteps(text, source));
  const read = await readOmeLayout(layout.slice(4), source);
  return order ? { ...read, tiles: reorderTiles(read.tiles, order) } : read;
}

function* asWritten(text: string, source: SourceFolder): Steps<TileLayout> {
  const colon = text.indexOf(':');
  const [kind, rest] = [text.slice(0, colon), text.slice(colon + 1)];
  if (kind === 'render') return yield* renderLayout(source, rest);
  if (kind === 'tiles') return yield* tileConfigurationLayout(source, rest);
  if (kind === 'temca') return yield* temcaLayout(source, rest);
  return readPatternLayout(source, rest);
}

function* renderLayout(source: SourceFolder, file: string): Steps<TileLayout> {
  const { path, text } = readLayoutFile(source, file, maxJsonBytes);
  const { tiles, shared, warnings } = yield* renderTilespecSteps(text, basename(path));
  if (tiles.every((tile) => tile.own.images.size === 0)) {
    throw new LamellaError(
      'bad-layout',
      `None of the ${tiles.length} tilespecs in ${basename(path)} names an image (mipmapLevels).`,
      {
        hint: 'Export the tilespecs with their mipmapLevels, so that Lamella knows which file belongs to which tile.',
        fields: { file: basename(path), tiles: tiles.length },
      },
    );
  }
  return { tiles: tiles.map(layoutTileOf), overlap: null, shared, warnings };
}

export const layoutTileOf = (tile: RenderTile): LayoutTile => ({
  name: tile.tileId,
  section: tile.section,
  images: tile.own.images,
  sizePx: tile.sizePx,
  place: { kind: 'affine', stageFromTile: tile.stageFromTile },
  spec: tile.spec,
  pictures: { masks: tile.own.masks, intensity: tile.own.intensity, channels: tile.channels },
  ...(tile.transforms && { transforms: tile.transforms }),
});

function* tileConfigurationLayout(source: SourceFolder, file: string): Steps<TileLayout> {
  const { path, text } = readLayoutFile(source, file, maxJsonBytes);
  const { tiles, warnings } = yield* tileConfigurationSteps(text, basename(path));
  const isLaterSeries = ({ series }: ConfiguredTile): boolean => (series ?? 0) > 0;
  const seriesWarnings = tiles.filter(isLaterSeries).map(({ name, series: n }) => ({
    subject: name,
    message: `${name} is series ${n} of a file with several images; Lamella reads one image a file, so it is left out.`,
    hint: 'Save each image as a file of its own.',
  }));
  return {
    tiles: tiles
      .filter((tile) => !isLaterSeries(tile))
      .map(({ name, section, xPx, yPx }) => ({
        name,
        section,
        images: new Map([[0, name]]),
        sizePx: null,
        place: { kind: 'affine', stageFromTile: [1, 0, 0, 1, xPx, yPx] },
        spec: null,
      })),
    overlap: null,
    warnings: [...warnings, ...seriesWarnings],
  };
}

function readPatternLayout(source: SourceFolder, text: string): TileLayout {
  const pattern = parseFileNamePattern(text);
  const warnings: Warning[] = [];
  const tiles = new Map<string, LayoutTile>();
  const images = source.paths.filter(isImagePath);
  for (const path of images) {
    const place = pattern.place(path);
    if (!place) continue;
    const key = `${place.section}/${place.row}/${place.col}`;
    const first = tiles.get(key);
    if (first)
      warnings.push({
        subject: path,
        message: `${path} has the same row, column and section as ${first.name}; it is left out.`,
        hint: 'Make the pattern say which of them belongs here.',
      });
    else
      tiles.set(key, {
        name: path,
        section: place.section,
        images: new Map([[0, path]]),
        sizePx: null,
        place: { kind: 'grid', row: place.row, col: place.col },
        spec: null,
      });
  }
  if (tiles.size === 0) throw noMatch(pattern.template, images, source.folder);
  if (pattern.overlapAssumed)
    warnings.push({
      subject: pattern.template,
      message: 'The pattern does not say how much neighbours overlap; 10 % is assumed.',
      hint: 'Add ;overlap=15% or ;overlap=64px to the pattern.',
    });
  return { tiles: [...tiles.values()], overlap: pattern.overlap, warnings };
}

function noMatch(template: string, images: readonly string[], folder: string): LamellaError {
  const example =
    images[0] === undefined
      ? 'It holds no PNG, TIFF or JPEG files.'
      : `The first of its ${images.length} images is called ${images[0]}.`;
  return new LamellaError('bad-layout', `No image in ${folder} fits the pattern "${template}". ${example}`, {
    hint: 'Write the pattern after the names of your files, with {row}, {col} and, for several sections, {z}.',
    fields: { pattern: template, source: folder, images: images.length },
  });
}
