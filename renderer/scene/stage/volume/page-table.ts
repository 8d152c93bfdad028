import type { Volume } from '../../../../preload/contract/library.ts';
import type { Vec3 } from '../../../../preload/contract/space.ts';
import { map3 } from '../../../state/volume-geometry.ts';

/** A brick that can be drawn: from its slot in a texture (voxels), or because it is known to be empty (null). */
export interface Resident {
  readonly level: number;
  readonly at: Vec3;
  readonly slot: Vec3 | null;
  /** The least and largest stored value, where they are known. */
  readonly range?: readonly [number, number] | undefined;
}

/** How voxel coordinates of the table (of its target level, from its first cell on) become those of a level. */
export interface TableLevel {
  readonly level: number;
  readonly scale: Vec3;
  readonly offset: Vec3;
  /** Voxels of the level at which its coordinates here start. */
  readonly base: Vec3;
  readonly brick: Vec3;
  /** Where the level ends, in these coordinates. */
  readonly end: Vec3;
}

export interface TableInput {
  readonly volume: Volume;
  readonly target: number;
  /** Bricks of the target level, inclusive. */
  readonly from: Vec3;
  readonly to: Vec3;
  /** Levels that are drawn, least wanted first. Of two that cover a cell, the later is taken. */
  readonly order: readonly number[];
  readonly residents: Iterable<Resident>;
}

/** Numbers that the shader reads of a brick. */
export const infoInts = 8;
export const emptyFlag = 1 << 8;
/** Cells hold numbers of 16 bits. */
export const mostEntries = 65_535;
export const wholeRange: readonly [number, number] = [0, 65_535];

/**
 * For each brick of the target level in view, the number of the brick to draw there (0: none): the finest that is here, or
 * what `order` prefers. A coarse brick stands in all cells whose middle it covers; where bricks of two levels don't nest,
 * it is drawn up to the cells' edges by its outermost voxels, until the finer ones are here.
 */
export interface PageTable {
  readonly volume: Volume;
  readonly target: number;
  readonly from: Vec3;
  readonly cells: Vec3;
  readonly levels: readonly TableLevel[];
  /** One a cell, x fastest. */
  readonly index: Uint16Array<ArrayBuffer>;
  /** Eight a brick from number 1 on: slot x y z, level - target | flags; first voxel x y z (its level's coordinates here), least | most << 16. */
  readonly info: Int32Array<ArrayBuffer>;
  readonly entries: number;
  /** Number 1 is the first. */
  readonly residents: readonly Resident[];
}

export function tableLevels(volume: Volume, target: number, from: Vec3): readonly TableLevel[] {
  const t = volume.levels[target];
  if (!t) return [];
  return volume.levels.slice(target).map((found, i) => {
    const start = map3(
      (a) => (t.originNm[a] + from[a] * t.brick[a] * t.voxelSizeNm[a] - found.originNm[a]) / found.voxelSizeNm[a],
    );
    const base = map3((a) => Math.floor(start[a] / found.brick[a]) * found.brick[a]);
    return {
      level: target + i,
      scale: map3((a) => t.voxelSizeNm[a] / found.voxelSizeNm[a]),
      offset: map3((a) => start[a] - base[a]),
      base,
      brick: found.brick,
      end: map3((a) => found.size[a] - base[a]),
    };
  });
}

/** O(cells · levels + residents), by filling rows. */
export function buildPageTable({ volume, target, from, to, order, residents }: TableInput): PageTable {
  const cells = map3((a) => to[a] - from[a] + 1);
  const levels = tableLevels(volume, target, from);
  const index = new Uint16Array(cells[0] * cells[1] * cells[2]);
  const byLevel = new Map<number, Resident[]>(order.map((level) => [level, []]));
  for (const resident of residents) byLevel.get(resident.level)?.push(resident);
  const taken: Resident[] = [];
  for (const level of order) {
    const found = levels[level - target];
    if (!found) continue;
    for (const resident of byLevel.get(level) ?? []) {
      const range = cellsOf(found, resident.at, cells, levels[0]?.brick ?? [1, 1, 1]);
      if (!range || taken.length >= mostEntries) continue;
      taken.push(resident);
      fill(index, cells, range, taken.length);
    }
  }
  return {
    volume,
    target,
    from,
    cells,
    levels,
    index,
    info: infoOf(taken, levels, target),
    entries: taken.length,
    residents: taken,
  };
}

/** The cells whose middle a brick covers; bricks at the ends of a level go on to the end of the table. */
function cellsOf(
  { scale, offset, base, brick, end }: TableLevel,
  at: Vec3,
  cells: Vec3,
  cell: Vec3,
): readonly [Vec3, Vec3] | null {
  const first = map3((a) => at[a] * brick[a] - base[a]);
  const cellOf = (voxel: number, a: 0 | 1 | 2): number =>
    // A hair is taken off: levels of odd voxel sizes nest only up to rounding.
    Math.ceil((voxel - offset[a]) / scale[a] / cell[a] - 0.5 - 1e-6);
  const from = map3((a) => (at[a] === 0 ? 0 : Math.max(0, cellOf(first[a], a))));
  const to = map3((a) =>
    first[a] + brick[a] >= end[a] ? cells[a] : Math.min(cells[a], cellOf(first[a] + brick[a], a)),
  );
  return from[0] < to[0] && from[1] < to[1] && from[2] < to[2] ? [from, to] : null;
}

function fill(index: Uint16Array, cells: Vec3, [from, to]: readonly [Vec3, Vec3], number: number): void {
  for (let z = from[2]; z < to[2]; z++)
    for (let y = from[1]; y < to[1]; y++) {
      const row = cells[0] * (y + cells[1] * z);
      index.fill(number, row + from[0], row + to[0]);
    }
}

function infoOf(taken: readonly Resident[], levels: readonly TableLevel[], target: number): Int32Array<ArrayBuffer> {
  const info = new Int32Array((taken.length + 1) * infoInts);
  taken.forEach(({ level, at, slot, range }, i) => {
    const found = levels[level - target];
    const [least, most] = slot ? (range ?? wholeRange) : [0, 0];
    if (!found) return;
    const o = (i + 1) * infoInts;
    info.set(slot ?? [0, 0, 0], o);
    info[o + 3] = (level - target) | (slot ? 0 : emptyFlag);
    info.set(
      map3((a) => at[a] * found.brick[a] - found.base[a]),
      o + 4,
    );
    info[o + 7] = least | (most << 16);
  });
  return info;
}

/** Which level is taken first while the view moves: `wished`, then finer ones, then coarser ones. Least wanted first. */
export function levelOrder(levels: number, target: number, wished = target): readonly number[] {
  const middle = Math.max(target, Math.min(levels - 1, wished));
  const coarser = Array.from({ length: levels - 1 - middle }, (_, i) => levels - 1 - i);
  const finer = Array.from({ length: middle - target + 1 }, (_, i) => target + i);
  return [...coarser, ...finer];
}
