/** 3 x 4, row-major: nanometres of what is stored. */
export type Transform = readonly number[];

/** Gives positions, x y z one after another, their place in nanometres. In place. */
export function transformPositions(positions: Float32Array | Float64Array, transform: Transform): void {
  const [a, b, c, d, e, f, g, h, i, j, k, l] = transform as [
    ...[number, number, number, number],
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  for (let at = 0; at + 2 < positions.length; at += 3) {
    const [x, y, z] = [positions[at] ?? 0, positions[at + 1] ?? 0, positions[at + 2] ?? 0];
    positions[at] = a * x + b * y + c * z + d;
    positions[at + 1] = e * x + f * y + g * z + h;
    positions[at + 2] = i * x + j * y + k * z + l;
  }
}

/** What a length becomes, where all directions are alike: the cube root of what a volume becomes. */
export function scaleOfTransform([
  a = 0,
  b = 0,
  c = 0,
  ,
  e = 0,
  f = 0,
  g = 0,
  ,
  i = 0,
  j = 0,
  k = 0,
]: Transform): number {
  return Math.cbrt(Math.abs(a * (f * k - g * j) - b * (e * k - g * i) + c * (e * j - f * i)));
}
