import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { planVolume, voxelsIn } from '../../main/engine/formats/pyramid.ts';
import type { OpenVolume, VolumeFormat } from '../../main/engine/formats/volume-format.ts';
import { kernelCodec } from '../../main/engine/jobs/kernel-codec.ts';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { openFolderSource } from '../../main/engine/sources/folder.ts';
import { openFolderTarget } from '../../main/engine/targets/folder.ts';
import { inOrder } from '../../main/engine/volumes/in-order.ts';
import { readBox } from '../../main/engine/volumes/read-box.ts';
import { openChain } from '../../main/engine/volumes/warped/chain.ts';
import { levelsOfGrid } from '../../main/engine/volumes/warped/warp-grid.ts';
import { WarpedVolume } from '../../main/engine/volumes/warped/warped-volume.ts';
import { identity3 } from '../../main/engine/transforms/affine3.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { WarpStep } from '../../preload/contract/warp.ts';
import { writeNrrd } from '../engine/write-nrrd.ts';
import { threadFiles } from './em-volume.ts';
import { type Bench, type BenchPeer, type BenchRow, medianOf, timesOf } from './row.ts';

const [side, fieldSide, voxelNm, times] = [512, 128, 1000, 3];
const cube: Vec3 = [side, side, side];
const forever = new AbortController().signal;

/** Turned by 7 degrees, stretched by up to 5 %, sheared, about the middle of the volume: nm of the source from nm of the result. */
const turned = [1.02, -0.12, 0.03, 20_000, 0.12, 0.97, 0.02, -22_000, -0.02, 0.01, 1.04, -6000];

interface Look {
  readonly dtype: 'uint16' | 'uint8';
  readonly kind: 'image' | 'segmentation';
  readonly steps: 'affine' | 'field, affine';
}

function texture(dtype: Look['dtype']): Uint8Array {
  const voxels = dtype === 'uint8' ? new Uint8Array(side ** 3) : new Uint16Array(side ** 3);
  const wave = Float64Array.from({ length: side }, (_, i) => Math.sin(i / 9) + Math.sin(i / 31));
  const scale = dtype === 'uint8' ? 20 : 5000;
  for (let z = 0, i = 0; z < side; z++)
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++, i++) voxels[i] = scale * (6.2 + wave[x]! + wave[y]! + wave[z]!);
  return new Uint8Array(voxels.buffer);
}

/** A smooth displacement of up to 12 voxels, a quarter as fine as the image: NRRD as registrations keep it. */
function writeField(file: string): void {
  const vectors = new Float32Array(3 * fieldSide ** 3);
  for (let z = 0, i = 0; z < fieldSide; z++)
    for (let y = 0; y < fieldSide; y++)
      for (let x = 0; x < fieldSide; x++) {
        vectors[i++] = 0.006 * (Math.sin(y / 17) + Math.cos(z / 23));
        vectors[i++] = 0.006 * (Math.sin(z / 19) + Math.cos(x / 21));
        vectors[i++] = 0.006 * (Math.sin(x / 13) + Math.cos(y / 29));
      }
  const step = (voxelNm * side) / fieldSide / 1e6;
  const place = [
    'space: left-posterior-superior',
    `space directions: none (${step},0,0) (0,${step},0) (0,0,${step})`,
    'kinds: vector domain domain domain',
    `space origin: (${step / 2},${step / 2},${step / 2})`,
    'space units: "mm" "mm" "mm"',
  ];
  writeNrrd(file, [3, fieldSide, fieldSide, fieldSide], vectors, place);
}

const formatOf = (id: string): VolumeFormat => volumeFormats.find((one) => one.id === id)!;

async function openedAt(id: string, folder: string, key: string, pool: Pool): Promise<OpenVolume> {
  const codec = kernelCodec(pool, { lane: 'batch' });
  const place = { source: openFolderSource(folder, 'bench'), key };
  return formatOf(id).open(place, { codec, scratch: () => Promise.resolve(folder) });
}

async function writeSource(folder: string, { dtype, kind }: Look, pool: Pool): Promise<void> {
  mkdirSync(folder);
  const grid = { sizeXyz: cube, chunkXyz: [64, 64, 64] as Vec3, voxelSizeNm: [voxelNm, voxelNm, voxelNm] as Vec3 };
  const whole = planVolume({ name: 'bench', dtype, originNm: [0, 0, 0], ...grid });
  const plan = { ...whole, kind, levels: whole.levels.slice(0, 1) };
  const choices = { sharded: false, encoding: 'raw', blockBytes: 2 ** 30 };
  const writer = formatOf('precomputed').write!.writer(plan, choices, kernelCodec(pool, { lane: 'batch' }));
  const target = openFolderTarget(openFolderSource(folder, 'bench'));
  const voxels = texture(dtype);
  const block = writer.blockXyz(0);
  const width = voxels.byteLength / side ** 3;
  if (block[0] < side || block[1] < side) throw new Error(`blocks of ${block.join(' x ')} voxels`);
  for (let z = 0; z < side; z += block[2]) {
    const [from, to] = [z * side * side * width, Math.min(side, z + block[2]) * side * side * width];
    await target.putAll(
      await writer.encodeBlock({ level: 0, xyz: [0, 0, z / block[2]], time: 0 }, voxels.slice(from, to)),
    );
  }
  await target.putAll(await writer.metadata({}));
}

async function warpedAt(folder: string, look: Look, pool: Pool): Promise<WarpedVolume> {
  const source = await openedAt('precomputed', join(folder, 'source'), '', pool);
  const field: WarpStep = {
    ...{ type: 'field', source: 'field.nrrd', allowPrivate: false, holds: 'displacement', frame: 'auto' },
    ...{ interpolation: 'linear', inverse: false },
  };
  const affine: WarpStep = { type: 'affine', matrix: turned, frame: 'physical', inverse: false };
  const chain = await openChain(look.steps === 'affine' ? [affine] : [field, affine], {
    physicalFromResult: identity3,
    physicalFromSource: identity3,
    openField: async () => ({
      volume: await openedAt('nrrd', folder, 'field.nrrd', pool),
      format: 'nrrd',
      close: () => Promise.resolve(),
    }),
  });
  const box = { originNm: [0, 0, 0], sizeXyz: cube, voxelSizeNm: [voxelNm, voxelNm, voxelNm] } as const;
  const plan = { ...source.plan, kind: look.kind, levels: levelsOfGrid('bench', box, look.dtype) };
  return new WarpedVolume({ plan, source, chain, kernels: pool, lane: 'batch' });
}

/** All of level 0, block by block as a conversion reads it; the sum of some of its voxels, so that none is left out. */
async function readAll(volume: OpenVolume): Promise<number> {
  const block: Vec3 = [256, 256, 128];
  const corners = Array.from({ length: voxelsIn(cube) / voxelsIn(block) }, (_, i): Vec3 => [
    256 * (i % 2),
    256 * (Math.floor(i / 2) % 2),
    128 * Math.floor(i / 4),
  ]);
  let sum = 0;
  const read = (min: Vec3) =>
    readBox(volume, { level: 0, min, size: block, channel: 0, time: 0 }, { inFlight: 4, signal: forever });
  for await (const { result } of inOrder(corners, 2, forever, read))
    for (let i = 0; i < (result?.byteLength ?? 0); i += 4099) sum += result![i]!;
  return sum;
}

/** Seconds that a copy of so many bytes takes, in memory that was touched before. */
function copySeconds(bytes: number): number {
  const [from, to] = [new Uint8Array(bytes).fill(1), new Uint8Array(bytes).fill(2)];
  const measured = Array.from({ length: times }, () => {
    const started = performance.now();
    to.set(from);
    return (performance.now() - started) / 1000;
  });
  return medianOf(measured);
}

async function measure({ folder }: Bench, look: Look): Promise<{ readonly seconds: number; readonly copy: number }> {
  const pool = new Pool({ ...threadFiles, threads: 2, log: (line) => console.error(line) });
  try {
    await writeSource(join(folder, 'source'), look, pool);
    writeField(join(folder, 'field.nrrd'));
    const volume = await warpedAt(folder, look, pool);
    const seconds = medianOf(await timesOf(times, 1, () => readAll(volume))) / 1000;
    const bytes = side ** 3 * (look.dtype === 'uint8' ? 1 : 2);
    const copy = copySeconds(bytes);
    console.error(
      `  ${(bytes / 1e6 / seconds).toFixed(0)} MB/s, ${(side ** 3 / 1e6 / seconds).toFixed(0)} million voxels/s; a copy in memory ${(bytes / 1e9 / copy).toFixed(1)} GB/s`,
    );
    return { seconds, copy };
  } finally {
    await pool.close();
  }
}

const simpleItk = (look: Look): BenchPeer => ({
  name: 'SimpleITK 2.5.2 Resample, two threads',
  requirements: ['numpy==2.4.6', 'SimpleITK==2.5.2'],
  measure: async ({ folder }, python) => {
    const files = [join(folder, 'field.nrrd'), String(side), String(voxelNm / 1e6)];
    return Number(
      await python('warp_level.py', look.dtype, look.kind, look.steps, ...files, turned.join(), String(times)),
    );
  },
});

function row(id: string, look: Look, workload: string): BenchRow {
  const seen = { copySeconds: 0 };
  return {
    id,
    workload: `${workload}: a level of ${side}^3 ${look.dtype} (raw chunks of 64^3, warm pages), two threads`,
    unit: 's',
    target: 'at most four times a copy of the level in memory, and a quarter of the time of SimpleITK',
    isMet: (ours, theirs) => ours <= 4 * seen.copySeconds && (theirs === null || 4 * ours <= theirs),
    measure: async (bench) => {
      const { seconds, copy } = await measure(bench, look);
      seen.copySeconds = copy;
      return seconds;
    },
    peer: simpleItk(look),
  };
}

export const warpLevelRows: readonly BenchRow[] = [
  row(
    'warp-level',
    { dtype: 'uint16', kind: 'image', steps: 'field, affine' },
    'seen through a field and an affine map',
  ),
  row('warp-level-affine', { dtype: 'uint8', kind: 'image', steps: 'affine' }, 'seen through an affine map'),
  row(
    'warp-level-labels',
    { dtype: 'uint16', kind: 'segmentation', steps: 'field, affine' },
    'labels, each exact, through a field and an affine map',
  ),
];
