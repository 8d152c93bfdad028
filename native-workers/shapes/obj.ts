import { MeshBuilder } from './mesh-builder.ts';
import { NamedParts } from './named-parts.ts';
import { assumedUnit, parsedMeshes, type Parsed, type ShapeFile } from './parse-result.ts';
import { Scanner } from './scanner.ts';
import { badShape, shown } from './shape-errors.ts';

/**
 * Wavefront OBJ (Appendix B1 of the Advanced Visualizer manual): `v` and `f`; objects by `o` or, where there is none, by
 * `g`. Polygons become fans; lines, points, curves, normals, textures and materials are left alone.
 */
export function parseObj(file: ShapeFile): Parsed {
  const unitNm = file.unitNm ?? 1;
  const scan = new Scanner(file.bytes, file.beat);
  const builder = new MeshBuilder(file.name, unitNm);
  const [objects, groups] = [new NamedParts(builder), new NamedParts(builder)];
  while (scan.nextLine()) {
    const word = scan.word();
    if (word === 'v') readVertex(file, scan, builder);
    else if (word === 'f') readFace(file, scan, builder);
    else if (word === 'o') objects.begin(scan.rest());
    else if (word === 'g') groups.begin(scan.rest());
  }
  const notes = file.unitNm === null ? [assumedUnit('OBJ', unitNm, '')] : [];
  return parsedMeshes(file, unitNm, (objects.isEmpty ? groups : objects).build(file.name), notes);
}

function readVertex(file: ShapeFile, scan: Scanner, builder: MeshBuilder): void {
  const [x, y, z] = [scan.number(), scan.number(), scan.number()];
  // A vertex that is no number keeps its place in the count, and takes its triangles with it.
  if (Number.isNaN(x + y + z) && scan.line === 1) throw badShape(file.name, 'line 1 is no vertex of three numbers');
  builder.vertex(x, y, z);
}

/** `f 1 2 3`, `f 1/1 2/2 3/3`, `f 1//1 …`; negative numbers count back from the last vertex. */
function readFace(file: ShapeFile, scan: Scanner, builder: MeshBuilder): void {
  let [first, before, corners] = [0, 0, 0];
  while (scan.hasMore) {
    const word = scan.word();
    if (word === '\\')
      throw badShape(file.name, `line ${scan.line} goes on in the next one, which Lamella does not read`);
    const given = Number.parseInt(word, 10);
    if (Number.isNaN(given)) throw badShape(file.name, `line ${scan.line} names the vertex ${shown(word)}`);
    const index = given < 0 ? builder.vertices + given : given - 1;
    if (corners === 0) first = index;
    else if (corners > 1) builder.triangle(first, before, index);
    before = index;
    corners++;
  }
  if (corners < 3) throw badShape(file.name, `line ${scan.line} has a face of ${corners} corners`);
}
