import type { Affine } from '../../../preload/contract/space.ts';

export type TileSpec = Readonly<Record<string, unknown>>;

/** Pictures of a tile: the tile's own, or those of one of its channels. */
export interface RenderPictures {
  /** Image URL by mipmap level, finest first. */
  readonly images: ReadonlyMap<number, string>;
  /** Mask URL by mipmap level, finest first: 0 = not of the tile. */
  readonly masks: ReadonlyMap<number, string>;
  /** `minIntensity`, `maxIntensity`: the grey levels to show as black and white. */
  readonly intensity: readonly [number, number] | null;
}

export interface RenderChannel extends RenderPictures {
  readonly name: string;
}

const maxSidePx = 1_000_000;
const maxSection = 1e9;
const maxChannels = 256;

/** The first is the tile's own picture, under '' where the spec has no channels; further channels follow. */
export function channelsOf(spec: TileSpec): readonly RenderChannel[] {
  const listed = Array.isArray(spec['channels']) ? spec['channels'].filter(isRecord).slice(0, maxChannels) : [];
  const own = picturesOf(spec);
  if (listed.length === 0) return [{ name: '', ...own }];
  const [first, ...others] = listed.map((channel, index) => ({
    name: typeof channel['name'] === 'string' ? channel['name'] : index === 0 ? '' : String(index),
    ...picturesOf(channel),
  }));
  if (!first) return [];
  const main = own.images.size > 0 ? { ...first, ...own, intensity: own.intensity ?? first.intensity } : first;
  const names = new Set([main.name]);
  return [main, ...others.filter(({ name, images }) => images.size > 0 && !names.has(name) && names.add(name))];
}

function picturesOf(spec: TileSpec): RenderPictures {
  const levels = levelsOf(spec);
  const urls = (key: 'imageUrl' | 'maskUrl'): ReadonlyMap<number, string> =>
    new Map(
      levels.flatMap(([level, { [key]: url }]) =>
        typeof url === 'string' && url !== '' ? [[level, url] as const] : [],
      ),
    );
  return { images: urls('imageUrl'), masks: urls('maskUrl'), intensity: intensityOf(spec) };
}

function levelsOf(spec: TileSpec): ReadonlyArray<readonly [number, TileSpec]> {
  const levels = spec['mipmapLevels'];
  if (!isRecord(levels)) return [];
  return Object.entries(levels)
    .flatMap(([key, level]) => (/^\d{1,2}$/.test(key) && isRecord(level) ? [[Number(key), level] as const] : []))
    .sort(([a], [b]) => a - b);
}

function intensityOf(spec: TileSpec): readonly [number, number] | null {
  const [min, max] = [finite(spec['minIntensity']), finite(spec['maxIntensity'])];
  return min !== null && max !== null && max > min ? [min, max] : null;
}

/** Level-0 size, where the spec gives it. */
export function sizeOf(spec: TileSpec): readonly [number, number] | null {
  const [width, height] = [finite(spec['width']), finite(spec['height'])];
  if (width === null || height === null) return null;
  const inRange = [width, height].every((side) => side >= 1 && side <= maxSidePx);
  return inRange ? [Math.round(width), Math.round(height)] : null;
}

/** `z`, else `layout.sectionId` where it is a number, else 0: stacks whose sections were numbered anew keep their names. */
export function sectionOf(spec: TileSpec): number {
  const sectionId = layoutOf(spec)['sectionId'];
  const named = typeof sectionId === 'string' && sectionId.trim() !== '' ? Number(sectionId) : finite(sectionId);
  return [finite(spec['z']), named].find((n): n is number => n !== null && Math.abs(n) < maxSection) ?? 0;
}

/** What Render calls the section, and the group of its matches: `layout.sectionId`, else its number. */
export function sectionIdOf(spec: TileSpec): string {
  const sectionId = layoutOf(spec)['sectionId'];
  return typeof sectionId === 'string' && sectionId !== '' ? sectionId : String(sectionOf(spec));
}

/** Where the stage had the tile, of a spec without transforms. */
export function stageOf(spec: TileSpec): Affine {
  const layout = layoutOf(spec);
  return [1, 0, 0, 1, finite(layout['stageX']) ?? 0, finite(layout['stageY']) ?? 0];
}

const layoutOf = (spec: TileSpec): TileSpec => (isRecord(spec['layout']) ? spec['layout'] : {});

/** Values that are there and of no use, or missing where the place depends on them; in plain words. */
export function oddities(spec: TileSpec): readonly string[] {
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
const finite = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
export const isRecord = (value: unknown): value is TileSpec =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
