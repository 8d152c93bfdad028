import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CutSection, type Levels, nameOf, photographOf, tissue } from './cut-sections.ts';
import { encodePng } from './png.ts';

/** One imaging session of cut sections: what it was put on the stage as, and its stains. */
export interface ImagedSession {
  readonly name: string;
  readonly pixelNm: number;
  readonly sections: readonly CutSection[];
  /** Grey level of each channel by that of the tissue; the first is the tiles' own picture. */
  readonly stains: readonly (readonly [name: string, level: (grey: number) => number])[];
  /** Moves to tissue of another sample. */
  readonly elsewhere?: number;
}

export const sectionNm = 70;
const [corner, side, step] = [340, 320, 0.5];
const drawn = new Map<number, Float32Array>();

/** The tissue about 500, 500, drawn once a section and then looked up: 24 channels would draw it 24 times. */
function drawnTissue(z: number): Float32Array {
  const known = drawn.get(z);
  if (known) return known;
  const count = side / step;
  const grey = Float32Array.from({ length: count * count }, (_, i) =>
    tissue(corner + step * (i % count), corner + step * Math.floor(i / count), z),
  );
  drawn.set(z, grey);
  return grey;
}

const looked: Levels = (x, y, z) => {
  const grey = drawnTissue(z);
  const count = side / step;
  const [u, v] = [x, y].map((p) => Math.min(count - 1.001, Math.max(0, (p - corner) / step))) as [number, number];
  const [i, j] = [Math.floor(u), Math.floor(v)];
  const at = (right: number, below: number): number => grey[(j + below) * count + i + right]!;
  const [p, q] = [u - i, v - j];
  return (1 - q) * ((1 - p) * at(0, 0) + p * at(1, 0)) + q * ((1 - p) * at(0, 1) + p * at(1, 1));
};

/** Writes a picture a channel and section, and tilespecs that name them, with all tiles at 0, 0. */
export function writeSession(folder: string, { sections, stains, elsewhere = 0 }: ImagedSession): void {
  mkdirSync(folder, { recursive: true });
  const file = (section: CutSection, stain: string): string => `${stain}-${nameOf(section)}`;
  const specs = sections.map((section) => {
    const size = { width: section.sidePx, height: section.sidePx };
    const grey = photographOf(section, (x, y, z) => looked(x, y, z + elsewhere));
    for (const [stain, level] of stains) {
      const pixels = grey.map((value) => Math.min(255, Math.max(1, Math.round(level(value)))));
      writeFileSync(join(folder, file(section, stain)), encodePng({ ...size, pixels }));
    }
    const level0 = (stain: string): unknown => ({ '0': { imageUrl: file(section, stain) } });
    return {
      tileId: nameOf(section),
      z: section.z,
      ...size,
      mipmapLevels: level0(stains[0]![0]),
      ...(stains.length > 1 && { channels: stains.map(([name]) => ({ name, mipmapLevels: level0(name) })) }),
      transforms: { type: 'list', specList: [] },
    };
  });
  writeFileSync(join(folder, 'layout.json'), JSON.stringify(specs));
}
