import type { Vec3 } from '../../../../preload/contract/space.ts';
import type { Clip } from '../../../../preload/contract/view-state.ts';
import { cross, dot, normalised, plus } from '../../../state/rotation.ts';
import type { PaneSize } from '../../../state/view.ts';
import type { Box3 } from '../../../state/volume-geometry.ts';
import { map3 } from '../../../state/volume-geometry.ts';
import type { PlaneView } from '../plane-view.ts';
import type { HalfSpace, Region } from '../shapes/region.ts';
import { clipRegion, regionOf } from '../shapes/region.ts';
import { frameOfOrbit, project } from '../shapes/view-frame.ts';
import type { OrbitFrame } from './orbit-frame.ts';
import { rayStart } from './orbit-frame.ts';
import type { CutPlanes } from './orbit-wants.ts';

/** What a 3-D pane shows of the planes through the cross-hair. Pure. */

export interface PlanePiece {
  /** The plane as a slice pane would have it whose pixels are the 3-D pane's, in the world. */
  readonly view: PlaneView;
  /** Convex: x, y and depth in clip space; depth is linear from the frame's start to its end. */
  readonly corners: readonly Vec3[];
}

/** A plane that is seen so much from its side has no area to speak of. */
const leastFacing = 1e-3;

/** `bounds`: planes are drawn inside of it. `size`: CSS pixels of the picture that `frame` is. */
export function planePieces(
  frame: OrbitFrame,
  size: PaneSize,
  { normals, positionNm }: CutPlanes,
  bounds: Box3,
  clip: Clip,
): readonly PlanePiece[] {
  // A plane on the very face of what is shown is inside.
  const slackNm = 1e-6 * frame.lengthNm;
  const box = { min: map3((a) => bounds.min[a] - slackNm), max: map3((a) => bounds.max[a] + slackNm) };
  const region: Region = [
    ...clipRegion({ box, plane: null }),
    ...clipRegion(clip),
    ...regionOf(frameOfOrbit(frame), 2),
  ];
  return normals.flatMap((normal): readonly PlanePiece[] => {
    const facing = dot(normal, frame.forward);
    if (Math.abs(facing) < leastFacing) return [];
    const corners = region.reduce(cut, squareOn(normal, positionNm, frame, bounds));
    if (corners.length < 3) return [];
    return [{ view: viewOn(frame, size, normal, positionNm), corners: corners.map((p) => toClip(frame, p)) }];
  });
}

/** A part of a plane that holds all of it that is inside of the bounds. */
function squareOn(normal: Vec3, positionNm: Vec3, { lengthNm }: OrbitFrame, { min, max }: Box3): readonly Vec3[] {
  const middle = map3((a) => (min[a] + max[a]) / 2);
  const centre = plus(middle, normal, -dot(normal, plus(middle, positionNm, -1)));
  const aside: Vec3 = Math.abs(normal[0]) < 0.9 ? [1, 0, 0] : [0, 1, 0];
  const u = normalised(cross(normal, aside));
  const v = cross(normal, u);
  const corner = (x: number, y: number): Vec3 => plus(plus(centre, u, x * lengthNm), v, y * lengthNm);
  return [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)];
}

/** What of a convex polygon lies in a half-space. Sutherland and Hodgman 1974. */
function cut(polygon: readonly Vec3[], { normal, most }: HalfSpace): readonly Vec3[] {
  return polygon.flatMap((to, i): readonly Vec3[] => {
    const from = polygon.at(i - 1) ?? to;
    const [a, b] = [dot(normal, from) - most, dot(normal, to) - most];
    const crossing = a > 0 === b > 0 ? [] : [plus(from, plus(to, from, -1), a / (a - b))];
    return b > 0 ? crossing : [...crossing, to];
  });
}

/** Pixels to the right and downwards lead along the plane as far as rays see it. */
function viewOn(frame: OrbitFrame, { width, height }: PaneSize, normal: Vec3, positionNm: Vec3): PlaneView {
  const { right, down, forward } = frame;
  const facing = dot(forward, normal);
  const start = rayStart(frame, frame.width / 2, frame.height / 2);
  const centreNm = plus(start, forward, dot(plus(positionNm, start, -1), normal) / facing);
  const along = (direction: Vec3, nmPerPx: number): Vec3 =>
    map3((a) => nmPerPx * (direction[a] - (forward[a] * dot(direction, normal)) / facing));
  return {
    centreNm,
    right: along(right, (frame.nmPerPx * frame.width) / width),
    down: along(down, (frame.nmPerPx * frame.height) / height),
    width,
    height,
  };
}

function toClip(frame: OrbitFrame, p: Vec3): Vec3 {
  const [px, py, alongNm] = project(frameOfOrbit(frame), p);
  return [(2 * px) / frame.width - 1, 1 - (2 * py) / frame.height, (2 * alongNm) / frame.lengthNm - 1];
}
