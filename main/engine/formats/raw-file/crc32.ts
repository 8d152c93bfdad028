type Matrix = Uint32Array;

const times = (matrix: Matrix, vector: number): number => {
  let sum = 0;
  for (let bit = 0, rest = vector; rest !== 0; bit++, rest >>>= 1) if (rest & 1) sum ^= matrix[bit] ?? 0;
  return sum >>> 0;
};
const squared = (matrix: Matrix): Matrix => matrix.map((column) => times(matrix, column));

/**
 * The checksum of two runs of bytes put together, from those of each and the length of the second. Appending zeros is
 * linear over GF(2): its matrix for one bit, squared again and again (Mark Adler, zlib's crc32_combine). O(log n).
 */
export function joinCrc32(first: number, second: number, secondBytes: number): number {
  let crc = first;
  let matrix: Matrix = Uint32Array.from({ length: 32 }, (_, bit) => (bit === 0 ? 0xedb88320 : 2 ** (bit - 1)));
  for (let bit = 0; bit < 3; bit++) matrix = squared(matrix);
  for (let rest = secondBytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) crc = times(matrix, crc);
    matrix = squared(matrix);
  }
  return (crc ^ second) >>> 0;
}
