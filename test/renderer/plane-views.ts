import type { Volume } from '../../preload/contract/library.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { Quaternion } from '../../preload/contract/view-state.ts';
import { freshDocument, noRotation } from '../../preload/contract/view-state.ts';
import type { PlacePlan } from '../../renderer/scene/stage/brick-plan.ts';
import { PlaneCuts } from '../../renderer/scene/stage/plane-cuts.ts';
import type { PlaneView } from '../../renderer/scene/stage/plane-view.ts';
import { planeViewOf } from '../../renderer/scene/stage/plane-view.ts';
import { sourceOf } from '../../renderer/scene/stage/sources.ts';
import type { Plane } from '../../renderer/state/volume-geometry.ts';

export interface Look {
  readonly plane?: Plane;
  readonly positionNm: Vec3;
  readonly nmPerPx: number;
  readonly rotation?: Quaternion;
  readonly size?: { readonly width: number; readonly height: number };
}

export function viewOf({
  plane = 'xy',
  rotation = noRotation,
  size = { width: 400, height: 300 },
  ...at
}: Look): PlaneView {
  return planeViewOf(plane, { ...at, rotation, orbit: freshDocument.orbit }, size);
}

/** A volume with some channels, as one pane looks at it. */
export const planOf = (volume: Volume, look: Look, channels: readonly number[] = [0], time = 0): PlacePlan => ({
  place: { key: volume.id, volume, layerFromWorld: null },
  sources: channels.map((channel) => sourceOf(volume, channel, time)),
  cuts: [new PlaneCuts(volume, viewOf(look))],
});
