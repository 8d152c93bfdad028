import { GrowingFloats, GrowingInts } from './growing.ts';
import { tooLarge } from './shape-errors.ts';

type Vec3 = readonly [number, number, number];
export interface Bounds {
  readonly min: Vec3;
  readonly max: Vec3;
}

/** One shape as it goes on: positions and what joins them, in the bytes of the wire. */
export interface BuiltShape {
  readonly name: string;
  readonly points: number;
  readonly links: number;
  readonly boundsNm: Bounds | null;
  readonly bytes: Uint8Array;
}

export interface BuiltMesh extends BuiltShape {
  /** Triangles that were left out: a vertex that is not there or has no place that can be, or no area by their indices. */
  readonly dropped: number;
}

/** More do not fit the memory that a window has. */
export const mostPoints = 50_000_000;
export const mostLinks = 100_000_000;

/** A hundred kilometres, as far as a view goes: what lies beyond is a damaged number. */
export const farthestNm = 1e14;

/** No vertex has this number. */
const nowhere = 0xff_ff_ff_ff;

/** Gathers vertices and triangles, then gives meshes; vertices may come after the triangles that use them. */
export class MeshBuilder {
  readonly #file: string;
  readonly #unitNm: number;
  readonly #positions = new GrowingFloats();
  readonly #indices = new GrowingInts();
  #parts: MeshParts | undefined;

  constructor(file: string, unitNm: number) {
    this.#file = file;
    this.#unitNm = unitNm;
  }

  get vertices(): number {
    return this.#positions.length / 3;
  }

  get triangles(): number {
    return this.#indices.length / 3;
  }

  /** In units of the file. */
  vertex(x: number, y: number, z: number): void {
    if (this.#positions.length >= 3 * mostPoints) throw tooLarge(this.#file, `over ${mostPoints} vertices`);
    this.#positions.push3(x * this.#unitNm, y * this.#unitNm, z * this.#unitNm);
  }

  /** Indices that make no sense are dropped in the end. */
  triangle(a: number, b: number, c: number): void {
    if (this.#indices.length >= 3 * mostLinks) throw tooLarge(this.#file, `over ${mostLinks} triangles`);
    this.#indices.push(indexOf(a));
    this.#indices.push(indexOf(b));
    this.#indices.push(indexOf(c));
  }

  /** The triangles from one number to another, with the vertices that they use, as a mesh of its own. */
  build(name: string, fromTriangle = 0, toTriangle = this.triangles): BuiltMesh {
    this.#parts ??= new MeshParts(this.#positions.values());
    return this.#parts.build(name, this.#indices.values().subarray(fromTriangle * 3, toTriangle * 3));
  }
}

const indexOf = (value: number): number => (Number.isInteger(value) && value >= 0 && value < nowhere ? value : nowhere);

/** Makes meshes of some of the triangles over the same vertices, each in time and space of its own size. */
export class MeshParts {
  readonly #positions: Float32Array;
  readonly #isGood: Uint8Array;
  /** The number of a vertex in the part `#partOf` of it. */
  readonly #numberOf: Uint32Array;
  readonly #partOf: Uint32Array;
  #part = 0;

  constructor(positions: Float32Array) {
    const vertices = Math.floor(positions.length / 3);
    this.#positions = positions;
    this.#isGood = goodVertices(positions, vertices);
    this.#numberOf = new Uint32Array(vertices);
    this.#partOf = new Uint32Array(vertices);
  }

  /** Leaves out triangles that are not whole; vertices come in the order of their first use. */
  build(name: string, indices: Uint32Array): BuiltMesh {
    this.#part += 1;
    const kept = indices.slice();
    const used = new GrowingInts();
    let to = 0;
    for (let i = 0; i + 2 < indices.length; i += 3) {
      if (!this.#isWhole(indices, i)) continue;
      for (let corner = 0; corner < 3; corner++) kept[to++] = this.#renumber(indices[i + corner] ?? 0, used);
    }
    const vertices = used.values();
    const bytes = new Uint8Array(vertices.length * 12 + to * 4);
    const positions = new Float32Array(bytes.buffer, 0, vertices.length * 3);
    for (const [i, vertex] of vertices.entries())
      for (let axis = 0; axis < 3; axis++) positions[i * 3 + axis] = this.#positions[vertex * 3 + axis] ?? 0;
    new Uint32Array(bytes.buffer, vertices.length * 12, to).set(kept.subarray(0, to));
    const dropped = Math.floor(indices.length / 3) - to / 3;
    return { name, points: vertices.length, links: to / 3, dropped, boundsNm: boundsOf(positions), bytes };
  }

  #renumber(vertex: number, used: GrowingInts): number {
    if (this.#partOf[vertex] !== this.#part) {
      this.#partOf[vertex] = this.#part;
      this.#numberOf[vertex] = used.length;
      used.push(vertex);
    }
    return this.#numberOf[vertex] ?? 0;
  }

  #isWhole(indices: Uint32Array, at: number): boolean {
    const [a, b, c] = [indices[at] ?? 0, indices[at + 1] ?? 0, indices[at + 2] ?? 0];
    const good = this.#isGood;
    return a !== b && b !== c && a !== c && good[a] === 1 && good[b] === 1 && good[c] === 1;
  }
}

function goodVertices(positions: Float32Array, vertices: number): Uint8Array {
  const good = new Uint8Array(vertices);
  for (let i = 0; i < vertices; i++) {
    const [x, y, z] = [positions[i * 3] ?? NaN, positions[i * 3 + 1] ?? NaN, positions[i * 3 + 2] ?? NaN];
    // Of NaN, no comparison holds.
    good[i] = Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) <= farthestNm ? 1 : 0;
  }
  return good;
}

/** null where there are no positions. All must be finite. */
export function boundsOf(positions: Float32Array): Bounds | null {
  if (positions.length === 0) return null;
  const [min, max]: [[number, number, number], [number, number, number]] = [
    [Infinity, Infinity, Infinity],
    [-Infinity, -Infinity, -Infinity],
  ];
  for (let i = 0; i < positions.length; i += 3) {
    for (let axis = 0 as 0 | 1 | 2; axis < 3; axis++) {
      const value = positions[i + axis] ?? 0;
      if (value < min[axis]) min[axis] = value;
      if (value > max[axis]) max[axis] = value;
    }
  }
  return { min, max };
}

/** A sentence on what `build` left out; none where it left nothing. */
export function droppedNote(dropped: number, kept: number): readonly string[] {
  if (dropped === 0) return [];
  const of = `${dropped} of ${dropped + kept} triangles`;
  return [`${of} were left out: they name vertices that are not there, have no place within 100 km, or have no area.`];
}
