import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import { type Affine, boundsOfTile } from '../../../preload/contract/space.ts';
import { flattenTransforms } from './render-transform.ts';

/**
 * Tilespec JSON as Render (saalfeldlab/render) reads and writes it: an array of tilespecs, RenderParameters with
 * `tileSpecs`, or a resolved tile collection with `tileIdToSpecMap` and `transformIdToSpecMap`.
 */
export interface RenderTile {
  readonly tileId: string;
  /** `layout.sectionId` where it is a number, else `z`, else 0. */
  readonly section: number;
  /** Level-0 size, where the spec gives it. */
  readonly sizePx: readonly [number, number] | null;
  /** `minIntensity`, `maxIntensity`: the grey levels to show as black and white. */
  readonly intensity: readonly [number, number] | null;
  /** Image URL by mipmap level, finest first. */
  readonly images: ReadonlyMap<number, string>;
  readonly hasMask: boolean;
  readonly stageFromTile: Affine;
  /** The spec as it came, for a round trip. */
  readonly spec: TileSpec;
}

export type TileSpec = Readonly<Record<string, unknown>>;

export interface RenderLayout {
  readonly tiles: readonly RenderTile[];
  readonly warnings: readonly Warning[];
}

/** JSON larger than this is refused: it would take more memory than the rest of the import. */
export const maxJsonBytes = 64 * 2 ** 20;
const maxTiles = 1_000_000;
const maxSidePx = 1_000_000;
const affineClass = 'mpicbg.trakem2.transform.AffineModel2D';

/**
 * Reads tilespecs. What cannot be used of a single tile becomes a warning that names it; a text with no tilespec in it
 * is a 'bad-layout' error, one above 64 MiB 'over-budget'.
 */
export function parseRenderTilespecs(text: string, fileName: string): RenderLayout {
  const { specs, shared } = findSpecs(parseJson(text, fileName), fileName);
  const warnings: Warning[] = [];
  const tiles = new Map<string, RenderTile>();
  specs.forEach((spec, index) => {
    const tile = readSpec(spec, index, shared, warnings);
    if (!tile) return;
    if (tiles.has(tile.tileId))
      warnings.push({
        subject: tile.tileId,
        message: `${fileName} lists tile "${tile.tileId}" more than once; the first is used.`,
      });
    else tiles.set(tile.tileId, tile);
  });
  if (tiles.size === 0) throw noTiles(fileName, warnings[0]?.message ?? 'The list is empty.');
  return { tiles: [...tiles.values()], warnings };
}

/** Whether a text looks like tilespecs, from its first characters: cheap enough to ask of every JSON file of a folder. */
export function looksLikeRenderTilespecs(head: string): boolean {
  return (
    /^\uFEFF?\s*[[{]/.test(head) &&
    /"(tileId|tileSpecs|mipmapLevels|tileIdToSpecMap|transformIdToSpecMap)"\s*:/.test(head)
  );
}

/** What `formatRenderTilespecs` writes of one tile. */
export interface PlacedTile {
  readonly tileId: string;
  readonly section: number;
  readonly sizePx: readonly [number, number];
  readonly imageUrl: string;
  readonly mipmapLevel: number;
  readonly intensity: readonly [number, number];
  readonly stageFromTile: Affine;
  readonly stackFromTile: Affine;
  /** The tilespec that the tile came with, or null: then a full minimal one is written. */
  readonly spec: TileSpec | null;
}

/** Tilespec JSON with one affine a tile. Fields of the original spec are kept, transforms and bounds replaced. */
export function formatRenderTilespecs(tiles: readonly PlacedTile[]): string {
  return `[\n${tiles.map((tile) => JSON.stringify(placedSpec(tile))).join(',\n')}\n]\n`;
}

function placedSpec(tile: PlacedTile): TileSpec {
  const box = boundsOfTile(tile.stackFromTile, ...tile.sizePx);
  const bounds = { minX: box.minX, minY: box.minY, maxX: box.maxX, maxY: box.maxY };
  const dataString = tile.stackFromTile.join(' ');
  const transforms = { type: 'list', specList: [{ type: 'leaf', className: affineClass, dataString }] };
  return { ...minimalSpec(tile), ...tile.spec, tileId: tile.tileId, ...bounds, transforms };
}

function minimalSpec(tile: PlacedTile): TileSpec {
  const size = { width: tile.sizePx[0], height: tile.sizePx[1] };
  if (tile.spec) return tile.spec['z'] === undefined ? { z: tile.section, ...size } : size;
  return {
    layout: { sectionId: String(tile.section), stageX: tile.stageFromTile[4], stageY: tile.stageFromTile[5] },
    z: tile.section,
    ...size,
    minIntensity: tile.intensity[0],
    maxIntensity: tile.intensity[1],
    mipmapLevels: { [tile.mipmapLevel]: { imageUrl: tile.imageUrl } },
  };
}

function parseJson(text: string, fileName: string): unknown {
  if (text.length > maxJsonBytes) {
    throw new LamellaError(
      'over-budget',
      `${fileName} has ${text.length} characters of JSON; at most ${maxJsonBytes} are read.`,
      {
        hint: 'Split the layout into one file a section.',
        fields: { file: fileName, bytes: text.length },
      },
    );
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new LamellaError(
      'bad-layout',
      `${fileName} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}.`,
      {
        hint: 'Give the tilespec JSON that Render wrote; it may have been cut short while it was copied.',
        fields: { file: fileName },
        cause,
      },
    );
  }
}

interface FoundSpecs {
  readonly specs: readonly unknown[];
  readonly shared: ReadonlyMap<string, unknown>;
}

function findSpecs(root: unknown, fileName: string): FoundSpecs {
  const found = specsIn(root);
  if (!found) throw noTiles(fileName, 'It holds no list of tilespecs.');
  if (found.specs.length > maxTiles) {
    throw new LamellaError(
      'over-budget',
      `${fileName} lists ${found.specs.length} tiles; at most ${maxTiles} are read at once.`,
      {
        hint: 'Split the layout into one file a section.',
        fields: { file: fileName, tiles: found.specs.length },
      },
    );
  }
  return found;
}

function specsIn(root: unknown): FoundSpecs | null {
  if (Array.isArray(root)) return { specs: root, shared: new Map() };
  if (!isRecord(root)) return null;
  const shared = new Map([
    ...entriesById(root['sharedTransforms']),
    ...entriesById(root['transformSpecs']),
    ...entriesById(root['transformIdToSpecMap']),
  ]);
  const listed = root['tileSpecs'] ?? root['tileIdToSpecMap'];
  if (Array.isArray(listed)) return { specs: listed, shared };
  if (isRecord(listed)) return { specs: Object.values(listed), shared };
  return 'mipmapLevels' in root || 'tileId' in root ? { specs: [root], shared } : null;
}

/** Shared transforms, as a map by id or as a list of specs with `id`. */
function entriesById(value: unknown): ReadonlyArray<readonly [string, unknown]> {
  if (!Array.isArray(value)) return isRecord(value) ? Object.entries(value) : [];
  return value.flatMap((spec) =>
    isRecord(spec) && typeof spec['id'] === 'string' ? [[spec['id'], spec] as const] : [],
  );
}

function readSpec(
  spec: unknown,
  index: number,
  shared: ReadonlyMap<string, unknown>,
  warnings: Warning[],
): RenderTile | null {
  const nameless = `tile ${index + 1}`;
  if (!isRecord(spec))
    return skip(warnings, nameless, `Entry ${index + 1} of the list is not a tilespec; it is left out.`);
  const images = imagesOf(spec);
  const tileId = typeof spec['tileId'] === 'string' && spec['tileId'] !== '' ? spec['tileId'] : [...images.values()][0];
  if (tileId === undefined)
    return skip(
      warnings,
      nameless,
      `Entry ${index + 1} of the list has neither a tileId nor an image; it is left out.`,
    );
  const sizePx = sizeOf(spec);
  const flat = flattenTransforms(spec['transforms'], shared, sizePx ? [sizePx[0] / 2, sizePx[1] / 2] : [0, 0]);
  for (const problem of [...flat.problems, ...oddities(spec)])
    warnings.push({
      subject: tileId,
      message: `Tile "${tileId}": ${problem}.`,
      hint: 'Its place is approximate until it is stitched.',
    });
  const hasMask = levelsOf(spec).some(([, level]) => typeof level['maskUrl'] === 'string');
  const stageFromTile = spec['transforms'] === undefined ? stageOf(spec) : flat.worldFromTile;
  return {
    tileId,
    section: sectionOf(spec),
    sizePx,
    intensity: intensityOf(spec),
    images,
    hasMask,
    stageFromTile,
    spec,
  };
}

/** Values that are there and of no use, or missing where the place depends on them. */
function oddities(spec: TileSpec): readonly string[] {
  const { width, height, z, transforms } = spec;
  const found: string[] = [];
  if ((width !== undefined || height !== undefined) && sizeOf(spec) === null)
    found.push(`its size ${shown(width)} x ${shown(height)} is none, so its file's is used`);
  if (z !== undefined && !(Math.abs(finite(z) ?? Infinity) < maxSection))
    found.push(`its z ${shown(z)} is no section number, so it is in section ${sectionOf(spec)}`);
  if (transforms === undefined && !isRecord(spec['layout']))
    found.push('it has neither transforms nor a stage position, so it lies at 0, 0');
  return found;
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 40);

function skip(warnings: Warning[], subject: string, message: string): null {
  warnings.push({ subject, message });
  return null;
}

const maxSection = 1e9;

type Level = Readonly<Record<string, unknown>>;

/** `mipmapLevels` of the tile or, where it has none, of its first channel. */
function levelsOf(spec: TileSpec): ReadonlyArray<readonly [number, Level]> {
  const channels = spec['channels'];
  const first: unknown = Array.isArray(channels) ? channels[0] : undefined;
  const levels = isRecord(spec['mipmapLevels'])
    ? spec['mipmapLevels']
    : isRecord(first)
      ? first['mipmapLevels']
      : undefined;
  if (!isRecord(levels)) return [];
  return Object.entries(levels)
    .flatMap(([key, level]) => (/^\d{1,2}$/.test(key) && isRecord(level) ? [[Number(key), level] as const] : []))
    .sort(([a], [b]) => a - b);
}

function imagesOf(spec: TileSpec): ReadonlyMap<number, string> {
  const found = levelsOf(spec).flatMap(([level, { imageUrl }]) =>
    typeof imageUrl === 'string' && imageUrl !== '' ? [[level, imageUrl] as const] : [],
  );
  return new Map(found);
}

function sizeOf(spec: TileSpec): readonly [number, number] | null {
  const [width, height] = [finite(spec['width']), finite(spec['height'])];
  if (width === null || height === null) return null;
  const inRange = [width, height].every((side) => side >= 1 && side <= maxSidePx);
  return inRange ? [Math.round(width), Math.round(height)] : null;
}

function sectionOf(spec: TileSpec): number {
  const layout = isRecord(spec['layout']) ? spec['layout'] : {};
  const sectionId = layout['sectionId'];
  const named = typeof sectionId === 'string' && sectionId.trim() !== '' ? Number(sectionId) : finite(sectionId);
  return (
    [named, finite(spec['z'])].find((n): n is number => n !== null && Number.isFinite(n) && Math.abs(n) < maxSection) ??
    0
  );
}

function stageOf(spec: TileSpec): Affine {
  const layout = isRecord(spec['layout']) ? spec['layout'] : {};
  return [1, 0, 0, 1, finite(layout['stageX']) ?? 0, finite(layout['stageY']) ?? 0];
}

function intensityOf(spec: TileSpec): readonly [number, number] | null {
  const [min, max] = [finite(spec['minIntensity']), finite(spec['maxIntensity'])];
  return min !== null && max !== null && max > min ? [min, max] : null;
}

function noTiles(fileName: string, why: string): LamellaError {
  return new LamellaError('bad-layout', `${fileName} names no tiles. ${why}`, {
    hint: 'Give a JSON file with a list of Render tilespecs, or choose another layout.',
    fields: { file: fileName },
  });
}

const finite = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
