import { readGltf, type Accessor, type GltfFile } from './gltf-file.ts';
import { identity, matrixOf, multiply, type Matrix } from './gltf-matrix.ts';
import { MeshBuilder, mostLinks, mostPoints, type BuiltMesh } from './mesh-builder.ts';
import { parsedMeshes, type Parsed, type ShapeFile } from './parse-result.ts';
import { badShape, tooLarge } from './shape-errors.ts';

const metreNm = 1e9;
const mostInstances = 100_000;

/**
 * glTF 2.0, text and binary. Each node that has a mesh is an object, placed as its parents say; triangles, strips and
 * fans are read, points and lines, skins and morphs are not. Lengths are metres, where the user knows no better.
 */
export function parseGltf(file: ShapeFile, resources: ReadonlyMap<string, Uint8Array>): Parsed {
  const unitNm = file.unitNm ?? metreNm;
  const gltf = readGltf(file, resources);
  if (gltf.needs.length > 0) return { header: { kind: 'mesh', unitNm, notes: [], needs: [...gltf.needs] }, shapes: [] };
  const reader = new GltfReader(file, gltf, unitNm);
  const notes = file.unitNm === null ? ['Lengths of glTF are metres. Give the size of a unit where they are not.'] : [];
  return parsedMeshes(file, unitNm, reader.read(), notes);
}

class GltfReader {
  readonly #file: ShapeFile;
  readonly #gltf: GltfFile;
  readonly #unitNm: number;
  readonly #built: BuiltMesh[] = [];
  #vertices = 0;
  #corners = 0;

  constructor(file: ShapeFile, gltf: GltfFile, unitNm: number) {
    this.#file = file;
    this.#gltf = gltf;
    this.#unitNm = unitNm;
  }

  /** The nodes of the scene, parents before children, without recursion: files may be nested as deep as they like. */
  read(): readonly BuiltMesh[] {
    const { json } = this.#gltf;
    const waiting = this.#roots().map((node) => ({ node, world: identity }));
    const seen = new Set<number>();
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const node = json.nodes[next.node];
      if (!node) throw badShape(this.#file.name, `there is no node ${next.node}`);
      if (seen.has(next.node)) throw badShape(this.#file.name, `node ${next.node} has two parents`);
      seen.add(next.node);
      const world = multiply(next.world, matrixOf(node));
      if (node.mesh !== undefined) this.#addMesh(node.mesh, node.name, world);
      for (const child of node.children.toReversed()) waiting.push({ node: child, world });
    }
    return this.#built;
  }

  /** Of the scene to show; without scenes, all nodes that are nobody's children. In reverse, as a stack wants them. */
  #roots(): number[] {
    const { scenes, scene = 0, nodes } = this.#gltf.json;
    const children = new Set(nodes.flatMap((node) => node.children));
    const roots = scenes[scene]?.nodes ?? [...nodes.keys()].filter((node) => !children.has(node));
    return roots.toReversed();
  }

  #addMesh(index: number, nodeName: string | undefined, world: Matrix): void {
    const { json } = this.#gltf;
    const mesh = json.meshes[index];
    if (!mesh) throw badShape(this.#file.name, `there is no mesh ${index}`);
    if (this.#built.length === mostInstances) throw tooLarge(this.#file.name, `over ${mostInstances} objects`);
    this.#file.beat();
    const builder = new MeshBuilder(this.#file.name, this.#unitNm);
    for (const primitive of mesh.primitives) {
      if (primitive.mode < 4 || primitive.mode > 6) continue;
      if ('KHR_draco_mesh_compression' in primitive.extensions)
        throw badShape(
          this.#file.name,
          `mesh ${index} is compressed by Draco, which Lamella reads in precomputed meshes only; save it without`,
        );
      this.#addPrimitive(builder, primitive, world);
    }
    this.#built.push(builder.build((nodeName || mesh.name || `mesh ${index}`).slice(0, 200)));
  }

  #addPrimitive(
    builder: MeshBuilder,
    { attributes, indices, mode }: GltfFile['json']['meshes'][number]['primitives'][number],
    m: Matrix,
  ): void {
    const at = attributes['POSITION'];
    if (at === undefined) return;
    const first = builder.vertices;
    // Counted before anything is read: many nodes may name one mesh.
    this.#vertices += this.#accessor(at).count;
    this.#corners += this.#accessor(indices ?? at).count;
    if (this.#vertices > mostPoints) throw tooLarge(this.#file.name, `over ${mostPoints} vertices`);
    if (this.#corners > mostLinks) throw tooLarge(this.#file.name, `over ${mostLinks} corners of triangles`);
    this.#file.beat();
    const positions = this.#numbers(at, 'VEC3', 3);
    for (let i = 0; i < positions.length; i += 3) {
      const [x, y, z] = [positions[i] ?? 0, positions[i + 1] ?? 0, positions[i + 2] ?? 0];
      builder.vertex(
        m[0] * x + m[4] * y + m[8] * z + m[12],
        m[1] * x + m[5] * y + m[9] * z + m[13],
        m[2] * x + m[6] * y + m[10] * z + m[14],
      );
    }
    const vertices = positions.length / 3;
    const corner = indices === undefined ? (i: number) => i : this.#cornersAt(indices);
    const corners = indices === undefined ? vertices : this.#accessor(indices).count;
    const of = (i: number): number => {
      const vertex = corner(i);
      return vertex < vertices ? first + vertex : -1;
    };
    addTriangles(builder, mode, corners, of);
  }

  #cornersAt(accessor: number): (i: number) => number {
    const values = this.#numbers(accessor, 'SCALAR', 1);
    return (i) => values[i] ?? NaN;
  }

  #accessor(index: number): Accessor {
    const accessor = this.#gltf.json.accessors[index];
    if (!accessor) throw badShape(this.#file.name, `there is no accessor ${index}`);
    return accessor;
  }

  #numbers(index: number, type: string, components: number): Float64Array {
    const accessor = this.#accessor(index);
    const bad = (why: string): Error => badShape(this.#file.name, `accessor ${index} ${why}`);
    const read = readers[accessor.componentType];
    if (accessor.type !== type || !read) throw bad(`holds ${accessor.type} of the type ${accessor.componentType}`);
    if (accessor.sparse !== undefined) throw bad('is sparse, which Lamella does not read; save it without');
    const view = accessor.bufferView === undefined ? undefined : this.#gltf.json.bufferViews[accessor.bufferView];
    const buffer = view && this.#gltf.buffers[view.buffer];
    if (!view || !buffer) throw bad('lies nowhere');
    const stride = view.byteStride ?? read.bytes * components;
    if (stride < read.bytes * components) throw bad(`has rows of ${read.bytes * components} bytes every ${stride}`);
    const end = accessor.byteOffset + (accessor.count - 1) * stride + read.bytes * components;
    if (accessor.count > 0 && (end > view.byteLength || view.byteOffset + end > buffer.length))
      throw bad(`has ${accessor.count} rows, which end behind its buffer`);
    const data = new DataView(buffer.buffer, buffer.byteOffset + view.byteOffset + accessor.byteOffset);
    const values = new Float64Array(accessor.count * components);
    for (let i = 0; i < accessor.count; i++)
      for (let c = 0; c < components; c++) values[i * components + c] = read.at(data, i * stride + c * read.bytes);
    return accessor.normalized && read.most > 1 ? values.map((value) => Math.max(-1, value / read.most)) : values;
  }
}

interface Component {
  readonly bytes: number;
  /** What becomes 1 where numbers are normalised; those of 1 never are. */
  readonly most: number;
  at(view: DataView, at: number): number;
}

/** By the numbers that OpenGL gives them. */
const readers: Readonly<Record<number, Component>> = {
  5120: { bytes: 1, most: 127, at: (view, at) => view.getInt8(at) },
  5121: { bytes: 1, most: 255, at: (view, at) => view.getUint8(at) },
  5122: { bytes: 2, most: 32_767, at: (view, at) => view.getInt16(at, true) },
  5123: { bytes: 2, most: 65_535, at: (view, at) => view.getUint16(at, true) },
  5125: { bytes: 4, most: 2 ** 32 - 1, at: (view, at) => view.getUint32(at, true) },
  5126: { bytes: 4, most: 1, at: (view, at) => view.getFloat32(at, true) },
};

/** 4: triangles, 5: a strip, 6: a fan. */
function addTriangles(builder: MeshBuilder, mode: number, corners: number, of: (i: number) => number): void {
  if (mode === 4) for (let i = 0; i + 2 < corners; i += 3) builder.triangle(of(i), of(i + 1), of(i + 2));
  else if (mode === 6) for (let i = 1; i + 1 < corners; i++) builder.triangle(of(0), of(i), of(i + 1));
  else
    for (let i = 0; i + 2 < corners; i++) {
      const odd = i % 2;
      builder.triangle(of(i), of(i + 1 + odd), of(i + 2 - odd));
    }
}
