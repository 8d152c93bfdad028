import type { WarpTaskStep } from '../../../../native-workers/warp-tasks.ts';
import { bytesPerVoxel } from '../../../../preload/contract/space.ts';
import { copyVoxels } from '../../formats/crop.ts';
import { DecodedChunks, nextVolumeToken } from '../../formats/decoded-chunks.ts';
import { chunkExtent, levelAt, mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import type { BoxAt, ChunkAt, OpenVolume, VolumePlan } from '../../formats/volume-format.ts';
import type { Kernels, Lane } from '../../jobs/job.ts';
import { invertAffine3 } from '../../transforms/affine3.ts';
import { inOrder } from '../in-order.ts';
import { chunksAtOnce, readBox } from '../read-box.ts';
import type { PointMap } from '../../transforms/point-map.ts';
import { type Chain, resultFromSource, sourceFromResult, tolerancePart } from './chain.ts';
import { fusedPiece, piecesOf, searchedPiece } from './pieces.ts';
import { nmFromIndex } from './field-of.ts';
import { FusedReader, gridOfPart, isFusible } from './fused-reader.ts';
import { boxOfIndex, fieldBox } from './needed-box.ts';
import { waitingSteps } from './waiting-steps.ts';
import { sourceLevels } from './source-levels.ts';

export interface WarpRequest {
  /** Of the result. Its dtype, channels and times are the source's. */
  readonly plan: VolumePlan;
  readonly source: OpenVolume;
  readonly chain: Chain;
  readonly kernels: Kernels;
  readonly lane: Lane;
}

/** Chunks of sources, which the bricks beside each other share. */
const sourceChunks = new DecodedChunks(256 * 2 ** 20);
/** Where the voxels of the last bricks lie in the source, for their other channels and times. */
const ledPoints = new DecodedChunks(48 * 2 ** 20);
/** A box of a source or field that is read at once; a brick that needs more is made in parts. */
const mostBoxBytes = 48 * 2 ** 20;
/** Parts of no more voxels are not parted again. */
const leastPart = 512;
const chunkBytesAtOnce = 32 * 2 ** 20;

/**
 * A volume seen through a chain of maps. Every voxel's centre is led back into the level of the source whose voxels are
 * nearest in size; images are mixed there of the eight voxels around, labels are those of the nearest. Beyond the source
 * lies 0. Nothing is stored: `locate` says where a chunk is made.
 */
export class WarpedVolume implements OpenVolume {
  readonly plan: VolumePlan;
  readonly notes = { storage: 'made when it is read' };
  readonly #request: WarpRequest;
  readonly #token = nextVolumeToken();
  readonly #fused: FusedReader | null;
  #levels: Promise<readonly number[]> | null = null;

  constructor(request: WarpRequest) {
    this.plan = request.plan;
    this.#request = request;
    const kept = { token: this.#token, chunks: sourceChunks, mostBoxBytes };
    this.#fused = isFusible(request.chain) ? new FusedReader({ ...request, ...kept }) : null;
  }

  get #isNearest(): boolean {
    return this.plan.kind === 'segmentation';
  }

  locate({ level, xyz }: ChunkAt): Promise<{ key: string; offset: number; bytes: number }> {
    const planned = levelAt(this.plan, level);
    const bytes = voxelsIn(chunkExtent(planned, xyz).size) * bytesPerVoxel[this.plan.dtype];
    return Promise.resolve({ key: `${planned.key}/${xyz.join('/')}`, offset: 0, bytes });
  }

  /** Piece by piece: so much that a kernel has work, and no more of the source than a piece reaches. */
  async readBox(box: BoxAt, signal: AbortSignal): Promise<Uint8Array | null> {
    const pieces = [...piecesOf(box, this.#fused ? fusedPiece : searchedPiece)];
    const width = bytesPerVoxel[this.plan.dtype];
    let out: Uint8Array | null = null;
    const inFlight = this.#request.kernels.threads + 1;
    const read = async (piece: BoxAt) => ({ piece, voxels: await this.#part(piece, signal) });
    for await (const { result } of inOrder(pieces, inFlight, signal, read)) {
      const { piece, voxels } = result;
      if (voxels && pieces.length === 1) return voxels;
      if (!voxels) continue;
      out ??= new Uint8Array(voxelsIn(box.size) * width);
      const at = mapAxes((i) => piece.min[i] - box.min[i]);
      copyVoxels(
        { bytes: voxels, size: piece.size, at: [0, 0, 0] },
        { bytes: out, size: box.size, at },
        piece.size,
        width,
      );
    }
    signal.throwIfAborted();
    return out;
  }

  async readChunk({ level, xyz, channel, time }: ChunkAt, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const { min, size } = chunkExtent(levelAt(this.plan, level), xyz);
    return this.#part({ level, min, size, channel, time }, signal ?? new AbortController().signal);
  }

  get chain(): Chain {
    return this.#request.chain;
  }

  get sourceFromResult(): PointMap {
    return sourceFromResult(this.#request.chain, this.#voxelNm);
  }

  get resultFromSource(): PointMap {
    return resultFromSource(this.#request.chain, this.#voxelNm);
  }

  labels() {
    return this.#request.source.labels?.() ?? Promise.resolve([]);
  }

  async #part(part: BoxAt, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const isSmall = voxelsIn(part.size) <= leastPart;
    const fused = await this.#inOnePass(part, isSmall, signal);
    if (fused === 'too much') return this.#halves(part, signal);
    return fused === null ? this.#ledFirst(part, isSmall, signal) : fused;
  }

  async #inOnePass(box: BoxAt, isSmall: boolean, signal: AbortSignal) {
    if (!this.#fused) return null;
    const planned = levelAt(this.plan, box.level);
    const sourceLevel = await this.#sourceLevel(box.level, signal);
    return this.#fused.read({ box, planned, sourceLevel, isSmall, nearest: this.#isNearest }, signal);
  }

  /** Points first, then voxels: through splines, and fields whose inverse is searched for. */
  async #ledFirst(part: BoxAt, isSmall: boolean, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const led = await this.#ledTo(part, isSmall, signal);
    if (led === 'too much') return this.#halves(part, signal);
    if (led === null) return undefined;
    const level = await this.#sourceLevel(part.level, signal);
    const source = await this.#readSource(part, { ...led, level }, isSmall, signal);
    if (source === 'too much') return this.#halves(part, signal);
    if (source === null) return undefined;
    const { kernels, lane } = this.#request;
    const { header, outputs } = await kernels.run('sample-points', source.header, {
      inputs: [led.points, source.voxels],
      signal,
      lane,
    });
    return header.inside === 0 ? undefined : outputs[0];
  }

  /** A part that needs a box larger than is read at once: both halves along its longest side, sooner along z. */
  async #halves(part: BoxAt, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const longest = part.size.lastIndexOf(Math.max(...part.size)) as 0 | 1 | 2;
    const half = Math.ceil(part.size[longest] / 2);
    const width = bytesPerVoxel[this.plan.dtype];
    let out: Uint8Array | undefined;
    for (const begin of [0, half]) {
      const length = begin === 0 ? half : part.size[longest] - half;
      const at = mapAxes((i) => (i === longest ? begin : 0));
      const size = mapAxes((i) => (i === longest ? length : part.size[i]));
      const voxels = await this.#part({ ...part, min: mapAxes((i) => part.min[i] + at[i]), size }, signal);
      if (!voxels) continue;
      out ??= new Uint8Array(voxelsIn(part.size) * width);
      copyVoxels({ bytes: voxels, size, at: [0, 0, 0] }, { bytes: out, size: part.size, at }, size, width);
    }
    return out;
  }

  /** Where the centres of a part's voxels lie in the source, and the box around those that lie anywhere; null: none. */
  async #ledTo(part: BoxAt, isSmall: boolean, signal: AbortSignal): Promise<Led | 'too much' | null> {
    const { level, min, size } = part;
    const key = `${this.#token}${level}/${min.join('/')}/${size.join('/')}`;
    let answer: Led | 'too much' | null = null;
    const points = await ledPoints.get(key, 24 * voxelsIn(size) + boundsBytes, async () => {
      const led = await this.#walk(part, isSmall, signal);
      return led === 'too much' ? Uint8Array.of(1) : packed(led);
    });
    if (points.byteLength === 1) answer = 'too much';
    else if (points.byteLength > 0) answer = unpacked(points);
    return answer;
  }

  async #walk(part: BoxAt, isSmall: boolean, signal: AbortSignal): Promise<Led | 'too much' | null> {
    const { chain, kernels, lane } = this.#request;
    const toleranceNm = this.#voxelNm * tolerancePart;
    const grid = gridOfPart(levelAt(this.plan, part.level), part);
    let points: Uint8Array | null = null;
    let bounds: readonly number[] | null = null;
    const run = async (steps: readonly WarpTaskStep[], inputs: readonly Uint8Array[]): Promise<number> => {
      const from = points ? { inputs: [points, ...inputs] } : { inputs };
      const header = { ...(points ? {} : { grid }), steps: [...steps], toleranceNm: latticePart * this.#voxelNm };
      const made = await kernels.run('warp-points', steps.some(isSearch) ? { ...header, toleranceNm } : header, {
        ...from,
        signal,
        lane,
      });
      [points, bounds] = [made.outputs[0] ?? new Uint8Array(), made.header.bounds];
      return made.header.leftField;
    };
    let waiting = waitingSteps();
    for (const step of chain.steps) {
      if (step.type !== 'field') {
        waiting.add(step);
        continue;
      }
      await run(waiting.steps, waiting.inputs);
      waiting = waitingSteps();
      if (!bounds) return null;
      const needed = { mostBytes: isSmall ? Infinity : mostBoxBytes };
      for (let wider = 0; ; wider++) {
        const box = await fieldBox(step, bounds, { ...needed, wider }, signal);
        if (box === 'too much') return box;
        const before: Uint8Array | null = points;
        const left = await run([box.step], [box.vectors]);
        if (left === 0 || box.isWhole || wider >= mostWider) break;
        points = before;
      }
      if (!bounds) return null;
    }
    if (waiting.steps.length > 0 || !points) await run(waiting.steps, waiting.inputs);
    return points && bounds ? { points, bounds } : null;
  }

  async #readSource(
    { channel, time }: BoxAt,
    { bounds, level }: { readonly bounds: readonly number[]; readonly level: number },
    isSmall: boolean,
    signal: AbortSignal,
  ) {
    const { source } = this.#request;
    const { dtype } = this.plan;
    const planned = levelAt(source.plan, level);
    const indexFromPoint = invertAffine3(nmFromIndex(planned));
    if (!indexFromPoint) return null;
    const box = boxOfIndex(indexFromPoint, bounds, planned.sizeXyz);
    if (!box) return null;
    if (voxelsIn(box.size) * bytesPerVoxel[dtype] > mostBoxBytes && !isSmall) return 'too much';
    const inFlight = chunksAtOnce(source, level, chunkBytesAtOnce, 4);
    const chunks = { cache: sourceChunks, token: this.#token };
    const read = { level, min: box.min, size: box.size, channel, time };
    const voxels = await readBox(source, read, { inFlight, signal, chunks });
    if (!voxels) return null;
    const interpolation = this.#isNearest ? ('nearest' as const) : ('linear' as const);
    return { voxels, header: { dtype, grid: planned.sizeXyz, ...box, indexFromPoint, interpolation } };
  }

  get #voxelNm(): number {
    return Math.min(...levelAt(this.#request.source.plan, 0).voxelSizeNm);
  }

  async #sourceLevel(level: number, signal: AbortSignal): Promise<number> {
    const { source } = this.#request;
    this.#levels ??= sourceLevels(this.plan, source.plan, this.sourceFromResult, signal);
    const levels = await this.#levels.catch((error: unknown) => {
      this.#levels = null;
      throw error;
    });
    return levels[level] ?? 0;
  }
}

/** How far from the map itself a lattice may be, as a part of the smallest voxel of the source. */
const latticePart = 0.004;
/** How often a box of a field that a search left is made larger. */
const mostWider = 4;

interface Led {
  /** x, y, z of each voxel, doubles, nanometres of the source. */
  readonly points: Uint8Array;
  /** Least x, y, z and largest x, y, z. */
  readonly bounds: readonly number[];
}

const boundsBytes = 48;

function packed(led: Led | null): Uint8Array {
  if (!led) return new Uint8Array();
  const out = new Uint8Array(led.points.byteLength + boundsBytes);
  out.set(led.points);
  out.set(new Uint8Array(Float64Array.from(led.bounds).buffer), led.points.byteLength);
  return out;
}

function unpacked(bytes: Uint8Array): Led {
  const at = bytes.byteLength - boundsBytes;
  return { points: bytes.subarray(0, at), bounds: [...new Float64Array(bytes.slice(at).buffer)] };
}

const isSearch = (step: WarpTaskStep): boolean => step.type === 'field' && step.inverse;
