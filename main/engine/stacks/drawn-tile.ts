import type { TaskInput } from '../../../native-workers/tasks.ts';
import type { TileImage } from '../../../native-workers/tile-image.ts';
import type { z } from 'zod';
import type { tileBlendSchema } from '../../../preload/contract/render.ts';
import { boundsOfTile, type Affine, type Dtype, type Rect } from '../../../preload/contract/space.ts';
import { boundsOfMap } from '../transforms/tile/tile-bounds.ts';
import type { TileMap } from '../transforms/tile/tile-map.ts';
import type { Correction } from './intensity-rows.ts';
import { latticeOf, type OutputBox } from './lattice.ts';

export type Blend = z.infer<typeof tileBlendSchema>;

/** A tile with all that drawing it takes. */
export interface DrawnTile {
  readonly image: TileImage;
  /** The place of the tile, or of one that `map` places the affine map nearest to it. */
  readonly stackFromTile: Affine;
  /** Where the place is not affine. */
  readonly map: TileMap | null;
  readonly mask: { readonly path: string; readonly scale: number } | null;
  readonly correction: Correction | null;
  /** Grey levels to show as black and white, as the tilespec says; null where it does not. */
  readonly intensity: readonly [number, number] | null;
}

/** The rectangle of stack space around a tile. */
export function boundsOfDrawn({ image, stackFromTile, map }: Pick<DrawnTile, 'image' | 'stackFromTile' | 'map'>): Rect {
  return map ? boundsOfMap(map, image.sizePx) : boundsOfTile(stackFromTile, ...image.sizePx);
}

export interface RegionCall {
  readonly header: TaskInput<'render-region'>;
  readonly inputs: readonly Uint8Array[];
}

/** A call of `render-region`; tiles that are not in the box are left out. `intensity`: whether theirs is applied. */
export function regionCall(
  tiles: readonly DrawnTile[],
  box: OutputBox,
  { dtype, blend, intensity }: { readonly dtype: Dtype; readonly blend?: Blend; readonly intensity: boolean },
): RegionCall {
  const inputs: Uint8Array[] = [];
  const give = (bytes: Uint8Array): number => inputs.push(bytes) - 1;
  const placed = tiles.flatMap((tile): TaskInput<'render-region'>['tiles'] => {
    const { image, stackFromTile, map, mask, correction } = tile;
    const lattice = map && latticeOf(map, boundsOfDrawn(tile), stackFromTile, box);
    if (map && !lattice) return [];
    return [
      {
        image,
        stackFromTile,
        ...(mask && { mask }),
        ...(intensity && tile.intensity && { intensity: tile.intensity }),
        ...(lattice && { lattice: latticeHeader(lattice, give) }),
        ...(correction && { correction: correctionHeader(correction, give) }),
      },
    ];
  });
  return { header: { tiles: placed, ...box, dtype, ...(blend && { blend }) }, inputs };
}

type Give = (bytes: Uint8Array) => number;

function latticeHeader({ places, ...rest }: NonNullable<ReturnType<typeof latticeOf>>, give: Give) {
  return { ...rest, input: give(new Uint8Array(places.buffer, places.byteOffset, places.byteLength)) };
}

function correctionHeader({ columns, rows, gain, offset }: Correction, give: Give) {
  const grids = new Float32Array(gain.length + offset.length);
  grids.set(gain);
  grids.set(offset, gain.length);
  return { columns, rows, input: give(new Uint8Array(grids.buffer)) };
}
