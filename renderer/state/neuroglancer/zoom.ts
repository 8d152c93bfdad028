import type { Box3 } from '../volume-geometry.ts';
import { map3 } from '../volume-geometry.ts';

/**
 * Neuroglancer's 3-D scale is the length along a pane's height; a view's is how large the box around all that is shown
 * is in it. They agree in panes that are at least as wide as they are high. See `orbitPlace`.
 */
const diagonalOf = ({ min, max }: Box3): number => Math.hypot(...map3((axis) => max[axis] - min[axis]));

export const zoomOfHeight = (heightNm: number, box: Box3): number =>
  Math.max(1e-3, Math.min(1e6, diagonalOf(box) / 0.92 / heightNm)) || 1;

export const heightOfZoom = (zoom: number, box: Box3): number => diagonalOf(box) / 0.92 / zoom;
