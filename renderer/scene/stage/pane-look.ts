import type { PaneKind } from '../../../preload/contract/view-state.ts';
import type { PaneCamera, PaneSize } from '../../state/view.ts';
import type { Box3 } from '../../state/volume-geometry.ts';
import { orbitView } from './geometry.ts';
import type { OverlayLook } from './overlay.ts';
import type { Tile } from './plane-view.ts';
import { planeViewOf } from './plane-view.ts';
import type { ShapeView } from './shapes/shape-plan.ts';
import { frameOfOrbit, frameOfPlane, magnify } from './shapes/view-frame.ts';
import { orbitFrame } from './volume/orbit-frame.ts';

/** Where a pane looks. `size`: of the whole picture; `tile`: the part of it that this pane is. */
export interface PaneLook {
  readonly camera: PaneCamera;
  readonly size: PaneSize;
  readonly tile: Tile;
  /** Pixels of the picture for one of the window: 1 on the screen. */
  readonly magnified: number;
}

/** Skeletons are seen so far before and behind a slice, in pixels of the window. */
const fadePx = 10;

/** A look as the window has it: the picture is that, magnified. */
export const inWindowPx = ({ camera, size, magnified }: PaneLook): OverlayLook => ({
  camera: { ...camera, nmPerPx: camera.nmPerPx * magnified },
  size: { width: size.width / magnified, height: size.height / magnified },
});

/** What a pane shows of meshes and skeletons. `drawn`: its size in CSS pixels; `ratio`: device pixels of one. */
export function shapeViewOf(
  kind: PaneKind,
  { camera, size, tile, magnified }: PaneLook,
  drawn: PaneSize,
  ratio: number,
  boundsNm: Box3,
): ShapeView {
  if (kind === '3d') {
    const orbit = orbitFrame(orbitView(boundsNm, camera, size, tile), boundsNm, drawn);
    return { kind, frame: magnify(frameOfOrbit(orbit, ratio), magnified) };
  }
  const plane = planeViewOf(kind, camera, size, tile);
  const frame = frameOfPlane(plane, ratio, fadePx * camera.nmPerPx * magnified);
  return { kind: 'slice', frame: magnify(frame, magnified) };
}
