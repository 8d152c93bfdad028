import { unitFor, type LengthUnit } from './place-text.ts';
import { useSession } from './session.ts';
import { isUnsized } from './unsized.ts';
import type { ViewState } from './view.ts';
import { boundsInView, useView } from './view.ts';

/** The farthest that anything in view lies from the origin. */
function reachNm(s: ViewState): number {
  const box = boundsInView(s);
  return box ? Math.max(...box.min.map(Math.abs), ...box.max.map(Math.abs)) : 0;
}

/** The unit that the user chose, or the one that keeps digits few; voxels where there is no unit. */
export function usePlaceUnit(): LengthUnit {
  const chosen = useSession((s) => s.lengthUnit);
  const fitting = useView((s) => (isUnsized(s) ? 'voxels' : unitFor(reachNm(s))));
  return chosen === 'auto' || fitting === 'voxels' ? fitting : chosen;
}
