import createEncoder from 'draco3d/draco_encoder_nodejs.js';
import { jsonBytes } from './shape-samples.ts';

/** A Draco mesh of integer positions, by Google's own encoder, without quantization. */
export async function dracoBytes(positions: readonly number[], indices: readonly number[]): Promise<Uint8Array> {
  const module = await createEncoder();
  const [encoder, builder, mesh, out] = [
    new module.Encoder(),
    new module.MeshBuilder(),
    new module.Mesh(),
    new module.DracoInt8Array(),
  ];
  builder.AddFacesToMesh(mesh, indices.length / 3, new Uint32Array(indices));
  builder.AddInt32Attribute(mesh, module.POSITION, positions.length / 3, 3, new Int32Array(positions));
  const length = encoder.EncodeMeshToDracoBuffer(mesh, out);
  return Uint8Array.from({ length }, (_, i) => out.GetValue(i));
}

export const triangle = [0, 0, 0, 65_535, 0, 0, 0, 65_535, 30_000] as const;

export const multiresInfo = {
  '@type': 'neuroglancer_multilod_draco',
  vertex_quantization_bits: 16,
  transform: [2, 0, 0, 10, 0, 3, 0, 20, 0, 0, 4, 30],
  lod_scale_multiplier: 3,
};

/**
 * Two levels: two fragments (the second empty) and the one that holds them. Chunks of 100 x 200 x 300 from (1, 2, 3); vertex
 * offsets (0, 0, 0) and (5, 6, 7).
 */
export async function multiresMesh(): Promise<{ readonly manifest: Uint8Array; readonly data: Uint8Array }> {
  const [fine, coarse] = [await dracoBytes(triangle, [0, 1, 2]), await dracoBytes([...triangle].reverse(), [0, 1, 2])];
  const parts = [
    new Float32Array([100, 200, 300, 1, 2, 3]),
    new Uint32Array([2]),
    new Float32Array([10, 20]),
    new Float32Array([0, 0, 0, 5, 6, 7]),
    new Uint32Array([2, 1]),
    // x x, y y, z z of the two; then their sizes.
    new Uint32Array([0, 1, 0, 1, 0, 1, fine.length, 0]),
    new Uint32Array([0, 0, 0, coarse.length]),
  ];
  const manifest = Buffer.concat(parts.map((part) => new Uint8Array(part.buffer)));
  return { manifest, data: Buffer.concat([fine, coarse]) };
}

export const multiresFiles = async (): Promise<Record<string, Uint8Array>> => {
  const { manifest, data } = await multiresMesh();
  return { info: jsonBytes(multiresInfo), '7.index': manifest, '7': data };
};
