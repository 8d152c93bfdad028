import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../formats/mutate.ts';

const chunk = 64;
const levels = 5;
const finestNm = 8;
const side = 2048;
const sections = 256;

/** What is looked at, for the table. */
export const pyramidSize = '2048 x 2048 x 256 voxels, uint8, raw chunks of 64 x 64 x 64, 5 levels';

interface Box {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly voxels: Uint8Array;
}

/**
 * Writes a precomputed volume with its pyramid, EM-like and the same everywhere, unless it is there: cells with dark
 * borders that drift from section to section, with noise. 1.2 GB, half a minute; halving is exact for these sizes.
 */
export function ensureEmPyramid(folder: string): void {
  if (existsSync(join(folder, 'info'))) return;
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  for (let level = 0; level < levels; level++) mkdirSync(join(unfinished, keyOf(level)), { recursive: true });
  const section = cellsOf(side);
  let next: Box = emptyBox(side / 2, side / 2, sections / 2);
  for (let z = 0; z < sections; z += chunk) {
    const slab = sectionsOf(section, z, chunk);
    writeChunks(join(unfinished, keyOf(0)), slab, z);
    next.voxels.set(halved(slab).voxels, (next.width * next.height * z) / 2);
  }
  for (let level = 1; level < levels; level++, next = halved(next))
    writeChunks(join(unfinished, keyOf(level)), next, 0);
  writeFileSync(join(unfinished, 'info'), JSON.stringify(infoOf()));
  renameSync(unfinished, folder);
}

const keyOf = (level: number): string => String(finestNm * 2 ** level);

const emptyBox = (width: number, height: number, depth: number): Box => ({
  width,
  height,
  depth,
  voxels: new Uint8Array(width * height * depth),
});

const infoOf = (): unknown => ({
  '@type': 'neuroglancer_multiscale_volume',
  type: 'image',
  data_type: 'uint8',
  num_channels: 1,
  scales: Array.from({ length: levels }, (_, level) => ({
    key: keyOf(level),
    size: [side, side, sections].map((voxels) => voxels >> level),
    resolution: [0, 1, 2].map(() => finestNm * 2 ** level),
    voxel_offset: [0, 0, 0],
    chunk_sizes: [[chunk, chunk, chunk]],
    encoding: 'raw',
  })),
});

/** Grey of one section: the two nearest of scattered centres tell a cell and its border. Wraps around. */
function cellsOf(edge: number): Uint8Array {
  const cell = 64;
  const across = edge / cell;
  const random = seededRandom(2048);
  const centres = Float32Array.from({ length: across * across * 3 }, () => random());
  const section = new Uint8Array(edge * edge);
  for (let y = 0; y < edge; y++)
    for (let x = 0; x < edge; x++) section[y * edge + x] = greyAt(centres, across, x / cell, y / cell);
  return section;
}

function greyAt(centres: Float32Array, across: number, x: number, y: number): number {
  let [first, second, shade] = [9, 9, 0];
  for (let row = Math.floor(y) - 1; row <= Math.floor(y) + 1; row++)
    for (let column = Math.floor(x) - 1; column <= Math.floor(x) + 1; column++) {
      const at = 3 * (((row + across) % across) * across + ((column + across) % across));
      const dx = column + (centres[at] ?? 0) - x;
      const dy = row + (centres[at + 1] ?? 0) - y;
      const distance = dx * dx + dy * dy;
      if (distance < first) [second, first, shade] = [first, distance, centres[at + 2] ?? 0];
      else if (distance < second) second = distance;
    }
  const border = Math.sqrt(second) - Math.sqrt(first);
  return border < 0.08 ? 40 : 120 + 70 * shade + 15 * Math.sin(40 * first);
}

/** Each section a little further on than the one before, with noise of its own. */
function sectionsOf(section: Uint8Array, fromZ: number, depth: number): Box {
  const box = emptyBox(side, side, depth);
  const random = seededRandom(fromZ + 1);
  const noise = Int8Array.from({ length: 65_536 }, () => (random() + random() - 1) * 24);
  for (let z = 0; z < depth; z++) {
    const drift = fromZ + z;
    for (let y = 0; y < side; y++) {
      const row = ((y + drift) & (side - 1)) * side;
      const out = (z * side + y) * side;
      const grain = Math.floor(random() * 65_536);
      for (let x = 0; x < side; x++)
        box.voxels[out + x] = (section[row + ((x + 2 * drift) & (side - 1))] ?? 0) + (noise[(x + grain) & 65_535] ?? 0);
    }
  }
  return box;
}

/** The mean of 2 x 2 x 2 voxels, rounded. */
function halved({ width, height, depth, voxels }: Box): Box {
  const half = emptyBox(width / 2, height / 2, depth / 2);
  const [row, plane] = [width, width * height];
  let out = 0;
  for (let z = 0; z < half.depth; z++)
    for (let y = 0; y < half.height; y++)
      for (let x = 0, at = 2 * (z * plane + y * row); x < half.width; x++, at += 2) {
        let sum = 4;
        for (const corner of [at, at + row, at + plane, at + plane + row])
          sum += (voxels[corner] ?? 0) + (voxels[corner + 1] ?? 0);
        half.voxels[out++] = sum >> 3;
      }
  return half;
}

function writeChunks(folder: string, box: Box, fromZ: number): void {
  for (let z = 0; z < box.depth; z += chunk)
    for (let y = 0; y < box.height; y += chunk)
      for (let x = 0; x < box.width; x += chunk) {
        const deep = Math.min(chunk, box.depth - z);
        const name = `${x}-${x + chunk}_${y}-${y + chunk}_${fromZ + z}-${fromZ + z + deep}`;
        writeFileSync(join(folder, name), cut(box, [x, y, z], deep));
      }
}

function cut({ width, height, voxels }: Box, [x, y, z]: readonly [number, number, number], deep: number): Uint8Array {
  const out = new Uint8Array(chunk * chunk * deep);
  for (let row = 0; row < chunk * deep; row++) {
    const from = ((z + Math.floor(row / chunk)) * height + y + (row % chunk)) * width + x;
    out.set(voxels.subarray(from, from + chunk), row * chunk);
  }
  return out;
}
