import { MeshBuilder } from './mesh-builder.ts';
import { assumedUnit, parsedMeshes, type Parsed, type ShapeFile } from './parse-result.ts';
import { readPlyHeader, scalarBytes, type Element, type PlyHeader, type Scalar } from './ply-header.ts';
import { Scanner } from './scanner.ts';
import { badShape } from './shape-errors.ts';

/** Reads the values of the body one after another. Throws 'bad-source' at the end of the file. */
interface Body {
  next(type: Scalar): number;
  /** Bytes that are left: no fewer than the values that may come. */
  left(): number;
}

/** PLY (Turk 1994), text and binary of both byte orders. Polygons become fans; other elements are read over. */
export function parsePly(file: ShapeFile): Parsed {
  const unitNm = file.unitNm ?? 1;
  const header = readPlyHeader(file.name, file.bytes);
  const body = header.encoding === 'ascii' ? textBody(file, header) : binaryBody(file, header);
  const builder = new MeshBuilder(file.name, unitNm);
  for (const element of header.elements) readElement(file, element, header, body, builder);
  return parsedMeshes(file, unitNm, [builder.build('')], file.unitNm === null ? [assumedUnit('PLY', unitNm, '')] : []);
}

function readElement(file: ShapeFile, element: Element, header: PlyHeader, body: Body, builder: MeshBuilder): void {
  // Rows without properties take no bytes, so that any count would do.
  if (element.properties.length === 0 || element.count === 0) return;
  checkRoom(file, element, header, body);
  const read =
    element.name === 'vertex'
      ? vertexReader(file, element, builder)
      : element.name === 'face'
        ? faceReader(builder)
        : noReader;
  for (let row = 0; row < element.count; row++) {
    if (row % (1 << 14) === 0) file.beat();
    read.begin();
    for (const [i, property] of element.properties.entries()) {
      const count = property.countType === undefined ? 1 : body.next(property.countType);
      if (!(count >= 0 && count <= body.left()))
        throw badShape(file.name, `a list of row ${row} of "${element.name}" says that it has ${count} values`);
      const isList = property.countType !== undefined;
      for (let j = 0; j < count; j++) {
        const value = body.next(property.type);
        if (isList) read.item(property.name, value);
        else read.value(i, value);
      }
    }
    read.end();
  }
}

function checkRoom(file: ShapeFile, { name, count, properties }: Element, { encoding }: PlyHeader, body: Body): void {
  const rowBytes = properties.reduce(
    (sum, { type, countType }) => sum + (encoding === 'ascii' ? 1 : scalarBytes[countType ?? type]),
    0,
  );
  if (rowBytes * count > body.left())
    throw badShape(file.name, `it says ${count} rows of "${name}", and ${body.left()} bytes are left for them`);
}

interface RowReader {
  begin(): void;
  value(property: number, value: number): void;
  item(list: string, value: number): void;
  end(): void;
}

const nothing = (): void => undefined;
const noReader: RowReader = { begin: nothing, value: nothing, item: nothing, end: nothing };

function vertexReader(file: ShapeFile, { properties }: Element, builder: MeshBuilder): RowReader {
  const axes = ['x', 'y', 'z'].map((axis) =>
    properties.findIndex(({ name, countType }) => name === axis && !countType),
  );
  if (axes.includes(-1)) throw badShape(file.name, 'its vertices have no x, y and z');
  const row = new Float64Array(properties.length);
  const [x, y, z] = axes as [number, number, number];
  return {
    begin: nothing,
    value: (property, value) => void (row[property] = value),
    item: nothing,
    end: () => builder.vertex(row[x] ?? 0, row[y] ?? 0, row[z] ?? 0),
  };
}

function faceReader(builder: MeshBuilder): RowReader {
  let [first, before, corners] = [0, 0, 0];
  return {
    begin: () => void (corners = 0),
    value: nothing,
    item: (list, index) => {
      if (list !== 'vertex_indices' && list !== 'vertex_index') return;
      if (corners === 0) first = index;
      else if (corners > 1) builder.triangle(first, before, index);
      before = index;
      corners++;
    },
    end: nothing,
  };
}

function binaryBody({ bytes, name }: ShapeFile, { encoding, dataAt }: PlyHeader): Body {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = encoding === 'little';
  let at = dataAt;
  const read: Readonly<Record<Scalar, () => number>> = {
    int8: () => view.getInt8(at),
    uint8: () => view.getUint8(at),
    int16: () => view.getInt16(at, little),
    uint16: () => view.getUint16(at, little),
    int32: () => view.getInt32(at, little),
    uint32: () => view.getUint32(at, little),
    float32: () => view.getFloat32(at, little),
    float64: () => view.getFloat64(at, little),
  };
  return {
    next: (type) => {
      const size = scalarBytes[type];
      if (at + size > bytes.length)
        throw badShape(name, `it ends after ${bytes.length} bytes, before its last row does`);
      const value = read[type]();
      at += size;
      return value;
    },
    left: () => bytes.length - at,
  };
}

/** Values are words; where lines end does not matter, as other readers have it. */
function textBody({ bytes, name, beat }: ShapeFile, { dataAt }: PlyHeader): Body {
  const scan = new Scanner(bytes, beat, dataAt);
  return {
    next: () => {
      while (!scan.hasMore)
        if (!scan.nextLine()) throw badShape(name, `it ends after ${bytes.length} bytes, before its last row does`);
      return scan.number();
    },
    left: () => bytes.length - scan.at,
  };
}
