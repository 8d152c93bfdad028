import { mkdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { copyVoxels } from '../../main/engine/formats/crop.ts';
import { chunkExtent, chunksOf, planVolume } from '../../main/engine/formats/pyramid.ts';
import type { OpenVolume, VolumeFormat, VolumeWriter } from '../../main/engine/formats/volume-format.ts';
import { kernelCodec } from '../../main/engine/jobs/kernel-codec.ts';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { openFolderTarget } from '../../main/engine/targets/folder.ts';
import { inOrder } from '../../main/engine/volumes/in-order.ts';
import { readBox } from '../../main/engine/volumes/read-box.ts';
import { blockGrid } from '../../main/engine/volumes/write-blocks.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { seededRandom } from '../formats/mutate.ts';
import { emSource, threadFiles, writeEmVolume } from './em-volume.ts';
import { type Bench, type BenchPeer, type BenchRow, medianOf, timesOf } from './row.ts';

const [side, chunk, times] = [512, 64, 5];
const forever = new AbortController().signal;

interface Kind {
  /** Of Lamella's list of formats. */
  readonly format: 'precomputed' | 'ome-zarr';
  readonly encoding: string;
  /** As the peer calls it. */
  readonly driver: 'precomputed' | 'zarr3';
}

const precomputed: Kind = { format: 'precomputed', encoding: 'raw', driver: 'precomputed' };
const zarr3: Kind = { format: 'ome-zarr', encoding: 'zstd', driver: 'zarr3' };

/** The pool as the engine has it, and a writer of one level. */
async function withFormat<T>(
  { format: id, encoding }: Kind,
  work: (format: VolumeFormat, writer: VolumeWriter, pool: Pool) => Promise<T>,
): Promise<T> {
  const pool = new Pool({ ...threadFiles, threads: 2, log: (line) => console.error(line) });
  const format = volumeFormats.find((one) => one.id === id);
  if (!format?.write) throw new Error(`${id} is not written`);
  const cube: Vec3 = [side, side, side];
  const request = { name: 'bench', sizeXyz: cube, dtype: 'uint8', chunkXyz: [chunk, chunk, chunk] } as const;
  const plan = planVolume({ ...request, voxelSizeNm: [4, 4, 40], originNm: [0, 0, 0] });
  const choices = { sharded: false, encoding, blockBytes: 2 ** 23 };
  const codec = kernelCodec(pool, { lane: 'batch' });
  const writer = format.write.writer({ ...plan, levels: plan.levels.slice(0, 1) }, choices, codec);
  try {
    return await work(format, writer, pool);
  } finally {
    await pool.close();
  }
}

/** A block as the engine has it: read from somewhere, or made from a finer level. */
interface Block {
  readonly xyz: Vec3;
  readonly voxels: Uint8Array;
}

function blocksOf(writer: VolumeWriter, voxels: Uint8Array): readonly Block[] {
  const [level] = writer.plan.levels;
  if (!level) throw new Error('no level');
  const [cube, corner]: [Vec3, Vec3] = [
    [side, side, side],
    [0, 0, 0],
  ];
  return [...chunksOf({ ...level, gridXyz: blockGrid(writer, 0) })].map((xyz) => {
    const { min, size } = chunkExtent({ ...level, chunkXyz: writer.blockXyz(0) }, xyz);
    const block = new Uint8Array(size[0] * size[1] * size[2]);
    copyVoxels({ bytes: voxels, size: cube, at: min }, { bytes: block, size, at: corner }, size, 1);
    return { xyz, voxels: block };
  });
}

/** Every block of the volume, cut into chunks, encoded and durable. */
async function writeOnce(folder: string, writer: VolumeWriter, blocks: readonly Block[]): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const target = openFolderTarget(openFolderSource(folder, 'bench'));
  const write = async ({ xyz, voxels }: Block): Promise<void> =>
    target.putAll(await writer.encodeBlock({ level: 0, xyz, time: 0 }, voxels));
  for await (const _ of inOrder(blocks, 4, forever, write));
  await target.putAll(await writer.metadata({}));
}

const opened = (folder: string, format: VolumeFormat, pool: Pool): Promise<OpenVolume> =>
  format.open(
    { source: openFolderSource(folder, 'bench'), key: '' },
    { codec: kernelCodec(pool, { lane: 'interactive' }), scratch: () => Promise.resolve(folder) },
  );

async function read(volume: OpenVolume, pool: Pool, min: Vec3, size: Vec3): Promise<Uint8Array> {
  const options = { inFlight: 4, signal: forever, files: { kernels: pool, lane: 'interactive' } } as const;
  const box = await readBox(volume, { level: 0, min, size, channel: 0, time: 0 }, options);
  return box ?? new Uint8Array();
}

async function seconds(run: () => Promise<unknown>): Promise<number> {
  return medianOf(await timesOf(times, 1, run)) / 1000;
}

async function measureWrite({ folder }: Bench, kind: Kind): Promise<number> {
  const voxels = readFileSync(await writeEmVolume(folder, side));
  return withFormat(kind, (_format, writer) => {
    const blocks = blocksOf(writer, voxels);
    return seconds(() => writeOnce(join(folder, 'ours'), writer, blocks));
  });
}

async function measureRead({ folder }: Bench, kind: Kind): Promise<number> {
  const voxels = readFileSync(await writeEmVolume(folder, side));
  return withFormat(kind, async (format, writer, pool) => {
    await writeOnce(join(folder, 'ours'), writer, blocksOf(writer, voxels));
    return seconds(async () => {
      const all = await read(await opened(join(folder, 'ours'), format, pool), pool, [0, 0, 0], [side, side, side]);
      if (Buffer.compare(all, voxels) !== 0) throw new Error('the voxels that were read are not those written');
    });
  });
}

async function measureCutout({ folder }: Bench): Promise<number> {
  const voxels = readFileSync(await writeEmVolume(folder, side));
  return withFormat(precomputed, async (format, writer, pool) => {
    await writeOnce(join(folder, 'ours'), writer, blocksOf(writer, voxels));
    const volume = await opened(join(folder, 'ours'), format, pool);
    const random = seededRandom(5);
    const corner = (): number => 1 + 2 * Math.floor(random() * ((side - 66) / 2));
    const corners = Array.from({ length: 200 }, (): Vec3 => [corner(), corner(), corner()]);
    const medians: number[] = [];
    for (let round = -1; round < times; round++) {
      const measured: number[] = [];
      for (const min of corners) {
        const started = performance.now();
        await read(volume, pool, min, [chunk, chunk, chunk]);
        measured.push(performance.now() - started);
      }
      if (round >= 0) medians.push(medianOf(measured));
    }
    return medianOf(medians);
  });
}

function tensorstore(what: 'write' | 'read' | 'cutout', { driver }: Kind): BenchPeer {
  return {
    name: `tensorstore 0.1.86, ${driver} driver, 2 threads`,
    requirements: ['numpy==2.4.6', 'tensorstore==0.1.86'],
    measure: async ({ folder }, python) => {
      const files = [join(folder, 'volume.raw'), String(side), String(chunk), join(folder, 'theirs')];
      return Number((await python('volume_io.py', what, driver, ...files, String(times))).trim());
    },
  };
}

function row(id: string, kind: Kind, what: 'write' | 'read', workload: string): BenchRow {
  return {
    id,
    workload: `${workload}: ${side}^3 uint8 (${emSource}) in chunks of ${chunk}^3, files on the local disk, two threads`,
    unit: 's',
    target: 'at least the speed of tensorstore',
    isMet: (ours, theirs) => theirs === null || ours <= theirs,
    measure: (bench) => (what === 'write' ? measureWrite(bench, kind) : measureRead(bench, kind)),
    peer: tensorstore(what, kind),
  };
}

export const volumeIo: readonly BenchRow[] = [
  row('precomputed-write', precomputed, 'write', 'write precomputed raw from blocks in memory, every chunk synced'),
  row('precomputed-read', precomputed, 'read', 'open and read all of precomputed raw, warm pages'),
  row(
    'zarr3-write',
    zarr3,
    'write',
    'write Zarr v3, zstd level 1 and crc32c, from blocks in memory, every chunk synced',
  ),
  row('zarr3-read', zarr3, 'read', 'open and read all of Zarr v3, zstd level 1 and crc32c, warm pages'),
  {
    id: 'cutout',
    workload: `200 random unaligned cutouts of ${chunk}^3 from precomputed raw, 512^3 uint8, warm pages, no cache of chunks`,
    unit: 'ms',
    target: 'at least 2x the speed of tensorstore',
    isMet: (ours, theirs) => theirs === null || ours * 2 <= theirs,
    measure: measureCutout,
    peer: tensorstore('cutout', precomputed),
  },
];
