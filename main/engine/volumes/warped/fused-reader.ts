import type { WarpTaskStep } from '../../../../native-workers/warp-tasks.ts';
import { bytesPerVoxel, type Vec3 } from '../../../../preload/contract/space.ts';
import type { DecodedChunks } from '../../formats/decoded-chunks.ts';
import { chunkExtent, levelAt, mapAxes, voxelsIn } from '../../formats/pyramid.ts';
import type { BoxAt, OpenVolume, VolumeLevelPlan } from '../../formats/volume-format.ts';
import type { Kernels, Lane } from '../../jobs/job.ts';
import { affineMap, invertAffine3 } from '../../transforms/affine3.ts';
import type { VectorField } from '../../transforms/vector-field.ts';
import { inOrder } from '../in-order.ts';
import { chunksAtOnce, chunksOver } from '../read-box.ts';
import type { Chain, ChainStep } from './chain.ts';
import { nmFromIndex } from './field-of.ts';
import { boxOfIndex, cornersOf, type IndexBox, stepOfField } from './needed-box.ts';
import { bytesOf } from './waiting-steps.ts';
import { isSmallField, shared, wholeField } from './whole-field.ts';

type FieldStep = Extract<ChainStep, { type: 'field' }>;

/** Whether `warp-box` leads points through the chain: neither splines nor inverses that are searched for. */
export const isFusible = ({ steps }: Chain): boolean =>
  steps.every((step) => step.type === 'affine' || (step.type === 'field' && !step.inverse));

export interface FusedRequest {
  readonly source: OpenVolume;
  readonly chain: Chain;
  readonly kernels: Kernels;
  readonly lane: Lane;
  /** Begins the keys of its chunks in `chunks`. */
  readonly token: string;
  /** Decoded chunks of sources. */
  readonly chunks: DecodedChunks;
  /** A box of a source or field that is read at once: a part that needs more is made in halves. */
  readonly mostBoxBytes: number;
}

/** A part of the result: the box, its place, and the level of the source that it is mixed of. */
export interface FusedPart {
  readonly box: BoxAt;
  /** Of the result, at that level. */
  readonly planned: VolumeLevelPlan;
  readonly sourceLevel: number;
  readonly nearest: boolean;
  /** So small that it is not halved, whatever it needs. */
  readonly isSmall: boolean;
}

/** Voxels around what a part was found to need; more where that was too little, as a field bends between the probes. */
const margins = [1, 4, 16, 64] as const;
/** Along each side of a part it is looked at so many points where fields lead. */
const probes = 9;
const chunkBytesAtOnce = 32 * 2 ** 20;

/** Makes parts of a warped volume in one pass of a kernel over the chunks of its source. */
export class FusedReader {
  readonly #request: FusedRequest;

  constructor(request: FusedRequest) {
    this.#request = request;
  }

  /** Undefined where all is 0; null where the points run away from all that was looked for: lead them one by one. */
  async read(part: FusedPart, signal: AbortSignal): Promise<Uint8Array | undefined | 'too much' | null> {
    const led = await this.#lead(part, signal);
    if (led === 'too much') return led;
    if (!led.bounds) return undefined;
    const level = levelAt(this.#request.source.plan, part.sourceLevel);
    const indexFromPoint = invertAffine3(nmFromIndex(level));
    if (!indexFromPoint) return undefined;
    for (const margin of margins) {
      const box = boxOfIndex(indexFromPoint, led.bounds, level.sizeXyz, led.isExact ? margin - 1 : margin);
      if (!box) return undefined;
      if (
        voxelsIn(box.size) * bytesPerVoxel[this.#request.source.plan.dtype] > this.#request.mostBoxBytes &&
        !part.isSmall
      )
        return 'too much';
      const { header, voxels } = await this.#mix(part, led, { ...box, indexFromPoint, level }, signal);
      if (header.left === 0) return header.inside === 0 ? undefined : voxels;
    }
    return null;
  }

  async #mix(
    { planned, box: seen, sourceLevel, nearest }: FusedPart,
    { steps, inputs }: Led,
    {
      level,
      indexFromPoint,
      ...box
    }: IndexBox & { readonly level: VolumeLevelPlan; readonly indexFromPoint: readonly number[] },
    signal: AbortSignal,
  ) {
    const { source, kernels, lane } = this.#request;
    const chunks = await this.#chunks(level, { ...seen, level: sourceLevel, ...box }, signal);
    if (chunks.length === 0) return { header: { inside: 0, left: 0 }, voxels: undefined };
    const header = {
      ...{
        grid: gridOfPart(planned, seen),
        steps: [...steps],
        dtype: source.plan.dtype,
        level: level.sizeXyz,
      },
      ...{
        ...box,
        indexFromPoint: [...indexFromPoint],
        interpolation: nearest ? ('nearest' as const) : ('linear' as const),
      },
      chunks: chunks.map(({ min, size }) => ({ min, size })),
    };
    const given = [...inputs, ...chunks.map(({ voxels }) => voxels)];
    const made = await kernels.run('warp-box', header, { inputs: given, signal, lane });
    return { header: made.header, voxels: made.outputs[0] };
  }

  /** Those that are stored, where all kernels can read them without a copy. */
  async #chunks(level: VolumeLevelPlan, box: BoxAt, signal: AbortSignal) {
    const { source, chunks, token } = this.#request;
    const inFlight = chunksAtOnce(source, box.level, chunkBytesAtOnce, 4);
    const read = async (xyz: Vec3) => {
      const extent = chunkExtent(level, xyz);
      const key = `${token}${box.level}/${box.channel}/${box.time}/${xyz.join('/')}`;
      const at = { level: box.level, xyz, channel: box.channel, time: box.time };
      const voxels = await chunks.get(key, voxelsIn(extent.size) * bytesPerVoxel[source.plan.dtype], async () =>
        shared((await source.readChunk(at, signal)) ?? new Uint8Array()),
      );
      return { ...extent, voxels };
    };
    const found: Awaited<ReturnType<typeof read>>[] = [];
    for await (const { result } of inOrder([...chunksOver(level, box)], inFlight, signal, read))
      if (result.voxels.byteLength > 0) found.push(result);
    signal.throwIfAborted();
    return found;
  }

  /** The steps as the kernel takes them, with the boxes of their fields, and where the part comes to. */
  async #lead({ planned, box, isSmall }: FusedPart, signal: AbortSignal): Promise<Led | 'too much'> {
    const grid = gridOfPart(planned, box);
    const [steps, inputs]: [WarpTaskStep[], Uint8Array[]] = [[], []];
    let bounds: readonly number[] | null = boundsOf(cornersOf(extentOf(grid)));
    let isExact = true;
    for (const step of this.#request.chain.steps) {
      if (step.type === 'affine') {
        steps.push({ type: 'affine', matrix: [...step.matrix] });
        if (isExact) bounds = boundsOf(ledBy(step.matrix, cornersOf(extentOf(grid))));
        continue;
      }
      if (step.type !== 'field') throw new Error('a spline is led through by warp-points');
      if (!isExact) bounds = await this.#probe(grid, { steps, inputs }, signal);
      if (!bounds) break;
      const field = await this.#field(step, bounds, isSmall, signal);
      if (field === 'too much') return field;
      steps.push(field.step);
      inputs.push(field.vectors);
      isExact = false;
    }
    if (!isExact && bounds) bounds = await this.#probe(grid, { steps, inputs }, signal);
    return { steps, inputs, bounds, isExact };
  }

  /** Bounds of where a few points of the part come to; null where none leads anywhere. */
  async #probe(
    { size, first, step }: ReturnType<typeof gridOfPart>,
    { steps, inputs }: Pick<Led, 'steps' | 'inputs'>,
    signal: AbortSignal,
  ): Promise<readonly number[] | null> {
    const few = mapAxes((i) => Math.min(size[i], probes));
    const apart = mapAxes((i) => (step[i] * (size[i] - 1)) / Math.max(1, few[i] - 1));
    const header = { grid: { size: few, first, step: apart }, steps: [...steps], toleranceNm: 1 };
    const { kernels, lane } = this.#request;
    return (await kernels.run('warp-points', header, { inputs, signal, lane })).header.bounds;
  }

  async #field({ field }: FieldStep, bounds: readonly number[], isSmall: boolean, signal: AbortSignal) {
    const isWhole = isSmallField(field);
    const around = boxOfIndex(field.indexFromPoint, bounds, field.sizeXyz, 2) ?? { min: [0, 0, 0], size: [1, 1, 1] };
    const box: IndexBox = isWhole ? { min: [0, 0, 0], size: field.sizeXyz } : around;
    if (voxelsIn(box.size) * 12 > this.#request.mostBoxBytes && !isWhole && !isSmall) return 'too much';
    const vectors = isWhole ? await wholeField(field, signal) : await boxOfField(field, box, signal);
    const wide = vectors.byteLength === 24 * voxelsIn(box.size);
    return { vectors, step: stepOfField(field, box, { wide, inverse: false }) };
  }
}

const boxOfField = async (field: VectorField, { min, size }: IndexBox, signal: AbortSignal): Promise<Uint8Array> =>
  shared(bytesOf(await field.read(min, size, signal)));

interface Led {
  readonly steps: readonly WarpTaskStep[];
  readonly inputs: readonly Uint8Array[];
  /** Of the part in the source, nanometres; null where nothing of it leads there. */
  readonly bounds: readonly number[] | null;
  /** Nothing of it lies beyond. */
  readonly isExact: boolean;
}

export function gridOfPart({ originNm, voxelSizeNm }: VolumeLevelPlan, { min, size }: Pick<BoxAt, 'min' | 'size'>) {
  return { size, first: mapAxes((i) => originNm[i] + (min[i] + 0.5) * voxelSizeNm[i]), step: voxelSizeNm };
}

const extentOf = ({ size, first, step }: ReturnType<typeof gridOfPart>): readonly number[] => [
  ...first,
  ...mapAxes((i) => first[i] + (size[i] - 1) * step[i]),
];

function ledBy(matrix: readonly number[], points: Float64Array): Float64Array {
  affineMap(matrix).applyNow(points);
  return points;
}

function boundsOf(points: Float64Array): readonly number[] {
  const along = (k: number): readonly number[] => [...points].filter((_, i) => i % 3 === k);
  return [...mapAxes((k) => Math.min(...along(k))), ...mapAxes((k) => Math.max(...along(k)))];
}
