import { MeshBuilder } from './mesh-builder.ts';

/** Gives equal places one vertex, so that a soup of triangles becomes a surface. Equal is equal as float32. */
export class VertexTable {
  readonly builder: MeshBuilder;
  /** Numbers of vertices plus one, by hash; a power of two long, at most half full. */
  #slots = new Uint32Array(1 << 12);
  #places = new Float32Array(1 << 12);
  #bits = new Uint32Array(this.#places.buffer);
  #count = 0;

  constructor(file: string, unitNm: number) {
    this.builder = new MeshBuilder(file, unitNm);
  }

  /** The number of the vertex there. Places that are not finite are never equal. */
  add(x: number, y: number, z: number): number {
    this.#reserve();
    const at = this.#count * 3;
    // + 0: minus zero is the same place as zero.
    this.#places[at] = x + 0;
    this.#places[at + 1] = y + 0;
    this.#places[at + 2] = z + 0;
    const mask = this.#slots.length - 1;
    let slot = this.#hash(this.#count) & mask;
    for (let held = this.#slots[slot] ?? 0; held !== 0; held = this.#slots[slot] ?? 0) {
      if (this.#equal(held - 1)) return held - 1;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = this.#count + 1;
    this.builder.vertex(x, y, z);
    return this.#count++;
  }

  #equal(other: number): boolean {
    const [a, b] = [other * 3, this.#count * 3];
    const p = this.#places;
    return p[a] === p[b] && p[a + 1] === p[b + 1] && p[a + 2] === p[b + 2];
  }

  #hash(vertex: number): number {
    const at = vertex * 3;
    let h = Math.imul(this.#bits[at] ?? 0, 0x9e37_79b1);
    h = Math.imul(h ^ (h >>> 15) ^ (this.#bits[at + 1] ?? 0), 0x85eb_ca6b);
    h = Math.imul(h ^ (h >>> 13) ^ (this.#bits[at + 2] ?? 0), 0xc2b2_ae35);
    return (h ^ (h >>> 16)) >>> 0;
  }

  #reserve(): void {
    if ((this.#count + 1) * 3 > this.#places.length) {
      const places = new Float32Array(this.#places.length * 2);
      places.set(this.#places);
      this.#places = places;
      this.#bits = new Uint32Array(places.buffer);
    }
    if ((this.#count + 1) * 2 <= this.#slots.length) return;
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let vertex = 0; vertex < this.#count; vertex++) {
      let slot = this.#hash(vertex) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = vertex + 1;
    }
  }
}
