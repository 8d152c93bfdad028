import type { TransformSpec } from '../../../../preload/contract/transform.ts';
import { formatAffineField } from './affine-field.ts';

/** A bent section: nodes every `spacingPx`, x fastest, and where each comes to (x, y pairs). */
export interface SectionMesh {
  readonly originPx: readonly [number, number];
  readonly spacingPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly nodes: Float64Array;
}

/**
 * A mesh as Render's AffineWarpFieldTransform. Between centres, that mixes the affine maps of four nodes by bilinear
 * weights. With each node's slopes at half their strength, the mixture is exact for all quadratic maps: bilinear values
 * and full slopes miss these by as much, to either side.
 */
export function warpFieldOfMesh({ originPx, spacingPx, columns, rows, nodes }: SectionMesh): TransformSpec {
  const cells = columns * rows;
  const values = new Float64Array(6 * cells);
  const at = (column: number, row: number, axis: number): number => nodes[2 * (row * columns + column) + axis] ?? 0;
  for (let row = 0; row < rows; row++) {
    const [above, below] = [Math.max(0, row - 1), Math.min(rows - 1, row + 1)];
    for (let column = 0; column < columns; column++) {
      const [left, right] = [Math.max(0, column - 1), Math.min(columns - 1, column + 1)];
      const [x, y] = [originPx[0] + column * spacingPx, originPx[1] + row * spacingPx];
      for (const axis of [0, 1]) {
        const alongX = (0.5 * (at(right, row, axis) - at(left, row, axis))) / ((right - left) * spacingPx);
        const alongY = (0.5 * (at(column, below, axis) - at(column, above, axis))) / ((below - above) * spacingPx);
        const value = at(column, row, axis);
        const cell = row * columns + column;
        values[axis * cells + cell] = alongX;
        values[(2 + axis) * cells + cell] = alongY;
        values[(4 + axis) * cells + cell] = value - alongX * x - alongY * y;
      }
    }
  }
  const cornerPx = [originPx[0] - spacingPx / 2, originPx[1] - spacingPx / 2] as const;
  const sizePx = [columns * spacingPx, rows * spacingPx] as const;
  return {
    type: 'leaf',
    className: 'org.janelia.alignment.transform.AffineWarpFieldTransform',
    dataString: formatAffineField({ cornerPx, sizePx, rows, columns, between: 'linear', values }),
  };
}
