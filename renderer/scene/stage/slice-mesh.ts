import type { Camera, Material, WebGLRenderer } from 'three';
import {
  BufferAttribute,
  BufferGeometry,
  Camera as ThreeCamera,
  DynamicDrawUsage,
  InterleavedBuffer,
  InterleavedBufferAttribute,
  Mesh,
  Scene,
} from 'three';
import type { Vec3 } from '../../../preload/contract/space.ts';

const floatsPerVertex = 11;
const firstVertices = 4096;

/** Polygons of bricks in one buffer, drawn in runs. */
export class SliceMesh {
  readonly #scene = new Scene();
  readonly #camera: Camera = new ThreeCamera();
  readonly #mesh: Mesh;
  #geometry = new BufferGeometry();
  #data = new Float32Array(0);
  #index = new Uint32Array(0);
  #buffer: InterleavedBuffer | null = null;
  #vertices = 0;
  #indices = 0;

  constructor() {
    this.#mesh = new Mesh(this.#geometry);
    this.#mesh.frustumCulled = false;
    this.#scene.add(this.#mesh);
    this.#grow(firstVertices);
  }

  /** Where the next polygon's indices begin. */
  get mark(): number {
    return this.#indices;
  }

  restart(): void {
    this.#vertices = this.#indices = 0;
  }

  /** `origin`: where the middle of the pane lies among the brick's voxels. `slot` negative: an empty brick. */
  add(polygon: readonly number[], origin: Vec3, slot: Vec3, size: Vec3): void {
    const corners = polygon.length / 2;
    if (this.#vertices + corners > this.#data.length / floatsPerVertex) this.#grow((this.#vertices + corners) * 2);
    const first = this.#vertices;
    for (let i = 0; i < corners; i++) {
      const at = this.#vertices++ * floatsPerVertex;
      this.#data[at] = polygon[2 * i] ?? 0;
      this.#data[at + 1] = polygon[2 * i + 1] ?? 0;
      for (const axis of [0, 1, 2] as const) {
        this.#data[at + 2 + axis] = origin[axis];
        this.#data[at + 5 + axis] = slot[axis];
        this.#data[at + 8 + axis] = size[axis];
      }
      if (i < 2) continue;
      this.#index[this.#indices++] = first;
      this.#index[this.#indices++] = first + i - 1;
      this.#index[this.#indices++] = first + i;
    }
  }

  /** Has what was added sent to the card with the first draw. */
  commit(): void {
    const index = this.#geometry.index;
    if (!this.#buffer || !index) return;
    this.#buffer.clearUpdateRanges();
    this.#buffer.addUpdateRange(0, this.#vertices * floatsPerVertex);
    this.#buffer.needsUpdate = true;
    index.clearUpdateRanges();
    index.addUpdateRange(0, this.#indices);
    index.needsUpdate = true;
  }

  /** Draws what was added between two marks. */
  draw(renderer: WebGLRenderer, material: Material, from: number, to: number): void {
    this.#mesh.material = material;
    this.#geometry.setDrawRange(from, to - from);
    renderer.render(this.#scene, this.#camera);
  }

  #grow(vertices: number): void {
    const [data, index] = [this.#data, this.#index];
    this.#data = new Float32Array(vertices * floatsPerVertex);
    this.#index = new Uint32Array(vertices * 3);
    this.#data.set(data);
    this.#index.set(index);
    this.#geometry.dispose();
    this.#buffer = new InterleavedBuffer(this.#data, floatsPerVertex).setUsage(DynamicDrawUsage);
    this.#geometry = new BufferGeometry();
    const fields = { position: [2, 0], aOrigin: [3, 2], aSlot: [3, 5], aSize: [3, 8] } as const;
    for (const [name, [size, at]] of Object.entries(fields))
      this.#geometry.setAttribute(name, new InterleavedBufferAttribute(this.#buffer, size, at));
    this.#geometry.setIndex(new BufferAttribute(this.#index, 1).setUsage(DynamicDrawUsage));
    this.#mesh.geometry = this.#geometry;
  }

  dispose(): void {
    this.#geometry.dispose();
  }
}
