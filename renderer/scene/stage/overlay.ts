import type { Vec3 } from '../../../preload/contract/space.ts';
import type { Layer, PaneKind } from '../../../preload/contract/view-state.ts';
import { applyMatrix, isVolumeLayer, volumeOf } from '../../state/layers.ts';
import { cross, dot, frameOf, plus } from '../../state/rotation.ts';
import type { PaneCamera, PaneSize } from '../../state/view.ts';
import type { Box3, Plane } from '../../state/volume-geometry.ts';
import { boundsNm, map3, planeAxes } from '../../state/volume-geometry.ts';
import type { OrbitView } from './geometry.ts';
import { orbitView, projectToOrbit, projectToPlane } from './geometry.ts';
import type { Mark, StageScene } from './messages.ts';
import type { EndPlace } from './pair-marks.ts';
import { drawPair } from './pair-marks.ts';

/** What lies over the image: cross-hair, outlines, annotations. Drawn in CSS pixels of the whole picture. */

type Context = OffscreenCanvasRenderingContext2D;
type Point = readonly [px: number, py: number];

/** Each axis has its colour, in every pane: x teal, y magenta, z amber. */
export const axisColours = ['#5fd0c3', '#e377c2', '#e3b04b'] as const;

export interface OverlayScene {
  readonly scene: StageScene;
  /** Around all that is shown. */
  readonly boundsNm: Box3;
  readonly marks: readonly Mark[];
  /** Corners of tiles whose borders are shown. */
  readonly tiles: ReadonlyArray<readonly Vec3[]>;
  readonly pointerNm: Vec3 | null;
}

export interface OverlayLook {
  readonly camera: PaneCamera;
  readonly size: PaneSize;
}

export function drawOverlay(context: Context, kind: PaneKind, look: OverlayLook, scene: OverlayScene): void {
  if (kind === '3d') drawOrbitOverlay(context, look, scene);
  else drawPlaneOverlay(context, kind, look, scene);
}

function drawPlaneOverlay(context: Context, plane: Plane, look: OverlayLook, overlay: OverlayScene): void {
  for (const corners of boxesOf(overlay.scene)) outlineInPlane(context, plane, look, corners);
  if (plane === 'xy') tileBorders(context, look, overlay.tiles);
  if (overlay.scene.crossHair) crossHair(context, plane, look.size);
  for (const mark of overlay.marks) drawPlaneMark(context, plane, look, overlay, mark);
}

/** The corners of what a layer shows, each box once: bit a of the index says which end of axis a. */
function boxesOf({ layers, volumes }: StageScene): readonly (readonly Vec3[])[] {
  const boxes = new Map<string, readonly Vec3[]>();
  for (const layer of layers) {
    const corners = layer.visible ? cornersOf(layer, volumes) : null;
    if (corners) boxes.set(corners.join(';'), corners);
  }
  return [...boxes.values()];
}

function cornersOf(layer: Layer, volumes: StageScene['volumes']): readonly Vec3[] | null {
  const volume = isVolumeLayer(layer) ? volumeOf(layer, { volumes }) : null;
  if (!volume || volume.levels.length === 0) return null;
  const { min, max } = boundsNm(volume);
  return Array.from({ length: 8 }, (_, bits) =>
    applyMatrix(
      layer.worldFromLayer,
      map3((a) => ((bits >> a) & 1 ? max[a] : min[a])),
    ),
  );
}

/** Edges of a box, as pairs of corners. */
const edges = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((from) =>
  [1, 2, 4].flatMap((bit) => (from & bit ? [] : [[from, from | bit] as const])),
);

/** Where a plane cuts a box: the places on its edges, in order around their middle; none where it passes by. */
export function planeThroughBox(corners: readonly Vec3[], atNm: Vec3, normal: Vec3): readonly Vec3[] {
  const found = edges.flatMap(([i, j]): Vec3[] => {
    const [from, to] = [corners[i], corners[j]];
    if (!from || !to) return [];
    const [a, b] = [dot(plus(from, atNm, -1), normal), dot(plus(to, atNm, -1), normal)];
    return a < 0 === b < 0 ? [] : [plus(from, plus(to, from, -1), a / (a - b))];
  });
  if (found.length < 3) return [];
  const middle = map3((a) => found.reduce((sum, p) => sum + p[a], 0) / found.length);
  const u = plus(found[0] as Vec3, middle, -1);
  const v = cross(normal, u);
  const angle = (p: Vec3): number => Math.atan2(dot(plus(p, middle, -1), v), dot(plus(p, middle, -1), u));
  return found.toSorted((p, q) => angle(p) - angle(q));
}

function outlineInPlane(context: Context, plane: Plane, { camera, size }: OverlayLook, corners: readonly Vec3[]): void {
  const { normal } = frameOf(plane, camera.rotation);
  const places = planeThroughBox(corners, camera.positionNm, normal).map((p): Point => {
    const [x, y] = projectToPlane(plane, camera, size, p);
    // Outside of the picture, not on it.
    return [x + Math.sign(x - size.width / 2) * 0.5, y + Math.sign(y - size.height / 2) * 0.5];
  });
  context.strokeStyle = 'rgb(255 255 255 / 18%)';
  strokePath(context, places);
}

/** Light over dark, so that they are seen on any grey. */
function tileBorders(context: Context, { camera, size }: OverlayLook, tiles: OverlayScene['tiles']): void {
  for (const corners of tiles) {
    const places = corners.map((corner): Point => {
      const [x, y] = projectToPlane('xy', camera, size, corner);
      return [x, y];
    });
    context.strokeStyle = 'rgb(0 0 0 / 55%)';
    strokePath(
      context,
      places.map(([x, y]): Point => [x + 1, y + 1]),
    );
    context.strokeStyle = 'rgb(255 208 92 / 90%)';
    strokePath(context, places);
  }
}

function strokePath(context: Context, places: readonly Point[]): void {
  if (places.length === 0) return;
  context.beginPath();
  places.forEach(([x, y], i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.closePath();
  context.lineWidth = 1;
  context.stroke();
}

/** The middle of a line of about a pixel through the middle of a pane, on whole pixels of a canvas of a scale. */
const middleLine = (length: number, scale: number): number => {
  const thick = Math.max(1, Math.round(scale));
  return (Math.floor((length * scale - thick + 1) / 2) + thick / 2) / scale;
};

/** Lines of the other two planes, open in the middle so that what is looked at stays in sight. */
function crossHair(context: Context, plane: Plane, { width, height }: PaneSize): void {
  const { right, down } = planeAxes[plane];
  const { a: scale } = context.getTransform();
  const [cx, cy, gap] = [middleLine(width, scale), middleLine(height, scale), 14];
  context.lineWidth = Math.max(1, Math.round(scale)) / scale;
  context.globalAlpha = 0.75;
  const line = (colour: string, from: Point, to: Point): void => {
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

/** The way through the thickest voxel that is shown, along a pane's normal. */
export function voxelAlongNm({ layers, volumes }: Pick<StageScene, 'layers' | 'volumes'>, normal: Vec3): number {
  const sides = layers.flatMap((layer) => {
    const sizes =
      layer.visible && isVolumeLayer(layer) ? volumeOf(layer, { volumes })?.levels[0]?.voxelSizeNm : undefined;
    return sizes ? [1 / Math.hypot(...map3((a) => normal[a] / sizes[a]))] : [];
  });
  return sides.length > 0 ? Math.max(...sides) : 1;
}

/** How much of a mark is seen so far off the plane: 1 within half a voxel, then less. */
export const fadeOff = (offNm: number, voxelNm: number): number =>
  Math.max(0, 1 - Math.max(0, Math.abs(offNm) / voxelNm - 0.5) / fadeVoxels);

function drawPlaneMark(
  context: Context,
  plane: Plane,
  { camera, size }: OverlayLook,
  { scene, pointerNm }: OverlayScene,
  mark: Mark,
): void {
  const points = mark.draft && pointerNm ? [...mark.pointsNm, pointerNm] : mark.pointsNm;
  const places = points.map((point) => projectToPlane(plane, camera, size, point));
  const voxelNm = voxelAlongNm(scene, frameOf(plane, camera.rotation).normal);
  if (mark.pair) {
    const ends = places.map(([x, y, off]): EndPlace => {
      const least = mark.selected || mark.draft ? 0.35 : 0;
      return { x, y, alpha: Math.max(fadeOff(off, voxelNm), least) };
    });
    return drawPair(context, mark, ends);
  }
  const alpha = Math.max(...places.map(([, , off]) => fadeOff(off, voxelNm)), mark.selected || mark.draft ? 0.35 : 0);
  if (alpha <= 0) return;
  context.globalAlpha = alpha;
  drawMark(
    context,
    places.map(([x, y]): Point => [x, y]),
    mark,
  );
  context.globalAlpha = 1;
}

function drawMark(context: Context, places: readonly Point[], mark: Mark): void {
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

function drawOrbitOverlay(
  context: Context,
  { camera, size }: OverlayLook,
  { scene, boundsNm: box, marks }: OverlayScene,
): void {
  const view = orbitView(box, camera, size);
  for (const corners of boxesOf(scene)) boxEdges(context, view, size, corners);
  if (scene.crossHair)
    for (const plane of ['xy', 'xz', 'yz'] as const) planeOutline(context, view, size, box, camera, plane);
  for (const mark of marks)
    if (mark.pair) {
      const ends = mark.pointsNm.map((point) => projectToOrbit(view, size, point));
      drawPair(
        context,
        mark,
        ends.map(([x, y]): EndPlace => ({ x, y, alpha: 0.9 })),
      );
    } else if (!mark.draft)
      drawMark(
        context,
        mark.pointsNm.map((point) => projectToOrbit(view, size, point)),
        mark,
      );
}

function boxEdges(context: Context, view: OrbitView, size: PaneSize, corners: readonly Vec3[]): void {
  const places = corners.map((corner) => projectToOrbit(view, size, corner));
  context.beginPath();
  for (const [i, j] of edges) {
    const [from, to] = [places[i], places[j]];
    if (!from || !to) continue;
    context.moveTo(...from);
    context.lineTo(...to);
  }
  context.lineWidth = 1;
  context.strokeStyle = 'rgb(255 255 255 / 28%)';
  context.stroke();
}

/** The outline of a slice plane where it goes through all that is shown. */
function planeOutline(
  context: Context,
  view: OrbitView,
  size: PaneSize,
  { min, max }: Box3,
  camera: PaneCamera,
  plane: Plane,
): void {
  const corners = Array.from({ length: 8 }, (_, bits) => map3((a) => ((bits >> a) & 1 ? max[a] : min[a])));
  const { normal } = frameOf(plane, camera.rotation);
  const places = planeThroughBox(corners, camera.positionNm, normal).map((p) => projectToOrbit(view, size, p));
  context.strokeStyle = axisColours[planeAxes[plane].normal];
  context.globalAlpha = 0.8;
  strokePath(context, places);
  context.globalAlpha = 1;
}
