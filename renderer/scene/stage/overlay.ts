import type { Volume } from '../../../preload/contract/library.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Axis, PaneId, Plane } from '../../state/volume-geometry.ts';
import { boundsNm, map3, planeAxes } from '../../state/volume-geometry.ts';
import type { OrbitView, PaneSize } from './geometry.ts';
import { orbitView, projectToOrbit, projectToPlane } from './geometry.ts';
import type { Camera, Mark } from './messages.ts';

/** What lies over the image: cross-hair, outlines, annotations. Drawn in CSS pixels. */

type Context = OffscreenCanvasRenderingContext2D;

/** Each axis has its colour, in every pane: x teal, y magenta, z amber. */
export const axisColours = ['#5fd0c3', '#e377c2', '#e3b04b'] as const;

export interface OverlayScene {
  readonly volume: Volume;
  readonly camera: Camera;
  readonly marks: readonly Mark[];
  readonly pointerNm: Vec3 | null;
}

export function drawOverlay(context: Context, pane: PaneId, size: PaneSize, scene: OverlayScene): void {
  if (pane === '3d') drawOrbitOverlay(context, size, scene);
  else drawPlaneOverlay(context, pane, size, scene);
}

function drawPlaneOverlay(context: Context, plane: Plane, size: PaneSize, scene: OverlayScene): void {
  outlineVolume(context, plane, size, scene);
  crossHair(context, plane, size);
  for (const mark of scene.marks) drawPlaneMark(context, plane, size, scene, mark);
}

function outlineVolume(context: Context, plane: Plane, size: PaneSize, { volume, camera }: OverlayScene): void {
  const { min, max } = boundsNm(volume);
  const [x0, y0] = projectToPlane(plane, camera, size, min);
  const [x1, y1] = projectToPlane(plane, camera, size, max);
  context.strokeStyle = 'rgb(255 255 255 / 18%)';
  context.lineWidth = 1;
  context.strokeRect(x0 - 0.5, y0 - 0.5, x1 - x0 + 1, y1 - y0 + 1);
}

/** Lines of the other two planes, open in the middle so that what is looked at stays in sight. */
function crossHair(context: Context, plane: Plane, { width, height }: PaneSize): void {
  const { right, down } = planeAxes[plane];
  const [cx, cy, gap] = [Math.round(width / 2) + 0.5, Math.round(height / 2) + 0.5, 14];
  context.lineWidth = 1;
  context.globalAlpha = 0.75;
  const line = (colour: string, from: readonly [number, number], to: readonly [number, number]): void => {
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.strokeStyle = colour;
    context.stroke();
  };
  line(axisColours[right], [0, cy], [cx - gap, cy]);
  line(axisColours[right], [cx + gap, cy], [width, cy]);
  line(axisColours[down], [cx, 0], [cx, cy - gap]);
  line(axisColours[down], [cx, cy + gap], [cx, height]);
  context.globalAlpha = 1;
}

/** Marks fade within this many voxels off the plane. */
const fadeVoxels = 4;

function fade(volume: Volume, plane: Plane, offNm: number): number {
  const voxel = volume.levels[0]?.voxelSizeNm[planeAxes[plane].normal] ?? 1;
  return Math.max(0, 1 - Math.max(0, Math.abs(offNm) / voxel - 0.5) / fadeVoxels);
}

function drawPlaneMark(
  context: Context,
  plane: Plane,
  size: PaneSize,
  { volume, camera, pointerNm }: OverlayScene,
  mark: Mark,
): void {
  const points = mark.draft && pointerNm ? [...mark.pointsNm, pointerNm] : mark.pointsNm;
  const places = points.map((point) => projectToPlane(plane, camera, size, point));
  const alpha = Math.max(
    ...places.map(([, , off]) => fade(volume, plane, off)),
    mark.selected || mark.draft ? 0.35 : 0,
  );
  if (alpha <= 0) return;
  context.globalAlpha = alpha;
  drawMark(
    context,
    places.map(([x, y]) => [x, y]),
    mark,
  );
  context.globalAlpha = 1;
}

function drawMark(context: Context, places: ReadonlyArray<readonly [number, number]>, mark: Mark): void {
  const [from, to] = places;
  if (from && to) {
    for (const [width, colour] of [
      [mark.selected ? 7 : 5, '#0e0e10'],
      [mark.selected ? 3.5 : 2, mark.colour],
    ] as const) {
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    }
  }
  for (const [x, y] of places) {
    const r = mark.selected ? 6 : 4.5;
    context.beginPath();
    context.arc(x, y, r, 0, Math.PI * 2);
    context.fillStyle = mark.colour;
    context.fill();
    context.lineWidth = mark.selected ? 2.5 : 1.5;
    context.strokeStyle = mark.selected ? '#ffffff' : '#0e0e10';
    context.stroke();
  }
}

function drawOrbitOverlay(context: Context, size: PaneSize, { volume, camera, marks }: OverlayScene): void {
  const view = orbitView(volume, camera, size);
  const { min, max } = boundsNm(volume);
  boxEdges(context, view, size, min, max);
  for (const axis of [0, 1, 2] as const) planeOutline(context, view, size, volume, camera, axis);
  for (const mark of marks)
    if (!mark.draft)
      drawMark(
        context,
        mark.pointsNm.map((point) => projectToOrbit(view, size, point)),
        mark,
      );
}

function boxEdges(context: Context, view: OrbitView, size: PaneSize, min: Vec3, max: Vec3): void {
  const corner = (bits: number): readonly [number, number] =>
    projectToOrbit(
      view,
      size,
      map3((a) => ((bits >> a) & 1 ? max[a] : min[a])),
    );
  context.beginPath();
  for (let bits = 0; bits < 8; bits++) {
    for (const axis of [1, 2, 4]) {
      if (bits & axis) continue;
      context.moveTo(...corner(bits));
      context.lineTo(...corner(bits | axis));
    }
  }
  context.lineWidth = 1;
  context.strokeStyle = 'rgb(255 255 255 / 28%)';
  context.stroke();
}

/** The outline of the plane through the cross-hair that an axis is the normal of. */
function planeOutline(
  context: Context,
  view: OrbitView,
  size: PaneSize,
  volume: Volume,
  camera: Camera,
  normal: Axis,
): void {
  const { min, max } = boundsNm(volume);
  const u = normal === 0 ? 1 : 0;
  const at = (onU: Vec3, onV: Vec3): Vec3 =>
    map3((a) => (a === normal ? camera.positionNm[a] : a === u ? onU[a] : onV[a]));
  const corners = [at(min, min), at(max, min), at(max, max), at(min, max)].map((corner) =>
    projectToOrbit(view, size, corner),
  );
  context.beginPath();
  corners.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.closePath();
  context.lineWidth = 1;
  context.strokeStyle = axisColours[normal];
  context.globalAlpha = 0.8;
  context.stroke();
  context.globalAlpha = 1;
}
