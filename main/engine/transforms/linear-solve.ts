/** A square matrix taken apart into triangles, to solve with as often as is wanted. Rows one after the other. */
export interface Factors {
  readonly n: number;
  readonly lu: Float64Array;
  readonly order: Int32Array;
  /** The smallest pivot over the largest: 0 where the matrix is singular. */
  readonly condition: number;
}

/** Gauss, with the largest of a column as pivot; the matrix is written over. */
export function factorise(matrix: Float64Array, n: number): Factors {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  let [least, most] = [Infinity, 0];
  for (let k = 0; k < n; k++) {
    const pivot = pivotRow(matrix, n, k);
    if (pivot !== k) swapRows(matrix, n, pivot, k);
    [order[k], order[pivot]] = [order[pivot]!, order[k]!];
    const value = matrix[k * n + k]!;
    [least, most] = [Math.min(least, Math.abs(value)), Math.max(most, Math.abs(value))];
    if (value === 0 || !Number.isFinite(value)) return { n, lu: matrix, order, condition: 0 };
    for (let row = k + 1; row < n; row++) eliminate(matrix, n, row, k, value);
  }
  return { n, lu: matrix, order, condition: n === 0 ? 1 : least / most };
}

function pivotRow(matrix: Float64Array, n: number, k: number): number {
  let best = k;
  for (let row = k + 1; row < n; row++)
    if (Math.abs(matrix[row * n + k]!) > Math.abs(matrix[best * n + k]!)) best = row;
  return best;
}

function swapRows(matrix: Float64Array, n: number, a: number, b: number): void {
  const kept = matrix.slice(a * n, a * n + n);
  matrix.copyWithin(a * n, b * n, b * n + n);
  matrix.set(kept, b * n);
}

function eliminate(matrix: Float64Array, n: number, row: number, k: number, pivot: number): void {
  const factor = matrix[row * n + k]! / pivot;
  matrix[row * n + k] = factor;
  if (factor === 0) return;
  for (let column = k + 1, to = row * n + column, from = k * n + column; column < n; column++, to++, from++)
    matrix[to]! -= factor * matrix[from]!;
}

/** The x of A x = b. */
export function solveWith({ n, lu, order }: Factors, b: ArrayLike<number>): Float64Array {
  const x = Float64Array.from(order, (from) => b[from] ?? 0);
  for (let row = 1; row < n; row++) {
    let sum = x[row]!;
    for (let column = 0; column < row; column++) sum -= lu[row * n + column]! * x[column]!;
    x[row] = sum;
  }
  for (let row = n - 1; row >= 0; row--) {
    let sum = x[row]!;
    for (let column = row + 1; column < n; column++) sum -= lu[row * n + column]! * x[column]!;
    x[row] = sum / lu[row * n + row]!;
  }
  return x;
}
