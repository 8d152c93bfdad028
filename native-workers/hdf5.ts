import * as h5wasm from 'h5wasm/node';
import { isLamellaError, LamellaError } from '../preload/contract/errors.ts';
import { type VoxelType, bytesPerVoxel } from '../preload/contract/space.ts';
import { describeFile } from './hdf5-describe.ts';
import { badHdf5, fileAt, hdf5, neverClosed } from './hdf5-files.ts';
import { voxelTypeOf } from './hdf5-types.ts';
import type { Ran } from './load.ts';
import { cancelWords } from './tasks.ts';
import { voxelTasks } from './voxel-tasks.ts';

/** A part of a dataset is read in pieces of about so much: the library's memory never shrinks. */
const pieceBytes = 64 * 2 ** 20;
const mostBytes = 512 * 2 ** 20;
const mostNeverClosed = 200;

/** Runs a task on an HDF5 file. Throws 'bad-source' that names the file and the library's complaint. */
export async function runHdf5(
  task: 'hdf5-describe' | 'hdf5-read',
  header: unknown,
  cancel: Int32Array,
): Promise<Ran<'hdf5-describe' | 'hdf5-read'>> {
  await hdf5();
  const { path } = voxelTasks['hdf5-describe'].input.parse(header);
  try {
    if (task === 'hdf5-describe') return { header: describeFile(fileAt(path), () => beat(cancel)), outputs: [] };
    return readBox(voxelTasks['hdf5-read'].input.parse(header), cancel);
  } catch (error) {
    if ((error instanceof Error && error.name === 'RuntimeError') || (await neverClosed()) > mostNeverClosed) endSoon();
    throw isLamellaError(error) ? error : badHdf5(path, complaintOf(error), error);
  }
}

/**
 * After a trap the library's memory can't be trusted, and many damaged files leave it with too many open: the thread
 * ends, and the pool starts another.
 */
function endSoon(): void {
  setImmediate(() => process.exit(1));
}

/** The innermost line of the library's account. */
function complaintOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split('\n').flatMap((line) => /in \w+\(\): (.+)$/.exec(line)?.[1] ?? []);
  return (lines.at(-1) ?? text.split('\n')[0] ?? '').slice(0, 300).replace(/\.$/, '');
}

function beat(cancel: Int32Array): void {
  Atomics.add(cancel, cancelWords.beat, 1);
  if (Atomics.load(cancel, cancelWords.stop) !== 0)
    throw new LamellaError('cancelled', 'The work was cancelled.', { hint: 'Start it again.' });
}

interface Box {
  readonly path: string;
  readonly dtype: VoxelType;
  readonly dataset: string;
  readonly at: readonly number[];
  readonly size: readonly number[];
}

function readBox(box: Box, cancel: Int32Array): Ran<'hdf5-read'> {
  const file = fileAt(box.path);
  const found = file.get(box.dataset);
  if (!(found instanceof h5wasm.Dataset)) throw badHdf5(box.path, `it has no dataset "${box.dataset}"`);
  const dtype = voxelTypeOf(found.metadata);
  if (!dtype) throw badHdf5(box.path, `"${box.dataset}" holds no numbers of a kind that Lamella reads`);
  if (dtype !== box.dtype)
    throw badHdf5(box.path, `"${box.dataset}" holds ${dtype}, where the volume that was opened has ${box.dtype}`);
  const shape = found.shape ?? [];
  const inside = box.at.length === shape.length && box.size.length === shape.length;
  if (!inside || shape.some((n, i) => (box.at[i] ?? 0) + (box.size[i] ?? 0) > n))
    throw badHdf5(
      box.path,
      `"${box.dataset}" is ${shape.join(' x ')}: ${box.size.join(' x ')} at ${box.at.join(', ')} is outside`,
    );
  const bytes = box.size.reduce((product, n) => product * n, bytesPerVoxel[dtype]);
  if (bytes > mostBytes) throw badHdf5(box.path, `a part of "${box.dataset}" of ${bytes} bytes is too large`);
  const out = new Uint8Array(bytes);
  const [first = 1, ...rest] = box.size;
  const rowBytes = bytes / first;
  const rows = Math.max(1, Math.floor(pieceBytes / rowBytes));
  for (let row = 0; row < first; row += rows) {
    beat(cancel);
    const count = [Math.min(rows, first - row), ...rest];
    const at = [(box.at[0] ?? 0) + row, ...box.at.slice(1)];
    readPiece(
      { file, path: box.path, dataset: found.path, at, count },
      out.subarray(row * rowBytes, row * rowBytes + rowBytes * (count[0] ?? 1)),
    );
  }
  return { header: { dtype }, outputs: [out] };
}

interface Piece {
  readonly file: h5wasm.File;
  readonly path: string;
  readonly dataset: string;
  readonly at: readonly number[];
  readonly count: readonly number[];
}

/** The library gives native, little-endian numbers whatever the file has. The status is looked at: without, a filter that is not there would give whatever lay in memory. */
function readPiece({ file, path, dataset, at, count }: Piece, into: Uint8Array): void {
  const { Module: module } = h5wasm;
  const pointer = module._malloc(into.length);
  try {
    const big = (numbers: readonly number[]): bigint[] => numbers.map(BigInt);
    const status = module.get_dataset_data(
      file.file_id,
      dataset,
      big(count),
      big(at),
      count.map(() => 1n),
      BigInt(pointer),
    );
    if (status < 0) throw badHdf5(path, `voxels of "${dataset}" could not be read`);
    into.set(module.HEAPU8.subarray(Number(pointer), Number(pointer) + into.length));
  } finally {
    module._free(pointer);
  }
}
