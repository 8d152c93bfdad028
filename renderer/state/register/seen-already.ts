import type { Onto, Registration } from '../../../preload/contract/register.ts';
import type { Warp } from '../../../preload/contract/warp.ts';

/**
 * The warped volume that `register.apply` would make once more: a volume through the registration as it is now, on the
 * whole grid of the other side. One made before the registration was moved is another.
 */
export function seenAlready(
  warps: readonly Warp[],
  { fixed, moving, movingFromFixed, fixedFromMoving }: Registration,
  onto: Onto,
  volume: string,
): Warp | null {
  const [there, steps] = onto === 'fixed' ? [fixed, movingFromFixed] : [moving, fixedFromMoving];
  const through = JSON.stringify(steps);
  const isIt = ({ source, grid, steps: own }: Warp): boolean =>
    source === volume &&
    grid.type === 'like' &&
    grid.volume === there &&
    grid.voxelSizeNm === undefined &&
    JSON.stringify(own) === through;
  return warps.find(isIt) ?? null;
}
