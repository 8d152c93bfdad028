// Volumes both ways: Lamella reads what other programs wrote, and they read what it writes, voxel by voxel.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import { volumeFormats } from '../../main/engine/formats/index.ts';
import { chunkExtent, mapAxes, planVolume } from '../../main/engine/formats/pyramid.ts';
import type { VolumeFormat, VolumePlan, VolumeWriter } from '../../main/engine/formats/volume-format.ts';
import { kernelCodec } from '../../main/engine/jobs/kernel-codec.ts';
import { Pool } from '../../main/engine/jobs/pool.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import { isLamellaError, toWireError } from '../../preload/contract/errors.ts';
import { bytesPerVoxel, voxelTypeSchema, type Vec3, type VoxelType } from '../../preload/contract/space.ts';
import { seededRandom } from '../formats/mutate.ts';

export interface Line {
  readonly id: string;
  readonly reader: string;
  readonly ok: boolean;
  readonly detail: string;
  /** Printed also where all is well. */
  readonly says?: string;
}

interface Theirs {
  readonly id: string;
  readonly path: string;
  readonly image: string | null;
  readonly dtype: string;
  readonly size: Vec3;
  readonly channels: number;
  readonly times: number;
  readonly sha256: readonly (readonly string[])[];
  /** Set where decoders may round differently. */
  readonly truth: string | null;
  readonly within: number;
}

const here = import.meta.dirname;

function python(bin: string, script: string, ...args: readonly string[]): readonly unknown[] {
  const out = execFileSync(bin, [join(here, script), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
  });
  return out.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as unknown] : []));
}

/** Every volume that other programs make, through `volume describe` and `volume cutout`. */
export async function readTheirs(bin: string, folder: string): Promise<readonly Line[]> {
  mkdirSync(folder, { recursive: true });
  const cases = python(bin, 'make_volumes.py', folder) as readonly Theirs[];
  const engine = createEngine({ threads: 2 });
  const client = engine.client();
  const lines: Line[] = [];
  for (const one of cases) {
    const detail = await differenceFrom(client, one).catch((error: unknown) => toWireError(error).message);
    lines.push({ id: one.id, reader: 'Lamella', ok: detail === '', detail });
  }
  await engine.close();
  return lines;
}

async function differenceFrom(client: LamellaClient, wanted: Theirs): Promise<string> {
  const place = { source: wanted.path, ...(wanted.image !== null && { image: wanted.image }) };
  const { value } = await client.volume.describe(place);
  const [level] = value.levels;
  const found = [value.dtype, level?.size.join('x'), value.channels.length, value.times].join(' ');
  const asked = [wanted.dtype, wanted.size.join('x'), wanted.channels, wanted.times].join(' ');
  if (found !== asked) return `it is ${found}, not ${asked}`;
  const box = wanted.size.map((n) => `0:${n}`).join(',');
  for (const [time, channels] of wanted.sha256.entries()) {
    for (const [channel, sha256] of channels.entries()) {
      const cutout = await client.volume.cutout({ ...place, box, channel, time });
      if (wanted.truth !== null) {
        const off = largestDifference(cutout.bytes ?? new Uint8Array(), wanted, time * channels.length + channel);
        if (off > wanted.within) return `channel ${channel}, time ${time} is off by ${off} grey levels`;
      } else if (cutout.value.sha256 !== sha256) return `the voxels of channel ${channel}, time ${time} differ`;
    }
  }
  return '';
}

function largestDifference(found: Uint8Array, { truth, size }: Theirs, block: number): number {
  const voxels = size[0] * size[1] * size[2];
  const all = readFileSync(truth ?? '');
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - (all[block * voxels + i] ?? 0))), 0);
}

interface Ours {
  readonly id: string;
  readonly path: string;
  readonly format: string;
  readonly encoding: string;
  readonly sharded: boolean;
  readonly dtype: VoxelType;
  readonly size: Vec3;
  readonly channels: number;
  readonly times: number;
  readonly truth: string;
  readonly within: number;
}

/** Odd, whole chunks, one-voxel axes. */
const shapes: readonly { readonly size: Vec3; readonly channels: number; readonly times: number }[] = [
  { size: [37, 29, 13], channels: 1, times: 1 },
  { size: [64, 64, 32], channels: 1, times: 1 },
  { size: [1, 70, 3], channels: 1, times: 1 },
  { size: [129, 1, 1], channels: 1, times: 1 },
  { size: [40, 33, 9], channels: 3, times: 1 },
  { size: [21, 18, 5], channels: 2, times: 2 },
];

/** Every format that Lamella writes x encoding x type x shape, read by every program that knows the format. */
export async function letThemRead(bin: string, folder: string): Promise<readonly Line[]> {
  mkdirSync(folder, { recursive: true });
  const pool = new Pool({
    workerFile: join(here, '../../native-workers/worker.ts'),
    kernelsFile: join(here, '../../native-workers/lamella-kernels.node'),
    threads: 2,
    log: (line) => console.error(line),
  });
  const [cases, lines]: [Ours[], Line[]] = [[], []];
  for (const one of planned(folder)) {
    try {
      await write(one, pool);
      cases.push(one);
    } catch (error) {
      // What a format can't hold (two times in precomputed, floats in png) it refuses.
      if (isLamellaError(error, 'invalid-input')) continue;
      lines.push({ id: one.id, reader: 'Lamella, writing', ok: false, detail: toWireError(error).message });
    }
  }
  await pool.close();
  const file = join(folder, 'cases.json');
  writeFileSync(file, JSON.stringify(cases));
  return [...lines, ...(python(bin, 'read_volumes.py', file) as readonly Line[])];
}

function* planned(folder: string): Generator<Ours> {
  for (const { id: format, write: how } of volumeFormats) {
    if (!how) continue;
    for (const encoding of how.encodings) {
      for (const sharded of how.canShard ? [false, true] : [false]) {
        for (const dtype of voxelTypeSchema.options) {
          for (const { size, channels, times } of shapes) {
            const id = `${format} ${encoding}${sharded ? ' sharded' : ''} ${dtype} ${size.join('x')} c${channels} t${times}`;
            const name = id.replaceAll(/[ .]/g, '-');
            const path = join(
              folder,
              how.as === 'folder' ? name : `${name}${endingFor(format, encoding, how.as.ending)}`,
            );
            const shared = { format, encoding, sharded, dtype, size, channels, times };
            yield { ...shared, id, path, truth: join(folder, `${name}.truth`), within: encoding === 'jpeg' ? 24 : 0 };
          }
        }
      }
    }
  }
}

const endingFor = (format: string, encoding: string, ending: string): string =>
  format === 'nifti' && encoding === 'gzip' ? '.nii.gz' : ending;

async function write(one: Ours, pool: Pool): Promise<void> {
  const format = volumeFormats.find(({ id }) => id === one.format) as VolumeFormat;
  const plan = planFor(one);
  const choices = { sharded: one.sharded, encoding: one.encoding, blockBytes: 2 ** 25 };
  const writer = format.write?.writer(plan, choices, kernelCodec(pool, { lane: 'batch' }));
  if (!writer) throw new Error(`${one.format} is not written`);
  const voxels = voxelsOf(one);
  writeFileSync(one.truth, voxels);
  const parts = new Map<string, Uint8Array>();
  for (let time = 0; time < one.times; time++) {
    for (const xyz of blocksOf(writer)) {
      for (const part of await writer.encodeBlock({ level: 0, xyz, time }, boxOf(one, writer, xyz, time, voxels)))
        parts.set(part.key, part.bytes);
    }
  }
  await put(one, writer, parts);
}

async function put(one: Ours, writer: VolumeWriter, parts: ReadonlyMap<string, Uint8Array>): Promise<void> {
  if (writer.assemble) {
    const sizes = new Map([...parts].map(([key, bytes]) => [key, bytes.byteLength]));
    const pieces = await writer.assemble(sizes);
    writeFileSync(
      one.path,
      Buffer.concat(
        pieces.map((piece) => ('bytes' in piece ? piece.bytes : (parts.get(piece.part) ?? new Uint8Array()))),
      ),
    );
    return;
  }
  const files = [...parts].map(([key, bytes]) => ({ key, bytes }));
  for (const { key, bytes } of [...files, ...(await writer.metadata({}))]) {
    mkdirSync(dirname(join(one.path, key)), { recursive: true });
    writeFileSync(join(one.path, key), bytes);
  }
}

function planFor({ id, dtype, size, channels, times, encoding }: Ours): VolumePlan {
  const plan = planVolume({
    name: id,
    sizeXyz: size,
    dtype,
    voxelSizeNm: [4, 4, 40],
    chunkXyz: [16, 16, 16],
    originNm: [-8, 0, 40],
  });
  const channel = { name: '', color: null, window: null };
  return {
    ...plan,
    kind: encoding === 'compressed_segmentation' && channels === 1 ? 'segmentation' : 'image',
    channels: Array.from({ length: channels }, () => channel),
    times,
    levels: plan.levels.slice(0, 1),
  };
}

/** [t, c, z, y, x]: noise over the whole range of the type, smooth for jpeg, blocks for labels; the upper half empty. */
function voxelsOf({ dtype, size, channels, times, encoding }: Ours): Uint8Array {
  const [nx, ny, nz] = size;
  const width = bytesPerVoxel[dtype];
  const out = new Uint8Array(nx * ny * nz * channels * times * width);
  const random = seededRandom(nx + ny * 7 + nz * 49 + width);
  const view = new DataView(out.buffer);
  const ids = Array.from({ length: 7 }, () => Array.from({ length: width }, () => Math.floor(random() * 256)));
  let at = 0;
  for (let block = 0; block < channels * times; block++)
    for (let z = 0; z < nz; z++)
      for (let y = 0; y < ny; y++)
        for (let x = 0; x < nx; x++, at += width) {
          if (nz > 8 && z >= nz >> 1) continue;
          if (encoding === 'jpeg') out[at] = 128 + 60 * Math.sin((x + y) / 20);
          else if (dtype === 'float32') view.setFloat32(at, (random() - 0.5) * 1e6, true);
          else if (dtype === 'float64') view.setFloat64(at, (random() - 0.5) * 1e12, true);
          else if (encoding === 'compressed_segmentation')
            out.set(ids[(Math.floor(x / 5) + 2 * Math.floor(y / 5) + 3 * Math.floor(z / 5)) % 7] ?? [], at);
          else for (let b = 0; b < width; b++) out[at + b] = Math.floor(random() * 256);
        }
  return out;
}

function* blocksOf(writer: VolumeWriter): Generator<Vec3> {
  const level = writer.plan.levels[0];
  if (!level) return;
  const block = writer.blockXyz(0);
  const [nx, ny, nz] = mapAxes((i) => Math.ceil(level.sizeXyz[i] / block[i]));
  for (let z = 0; z < nz; z++) for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) yield [x, y, z];
}

/** The voxels of a block: all channels of one time. */
function boxOf(
  { size, channels, dtype }: Ours,
  writer: VolumeWriter,
  xyz: Vec3,
  time: number,
  voxels: Uint8Array,
): Uint8Array {
  const [level] = writer.plan.levels;
  if (!level) throw new Error('no level');
  const { min, size: box } = chunkExtent({ ...level, chunkXyz: writer.blockXyz(0) }, xyz);
  const width = bytesPerVoxel[dtype];
  const out = new Uint8Array(box[0] * box[1] * box[2] * channels * width);
  let at = 0;
  for (let c = 0; c < channels; c++)
    for (let z = 0; z < box[2]; z++)
      for (let y = 0; y < box[1]; y++) {
        const row = (((time * channels + c) * size[2] + min[2] + z) * size[1] + min[1] + y) * size[0] + min[0];
        out.set(voxels.subarray(row * width, (row + box[0]) * width), at);
        at += box[0] * width;
      }
  return out;
}
