import { create } from 'zustand';
import type { Layer, Matrix34 } from '../../preload/contract/view-state.ts';
import type { Warp } from '../../preload/contract/warp.ts';
import { engine } from '../engine.ts';
import { isVolumeLayer } from './layers.ts';
import type { VolumeLayer } from './layers.ts';
import { useLibrary } from './library.ts';
import { attempt } from './toasts.ts';
import { settleView } from './view-history.ts';

/** The volumes of the library that are others seen through maps. */
export const useWarps = create<{ readonly warps: readonly Warp[] }>(() => ({ warps: [] }));

export const warpOf = (volume: string): Warp | null =>
  useWarps.getState().warps.find((warp) => warp.volume === volume) ?? null;

/** Reads them anew; false where the library could not be asked. */
export async function loadWarps(): Promise<boolean> {
  const { library } = useLibrary.getState();
  if (!library?.volumes.some(({ warp }) => warp)) {
    useWarps.setState({ warps: [] });
    return true;
  }
  const answer = await attempt(() => engine().warp.list({ library: library.library }));
  if (!answer || useLibrary.getState().library?.library !== library.library) return false;
  useWarps.setState({ warps: answer.value.warps });
  return true;
}

/** A volume, and where its layers lie in the world. */
export interface Placed {
  readonly volume: string;
  readonly worldFromLayer: Matrix34 | null;
}

export const samePlace = (a: Matrix34 | null, b: Matrix34 | null): boolean =>
  a === b || (a !== null && b !== null && a.every((value, i) => value === b[i]));

/** The layer, and the other channels of its volume that lie where it does: they are warped together. Pure. */
export function goingTogether(layers: readonly Layer[], layer: VolumeLayer): readonly string[] {
  const channelOf = (one: VolumeLayer): number | null => (one.type === 'image' ? one.channel : null);
  const isOther = (one: Layer): boolean =>
    isVolumeLayer(one) &&
    one.volume === layer.volume &&
    channelOf(one) !== channelOf(layer) &&
    samePlace(one.worldFromLayer, layer.worldFromLayer);
  return layers.filter((one) => one.id === layer.id || isOther(one)).map(({ id }) => id);
}

/**
 * Lets layers show another volume, with all else as it is. It follows from what was done in the library, which has its own
 * history: it is no step of the view's.
 */
export function showInstead(ids: readonly string[], { volume, worldFromLayer }: Placed): void {
  const instead = (layer: Layer): Layer =>
    ids.includes(layer.id) && isVolumeLayer(layer) ? { ...layer, volume, worldFromLayer } : layer;
  settleView(({ layers }) => ({ layers: layers.map(instead) }));
}
