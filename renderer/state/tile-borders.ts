import { create } from 'zustand';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { LayerOf } from '../../preload/contract/view-state.ts';
import { engine } from '../engine.ts';
import { applyMatrix, volumeOf } from './layers.ts';
import { useLibrary } from './library.ts';
import { sliceLooks } from './slice-looks.ts';
import type { ViewState } from './view.ts';
import { useView } from './view.ts';
import { centreOfVoxelNm, voxelAt } from './volume-geometry.ts';

/** Outlines of the tiles in view, of the layers that show them. */

export interface TileBorder {
  readonly layer: string;
  readonly name: string;
  /** World positions of the corners, around the tile. */
  readonly cornersNm: readonly Vec3[];
}

interface TileBorders {
  readonly tiles: readonly TileBorder[];
  /** Layers with more tiles in view than can be told apart. */
  readonly tooMany: ReadonlySet<string>;
}

const none: TileBorders = { tiles: [], tooMany: new Set() };

export const useTileBorders = create<TileBorders>(() => none);

/** More outlines than this hide what they are around. */
const mostShown = 500;
/** Moving stops for this long before the tiles are asked for. */
const restMs = 120;
/** Asked for beyond each side of a pane, of its size: a small move needs nothing new. */
const margin = 0.5;

type MosaicLayer = LayerOf<'mosaic'>;

const withBorders = (s: ViewState): readonly MosaicLayer[] =>
  s.layers.filter((layer): layer is MosaicLayer => layer.type === 'mosaic' && layer.visible && layer.borders);

interface Part {
  readonly volume: string;
  readonly section: number;
  readonly rectNm: [number, number, number, number];
  /** The middle of the section, in the layer's nanometres. */
  readonly zNm: number;
}

/** What the XY panes show of a layer together. Turned planes count as the plane that they were turned from. */
function partInView(s: ViewState, layer: MosaicLayer): Part | null {
  const volume = volumeOf(layer, s);
  const looks = sliceLooks(s, layer).filter(({ plane }) => plane === 'xy');
  const [first] = looks;
  if (!volume || !first) return null;
  const voxel = voxelAt(volume, first.positionNm);
  const half = (side: 'width' | 'height'): number =>
    Math.max(...looks.map(({ size, nmPerPx }) => size[side] * nmPerPx)) * (0.5 + margin);
  const [x, y] = first.positionNm;
  return {
    volume: volume.id,
    section: voxel[2],
    rectNm: [x - half('width'), y - half('height'), x + half('width'), y + half('height')],
    zNm: centreOfVoxelNm(volume, voxel)[2],
  };
}

async function askFor(layer: MosaicLayer, part: Part, signal: AbortSignal): Promise<TileBorders> {
  const library = useLibrary.getState().library?.library;
  if (library === undefined || part.section < 0) return none;
  const { volume, section, rectNm, zNm } = part;
  const { value } = await engine().view.tilesIn({ library, volume, section, rectNm, most: mostShown }, { signal });
  if (value.total > mostShown) return { tiles: [], tooMany: new Set([layer.id]) };
  const tiles = value.tiles.map(({ name, outlineNm }): TileBorder => ({
    layer: layer.id,
    name,
    cornersNm: outlineNm.map(([x, y]) => applyMatrix(layer.worldFromLayer, [x, y, zNm])),
  }));
  return { tiles, tooMany: new Set() };
}

let waiting: ReturnType<typeof setTimeout> | undefined;
let asking: AbortController | null = null;

async function ask(): Promise<void> {
  waiting = undefined;
  asking?.abort();
  const { signal } = (asking = new AbortController());
  const s = useView.getState();
  const parts = withBorders(s).flatMap((layer) => {
    const part = partInView(s, layer);
    return part ? [askFor(layer, part, signal)] : [];
  });
  try {
    const found = await Promise.all(parts);
    if (signal.aborted) return;
    const tooMany = new Set(found.flatMap((one) => [...one.tooMany]));
    useTileBorders.setState({ tiles: found.flatMap(({ tiles }) => tiles), tooMany });
  } catch {
    // Borders are an aid: what is wrong with the tiles, their picture says.
  }
}

const fields = ['layers', 'positionNm', 'nmPerPx', 'groups', 'paneSizes', 'volumes'] as const;

/** Follows what is in view, where a layer shows borders. */
export function watchTileBorders(): void {
  useView.subscribe((now, before) => {
    if (fields.every((field) => now[field] === before[field])) return;
    if (withBorders(now).length > 0) waiting ??= setTimeout(() => void ask(), restMs);
    else if (useTileBorders.getState() !== none) {
      asking?.abort();
      useTileBorders.setState(none, true);
    }
  });
}

/** The tile of a layer that a world position lies in: of those that overlap there, the last. Pure. */
export function tileAt(tiles: readonly TileBorder[], layer: string, positionNm: Vec3): string | null {
  const found = tiles.findLast((tile) => tile.layer === layer && isInside(tile.cornersNm, positionNm));
  return found?.name ?? null;
}

/** Of a convex outline. */
function isInside(corners: readonly Vec3[], [x, y]: Vec3): boolean {
  const sides = corners.map(([ax, ay], i) => {
    const [bx, by] = corners[(i + 1) % corners.length] ?? [ax, ay];
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax);
  });
  return sides.every((side) => side >= 0) || sides.every((side) => side <= 0);
}
