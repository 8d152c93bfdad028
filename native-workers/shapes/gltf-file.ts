import { z } from 'zod';
import type { ShapeFile } from './parse-result.ts';
import { badShape, shown } from './shape-errors.ts';

/** What Lamella reads of glTF 2.0 (Khronos Group, "glTF 2.0 Specification", 2021). */
const index = z.number().int().min(0);
const numbers = (n: number) => z.array(z.number()).length(n);

const gltfSchema = z.object({
  asset: z.object({ version: z.string().regex(/^2\./, 'Lamella reads glTF 2') }),
  extensionsRequired: z.array(z.string()).default([]),
  scene: index.optional(),
  scenes: z.array(z.object({ nodes: z.array(index).default([]) })).default([]),
  nodes: z
    .array(
      z.object({
        name: z.string().optional(),
        mesh: index.optional(),
        children: z.array(index).default([]),
        matrix: numbers(16).optional(),
        translation: numbers(3).optional(),
        rotation: numbers(4).optional(),
        scale: numbers(3).optional(),
      }),
    )
    .default([]),
  meshes: z
    .array(
      z.object({
        name: z.string().optional(),
        primitives: z.array(
          z.object({
            attributes: z.record(z.string(), index),
            indices: index.optional(),
            mode: z.number().int().default(4),
            extensions: z.record(z.string(), z.unknown()).default({}),
          }),
        ),
      }),
    )
    .default([]),
  accessors: z
    .array(
      z.object({
        bufferView: index.optional(),
        byteOffset: index.default(0),
        componentType: z.number().int(),
        normalized: z.boolean().default(false),
        count: index,
        type: z.string(),
        sparse: z.unknown().optional(),
      }),
    )
    .default([]),
  bufferViews: z
    .array(
      z.object({
        buffer: index,
        byteOffset: index.default(0),
        byteLength: index,
        byteStride: index.max(252).optional(),
      }),
    )
    .default([]),
  buffers: z.array(z.object({ uri: z.string().optional(), byteLength: index })).default([]),
});
export type Gltf = z.output<typeof gltfSchema>;
export type Accessor = Gltf['accessors'][number];

export interface GltfFile {
  readonly json: Gltf;
  /** By buffer; undefined for one that lies in a file that was not given. */
  readonly buffers: readonly (Uint8Array | undefined)[];
  /** Names of files that were not given. */
  readonly needs: readonly string[];
}

const [glbMagic, jsonChunk, binChunk] = [0x46546c67, 0x4e4f534a, 0x004e4942];
const mostJsonBytes = 256 * 2 ** 20;
const mostFiles = 64;

/** `resources`: files beside it, by name as the file spells it. */
export function readGltf(file: ShapeFile, resources: ReadonlyMap<string, Uint8Array>): GltfFile {
  const { json: jsonBytes, binary } = partsOf(file);
  if (jsonBytes.length > mostJsonBytes) throw badShape(file.name, `its JSON has ${jsonBytes.length} bytes`);
  const json = parseJson(file, jsonBytes);
  const strange = json.extensionsRequired.find((name) => !isHarmless(name));
  if (strange !== undefined)
    throw badShape(file.name, `it needs the extension ${shown(strange)}, which Lamella does not read; save it without`);
  const needs = new Set<string>();
  const buffers = json.buffers.map(({ uri, byteLength }, i) => {
    const bytes = uri === undefined ? (i === 0 ? binary : undefined) : (dataOf(file, uri) ?? resources.get(uri));
    if (!bytes && uri !== undefined) needs.add(uri);
    else if (!bytes) throw badShape(file.name, `buffer ${i} lies nowhere`);
    if (bytes && bytes.length < byteLength)
      throw badShape(file.name, `buffer ${i} says ${byteLength} bytes, and has ${bytes.length}`);
    return bytes;
  });
  if (needs.size > mostFiles) throw badShape(file.name, `its buffers lie in ${needs.size} files`);
  return { json, buffers, needs: [...needs] };
}

/** Looks, lights and cameras change no triangle. */
const isHarmless = (extension: string): boolean =>
  /^(KHR_materials_|KHR_texture_|EXT_texture_|KHR_lights_)|^KHR_mesh_quantization$/.test(extension);

function partsOf({ bytes, name }: ShapeFile): { readonly json: Uint8Array; readonly binary: Uint8Array | undefined } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0, true) !== glbMagic) return { json: bytes, binary: undefined };
  if (view.getUint32(8, true) > bytes.length)
    throw badShape(name, `it says ${view.getUint32(8, true)} bytes, and has ${bytes.length}`);
  let [json, binary]: [Uint8Array | undefined, Uint8Array | undefined] = [undefined, undefined];
  for (let at = 12; at + 8 <= bytes.length;) {
    const [length, kind] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    if (at + 8 + length > bytes.length) throw badShape(name, `its chunk at byte ${at} ends behind the file`);
    const chunk = bytes.subarray(at + 8, at + 8 + length);
    if (kind === jsonChunk) json ??= chunk;
    else if (kind === binChunk) binary ??= chunk;
    at += 8 + length;
  }
  if (!json) throw badShape(name, 'it has no JSON chunk');
  return { json, binary };
}

function parseJson(file: ShapeFile, bytes: Uint8Array): Gltf {
  let given: unknown;
  try {
    given = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw badShape(file.name, 'it is not JSON', cause);
  }
  const checked = gltfSchema.safeParse(given);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  throw badShape(file.name, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is not as glTF wants it'}`);
}

/** The bytes of a `data:` address; undefined for a name. */
function dataOf(file: ShapeFile, uri: string): Uint8Array | undefined {
  if (!uri.startsWith('data:')) return undefined;
  const comma = uri.indexOf(',');
  if (comma < 0 || !uri.slice(0, comma).endsWith(';base64')) throw badShape(file.name, 'a buffer is no base64 data');
  return new Uint8Array(Buffer.from(uri.slice(comma + 1), 'base64'));
}
