import type { Layer } from '../../preload/contract/view-state.ts';
import { volumeOf, type Known } from './layers.ts';

/** Volumes whose size nobody says: their nanometres count voxels, and are shown as such. */

interface Shown extends Pick<Known, 'volumes'> {
  readonly layers: readonly Layer[];
}

/** Whether nobody says how large the voxels are of anything among these layers. Pure. */
export function isUnsized({ layers, volumes }: Shown): boolean {
  const found = layers.flatMap((layer) => volumeOf(layer, { volumes }) ?? []);
  return found.length > 0 && found.every(({ unsized }) => unsized === true);
}

/** What an export says of itself then. */
export const noPhysicalSize = 'It has no physical size: nobody says how large its voxels are.';
