import { LamellaError } from '../../../preload/contract/errors.ts';

/** How the memory of a process is shared out while a volume is written. */
export interface MemoryPlan {
  /** The largest box of voxels that is encoded at once. */
  readonly blockBytes: number;
  /** Blocks at once. */
  readonly inFlight: number;
  /** Of decoded chunks that blocks share. */
  readonly cacheBytes: number;
  /** Of finer voxels read at once to make coarser ones. */
  readonly partBytes: number;
  /** Of buffers, those that wait to be collected included. */
  readonly mostBuffers: number;
}

/** What the process takes before it holds a single voxel: Node, its threads, the kernels, SQLite. */
const baseBytes = 240 * 2 ** 20;
/** A block is read, copied to a kernel, encoded there, and copied back. */
const copiesOfBlock = 6;
const [leastBlock, mostBlock] = [2 ** 20, 32 * 2 ** 20];
/** Fewer are always in use. */
const leastBuffers = 32 * 2 ** 20;
const leastMemory = 250_000_000;

/** Throws 'over-budget' below 250 MB, with which nothing can be done. */
export function shareMemory(memoryBytes: number, threads: number): MemoryPlan {
  if (memoryBytes < leastMemory) {
    throw new LamellaError('over-budget', `A memory of ${memoryBytes / 1e6} MB is too little.`, {
      hint: 'Give at least 250MB.',
      fields: { memory: memoryBytes, least: leastMemory },
    });
  }
  const free = Math.max(memoryBytes - baseBytes, 24 * 2 ** 20);
  const cacheBytes = Math.floor(free / 6);
  const forBlocks = (free - cacheBytes) * 0.8;
  const wanted = forBlocks / copiesOfBlock / (threads + 1);
  const blockBytes = Math.floor(Math.min(mostBlock, Math.max(leastBlock, wanted)));
  const inFlight = Math.max(1, Math.min(threads + 1, Math.floor(forBlocks / copiesOfBlock / blockBytes)));
  const partBytes = Math.max(2 ** 20, Math.floor(blockBytes / 2));
  return { blockBytes, inFlight, cacheBytes, partBytes, mostBuffers: Math.max(leastBuffers, Math.floor(free / 2)) };
}

const factors: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12 };

/** `2GB`, `512 MiB`: bytes. The contract has checked the text. */
export function parseByteSize(text: string): number {
  const [, number = '0', letter = '', binary] = /^(\d+(?:\.\d+)?)\s?(?:([kMGT])(i)?)?B?$/i.exec(text.trim()) ?? [];
  const power = ['', 'k', 'm', 'g', 't'].indexOf(letter.toLowerCase());
  return Math.floor(Number(number) * (binary ? 1024 ** power : (factors[letter.toLowerCase()] ?? 1)));
}
