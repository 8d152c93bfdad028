import { z } from 'zod';
import { farthestNm } from '../../../../native-workers/shapes/mesh-builder.ts';
import type { ByteSource } from '../byte-store.ts';
import { badFile } from '../checked-json.ts';
import { nameOfPlace } from '../place-name.ts';
import { Remembered } from '../precomputed/remembered.ts';
import { shardingSchema } from '../precomputed/sharding.ts';
import type { Place } from '../volume-format.ts';
import { fragmentPlace, parseMultiresManifest, wireManifest, type MultiresManifest } from './multires-manifest.ts';
import { checkedFolder, folderAt, kindOfFolder, noShape, segmentId, transformField } from './precomputed-folder.ts';
import { entriesOf, idsOfFiles, segmentNames } from './segment-names.ts';
import type { MeshBoxAt, MeshBytes, OpenMeshes, ShapeFormat, ShapeOptions, ShapeWork } from './shape-format.ts';
import { ShardedObjects } from './sharded-objects.ts';
import { readStored } from './stored-file.ts';

/** google/neuroglancer, src/datasource/precomputed/mesh.rst, "Multi-resolution mesh format". */
export const precomputedMultiresMesh: ShapeFormat = {
  id: 'precomputed-multires-mesh',
  label: 'precomputed meshes of several resolutions',
  kind: 'mesh',
  detect: async (place) => {
    const folder = await folderAt(place);
    return folder !== undefined && (await kindOfFolder(folder)) === 'multires';
  },
  open: openMultires,
};

const infoSchema = z.object({
  '@type': z.literal('neuroglancer_multilod_draco'),
  vertex_quantization_bits: z.union([z.literal(10), z.literal(16)]),
  transform: transformField,
  lod_scale_multiplier: z.number().min(0).default(1),
  sharding: shardingSchema.nullish(),
});
type Info = z.output<typeof infoSchema>;

/** A manifest with where the fragments of its mesh lie. */
interface Located {
  readonly manifest: MultiresManifest;
  /** What says so, in messages. */
  readonly file: string;
  /** The file of the fragments, and where in it the first begins. */
  readonly key: string;
  readonly offset: number;
}

const manifestBytes = 64 * 2 ** 20;
const mostManifestBytes = 17 * 2 ** 20;
const mostFragmentBytes = 256 * 2 ** 20;

async function openMultires(place: Place, { work }: ShapeOptions): Promise<OpenMeshes> {
  const { source, properties, checked: info } = await checkedFolder(place, infoSchema);
  const shards = info.sharding ? new ShardedObjects(source, info.sharding) : null;
  const names = await segmentNames(properties);
  const listed = shards ? await shards.ids() : await idsOfFiles(source, /^(\d{1,20})\.index(?:\.gz|\.br)?$/);
  const entries = entriesOf(listed, names);
  const meshes = new MultiresMeshes(source, info, shards, work);
  return {
    kind: 'mesh',
    facts: {
      name: nameOfPlace(source.name),
      format: 'precomputed-multires-mesh',
      unitNm: 1,
      count: listed ? entries.length : null,
      boundsNm: null,
      notes: [],
    },
    keys: () => Promise.resolve(entries),
    manifest: async (key) => {
      const { manifest, file } = await meshes.locate(key);
      const { transform, lod_scale_multiplier: lodScaleMultiplier } = info;
      const wire = wireManifest(key, manifest, { transform, lodScaleMultiplier });
      const far = wire.levels
        .flatMap(({ lodScaleNm, boxesNm }) => [lodScaleNm, ...boxesNm])
        .find((nm) => !(Math.abs(nm) <= farthestNm));
      if (far === undefined) return wire;
      throw badFile(source, file, `it says that ${key} reaches to ${far} nm, over 100 km`);
    },
    mesh: (at, signal) => meshes.mesh(at, signal),
  };
}

class MultiresMeshes {
  readonly #source: ByteSource;
  readonly #info: Info;
  readonly #shards: ShardedObjects | null;
  readonly #work: ShapeWork;
  readonly #located = new Remembered<Located>(manifestBytes, ({ manifest }) =>
    manifest.lods.reduce((sum, { sizes }) => sum + sizes.length * 24, 1000),
  );

  constructor(source: ByteSource, info: Info, shards: ShardedObjects | null, work: ShapeWork) {
    this.#source = source;
    this.#info = info;
    this.#shards = shards;
    this.#work = work;
  }

  /** Throws 'not-found' where there is no such mesh. */
  async locate(key: string): Promise<Located> {
    const id = segmentId(this.#source, key);
    return this.#located.get(key, () => (this.#shards ? this.#inShard(id, this.#shards) : this.#inFile(key)));
  }

  async #inFile(key: string): Promise<Located> {
    const file = `${key}.index`;
    const bytes = await readStored(this.#source, file, undefined, mostManifestBytes);
    if (!bytes) throw noShape(this.#source, key);
    return { manifest: this.#parse(file, bytes), file, key, offset: 0 };
  }

  /** Fragments lie directly before the manifest, never packed. */
  async #inShard(id: bigint, shards: ShardedObjects): Promise<Located> {
    const found = await shards.find(id);
    if (!found) throw noShape(this.#source, String(id));
    if (found.bytes > mostManifestBytes)
      throw badFile(this.#source, found.key, `the manifest of ${id} has ${found.bytes} bytes`);
    const manifest = this.#parse(found.key, await shards.read(found));
    const offset = found.offset - manifest.fragmentBytes;
    if (offset < 0)
      throw badFile(this.#source, found.key, `the fragments of ${id} have more bytes than lie before its manifest`);
    return { manifest, file: found.key, key: found.key, offset };
  }

  #parse(file: string, bytes: Uint8Array): MultiresManifest {
    return parseMultiresManifest(bytes, (why) => badFile(this.#source, file, why));
  }

  /** A fragment of no bytes is an empty mesh. */
  async mesh({ key, level, box }: MeshBoxAt, signal?: AbortSignal): Promise<MeshBytes> {
    const { manifest, key: file, offset } = await this.locate(key);
    const lod = manifest.lods[level];
    const place = fragmentPlace(manifest, level, box, this.#info.vertex_quantization_bits);
    if (!lod || !place) throw noShape(this.#source, `${key}, level ${level}, box ${box}`);
    const length = lod.sizes[box] ?? 0;
    if (length === 0) return { vertices: 0, triangles: 0, bytes: new Uint8Array() };
    const bytes = await this.#fragment(file, offset + (lod.starts[box] ?? 0), length, signal);
    const name = `${file}" at byte ${offset + (lod.starts[box] ?? 0)} of "${this.#source.name}`;
    return this.#work.draco({ file: name, ...place, transform: [...this.#info.transform] }, bytes, signal);
  }

  async #fragment(file: string, offset: number, length: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (length > mostFragmentBytes)
      throw badFile(this.#source, file, `the fragment at byte ${offset} says it has ${length} bytes`);
    const bytes = await this.#source.get(file, { offset, length }, signal);
    if (!bytes)
      throw badFile(this.#source, file, 'there is no such file, and a manifest says there are fragments in it');
    if (bytes.byteLength === length) return bytes;
    throw badFile(
      this.#source,
      file,
      `the fragment at byte ${offset} should have ${length} bytes, and the file ends after ${bytes.byteLength}`,
    );
  }
}
