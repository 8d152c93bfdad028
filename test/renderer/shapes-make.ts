// Shapes that tests draw: spheres and octrees of boxes whose truth is known.
import type { MeshManifest } from '../../preload/contract/shape.ts';
import type { Vec3 } from '../../preload/contract/space.ts';

export interface RawMesh {
  readonly positions: Float32Array<ArrayBuffer>;
  readonly indices: Uint32Array<ArrayBuffer>;
}

/** A closed sphere of `rings` x `around` x 2 triangles, less those at the poles. */
export function sphere(radius: number, centre: Vec3, rings: number, around: number): RawMesh {
  const positions = new Float32Array(((rings - 1) * around + 2) * 3);
  const put = (vertex: number, x: number, y: number, z: number): void =>
    positions.set([centre[0] + radius * x, centre[1] + radius * y, centre[2] + radius * z], vertex * 3);
  put(0, 0, 0, -1);
  for (let ring = 1; ring < rings; ring++)
    for (let step = 0; step < around; step++) {
      const [down, turn] = [(Math.PI * ring) / rings, (2 * Math.PI * step) / around];
      put(
        1 + (ring - 1) * around + step,
        Math.sin(down) * Math.cos(turn),
        Math.sin(down) * Math.sin(turn),
        -Math.cos(down),
      );
    }
  const last = (rings - 1) * around + 1;
  put(last, 0, 0, 1);
  const indices = new Uint32Array((rings - 1) * around * 6);
  let to = 0;
  const at = (ring: number, step: number): number =>
    ring === 0 ? 0 : ring === rings ? last : 1 + (ring - 1) * around + (step % around);
  for (let ring = 0; ring < rings; ring++)
    for (let step = 0; step < around; step++) {
      const [a, b, c, d] = [at(ring, step), at(ring, step + 1), at(ring + 1, step), at(ring + 1, step + 1)];
      if (ring > 0) to = put3(indices, to, a, c, b);
      if (ring < rings - 1) to = put3(indices, to, b, c, d);
    }
  return { positions, indices };
}

function put3(indices: Uint32Array, to: number, a: number, b: number, c: number): number {
  indices[to] = a;
  indices[to + 1] = b;
  indices[to + 2] = c;
  return to + 3;
}

/** An octree over a cube of `side` nm at the origin: level l has boxes of side / 2^(levels - 1 - l). Some are left out. */
export function octree(
  key: string,
  levels: number,
  side: number,
  isThere: (level: number, x: number, y: number, z: number) => boolean = () => true,
): MeshManifest {
  const cells = Array.from({ length: levels }, (_, level) => cellsOf(level, levels, isThere));
  return {
    key,
    levels: cells.map((list, level) => {
      const step = side / 2 ** (levels - 1 - level);
      return {
        lodScaleNm: level === 0 ? 0 : 2 ** level,
        boxesNm: list.flatMap((cell) => [...cell.map((n) => n * step), ...cell.map((n) => (n + 1) * step)]),
        bytes: list.map(() => 1000),
        parents: list.map((cell) => {
          const parent = cell.map((n) => n >> 1).join();
          return level === levels - 1 ? -1 : (cells[level + 1] ?? []).findIndex((other) => other.join() === parent);
        }),
      };
    }),
  };
}

/** A cell is there where all that hold it are. */
function cellsOf(
  level: number,
  levels: number,
  isThere: (level: number, x: number, y: number, z: number) => boolean,
): readonly (readonly number[])[] {
  const across = 2 ** (levels - 1 - level);
  return Array.from({ length: across ** 3 }, (_, i) => [
    i % across,
    Math.floor(i / across) % across,
    Math.floor(i / across ** 2),
  ]).filter(([x = 0, y = 0, z = 0]) =>
    Array.from({ length: levels - level }, (_, up) => isThere(level + up, x >> up, y >> up, z >> up)).every(Boolean),
  );
}
