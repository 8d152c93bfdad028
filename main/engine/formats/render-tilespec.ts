import { isDeepStrictEqual } from 'node:util';
import { LamellaError } from '../../../preload/contract/errors.ts';
import type { Warning } from '../../../preload/contract/reference.ts';
import type { Affine } from '../../../preload/contract/space.ts';
import type { TransformSpec } from '../../../preload/contract/transform.ts';
import { jsonSteps } from './json-steps.ts';
import {
  channelsOf,
  isRecord,
  oddities,
  type RenderChannel,
  sectionOf,
  sizeOf,
  stageOf,
  type TileSpec,
} from './render-fields.ts';
import { flattenTransforms } from './render-transform.ts';
import { atOnce, type Steps } from './steps.ts';

/**
 * Tilespec JSON as Render (saalfeldlab/render) reads and writes it: an array of tilespecs, RenderParameters with
 * `tileSpecs`, or a resolved tile collection with `tileIdToSpecMap` and `transformIdToSpecMap`.
 */
export interface RenderTile {
  readonly tileId: string;
  /** `z`, else `layout.sectionId` where it is a number, else 0. */
  readonly section: number;
  /** Level-0 size, where the spec gives it. */
  readonly sizePx: readonly [number, number] | null;
  /** The tile's own pictures: those of its first channel, where it has channels. */
  readonly own: RenderChannel;
  /** Its further channels. */
  readonly channels: readonly RenderChannel[];
  /** The map of its transforms or, where that is not affine, the affine map nearest to it. */
  readonly stageFromTile: Affine;
  /** Its transforms, first to last, where `stageFromTile` is not all of them. */
  readonly transforms: readonly TransformSpec[] | null;
  /** The spec as it came, for a round trip. */
  readonly spec: TileSpec;
}

export interface RenderLayout {
  readonly tiles: readonly RenderTile[];
  /** Transforms that tiles refer to, by id. */
  readonly shared: ReadonlyMap<string, TransformSpec>;
  readonly warnings: readonly Warning[];
}

/** JSON larger than this is refused: it would take more memory than the rest of the import. */
export const maxJsonBytes = 64 * 2 ** 20;
const maxTiles = 1_000_000;
/** Of a tile without a size, to judge its transforms over. */
const assumedPx = [1024, 1024] as const;

/**
 * Reads tilespecs. What cannot be used of a single tile becomes a warning that names it; a text with no tilespec in it
 * is a 'bad-layout' error, one above 64 MiB 'over-budget'. `others`: shared transforms that lie in another file.
 */
export const parseRenderTilespecs = (
  text: string,
  fileName: string,
  others?: ReadonlyMap<string, TransformSpec>,
): RenderLayout => atOnce(renderTilespecSteps(text, fileName, others));

/** The same, in steps. */
export function* renderTilespecSteps(
  text: string,
  fileName: string,
  others: ReadonlyMap<string, TransformSpec> = new Map(),
): Steps<RenderLayout> {
  const { specs, shared } = findSpecs(yield* parseJson(text, fileName), fileName);
  return yield* tilespecSteps(specs, new Map([...others, ...shared]), fileName);
}

/** The same of tilespecs that another format was turned into. */
export function* tilespecSteps(
  specs: readonly unknown[],
  shared: ReadonlyMap<string, TransformSpec>,
  fileName: string,
): Steps<RenderLayout> {
  const warnings: Warning[] = [];
  const tiles = new Map<string, RenderTile>();
  for (const [index, spec] of specs.entries()) {
    if (index % 32 === 31) yield;
    const tile = readSpec(spec, index, shared, warnings);
    if (!tile) continue;
    const first = tiles.get(tile.tileId);
    if (first) warnings.push(twice(first, tile, fileName));
    else tiles.set(tile.tileId, tile);
  }
  if (tiles.size === 0) throw noTiles(fileName, warnings[0]?.message ?? 'The list is empty.');
  return { tiles: [...tiles.values()], shared, warnings };
}

function twice(first: RenderTile, again: RenderTile, fileName: string): Warning {
  const isSame = isDeepStrictEqual(first.spec, again.spec);
  return {
    subject: again.tileId,
    message: `${fileName} lists tile "${again.tileId}" more than once${isSame ? '' : ', with contradictory words'}; the first is used.`,
  };
}

/** The transforms of a file that holds nothing else: a list, or a map by id. */
export function parseSharedTransforms(text: string, fileName: string): ReadonlyMap<string, TransformSpec> {
  const root = atOnce(parseJson(text, fileName));
  const shared = new Map(entriesById(root));
  if (shared.size > 0) return shared;
  throw new LamellaError('bad-layout', `${fileName} holds no transforms with ids.`, {
    hint: 'Give the JSON of the transforms that the tilespecs refer to: a list of specs that each have an id.',
    fields: { file: fileName },
  });
}

/** Whether a text looks like tilespecs, from its first characters: cheap enough to ask of every JSON file of a folder. */
export function looksLikeRenderTilespecs(head: string): boolean {
  return (
    /^\uFEFF?\s*[[{]/.test(head) &&
    /"(tileId|tileSpecs|mipmapLevels|tileIdToSpecMap|transformIdToSpecMap)"\s*:/.test(head)
  );
}

function* parseJson(text: string, fileName: string): Steps<unknown> {
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
    return yield* jsonSteps(text.replace(/^\uFEFF/, ''));
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
  readonly shared: ReadonlyMap<string, TransformSpec>;
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
function entriesById(value: unknown): ReadonlyArray<readonly [string, TransformSpec]> {
  if (!Array.isArray(value))
    return isRecord(value) ? Object.entries(value).flatMap(([id, spec]) => (isRecord(spec) ? [[id, spec]] : [])) : [];
  return value.flatMap((spec) =>
    isRecord(spec) && typeof spec['id'] === 'string' ? [[spec['id'], spec] as const] : [],
  );
}

function readSpec(
  spec: unknown,
  index: number,
  shared: ReadonlyMap<string, TransformSpec>,
  warnings: Warning[],
): RenderTile | null {
  const nameless = `tile ${index + 1}`;
  if (!isRecord(spec))
    return skip(warnings, nameless, `Entry ${index + 1} of the list is not a tilespec; it is left out.`);
  const [own, ...channels] = channelsOf(spec);
  const tileId = tileIdOf(spec, own);
  if (tileId === undefined)
    return skip(
      warnings,
      nameless,
      `Entry ${index + 1} of the list has neither a tileId nor an image; it is left out.`,
    );
  const sizePx = sizeOf(spec);
  const flat = flattenTransforms(spec['transforms'], shared, sizePx ?? assumedPx);
  for (const problem of [...flat.problems, ...oddities(spec)])
    warnings.push({
      subject: tileId,
      message: `Tile "${tileId}": ${problem}.`,
      hint: 'Its place is approximate until it is stitched.',
    });
  return {
    tileId,
    section: sectionOf(spec),
    sizePx,
    own: own ?? { name: '', images: new Map(), masks: new Map(), intensity: null },
    channels,
    stageFromTile: spec['transforms'] === undefined ? stageOf(spec) : flat.worldFromTile,
    transforms: flat.transforms,
    spec,
  };
}

function tileIdOf(spec: TileSpec, own: RenderChannel | undefined): string | undefined {
  const { tileId } = spec;
  return typeof tileId === 'string' && tileId !== '' ? tileId : own && [...own.images.values()][0];
}

function skip(warnings: Warning[], subject: string, message: string): null {
  warnings.push({ subject, message });
  return null;
}

function noTiles(fileName: string, why: string): LamellaError {
  return new LamellaError('bad-layout', `${fileName} names no tiles. ${why}`, {
    hint: 'Give a JSON file with a list of Render tilespecs, or choose another layout.',
    fields: { file: fileName },
  });
}
