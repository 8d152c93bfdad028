import type { Rect } from '../../../preload/contract/space.ts';

/** A flat view of a section: what lies in the middle, and how many CSS pixels a unit takes. Pure. */
export interface PlaneCamera {
  readonly x: number;
  readonly y: number;
  readonly pxPerUnit: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Shows all of `box`, with a margin in CSS pixels. */
export function fitBox(box: Rect, size: Size, marginPx = 24): PlaneCamera {
  const width = Math.max(box.maxX - box.minX, 1e-9);
  const height = Math.max(box.maxY - box.minY, 1e-9);
  const pxPerUnit = Math.min(
    Math.max(size.width - 2 * marginPx, 10) / width,
    Math.max(size.height - 2 * marginPx, 10) / height,
  );
  return { x: (box.minX + box.maxX) / 2, y: (box.minY + box.maxY) / 2, pxPerUnit };
}

export const toScreen = (camera: PlaneCamera, size: Size, x: number, y: number): readonly [number, number] => [
  (x - camera.x) * camera.pxPerUnit + size.width / 2,
  (y - camera.y) * camera.pxPerUnit + size.height / 2,
];

export const fromScreen = (camera: PlaneCamera, size: Size, px: number, py: number): readonly [number, number] => [
  (px - size.width / 2) / camera.pxPerUnit + camera.x,
  (py - size.height / 2) / camera.pxPerUnit + camera.y,
];

/** Zooms so that what lies under `px, py` stays there. */
export function zoomAtPoint(camera: PlaneCamera, size: Size, px: number, py: number, factor: number): PlaneCamera {
  const [x, y] = fromScreen(camera, size, px, py);
  const pxPerUnit = Math.min(64, Math.max(1e-4, camera.pxPerUnit * factor));
  return { x: x - (px - size.width / 2) / pxPerUnit, y: y - (py - size.height / 2) / pxPerUnit, pxPerUnit };
}

export const panned = (camera: PlaneCamera, dxPx: number, dyPx: number): PlaneCamera => ({
  ...camera,
  x: camera.x - dxPx / camera.pxPerUnit,
  y: camera.y - dyPx / camera.pxPerUnit,
});

/** Moves the least that brings a box into view. */
export function revealed(camera: PlaneCamera, size: Size, box: Rect, marginPx = 32): PlaneCamera {
  const [left, top] = toScreen(camera, size, box.minX, box.minY);
  const [right, bottom] = toScreen(camera, size, box.maxX, box.maxY);
  const shift = (low: number, high: number, extent: number): number => {
    if (high - low > extent - 2 * marginPx) return extent / 2 - (low + high) / 2;
    if (low < marginPx) return marginPx - low;
    return high > extent - marginPx ? extent - marginPx - high : 0;
  };
  return panned(camera, shift(left, right, size.width), shift(top, bottom, size.height));
}

export const unionOf = (boxes: readonly Rect[]): Rect | null =>
  boxes.length === 0
    ? null
    : boxes.reduce((a, b) => ({
        minX: Math.min(a.minX, b.minX),
        minY: Math.min(a.minY, b.minY),
        maxX: Math.max(a.maxX, b.maxX),
        maxY: Math.max(a.maxY, b.maxY),
      }));
