import { GrowingFloats, GrowingInts } from './growing.ts';
import { MeshParts, mostLinks, mostPoints } from './mesh-builder.ts';
import { parsedMeshes, type Parsed, type ShapeFile } from './parse-result.ts';
import { badShape, tooLarge } from './shape-errors.ts';

/**
 * Fragments of a legacy mesh (google/neuroglancer, src/datasource/precomputed/mesh.rst): uint32 n, n x 3 float32 in
 * nanometres, then uint32 triplets to the end. Joined to one mesh.
 */
export function parseLegacyMesh(file: ShapeFile, fragments: readonly Uint8Array[]): Parsed {
  const [positions, indices] = [new GrowingFloats(), new GrowingInts()];
  for (const [i, bytes] of fragments.entries()) {
    file.beat();
    addFragment(file.name, i, bytes, positions, indices);
  }
  const built = new MeshParts(positions.values()).build('', indices.values());
  return parsedMeshes(file, 1, [built], []);
}

function addFragment(
  file: string,
  number: number,
  bytes: Uint8Array,
  positions: GrowingFloats,
  indices: GrowingInts,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const vertices = bytes.length < 4 ? 0 : view.getUint32(0, true);
  const indicesAt = 4 + vertices * 12;
  const what = `fragment ${number + 1}`;
  if (bytes.length < 4 || indicesAt > bytes.length || (bytes.length - indicesAt) % 12 !== 0)
    throw badShape(
      file,
      `${what} has ${bytes.length} bytes, which are not those of ${vertices} vertices and whole triangles`,
    );
  const first = positions.length / 3;
  if (first + vertices > mostPoints) throw tooLarge(file, `over ${mostPoints} vertices`);
  if (indices.length / 3 + (bytes.length - indicesAt) / 12 > mostLinks)
    throw tooLarge(file, `over ${mostLinks} triangles`);
  for (let at = 4; at < indicesAt; at += 12)
    positions.push3(view.getFloat32(at, true), view.getFloat32(at + 4, true), view.getFloat32(at + 8, true));
  for (let at = indicesAt; at < bytes.length; at += 4) {
    const index = view.getUint32(at, true);
    // A vertex of this fragment, never of the next.
    indices.push(index < vertices ? first + index : 0xff_ff_ff_ff);
  }
}
