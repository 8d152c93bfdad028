import type { BrickAddress } from '../../../preload/contract/brick.ts';
import type { Volume } from '../../../preload/contract/library.ts';
import type { Matrix34 } from '../../../preload/contract/view-state.ts';
import { map3 } from '../../state/volume-geometry.ts';

/** Names of what is asked for and kept: pictures of volumes, and their bricks. */

/** One channel of a volume at one time: what bricks are asked of, and what layers share. */
export interface Source {
  readonly key: string;
  readonly volume: Volume;
  readonly channel: number;
  readonly time: number;
}

/** A volume where a layer puts it: layers of one place meet the panes in the same bricks. */
export interface Place {
  readonly key: string;
  readonly volume: Volume;
  readonly layerFromWorld: Matrix34 | null;
}

export const sourceKey = (volume: string, channel: number, time: number): string => `${volume}/${channel}/${time}`;

export const sourceOf = (volume: Volume, channel: number, time: number): Source => ({
  key: sourceKey(volume.id, channel, time),
  volume,
  channel,
  time,
});

/** The part of a brick's key that names its place in the volume. */
export const tailOf = ([level, x, y, z]: BrickAddress): string => `${level}/${x}/${y}/${z}`;

/** Names a brick; `page` is the key of a source, or of what the atlas holds of it. */
export const brickKey = (page: string, address: BrickAddress): string => `${page}|${tailOf(address)}`;

/** Whose a brick is, from its key. */
export const pageOf = (key: string): string => key.slice(0, key.indexOf('|'));

export function addressOf(key: string): BrickAddress {
  const [level = 0, x = 0, y = 0, z = 0] = key
    .slice(key.indexOf('|') + 1)
    .split('/')
    .map(Number);
  return [level, x, y, z];
}

/** How voxels are kept: as they are, or as indices of labels. */
export type VoxelKind = 'uint8' | 'uint16' | 'labels';

export const kindOf = ({ display: { labels, dtype } }: Volume): VoxelKind =>
  labels || dtype === 'uint32' ? 'labels' : dtype;

export const bytesOfKind: Readonly<Record<VoxelKind, 1 | 2 | 4>> = { uint8: 1, uint16: 2, labels: 4 };

/** Of a voxel in a texture. */
export const bitsOf = (volume: Volume): 8 | 16 | 32 => (8 * bytesOfKind[kindOf(volume)]) as 8 | 16 | 32;

/** Textures hold words of 32 bits, each of so many voxels beside each other along x, the first one lowest. */
export const voxelsPerWord = (kind: VoxelKind): 1 | 2 | 4 => (4 / bytesOfKind[kind]) as 1 | 2 | 4;

/** Bytes of a whole brick of a level as it is drawn. */
export function brickBytes(volume: Volume, level: number): number {
  const found = volume.levels[level];
  if (!found) return 0;
  const voxels = map3((a) => Math.min(found.brick[a], found.size[a])).reduce((product, n) => product * n, 1);
  return voxels * bytesOfKind[kindOf(volume)];
}
