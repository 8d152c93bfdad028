import type { WebGLRenderer } from 'three';
import { Color, Matrix3 } from 'three';
import type { PaneSize } from '../../state/view.ts';
import type { Tile } from './plane-view.ts';
import type { SlicePlace } from './slice-drawer.ts';
import { readShiftPx } from './slice-drawer.ts';

/** `size`: of the pane, CSS pixels; `device`: of what is drawn of it; `magnified`: as a pane is told where it looks. */
export function slicePlace(size: PaneSize, tile: Tile, device: PaneSize, magnified: number): SlicePlace {
  const { width, height } = size;
  const [x, y] = [width / device.width, height / device.height];
  const shift = readShiftPx * x;
  return {
    // Pixels from the middle to clip space; layer k of n lies nearer the higher it is.
    clipOf: (k, n) => new Matrix3(2 / width, 0, 0, 0, -2 / height, 0, 0, 0, 1 - (2 * (k + 1)) / (n + 1)),
    paneFromDevice: new Matrix3(x, 0, shift - width / 2, 0, -y, shift + height / 2, 0, 0, 1),
    board: [tile.x + width / 2, tile.y + height / 2],
    ratio: (device.width / width) * magnified,
    device,
  };
}

/** Slices are blended on black: the colour of the background comes where there is nothing of them. */
export function onBlack(renderer: WebGLRenderer, clear: () => void): void {
  const before = renderer.getClearColor(new Color());
  renderer.setClearColor(0x000000, 1);
  clear();
  renderer.setClearColor(before, 1);
}
