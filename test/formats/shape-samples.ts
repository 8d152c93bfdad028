/** Small files of shapes, made from the published rules: a tetrahedron, two of them, and a skeleton of five nodes. */
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

export const corners = [
  [0, 0, 0],
  [4, 0, 0],
  [0, 3, 0],
  [0, 0, 2.5],
] as const;
export const faces = [
  [0, 2, 1],
  [0, 1, 3],
  [0, 3, 2],
  [1, 2, 3],
] as const;

const v = (from: readonly (readonly number[])[]): string => from.map((c) => `v ${c.join(' ')}`).join('\n');
const f = (offset: number): string => faces.map((t) => `f ${t.map((i) => i + offset).join(' ')}`).join('\n');

export const obj = text(`# a comment\n${v(corners)}\n${f(1)}\n`);
export const objScene = text(`o left\n${v(corners)}\n${f(1)}\r\no right side\n${v(corners)}\n${f(5)}\n`);

export const plyText = text(
  `ply\nformat ascii 1.0\ncomment made by hand\nelement vertex 4\nproperty float x\nproperty uchar red\nproperty float y\nproperty double z\nelement face 4\nproperty list uchar int vertex_indices\nend_header\n${corners.map(([x, y, z]) => `${x} 255 ${y} ${z}`).join('\n')}\n${faces.map((t) => `3 ${t.join(' ')}`).join('\n')}\n`,
);

export function plyBinary(little: boolean): Uint8Array {
  const head = text(
    `ply\nformat binary_${little ? 'little' : 'big'}_endian 1.0\nelement vertex 4\nproperty float x\nproperty uchar red\nproperty float y\nproperty double z\nelement face 4\nproperty list uchar int vertex_index\nend_header\n`,
  );
  const body = new DataView(new ArrayBuffer(4 * 17 + 4 * 13));
  for (const [i, [x, y, z]] of corners.entries()) {
    body.setFloat32(i * 17, x, little);
    body.setUint8(i * 17 + 4, 255);
    body.setFloat32(i * 17 + 5, y, little);
    body.setFloat64(i * 17 + 9, z, little);
  }
  for (const [i, triangle] of faces.entries()) {
    body.setUint8(68 + i * 13, 3);
    for (const [j, index] of triangle.entries()) body.setInt32(68 + i * 13 + 1 + j * 4, index, little);
  }
  return Buffer.concat([head, new Uint8Array(body.buffer)]);
}

const cornersOf = (t: readonly number[]): readonly (readonly number[])[] => t.map((i) => corners[i] ?? [0, 0, 0]);

export const stlText = text(
  `solid tetra\n${faces
    .map(
      (t) =>
        `facet normal 0 0 0\n outer loop\n${cornersOf(t)
          .map((c) => `  vertex ${c.join(' ')}`)
          .join('\n')}\n endloop\nendfacet`,
    )
    .join('\n')}\nendsolid tetra\n`,
);

/** Begins with "solid", as some programs have it. */
export function stlBinary(): Uint8Array {
  const view = new DataView(new ArrayBuffer(84 + 50 * faces.length));
  new Uint8Array(view.buffer).set(text('solid binary'));
  view.setUint32(80, faces.length, true);
  for (const [i, triangle] of faces.entries())
    for (const [j, value] of cornersOf(triangle).flat().entries())
      view.setFloat32(84 + 50 * i + 12 + j * 4, value, true);
  return new Uint8Array(view.buffer);
}

/** The tetrahedron twice, by one mesh: once moved, once turned by 90 degrees about z and made twice as large. */
export function gltf(uri?: string): { readonly json: Record<string, unknown>; readonly buffer: Uint8Array } {
  const buffer = Buffer.concat([
    new Uint8Array(new Float32Array(corners.flat()).buffer),
    new Uint8Array(new Uint16Array(faces.flat()).buffer),
  ]);
  const half = Math.SQRT1_2;
  const json = {
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [
      { children: [1, 2] },
      { name: 'moved', mesh: 0, matrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 10, 20, 30, 1] },
      { name: 'turned', mesh: 0, rotation: [0, 0, half, half], scale: [2, 2, 2] },
    ],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1 }] }],
    accessors: [
      { bufferView: 0, componentType: 5126, count: 4, type: 'VEC3' },
      { bufferView: 1, componentType: 5123, count: 12, type: 'SCALAR' },
    ],
    bufferViews: [
      { buffer: 0, byteLength: 48 },
      { buffer: 0, byteOffset: 48, byteLength: 24 },
    ],
    buffers: [{ byteLength: 72, ...(uri !== undefined && { uri }) }],
  };
  return { json, buffer };
}

export function glb(): Uint8Array {
  const { json, buffer } = gltf();
  const words = JSON.stringify(json);
  const head = text(words.padEnd(Math.ceil(words.length / 4) * 4));
  const view = new DataView(new ArrayBuffer(28));
  const total = 28 + head.length + buffer.length;
  const numbers = [0x46546c67, 2, total, head.length, 0x4e4f534a];
  for (const [i, value] of numbers.entries()) view.setUint32(i * 4, value, true);
  view.setUint32(20, buffer.length, true);
  view.setUint32(24, 0x004e4942, true);
  const bytes = new Uint8Array(view.buffer);
  return Buffer.concat([bytes.subarray(0, 20), head, bytes.subarray(20), buffer]);
}

/** A root, a branch of two, and a root of its own; ids out of order. */
export const swc = text(
  '# by hand\n10 1 0 0 0 1.5 -1\n7 3 3 4 0 0.5 10\n8 3 3 4 12 0.25 7\n9 3 0 0 -2 1 10\n1 0 5 5 5 2 -1\n',
);

export const nml = text(
  '<?xml version="1.0"?><things><parameters><scale x="10" y="10" z="20" /></parameters>' +
    '<thing id="1" name="first"><nodes><node id="1" radius="5" x="0" y="0" z="0" /><node id="2" radius="6" x="3" y="4" z="0" /></nodes>' +
    '<edges><edge source="1" target="2" /></edges></thing>' +
    '<thing id="2" name="second"><nodes><node id="3" radius="1" x="1" y="1" z="1" /></nodes><edges /></thing></things>',
);

/** Of a legacy mesh. */
export function legacyFragment(): Uint8Array {
  const head = new Uint8Array(new Uint32Array([4]).buffer);
  const positions = new Uint8Array(new Float32Array(corners.flat()).buffer);
  return Buffer.concat([head, positions, new Uint8Array(new Uint32Array(faces.flat()).buffer)]);
}

/** Three nodes and two edges; uint16 "kind" before float32 "radius". */
export function skeletonBytes(): Uint8Array {
  const parts = [new Uint32Array([3, 2]), new Float32Array([0, 0, 0, 1, 0, 0, 1, 2, 0]), new Uint32Array([0, 1, 1, 2])];
  const attributes = [new Uint16Array([1, 2, 3]), new Float32Array([0.5, 1, 1.5])];
  return Buffer.concat([...parts, ...attributes].map((part) => new Uint8Array(part.buffer)));
}

export const skeletonInfo = {
  '@type': 'neuroglancer_skeletons',
  transform: [2, 0, 0, 100, 0, 2, 0, 0, 0, 0, 2, 0],
  vertex_attributes: [
    { id: 'kind', data_type: 'uint16', num_components: 1 },
    { id: 'radius', data_type: 'float32', num_components: 1 },
  ],
};

export const jsonBytes = (value: unknown): Uint8Array => text(JSON.stringify(value));
