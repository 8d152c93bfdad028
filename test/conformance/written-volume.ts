import { copyVoxels } from '../../main/engine/formats/crop.ts';
import { gridOf, levelAt, mapAxes, voxelsIn } from '../../main/engine/formats/pyramid.ts';
import type {
  BlockAt,
  ChunkCodec,
  Place,
  VolumeFormat,
  VolumePlan,
  VolumeWriter,
  WriteChoices,
} from '../../main/engine/formats/volume-format.ts';
import { bytesPerVoxel, type Vec3 } from '../../preload/contract/space.ts';
import { memoryStore } from './memory-store.ts';

export interface Written {
  readonly store: ReturnType<typeof memoryStore>;
  readonly place: Place;
  /** As the writer says it reads back. */
  readonly plan: VolumePlan;
  /** Of each level: x fastest, then y, z, channel, time. */
  readonly levels: readonly Uint8Array[];
  /** In the order in which they were put, the voxels' left out. */
  readonly metadataKeys: readonly string[];
}

type Writable = NonNullable<VolumeFormat['write']>;
/** Voxels of the block, x fastest, then y, z, channel. Blocks that it leaves undefined are all 0. */
export type BlockVoxels = (at: BlockAt, bytes: number) => Uint8Array | undefined;

/** Writes a volume as a journey does it: all blocks, then the metadata, then the one file where it is one. */
export async function writeVolume(
  { write }: { readonly write: Writable },
  plan: VolumePlan,
  choices: WriteChoices,
  codec: ChunkCodec,
  voxelsOf: BlockVoxels,
  store = memoryStore('a written volume'),
): Promise<Written> {
  const writer = write.writer(plan, choices, codec);
  const levels: Uint8Array[] = [];
  const sizes = new Map<string, number>();
  for (const index of writer.plan.levels.keys()) {
    levels.push(
      await writeLevel(writer, index, voxelsOf, async (key, bytes) => {
        if (sizes.has(key)) throw new Error(`${key} is written twice`);
        sizes.set(key, bytes.byteLength);
        await store.put(key, bytes);
      }),
    );
  }
  const metadataKeys: string[] = [];
  for (const part of await writer.metadata({ attributes: { title: 'T' } })) {
    metadataKeys.push(part.key);
    await store.put(part.key, part.bytes);
  }
  const written = { store, plan: writer.plan, levels, metadataKeys };
  if (write.as === 'folder') return { ...written, place: { source: store, key: '' } };
  const key = `volume${write.as.ending}`;
  const pieces = (await writer.assemble?.(sizes)) ?? [];
  const bytes = pieces.map((piece) =>
    'part' in piece ? (store.files.get(piece.part) ?? new Uint8Array()) : piece.bytes,
  );
  for (const part of [...sizes.keys(), ...metadataKeys]) store.files.delete(part);
  await store.put(key, Buffer.concat(bytes));
  return { ...written, place: { source: store, key } };
}

async function writeLevel(
  writer: VolumeWriter,
  level: number,
  voxelsOf: BlockVoxels,
  put: (key: string, bytes: Uint8Array) => Promise<void>,
): Promise<Uint8Array> {
  const { plan } = writer;
  const { sizeXyz } = levelAt(plan, level);
  const width = bytesPerVoxel[plan.dtype];
  const channels = plan.channels.length;
  const plane = voxelsIn(sizeXyz) * width;
  const whole = new Uint8Array(plane * channels * plan.times);
  const block = writer.blockXyz(level);
  const grid = gridOf(sizeXyz, block);
  for (let time = 0; time < plan.times; time++) {
    for (const xyz of boxes(grid)) {
      const min = mapAxes((i) => xyz[i] * block[i]);
      const size = mapAxes((i) => Math.min(block[i], sizeXyz[i] - min[i]));
      const bytes = voxelsIn(size) * width;
      const at = { level, xyz, time };
      const voxels = voxelsOf(at, bytes * channels) ?? new Uint8Array(bytes * channels);
      for (let c = 0; c < channels; c++) {
        const from = { bytes: voxels.subarray(c * bytes, (c + 1) * bytes), size, at: [0, 0, 0] } as const;
        const to = {
          bytes: whole.subarray((time * channels + c) * plane, (time * channels + c + 1) * plane),
          size: sizeXyz,
          at: min,
        };
        copyVoxels(from, to, size, width);
      }
      for (const part of await writer.encodeBlock(at, voxels)) await put(part.key, part.bytes);
    }
  }
  return whole;
}

function* boxes([nx, ny, nz]: Vec3): Generator<Vec3> {
  for (let z = 0; z < nz; z++) for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) yield [x, y, z];
}
