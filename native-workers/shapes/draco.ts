import createDecoder, { type DracoDecoder, type DracoMesh, type DracoModule } from 'draco3d/draco_decoder_nodejs.js';
import { isLamellaError } from '../../preload/contract/errors.ts';
import { transformPositions, type Transform } from './affine.ts';
import { dracoWasm } from './draco-wasm.ts';
import { MeshParts, mostLinks, mostPoints } from './mesh-builder.ts';
import { badShape, tooLarge } from './shape-errors.ts';

type Vec3 = readonly [number, number, number];

export interface DracoFragment {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly offset: Vec3;
  readonly scale: Vec3;
  readonly transform: Transform;
}

export interface DracoMeshBytes {
  readonly vertices: number;
  readonly triangles: number;
  readonly bytes: Uint8Array;
}

let loaded: Promise<DracoModule> | undefined;

/** Memory of WebAssembly never shrinks: after a fragment that took more, the next gets a new one. */
const mostKeptBytes = 256 * 2 ** 20;

/**
 * A fragment of a multi-resolution mesh: the integers of its positions become offset + x * scale, and those nanometres by
 * `transform`. Quantization that the encoder noted is not undone: what counts are the integers, as Neuroglancer has it.
 */
export async function decodeDraco(fragment: DracoFragment): Promise<DracoMeshBytes> {
  loaded ??= createDecoder({ wasmBinary: dracoWasm() });
  const module = await loaded;
  try {
    return decodeWith(module, fragment);
  } catch (error) {
    if (isLamellaError(error)) throw error;
    // After a trap its memory can't be trusted: the next fragment gets a new one.
    loaded = undefined;
    throw badShape(fragment.file, 'the Draco decoder gave up on it', error);
  } finally {
    if (module.HEAPU8.byteLength > mostKeptBytes) loaded = undefined;
  }
}

function decodeWith(module: DracoModule, fragment: DracoFragment): DracoMeshBytes {
  const { bytes, file } = fragment;
  const [decoder, mesh] = [new module.Decoder(), new module.Mesh()];
  try {
    decoder.SkipAttributeTransform(module.POSITION);
    const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const status = decoder.DecodeArrayToMesh(signed, signed.length, mesh);
    if (!status.ok() || mesh.ptr === 0)
      throw badShape(file, `a fragment is no Draco mesh (${status.error_msg() || 'damaged'})`);
    return meshOf(module, decoder, mesh, fragment);
  } finally {
    module.destroy(mesh);
    module.destroy(decoder);
  }
}

function meshOf(module: DracoModule, decoder: DracoDecoder, mesh: DracoMesh, fragment: DracoFragment): DracoMeshBytes {
  const { file, offset, scale, transform } = fragment;
  const [points, faces] = [mesh.num_points(), mesh.num_faces()];
  if (points > mostPoints || faces > mostLinks)
    throw tooLarge(file, `${points} vertices and ${faces} triangles in a fragment`);
  const id = decoder.GetAttributeId(mesh, module.POSITION);
  const attribute = id < 0 ? undefined : decoder.GetAttribute(mesh, id);
  if (attribute?.num_components() !== 3) throw badShape(file, 'a fragment has no positions of three numbers');
  const integers = new Int32Array(
    read(module, points * 12, (length, at) =>
      decoder.GetAttributeDataArrayForAllPoints(mesh, attribute, module.DT_INT32, length, at),
    ),
  );
  const indices = new Uint32Array(
    read(module, faces * 12, (length, at) => decoder.GetTrianglesUInt32Array(mesh, length, at)),
  );
  const positions = new Float64Array(points * 3);
  for (let i = 0; i < positions.length; i++) {
    const axis = (i % 3) as 0 | 1 | 2;
    positions[i] = offset[axis] + (integers[i] ?? 0) * scale[axis];
  }
  transformPositions(positions, transform);
  const built = new MeshParts(new Float32Array(positions)).build('', indices);
  return { vertices: built.points, triangles: built.links, bytes: built.bytes };
}

/** Bytes that the decoder writes into its own memory. */
function read(module: DracoModule, length: number, write: (length: number, at: number) => boolean): ArrayBuffer {
  const at = module._malloc(length);
  try {
    if (!write(length, at)) throw new Error('the decoder gave no values');
    return new Uint8Array(module.HEAPU8.subarray(at, at + length)).buffer;
  } finally {
    module._free(at);
  }
}
