import { affineSchema, dtypeSchema, type Affine, type Dtype } from '../../../preload/contract/space.ts';
import { transformListSchema, transformSpecSchema, type TransformSpec } from '../../../preload/contract/transform.ts';
import type { ReadHandle } from '../store/library-store.ts';
import { tileMapOf, type ReadTileMap } from '../transforms/tile/tile-map.ts';
import type { DrawnTile } from './drawn-tile.ts';
import { correctionsOf, type Correction } from './intensity-rows.ts';
import { sharedTransformsOf } from './stack-rows.ts';

/** Which tiles, where and of which channel; `stack` null = where the stage put them, '' = the tiles' own pictures. */
export interface TilesOf {
  readonly dataset: string;
  readonly stack: string | null;
  readonly channel: string;
}

/** A tile as a stack places it, with all that drawing it takes. */
export interface StackTile extends DrawnTile {
  readonly id: number;
  readonly name: string;
  readonly section: number;
  /** Of which its picture is; '' = its own. */
  readonly channel: string;
  readonly path: string;
  readonly dtype: Dtype;
  readonly sha256: string;
  /** The tilespec that it came with, as JSON. */
  readonly spec: string | null;
  /** 0.1 % and 99.9 % grey levels; 0 for a tile that was not measured. */
  readonly low: number;
  readonly high: number;
  /** What of its transforms could not be read: it is then not where it should be. */
  readonly problems: readonly string[];
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly section: number;
  readonly width_px: number;
  readonly height_px: number;
  readonly dtype: string;
  readonly sha256: string;
  readonly spec: string | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly path: string;
  readonly mipmap_level: number;
  readonly mask_path: string | null;
  readonly mask_level: number;
  readonly intensity: string | null;
  readonly place: string;
  readonly transforms: string | null;
}

const pictureColumns = ['path', 'mipmap_level', 'mask_path', 'mask_level', 'intensity'] as const;
const greyEnds = `json_extract(t.metrics, '$.percentiles[0]') AS low, json_extract(t.metrics, '$.percentiles[2]') AS high`;

/** Some tiles by their ids, in the order of the dataset; those that the stack does not place, or without the channel, are left out. */
export function stackTiles(
  read: ReadHandle,
  of: TilesOf,
  ids: Iterable<number>,
  shared = sharedTransforms(read, of),
): readonly StackTile[] {
  const { stack, channel } = of;
  const pictures = channel === '' ? 't' : 'c';
  const [place, transforms] = stack === null ? ['t.stage_from_tile', 'NULL'] : ['p.stack_from_tile', 'p.transforms'];
  const rows = read.all<Row>(
    `SELECT t.id, t.name, t.section, t.width_px, t.height_px, t.dtype, t.sha256, t.spec, ${greyEnds},
      ${pictureColumns.map((column) => `${pictures}.${column}`).join(', ')}, ${place} AS place, ${transforms} AS transforms
    FROM tile t
    ${stack === null ? '' : 'JOIN placement p ON p.tile = t.id AND p.stack = ?'}
    ${channel === '' ? '' : 'JOIN tile_channel c ON c.tile = t.id AND c.name = ?'}
    WHERE t.dataset = ? AND t.id IN (SELECT value FROM json_each(?)) ORDER BY t.id`,
    ...(stack === null ? [] : [stack]),
    ...(channel === '' ? [] : [channel]),
    of.dataset,
    JSON.stringify([...ids]),
  );
  const found = rows.map(({ id }) => id);
  const corrections = stack === null ? new Map<number, Correction>() : correctionsOf(read, stack, channel, found);
  return rows.map((row) => placedTile({ ...row, channel }, shared, corrections.get(row.id) ?? null));
}

/** The channels of a dataset's tiles: their own pictures first, as ''. */
export function channelsOf(read: ReadHandle, dataset: string): readonly string[] {
  const rows = read.all<{ name: string }>(
    `SELECT c.name FROM tile_channel c JOIN tile t ON t.id = c.tile WHERE t.dataset = ?
    GROUP BY c.name ORDER BY min(t.id), c.name`,
    dataset,
  );
  return ['', ...rows.map(({ name }) => name).filter((name) => name !== '')];
}

/** The name that tilespecs give the channel of the tiles' own pictures; '' where they give none. */
export const ownChannelName = (read: ReadHandle, dataset: string): string =>
  read.get<{ name: string | null }>(
    `SELECT json_extract(spec, '$.channels[0].name') AS name FROM tile WHERE dataset = ? ORDER BY id LIMIT 1`,
    dataset,
  )?.name ?? '';

/** The channels as they are shown: the tiles' own by the name that their tilespecs give it. */
export const channelTitles = (read: ReadHandle, dataset: string): readonly string[] => [
  ownChannelName(read, dataset),
  ...channelsOf(read, dataset).slice(1),
];

function placedTile(
  row: Row & Pick<StackTile, 'channel'>,
  shared: SharedTransforms,
  correction: Correction | null,
): StackTile {
  const sizePx = [row.width_px, row.height_px] as const;
  const read = row.transforms === null ? null : mapOfText(row.transforms, shared, sizePx);
  return {
    id: row.id,
    name: row.name,
    section: row.section,
    channel: row.channel,
    path: row.path,
    dtype: row.dtype === 'uint8' ? row.dtype : dtypeSchema.parse(row.dtype),
    sha256: row.sha256,
    spec: row.spec,
    low: row.low ?? 0,
    high: row.high ?? 0,
    image: { path: row.path, scale: 2 ** row.mipmap_level, sizePx },
    stackFromTile: read?.map.affine ?? affineOf(row.place),
    map: read === null || read.map.affine ? null : read.map,
    mask: row.mask_path === null ? null : { path: row.mask_path, scale: 2 ** row.mask_level },
    correction,
    intensity: intensityOf(row.intensity) ?? intensityOfSpec(row.spec),
    problems: read?.problems ?? [],
  };
}

/** Looked at without a schema where it is plain: there may be 100,000 of them. */
export function affineOf(text: string): Affine {
  const found: unknown = JSON.parse(text);
  const isPlain = Array.isArray(found) && found.length === 6 && found.every(Number.isFinite);
  return isPlain ? (found as unknown as Affine) : affineSchema.parse(found);
}

export type SharedTransforms = ReadonlyMap<string, TransformSpec>;

/** The transforms that tiles of a stack refer to, parsed once; none where the stage put them. */
export const sharedTransforms = (read: ReadHandle, { stack }: Pick<TilesOf, 'stack'>): SharedTransforms =>
  stack === null ? new Map() : sharedTransformsOf(read, stack);

/** The map of transforms as JSON. */
export const mapOfText = (
  transforms: string,
  shared: SharedTransforms,
  sizePx: readonly [number, number],
): ReadTileMap => tileMapOf(transformListSchema.parse(JSON.parse(transforms)), shared, sizePx);

const isRange = (value: unknown): value is [number, number] =>
  Array.isArray(value) && Number.isFinite(value[0]) && Number.isFinite(value[1]) && value[1] > value[0];

function intensityOf(text: string | null): readonly [number, number] | null {
  const range: unknown = text === null ? null : JSON.parse(text);
  return isRange(range) ? range : null;
}

/** `minIntensity` and `maxIntensity` of a tilespec. */
function intensityOfSpec(text: string | null): readonly [number, number] | null {
  if (text === null || !text.includes('"minIntensity"')) return null;
  const spec = transformSpecSchema.parse(JSON.parse(text));
  const range = [spec['minIntensity'], spec['maxIntensity']];
  return isRange(range) ? range : null;
}
