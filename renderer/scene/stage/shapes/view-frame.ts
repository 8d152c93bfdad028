import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { PaneSize } from '../../../state/view.ts';
import { dot, normalised, plus } from '../../../state/rotation.ts';
import type { PlaneView } from '../plane-view.ts';
import { normalOf } from '../plane-view.ts';
import type { OrbitFrame } from '../volume/orbit-frame.ts';

/** How a pane looks at the world: parallel, along `forward`. Slice panes and 3-D panes alike; directions are unit vectors. */
export interface ViewFrame {
  readonly right: Vec3;
  readonly down: Vec3;
  readonly forward: Vec3;
  /** What lies in the middle of the pane. */
  readonly centreNm: Vec3;
  /** Of a CSS pixel. */
  readonly nmPerPx: number;
  /** CSS pixels. */
  readonly size: PaneSize;
  /** Device pixels of a CSS pixel. */
  readonly ratio: number;
  /**
   * Where depth is 0 and where it is 1: nm along `forward` from the centre. Of a slice pane, how far lines before and behind
   * the plane are seen: they fade to nothing there.
   */
  readonly nearNm: number;
  readonly farNm: number;
}

/** Pixels from the upper left of the pane, and nm along `forward`. */
export function project(frame: ViewFrame, p: Vec3): readonly [px: number, py: number, alongNm: number] {
  const d = plus(p, frame.centreNm, -1);
  return [
    dot(d, frame.right) / frame.nmPerPx + frame.size.width / 2,
    dot(d, frame.down) / frame.nmPerPx + frame.size.height / 2,
    dot(d, frame.forward),
  ];
}

/** The position under a pixel, `alongNm` in front of the centre's plane. */
export function unproject(frame: ViewFrame, px: number, py: number, alongNm: number): Vec3 {
  const across = plus(frame.centreNm, frame.right, (px - frame.size.width / 2) * frame.nmPerPx);
  return plus(plus(across, frame.down, (py - frame.size.height / 2) * frame.nmPerPx), frame.forward, alongNm);
}

/** Nanometres of a device pixel. */
export const finestNm = ({ nmPerPx, ratio }: ViewFrame): number => nmPerPx / ratio;

/** A 3-D pane's. `ratio`: device pixels of a pixel of the frame. */
export const frameOfOrbit = (orbit: OrbitFrame, ratio = 1): ViewFrame => ({
  right: orbit.right,
  down: orbit.down,
  forward: orbit.forward,
  centreNm: orbit.startNm,
  nmPerPx: orbit.nmPerPx,
  size: { width: orbit.width, height: orbit.height },
  ratio,
  nearNm: 0,
  farNm: orbit.lengthNm,
});

/** The same picture told in pixels that are larger: what is as wide as a number of them becomes wider. */
export const magnify = (frame: ViewFrame, by: number): ViewFrame => ({
  ...frame,
  nmPerPx: frame.nmPerPx * by,
  size: { width: frame.size.width / by, height: frame.size.height / by },
  ratio: frame.ratio * by,
});

/** A slice pane's, in the world; lines fade within `fadeNm` of the plane. */
export const frameOfPlane = (plane: PlaneView, ratio: number, fadeNm: number): ViewFrame => ({
  right: normalised(plane.right),
  down: normalised(plane.down),
  forward: normalOf(plane),
  centreNm: plane.centreNm,
  nmPerPx: Math.hypot(...plane.right),
  size: { width: plane.width, height: plane.height },
  ratio,
  nearNm: -fadeNm,
  farNm: fadeNm,
});
