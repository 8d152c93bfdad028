import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatTileConfiguration } from '../../main/engine/formats/tile-configuration.ts';
import { encodePng } from './png.ts';

type Point = readonly [number, number];

/** A section as it was cut and photographed; what is left out is as if nothing had happened. */
export interface CutSection {
  readonly z: number;
  readonly sidePx: number;
  readonly degrees?: number;
  readonly shift?: Point;
  /** How far it is bent at most, pixels. */
  readonly bendPx?: number;
  readonly upsideDown?: boolean;
  readonly blank?: boolean;
  /** Tissue pixels a pixel. */
  readonly scale?: number;
  readonly seed?: number;
}

/** Grey level, 1 to 255, at a place of the tissue. */
export type Levels = (x: number, y: number, z: number) => number;

function hash(x: number, y: number, z: number, seed: number): number {
  let h = Math.imul(x, 0x9e3779b1) ^ Math.imul(y, 0x85ebca77) ^ Math.imul(z, 0xc2b2ae3d) ^ Math.imul(seed, 0x27d4eb2f);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 31 - 1;
}

/** Smooth noise between whole numbers, -1 to 1. */
function noise(x: number, y: number, z: number, seed: number): number {
  const [x0, y0, z0] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  const ease = (t: number): number => t * t * (3 - 2 * t);
  const [u, v, w] = [ease(x - x0), ease(y - y0), ease(z - z0)];
  let sum = 0;
  for (let k = 0; k < 8; k++) {
    const [i, j, l] = [k & 1, (k >> 1) & 1, k >> 2];
    sum += (i ? u : 1 - u) * (j ? v : 1 - v) * (l ? w : 1 - w) * hash(x0 + i, y0 + j, z0 + l, seed);
  }
  return sum;
}

/** Cells that run on through tens of sections, with membranes, and fine things that change from section to section. */
export const tissue: Levels = (x, y, z) => {
  const cells = noise(x / 22, y / 22, z / 40, 1) + 0.5 * noise(x / 11, y / 11, z / 20, 2);
  return 140 - 70 * Math.exp(-((cells / 0.16) ** 2)) + 22 * cells + 12 * noise(x / 5, y / 5, z / 2.5, 3);
};

/** The truth: place in the tissue of a place in the section's picture, both pixels. */
export function tissueFrom(section: CutSection, [px, py]: Point): Point {
  const { z, sidePx, degrees = 0, shift = [0, 0], bendPx = 0, upsideDown = false, scale = 1, seed = z } = section;
  const [x, y] = [(px - sidePx / 2) * scale * (upsideDown ? -1 : 1), (py - sidePx / 2) * scale];
  const wave = (k: number, a: number, b: number): number => Math.sin(a * x + b * y + 3 * hash(k, 5, 9, seed));
  const bend = [
    wave(1, 0.022, 0.011) + 0.6 * wave(2, -0.017, 0.027),
    wave(3, 0.013, -0.021) + 0.6 * wave(4, 0.026, 0.016),
  ];
  const [u, v] = [x + (bendPx * bend[0]!) / 2.26, y + (bendPx * bend[1]!) / 2.26];
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  return [cos * u - sin * v + shift[0] + 500, sin * u + cos * v + shift[1] + 500];
}

/** The section's place of a place in the tissue, by Newton's method. */
export function sectionFrom(section: CutSection, to: Point): Point {
  let p: Point = [section.sidePx / 2, section.sidePx / 2];
  for (let i = 0; i < 60; i++) {
    const at = tissueFrom(section, p);
    const [right, below] = [tissueFrom(section, [p[0] + 0.01, p[1]]), tissueFrom(section, [p[0], p[1] + 0.01])];
    const [a, b, c, d] = [right[0] - at[0], right[1] - at[1], below[0] - at[0], below[1] - at[1]].map((v) => v * 100);
    const det = a! * d! - b! * c!;
    const [mx, my] = [to[0] - at[0], to[1] - at[1]];
    p = [p[0] + (0.7 * (d! * mx - c! * my)) / det, p[1] + (0.7 * (a! * my - b! * mx)) / det];
  }
  return p;
}

/** Grey levels of a section, rows of pixels. */
export function photographOf(section: CutSection, levels: Levels = tissue): Uint8Array {
  const { sidePx, z, blank = false } = section;
  return Uint8Array.from({ length: sidePx * sidePx }, (_, i) => {
    const [x, y] = [i % sidePx, Math.floor(i / sidePx)];
    const grain = 6 * hash(x, y, z, 77);
    if (blank) return Math.round(190 + 0.3 * grain);
    const at = tissueFrom(section, [x + 0.5, y + 0.5]);
    return Math.min(255, Math.max(1, Math.round(levels(at[0], at[1], z) + grain)));
  });
}

/** Writes a PNG a section, and where the stage put them: all at 0, 0. */
export function writeSections(folder: string, sections: readonly CutSection[], levels: Levels = tissue): void {
  mkdirSync(folder, { recursive: true });
  for (const section of sections) {
    const pixels = photographOf(section, levels);
    writeFileSync(join(folder, nameOf(section)), encodePng({ width: section.sidePx, height: section.sidePx, pixels }));
  }
  const places = sections.map((section) => ({ name: nameOf(section), xPx: 0, yPx: 0, section: section.z }));
  writeFileSync(join(folder, 'TileConfiguration.txt'), formatTileConfiguration(3, places));
}

export const nameOf = ({ z }: CutSection): string => `z${String(z).padStart(3, '0')}.png`;
