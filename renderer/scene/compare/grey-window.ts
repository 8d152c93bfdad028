import type { SectionPicture } from '../../state/compare.ts';

/** Grey levels that are shown black and white: 0.5 and 99.5 % of those that are not empty, over all pictures. Pure. */
export function windowOf(pictures: readonly SectionPicture[]): readonly [number, number] {
  const counts = new Uint32Array(65_536);
  let total = 0;
  for (const { levels } of pictures)
    for (const level of levels)
      if (level > 0) {
        counts[level] = (counts[level] ?? 0) + 1;
        total++;
      }
  if (total === 0) return [0, 255];
  const low = levelAbove(counts, 0.005 * total);
  return [low, Math.max(low + 1, levelAbove(counts, 0.995 * total))];
}

function levelAbove(counts: Uint32Array, below: number): number {
  let seen = 0;
  for (let level = 0; level < counts.length; level++) {
    seen += counts[level] ?? 0;
    if (seen > below) return level;
  }
  return counts.length - 1;
}

/** A picture as a canvas, opaque where a tile is. */
export function paintGrey(
  { levels, widthPx, heightPx }: SectionPicture,
  [low, high]: readonly [number, number],
): OffscreenCanvas {
  const image = new ImageData(widthPx, heightPx);
  const pixels = new Uint32Array(image.data.buffer);
  const gain = 255 / (high - low);
  levels.forEach((level, i) => {
    const grey = Math.max(0, Math.min(255, Math.round((level - low) * gain)));
    pixels[i] = level === 0 ? 0xff_10_0e_0e : (grey * 0x01_01_01) | 0xff_00_00_00;
  });
  const canvas = new OffscreenCanvas(widthPx, heightPx);
  canvas.getContext('2d')?.putImageData(image, 0, 0);
  return canvas;
}

export interface Difference {
  /** Mean and largest absolute difference of grey levels as stored, where both have a tile. */
  readonly mean: number;
  readonly most: number;
}

/** Null where the pictures are not of the same box, or share no tile. Pure. */
export function differenceOf(a: SectionPicture, b: SectionPicture): Difference | null {
  const alike = a.widthPx === b.widthPx && a.heightPx === b.heightPx;
  if (!alike || a.rect.minX !== b.rect.minX || a.rect.minY !== b.rect.minY) return null;
  let [sum, most, shared] = [0, 0, 0];
  a.levels.forEach((level, i) => {
    const other = b.levels[i] ?? 0;
    if (level === 0 || other === 0) return;
    const difference = Math.abs(level - other);
    sum += difference;
    most = Math.max(most, difference);
    shared++;
  });
  return shared === 0 ? null : { mean: sum / shared, most };
}
