import type { BuiltMesh, MeshBuilder } from './mesh-builder.ts';
import { NamedParts } from './named-parts.ts';
import { assumedUnit, parsedMeshes, type Parsed, type ShapeFile } from './parse-result.ts';
import { Scanner } from './scanner.ts';
import { badShape } from './shape-errors.ts';
import { VertexTable } from './vertex-table.ts';

/** STL, text or binary (3D Systems, Stereolithography Interface Specification, 1988). Equal corners become one vertex. */
export function parseStl(file: ShapeFile): Parsed {
  const unitNm = file.unitNm ?? 1;
  const built = isText(file.bytes) ? textMeshes(file, unitNm) : [binaryMesh(file, unitNm)];
  return parsedMeshes(file, unitNm, built, file.unitNm === null ? [assumedUnit('STL', unitNm, '')] : []);
}

/** Binary files may begin with "solid" too: what their count says of their size decides, then whether there are facets. */
function isText(bytes: Uint8Array): boolean {
  if (bytes.length >= 84 && 84 + 50 * countOf(bytes) === bytes.length) return false;
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 2048));
  return /^\s*solid\b/i.test(head) && (/\bfacet\b/i.test(head) || /\bendsolid\b/i.test(head));
}

const countOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(80, true);

function binaryMesh(file: ShapeFile, unitNm: number): BuiltMesh {
  const { bytes, name } = file;
  if (bytes.length < 84) throw badShape(name, `it has ${bytes.length} bytes, too few for STL`);
  const count = countOf(bytes);
  const needed = 84 + 50 * count;
  if (bytes.length < needed)
    throw badShape(name, `it says ${count} triangles, which need ${needed} bytes, and has ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = new VertexTable(name, unitNm);
  for (let i = 0; i < count; i++) {
    if (i % (1 << 16) === 0) file.beat();
    const at = 84 + 50 * i + 12;
    const corner = (c: number): number =>
      table.add(
        view.getFloat32(at + c * 12, true),
        view.getFloat32(at + c * 12 + 4, true),
        view.getFloat32(at + c * 12 + 8, true),
      );
    table.builder.triangle(corner(0), corner(1), corner(2));
  }
  return table.builder.build('');
}

/** Each `solid` is an object. */
function textMeshes(file: ShapeFile, unitNm: number): readonly BuiltMesh[] {
  const scan = new Scanner(file.bytes, file.beat);
  const table = new VertexTable(file.name, unitNm);
  const solids = new NamedParts(table.builder);
  const corners: number[] = [];
  let isOpen = false;
  while (scan.nextLine()) {
    const word = scan.word().toLowerCase();
    if (word === 'solid') {
      solids.begin(scan.rest());
      isOpen = true;
    } else if (word === 'endsolid') isOpen = false;
    else if (word === 'vertex') {
      if (!isOpen) throw badShape(file.name, `line ${scan.line} has a vertex outside of any solid`);
      corners.push(table.add(scan.number(), scan.number(), scan.number()));
    } else if (word === 'endfacet') closeFacet(file, scan, table.builder, corners);
  }
  if (isOpen) throw badShape(file.name, `it ends after line ${scan.line}, before its solid does`);
  return solids.build(file.name);
}

function closeFacet(file: ShapeFile, scan: Scanner, builder: MeshBuilder, corners: number[]): void {
  const [a, b, c] = corners;
  if (corners.length !== 3 || a === undefined || b === undefined || c === undefined)
    throw badShape(file.name, `the facet that ends at line ${scan.line} has ${corners.length} corners`);
  builder.triangle(a, b, c);
  corners.length = 0;
}
