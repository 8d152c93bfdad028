import type { Rect } from '../../../preload/contract/space.ts';
import type { PlaneCamera, Size } from '../plane/camera.ts';
import { fromScreen } from '../plane/camera.ts';

/** Most pixels along a side of what is asked for. */
const mostPx = 2048;

/** The part of `box` in view, on whole pixels of the picture, and its scale; null where none is. Pure. */
export function wantedBox(
  camera: PlaneCamera,
  size: Size,
  box: Rect,
  devicePx: number,
): { readonly rect: Rect; readonly scale: number } | null {
  const [left, top] = fromScreen(camera, size, 0, 0);
  const [right, bottom] = fromScreen(camera, size, size.width, size.height);
  const width = Math.min(right, box.maxX) - Math.max(left, box.minX);
  const height = Math.min(bottom, box.maxY) - Math.max(top, box.minY);
  if (width <= 0 || height <= 0) return null;
  const scale = Math.min(1, camera.pxPerUnit * devicePx, mostPx / width, mostPx / height);
  const step = 1 / scale;
  const floor = (v: number): number => Math.floor(v / step) * step;
  const ceil = (v: number): number => Math.ceil(v / step) * step;
  const rect = {
    minX: floor(Math.max(left, box.minX)),
    minY: floor(Math.max(top, box.minY)),
    maxX: ceil(Math.min(right, box.maxX)),
    maxY: ceil(Math.min(bottom, box.maxY)),
  };
  return { rect, scale };
}
