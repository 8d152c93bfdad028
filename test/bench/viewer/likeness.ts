/** How pictures of one size differ: 4 bytes a pixel, of which the second is looked at (green: of grey pictures, all are the same). */

export const differs = (a: Buffer, b: Buffer): boolean => !a.equals(b);

/** Brighter than the ground that both programs draw on, and than no data. */
const lit = 32;

/** Of the pixels, how many show something. */
export function shareLit(picture: Uint8Array): number {
  let count = 0;
  for (let i = 1; i < picture.length; i += 4) if ((picture[i] ?? 0) > lit) count += 1;
  return (4 * count) / picture.length;
}

/** Mean difference in grey levels: 0 where they are the same. */
export function unlikeness(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return 255;
  let sum = 0;
  for (let i = 1; i < a.length; i += 4) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return (4 * sum) / a.length;
}
