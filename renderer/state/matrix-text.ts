import type { Matrix34 } from '../../preload/contract/view-state.ts';
import { invertMatrix } from './layers.ts';

/** A 3 x 4 matrix as three rows of text. Pure. */

export const identity34: Matrix34 = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

export function formatMatrix(m: Matrix34 | null): string {
  const values = m ?? identity34;
  return [0, 4, 8]
    .map((row) =>
      values
        .slice(row, row + 4)
        .map((n) => Number(n.toPrecision(9)))
        .join(' '),
    )
    .join('\n');
}

/** Twelve numbers, row by row, however they are parted; or sixteen with 0 0 0 1 last. Null means that nothing is moved. */
export function parseMatrix(text: string): { readonly matrix: Matrix34 | null } | { readonly problem: string } {
  const words = text.split(/[\s,;[\]()]+/).filter((word) => word !== '');
  const numbers = words.map(Number);
  const wrong = words.find((_, i) => !Number.isFinite(numbers[i]));
  if (wrong !== undefined) return { problem: `“${wrong}” is no number.` };
  const isFour = numbers.length === 16 && [0, 0, 0, 1].every((n, i) => numbers[12 + i] === n);
  if (numbers.length !== 12 && !isFour)
    return { problem: `It has ${numbers.length} numbers. Write three rows of four: x, y, z and the shift in nm.` };
  const matrix = numbers.slice(0, 12);
  if (!invertMatrix(matrix)) return { problem: 'It flattens space: no two of its axes may lie in one plane.' };
  return { matrix: matrix.every((n, i) => n === identity34[i]) ? null : matrix };
}
