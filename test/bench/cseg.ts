import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from '../../main/engine/jobs/pool.ts';
import { loadKernels, runTask } from '../../native-workers/load.ts';
import { cancelWords, type TaskInput } from '../../native-workers/tasks.ts';
import { threadFiles } from './em-volume.ts';
import { voronoi } from './label-volume.ts';
import { type Bench, type BenchPeer, type BenchRow, medianOf, timesOf } from './row.ts';

const [side, chunk, times] = [256, 64, 5];
const chunks = (side / chunk) ** 3;

const codecs: TaskInput<'decode-voxels'>['codecs'] = [{ name: 'compressed_segmentation' }];
const cube = [chunk, chunk, chunk, 1, 1] as const;
const encodeHeader = (depth: number): TaskInput<'encode-block'> => ({
  dtype: 'uint64',
  codecs,
  size: [side, side, depth, 1, 1],
  chunk: cube,
  edges: 'cut',
});
const decodeHeader: TaskInput<'decode-voxels'> = { dtype: 'uint64', codecs, shape: cube };

const kernels = loadKernels(threadFiles.kernelsFile);
const cancel = new Int32Array(new SharedArrayBuffer(4 * cancelWords.length));

/** One after the other, x fastest, each after its length (uint32, little-endian). */
function writeChunks(file: string, encoded: readonly Uint8Array[]): void {
  const length = (bytes: Uint8Array): Buffer => {
    const word = Buffer.alloc(4);
    word.writeUInt32LE(bytes.byteLength);
    return word;
  };
  writeFileSync(file, Buffer.concat(encoded.flatMap((bytes) => [length(bytes), bytes])));
}

function readChunks(file: string): readonly Uint8Array[] {
  const bytes = readFileSync(file);
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32LE(at);
    found.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return found;
}

function encodeWhole(voxels: Uint8Array): readonly Uint8Array[] {
  const { header, outputs } = runTask(kernels, 'encode-block', encodeHeader(side), [voxels], cancel);
  let end = 0;
  return header.chunks.map(({ bytes }) => outputs[0]?.subarray(end, (end += bytes)) ?? new Uint8Array());
}

const decodeOne = (bytes: Uint8Array): Uint8Array =>
  runTask(kernels, 'decode-voxels', decodeHeader, [bytes], cancel).outputs[0] ?? new Uint8Array();

/** At once, as the peers do: JavaScript would keep the memory until it next collects. */
const release = ({ buffer }: Uint8Array): void =>
  void (buffer as unknown as { transfer(n: number): unknown }).transfer(0);

/** The voxels of chunk `index` of the volume. */
function cut(voxels: Uint8Array, index: number): Buffer {
  const across = side / chunk;
  const [x, y, z] = [index % across, Math.floor(index / across) % across, Math.floor(index / across ** 2)];
  const rows = Array.from({ length: chunk * chunk }, (_, i) => {
    const row = ((z * chunk + Math.floor(i / chunk)) * side + y * chunk + (i % chunk)) * side + x * chunk;
    return voxels.subarray(8 * row, 8 * (row + chunk));
  });
  return Buffer.concat(rows);
}

function mustDecodeTo(voxels: Uint8Array, encoded: readonly Uint8Array[], whose: string): void {
  encoded.forEach((bytes, i) => {
    if (!cut(voxels, i).equals(decodeOne(bytes))) throw new Error(`${whose} chunk ${i} decodes to other labels`);
  });
  if (encoded.length !== chunks) throw new Error(`${whose} ${encoded.length} chunks are not ${chunks}`);
}

/** Milliseconds for the whole volume: the addon called from one thread, or two worker threads of the pool. */
async function measure({ folder }: Bench, what: 'encode' | 'decode', threads: 1 | 2): Promise<number> {
  const voxels = new Uint8Array(voronoi(side, 800).buffer);
  writeFileSync(join(folder, 'volume.raw'), voxels);
  const encoded = encodeWhole(voxels);
  mustDecodeTo(voxels, encoded, 'our');
  writeChunks(join(folder, 'ours.bin'), encoded);
  if (threads === 1) {
    const decodeAll = (): void => encoded.forEach((bytes) => release(decodeOne(bytes)));
    return medianOf(await timesOf(times, 2, async () => (what === 'encode' ? encodeWhole(voxels) : decodeAll())));
  }
  const pool = new Pool({ ...threadFiles, threads, log: (line) => console.error(line) });
  const middle = voxels.byteLength / 2;
  const halves = [voxels.subarray(0, middle), voxels.subarray(middle)];
  const encode = () =>
    Promise.all(halves.map((half) => pool.run('encode-block', encodeHeader(side / 2), { inputs: [half] })));
  const decode = async (): Promise<void> => {
    // Results are let go as they come, as a reader does.
    await Promise.all(
      encoded.map((bytes) => pool.run('decode-voxels', decodeHeader, { inputs: [bytes] }).then(() => {})),
    );
  };
  try {
    return medianOf(await timesOf(times, 2, what === 'encode' ? encode : decode));
  } finally {
    await pool.close();
  }
}

function peers(what: 'encode' | 'decode', threads: 1 | 2): BenchPeer {
  return {
    name: `the faster of tensorstore 0.1.86 (memory, data_copy_concurrency ${threads}) and compressed-segmentation 2.3.3${threads === 2 ? ' (in two threads)' : ''}`,
    requirements: ['numpy==2.4.6', 'tensorstore==0.1.86', 'compressed-segmentation==2.3.3'],
    measure: async ({ folder }, python) => {
      const files = [join(folder, 'volume.raw'), join(folder, 'ours.bin'), join(folder, 'theirs.bin')];
      const out = await python('cseg.py', what, ...files, ...[side, chunk, threads, times].map(String));
      const [median, ...notes] = out.trim().split('\n');
      for (const note of notes) console.error(`  ${note}`);
      mustDecodeTo(readFileSync(join(folder, 'volume.raw')), readChunks(join(folder, 'theirs.bin')), 'their');
      return Number(median);
    },
  };
}

function row(what: 'encode' | 'decode', threads: 1 | 2): BenchRow {
  const factor = what === 'encode' ? 1.5 : 3;
  return {
    id: `cseg-${what}${threads === 1 ? '' : '-2'}`,
    workload: `${what} compressed_segmentation: ${side}^3 uint64 (Voronoi, about 800 labels) in chunks of ${chunk}^3, ${threads === 1 ? 'the addon called from one thread' : 'two worker threads'}; each reads the other's, at most the peer's bytes`,
    unit: 'ms',
    target: `at least ${factor}x the speed of the faster peer`,
    isMet: (ours, theirs) => theirs === null || ours * factor <= theirs,
    measure: (bench) => measure(bench, what, threads),
    peer: peers(what, threads),
  };
}

export const segmentationCodec: readonly BenchRow[] = [
  row('encode', 1),
  row('encode', 2),
  row('decode', 1),
  row('decode', 2),
];
