import { MeshBuilder, type BuiltMesh } from './mesh-builder.ts';
import { assumedUnit, parsedMeshes, type Parsed, type ShapeFile } from './parse-result.ts';
import { Scanner } from './scanner.ts';
import { badShape, shown } from './shape-errors.ts';

interface Group {
  readonly name: string;
  readonly from: number;
}

/**
 * Wavefront OBJ (Appendix B1 of the Advanced Visualizer manual): `v` and `f`; objects by `o` or, where there is none, by
 * `g`. Polygons become fans; lines, points, curves, normals, textures and materials are left alone.
 */
export function parseObj(file: ShapeFile): Parsed {
  const unitNm = file.unitNm ?? 1;
  const scan = new Scanner(file.bytes, file.beat);
  const builder = new MeshBuilder(file.name, unitNm);
  const [objects, groups]: [Group[], Group[]] = [[], []];
  while (scan.nextLine()) {
    const word = scan.word();
    if (word === 'v') readVertex(file, scan, builder);
    else if (word === 'f') readFace(file, scan, builder);
    else if (word === 'o') objects.push({ name: scan.rest(), from: builder.triangles });
    else if (word === 'g') groups.push({ name: scan.rest(), from: builder.triangles });
  }
  const notes = file.unitNm === null ? [assumedUnit('OBJ', unitNm, '')] : [];
  return parsedMeshes(file, unitNm, partsOf(builder, objects.length > 0 ? objects : groups), notes);
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

/** Triangles before the first name are a part too. An object may be begun again: then its parts count as two. */
function partsOf(builder: MeshBuilder, named: readonly Group[]): readonly BuiltMesh[] {
  const starts = named[0]?.from === 0 ? named : [{ name: '', from: 0 }, ...named];
  const filled = starts.filter(({ from }, i) => (starts[i + 1]?.from ?? builder.triangles) > from);
  return filled.map(({ name, from }, i) => builder.build(name, from, filled[i + 1]?.from ?? builder.triangles));
}
