import type { Box, Vec3 } from '../../../preload/contract/space.ts';
import { copyVoxels } from '../formats/crop.ts';
import { chunkExtent, chunksOf, levelAt, mapAxes, voxelsIn } from '../formats/pyramid.ts';
import type { OpenVolume } from '../formats/volume-format.ts';
import type { Kernels } from '../jobs/job.ts';
import { inOrder } from '../volumes/in-order.ts';
import type { RegionTree } from './region-tree.ts';
import { pasteValues, readValues, regionValueOf } from './value-chunks.ts';

export interface LevelOf {
  readonly volume: OpenVolume;
  readonly level: number;
  readonly tree: RegionTree;
  readonly kernels: Kernels;
  readonly signal: AbortSignal;
}

export interface BoxOf {
  readonly min: Vec3;
  readonly size: Vec3;
}

const inFlight = 3;

/** The regions of a whole level, as values, and the box that each lies in. Two bytes a voxel. */
export class LabelBoxes {
  readonly #size: Vec3;
  /** Of 16 bits. */
  readonly #bytes: Uint8Array;
  readonly #boxes: ReadonlyMap<number, Box>;

  private constructor(size: Vec3, values: Uint16Array) {
    this.#size = size;
    this.#bytes = new Uint8Array(values.buffer);
    this.#boxes = boxesOf(size, values);
  }

  static async read({ volume, level, tree, kernels, signal }: LevelOf): Promise<LabelBoxes> {
    const planned = levelAt(volume.plan, level);
    const values = new Uint16Array(voxelsIn(planned.sizeXyz));
    const bytes = new Uint8Array(values.buffer);
    const read = async (xyz: Vec3): Promise<void> => {
      const env = { kernels, lane: 'batch', signal } as const;
      const part = await readValues({ volume, level, xyz }, regionValueOf(tree), env);
      if (part.length === 0) return;
      const { min, size } = chunkExtent(planned, xyz);
      pasteValues(part, size, { bytes, size: planned.sizeXyz, at: min });
    };
    for await (const _ of inOrder([...chunksOf(planned)], inFlight, signal, read));
    signal.throwIfAborted();
    return new LabelBoxes(planned.sizeXyz, values);
  }

  /** Around all voxels whose values are from `from` to before `end`; null where there are none. */
  around(from: number, end: number): BoxOf | null {
    const found = [...this.#boxes].flatMap(([value, box]) => (value >= from && value < end ? [box] : []));
    if (found.length === 0) return null;
    const min = mapAxes((i) => Math.min(...found.map((box) => box.min[i])));
    const max = mapAxes((i) => Math.max(...found.map((box) => box.max[i])));
    return { min, size: mapAxes((i) => max[i] - min[i]) };
  }

  /** The values of a box, x fastest. */
  cut({ min, size }: BoxOf): Uint8Array {
    const width = Uint16Array.BYTES_PER_ELEMENT;
    const bytes = new Uint8Array(width * voxelsIn(size));
    copyVoxels({ bytes: this.#bytes, size: this.#size, at: min }, { bytes, size, at: [0, 0, 0] }, size, width);
    return bytes;
  }
}

/** Of each value: from the first voxel to beyond the last along each axis. */
function boxesOf([width, height, depth]: Vec3, values: Uint16Array): ReadonlyMap<number, Box> {
  const boxes = new Map<number, { min: [number, number, number]; max: [number, number, number] }>();
  for (let z = 0, row = 0; z < depth; z++)
    for (let y = 0; y < height; y++, row += width)
      for (let x = 0; x < width;) {
        const value = values[row + x]!;
        let end = x + 1;
        while (end < width && values[row + end] === value) end += 1;
        if (value !== 0) widen(boxes, value, [x, y, z], [end, y + 1, z + 1]);
        x = end;
      }
  return boxes;
}

function widen(
  boxes: Map<number, { min: [number, number, number]; max: [number, number, number] }>,
  value: number,
  from: [number, number, number],
  to: [number, number, number],
): void {
  const box = boxes.get(value);
  if (!box) return void boxes.set(value, { min: from, max: to });
  for (const axis of [0, 1, 2] as const) {
    if (from[axis] < box.min[axis]) box.min[axis] = from[axis];
    if (to[axis] > box.max[axis]) box.max[axis] = to[axis];
  }
}
