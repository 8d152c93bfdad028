import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { omeZarrWriter } from '../../main/engine/formats/ome-writer.ts';
import { chunkExtent, chunksOf, mapAxes, planVolume, voxelsIn } from '../../main/engine/formats/pyramid.ts';
import type { ChunkCodec, VolumePlan } from '../../main/engine/formats/volume-format.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { Library } from '../../main/engine/store/library.ts';
import { openFolderTarget } from '../../main/engine/targets/folder.ts';
import { loadKernels, runTask } from '../../native-workers/load.ts';
import { bytesPerVoxel, type Dtype, type Vec3 } from '../../preload/contract/space.ts';

/** A library with a volume in it, made without ingest and stitch: what view, annotate and publish start from. */
export interface SampleVolume {
  readonly library: string;
  readonly volume: string;
  /** Where the volume's files lie. */
  readonly folder: string;
  readonly plan: VolumePlan;
  readonly originVoxel: Vec3;
  /** What a voxel holds, from its place alone. */
  voxelAt(level: number, x: number, y: number, z: number): number;
}

export interface SampleRequest {
  readonly dtype?: Dtype;
  readonly sizeXyz?: Vec3;
  readonly chunkXyz?: Vec3;
  readonly originVoxel?: Vec3;
}

export const kernelsFile = join(import.meta.dirname, '..', '..', 'native-workers', 'lamella-kernels.node');

/** The compiled codec, on this thread. */
export function nativeCodec(): ChunkCodec {
  const kernels = loadKernels(kernelsFile);
  const cancel = new Int32Array(new SharedArrayBuffer(8));
  const bytesOf = (ran: { readonly outputs: readonly Uint8Array[] }): Uint8Array => ran.outputs[0] ?? new Uint8Array();
  return {
    decode: async (request, stored) => bytesOf(runTask(kernels, 'decode-voxels', request, [stored], cancel)),
    encode: async (request, voxels) => {
      const ran = runTask(kernels, 'encode-block', request, [voxels], cancel);
      const bytes = bytesOf(ran);
      let end = 0;
      return ran.header.chunks.map(({ at, bytes: length }) => ({ at, bytes: bytes.subarray(end, (end += length)) }));
    },
  };
}

const voxelSizeNm: Vec3 = [4, 4, 40];
/** All of its voxels are 0, and there is no file of it. */
export const absentChunk: readonly [number, number, number, number] = [0, 1, 0, 0];

export function newFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'lamella-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export async function makeSampleVolume(folder: string, request: SampleRequest = {}): Promise<SampleVolume> {
  const { dtype = 'uint8', sizeXyz = [150, 130, 11], chunkXyz = [64, 64, 8], originVoxel = [-32, 64, 7] } = request;
  const plan = planVolume({
    name: 'block',
    sizeXyz,
    dtype,
    voxelSizeNm,
    chunkXyz,
    originNm: mapAxes((i) => originVoxel[i] * voxelSizeNm[i]),
  });
  const id = 'volume-000000000001';
  const library = Library.open({
    folder: join(folder, 'library'),
    create: true,
    cacheBytes: 2 ** 26,
    now: () => new Date(),
    log: () => undefined,
  });
  try {
    const written = await writeChunks(library.pathOf('volumes', id), plan);
    library.record((tx) => {
      for (const [table, row] of rowsOf(id, plan, originVoxel, written)) tx.insertMany(table, [row]);
      tx.insertMany('unit', [{ key: 'fused', job: 'job-3', output: JSON.stringify({ chunks: written }), done_at: '' }]);
    });
    return {
      library: library.folder,
      volume: id,
      folder: library.pathOf('volumes', id),
      plan,
      originVoxel,
      voxelAt: (...place) => valueAt(plan, ...place),
    };
  } finally {
    library.close();
  }
}

function valueAt(plan: VolumePlan, level: number, x: number, y: number, z: number): number {
  const { chunkXyz } = plan.levels[level] ?? { chunkXyz: [1, 1, 1] };
  if (
    [level, Math.floor(x / chunkXyz[0]), Math.floor(y / chunkXyz[1]), Math.floor(z / chunkXyz[2])].join() ===
    absentChunk.join()
  )
    return 0;
  const mixed = Math.imul(x * 7 + y * 131 + z * 1009 + level * 77, 0x9e3779b1) >>> 8;
  return plan.dtype === 'uint8' ? mixed & 0xff : mixed & 0xffff;
}

/** As fusing does: chunks that are all 0 are not written, and what was written is remembered. */
async function writeChunks(folder: string, plan: VolumePlan): Promise<readonly { key: string; bytes: number }[]> {
  const written: { key: string; bytes: number }[] = [];
  const store = openFolderTarget(openFolderSource(folder, 'the sample'));
  const { chunkXyz = [1, 1, 1] } = plan.levels[0] ?? {};
  const channels = [{ name: '', color: null, window: [5, 200] as const }];
  // Blocks of one chunk.
  const writer = omeZarrWriter(
    { ...plan, channels },
    { chunkXyz, sharded: false, blockBytes: voxelsIn(chunkXyz) * bytesPerVoxel[plan.dtype] },
    nativeCodec(),
  );
  for (const [index, level] of plan.levels.entries()) {
    for (const xyz of chunksOf(level)) {
      const { min, size } = chunkExtent(level, xyz);
      for (const { key, bytes } of await writer.encodeBlock(
        { level: index, xyz, time: 0 },
        voxelsOf(plan, index, min, size),
      )) {
        await store.put(key, bytes);
        written.push({ key, bytes: bytes.byteLength });
      }
    }
  }
  for (const { key, bytes } of await writer.metadata({})) await store.put(key, bytes);
  return written;
}

function voxelsOf(plan: VolumePlan, level: number, min: Vec3, size: Vec3): Uint8Array {
  const values = plan.dtype === 'uint8' ? new Uint8Array(voxelsIn(size)) : new Uint16Array(voxelsIn(size));
  let at = 0;
  for (let z = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++)
      for (let x = 0; x < size[0]; x++) values[at++] = valueAt(plan, level, min[0] + x, min[1] + y, min[2] + z);
  return new Uint8Array(values.buffer);
}

function rowsOf(
  id: string,
  plan: VolumePlan,
  originVoxel: Vec3,
  written: readonly { readonly bytes: number }[],
): readonly (readonly [string, Readonly<Record<string, string | number>>])[] {
  const at = '2026-01-02T03:04:05.000Z';
  const job = (name: string, kind: string, input: object) =>
    [
      'job',
      {
        id: name,
        kind,
        label: kind,
        input: JSON.stringify(input),
        state: 'done',
        lamella_version: '0.1.0',
        created_at: at,
        updated_at: at,
      },
    ] as const;
  const levels = plan.levels.map((level) => ({
    size: level.sizeXyz,
    brick: level.chunkXyz,
    voxelSizeNm: level.voxelSizeNm,
    originNm: level.originNm,
  }));
  const tile = (n: number) =>
    [
      'tile',
      {
        dataset: 'dataset-000000000001',
        name: `tile-${n}.png`,
        section: n % 2,
        path: `/home/ada/tiles/tile-${n}.png`,
        mipmap_level: 0,
        width_px: 100,
        height_px: 100,
        dtype: plan.dtype,
        stage_from_tile: '[1,0,0,1,0,0]',
        sha256: String(n).repeat(64).slice(0, 64),
        pixel_sha256: 'p',
        bytes: 1,
        verdict: 'ok',
        reasons: '[]',
      },
    ] as const;
  return [
    job('job-1', 'ingest.start', {
      source: '/home/ada/tiles',
      layout: 'render:/home/ada/tiles/spec.json',
      voxelSizeNm,
    }),
    [
      'dataset',
      {
        id: 'dataset-000000000001',
        name: 'tiles',
        source: '/home/ada/tiles',
        layout: 'render',
        voxel_size_nm: '[4,4,40]',
        job: 'job-1',
        created_at: at,
      },
    ],
    ...[1, 2, 3].map(tile),
    job('job-2', 'stitch.start', { dataset: 'dataset-000000000001', model: 'translation', minNcc: 0.3 }),
    [
      'stack',
      {
        id: 'stack-000000000001',
        dataset: 'dataset-000000000001',
        version: 1,
        model: 'translation',
        state: 'COMPLETE',
        tiles: 3,
        links: 2,
        dropped: 0,
        rms_px: 0.25,
        max_px: 0.5,
        verdict: 'pass',
        reasons: '[]',
        parameters: '{}',
        job: 'job-2',
        created_at: at,
      },
    ],
    job('job-3', 'stitch.fuse', { stack: 'stack-000000000001' }),
    [
      'volume',
      {
        id,
        stack: 'stack-000000000001',
        name: 'block',
        folder: `volumes/${id}`,
        dtype: plan.dtype,
        levels: JSON.stringify(levels),
        origin_voxel: JSON.stringify(originVoxel),
        window: '[5,200]',
        bytes: written.reduce((sum, { bytes }) => sum + bytes, 0),
        job: 'job-3',
        created_at: at,
      },
    ],
  ];
}
