import type { ChunkCodecSpec, EncodeBlock } from '../../../../native-workers/voxel-tasks.ts';
import { LamellaError } from '../../../../preload/contract/errors.ts';
import { type Vec3, bytesPerVoxel } from '../../../../preload/contract/space.ts';
import { badPlanBlock } from '../blocks.ts';
import { gridOf, levelAt, mapAxes, voxelsIn } from '../pyramid.ts';
import type {
  BlockAt,
  ChunkCodec,
  Part,
  VolumeLevelPlan,
  VolumeNotes,
  VolumePlan,
  VolumeWriter,
  WriteChoices,
} from '../volume-format.ts';
import { assembleOme } from './assemble-ome.ts';
import { type PartsRecord, partsRecordKey } from './parts-volume.ts';
import { partKey } from './tile-parts.ts';

export const omeEncodings = ['deflate', 'zstd', 'lzw', 'raw'] as const;
export type OmeEncoding = (typeof omeEncodings)[number];

/** Along x and along y. Their sizes are in the name of a part, which may not grow too long. */
const mostTilesOfBlock = 4;
const maxPages = 100_000;

/** Throws 'invalid-input' for types that OME-TIFF lacks (64-bit whole numbers) and over 100,000 planes. */
export function omeWriter(given: VolumePlan, choices: WriteChoices, codec: ChunkCodec): VolumeWriter {
  const encoding = encodingOf(choices.encoding);
  checkType(given);
  const tile = tileOf(given, choices.chunkXyz);
  const plan = planOf(given, tile);
  const codecs = stepsOf(plan, encoding, tile[0]);
  const record: PartsRecord = {
    plan,
    tile,
    codecs,
    tilesOfBlock: plan.levels.map((_, i) => tilesOfBlock(plan, tile, choices, i)),
  };
  const blockXyz = (level: number): Vec3 => {
    const [nx, ny] = record.tilesOfBlock[level] ?? [1, 1];
    return [nx * tile[0], ny * tile[1], 1];
  };
  let kept: VolumeNotes = {};
  return {
    plan,
    blockXyz,
    encodeBlock: async (at, voxels, signal) => encodeTiles({ record, at, voxels }, codec, signal),
    metadata: (notes) => {
      kept = notes;
      return Promise.resolve([{ key: partsRecordKey, bytes: new TextEncoder().encode(JSON.stringify(record)) }]);
    },
    assemble: async (sizes) => assembleOme(record, encoding, kept, sizes),
  };
}

function encodingOf(wanted: string | undefined): OmeEncoding {
  const found = wanted === undefined ? omeEncodings[0] : omeEncodings.find((one) => one === wanted);
  if (found) return found;
  throw refused(`OME-TIFF is not written as "${wanted}"`, `Choose one of ${omeEncodings.join(', ')}.`);
}

function checkType({ dtype, levels, channels, times }: VolumePlan): void {
  if (dtype === 'uint64' || dtype === 'int64')
    throw refused(`OME-TIFF has no ${dtype} voxels`, 'Write OME-Zarr, N5 or precomputed, which keep 64-bit ids exact.');
  const pages = (levels[0]?.sizeXyz[2] ?? 1) * channels.length * times;
  if (pages > maxPages)
    throw refused(`The volume has ${pages} planes; a TIFF of more than ${maxPages} is not written`, 'Write OME-Zarr.');
}

/** Tiles lie in one section, and their sides are multiples of 16. */
function tileOf(plan: VolumePlan, wanted: Vec3 | undefined): readonly [number, number] {
  const [x, y] = plan.levels[0]?.sizeXyz ?? [1, 1, 1];
  const usual = Math.max(x, y) > 2048 ? 512 : 256;
  const side = (px: number): number => Math.min(4096, Math.ceil(px / 16) * 16);
  return wanted ? [side(wanted[0]), side(wanted[1])] : [usual, usual];
}

/** Smaller copies lie behind each page, so every level has all sections: only x and y are halved. */
function planOf(plan: VolumePlan, tile: readonly [number, number]): VolumePlan {
  const [first, ...rest] = plan.levels;
  if (!first) throw new Error('a plan has no levels');
  const chunkXyz: Vec3 = [tile[0], tile[1], 1];
  const inPlane = rest.every(({ stepXyz, sizeXyz }) => stepXyz[2] === 1 && sizeXyz[2] === first.sizeXyz[2]);
  const finest = { ...first, key: '0', chunkXyz, gridXyz: gridOf(first.sizeXyz, chunkXyz), stepXyz: [1, 1, 1] as Vec3 };
  const levels: VolumeLevelPlan[] = [finest];
  for (let last = finest; rest.length > 0 && levels.length <= 32;) {
    const given = rest[levels.length - 1];
    const wide = last.sizeXyz[0] > tile[0] || last.sizeXyz[1] > tile[1];
    if (inPlane ? !given : !wide) break;
    last = coarser(
      last,
      inPlane && given ? given.stepXyz : [last.sizeXyz[0] > 1 ? 2 : 1, last.sizeXyz[1] > 1 ? 2 : 1, 1],
      levels.length,
    );
    levels.push(last);
  }
  return { ...plan, levels, transforms: [] };
}

function coarser(last: VolumeLevelPlan, stepXyz: Vec3, index: number): VolumeLevelPlan & { readonly stepXyz: Vec3 } {
  const sizeXyz = mapAxes((i) => Math.ceil(last.sizeXyz[i] / stepXyz[i]));
  return {
    ...{ key: String(index), sizeXyz, chunkXyz: last.chunkXyz, gridXyz: gridOf(sizeXyz, last.chunkXyz), stepXyz },
    voxelSizeNm: mapAxes((i) => last.voxelSizeNm[i] * stepXyz[i]),
    originNm: last.originNm,
  };
}

/** Differences to the left neighbour pack pictures better; labels and floats they don't. */
function stepsOf({ dtype, kind }: VolumePlan, encoding: OmeEncoding, width: number): ChunkCodecSpec[] {
  if (encoding === 'raw') return [];
  const predicts = kind === 'image' && !dtype.startsWith('float');
  const packed: ChunkCodecSpec =
    encoding === 'deflate' ? { name: 'zlib' } : encoding === 'zstd' ? { name: 'zstd', level: 3 } : { name: 'lzw' };
  return predicts ? [{ name: 'predictor', kind: 'horizontal', width, samples: 1 }, packed] : [packed];
}

function tilesOfBlock(
  plan: VolumePlan,
  tile: readonly [number, number],
  choices: WriteChoices,
  index: number,
): readonly [number, number] {
  const { gridXyz } = levelAt(plan, index);
  const tileBytes = tile[0] * tile[1] * bytesPerVoxel[plan.dtype] * plan.channels.length;
  let [nx, ny] = [1, 1];
  for (const axis of [0, 1, 0, 1]) {
    const [wider, higher] = axis === 0 ? [nx * 2, ny] : [nx, ny * 2];
    const fits =
      wider * higher * tileBytes <= choices.blockBytes && wider <= mostTilesOfBlock && higher <= mostTilesOfBlock;
    if (fits && (axis === 0 ? nx < gridXyz[0] : ny < gridXyz[1])) [nx, ny] = [wider, higher];
  }
  return [nx, ny];
}

interface Encoding {
  readonly record: PartsRecord;
  readonly at: BlockAt;
  readonly voxels: Uint8Array;
}

/** One part for each channel: the tiles of the block, x fastest. */
async function encodeTiles(
  { record, at, voxels }: Encoding,
  codec: ChunkCodec,
  signal?: AbortSignal,
): Promise<readonly Part[]> {
  const { plan, tile, codecs } = record;
  const { sizeXyz } = levelAt(plan, at.level);
  const [nx, ny] = record.tilesOfBlock[at.level] ?? [1, 1];
  const block: Vec3 = [nx * tile[0], ny * tile[1], 1];
  const size = mapAxes((i) => Math.min(block[i], sizeXyz[i] - at.xyz[i] * block[i]));
  const wanted = voxelsIn(size) * bytesPerVoxel[plan.dtype] * plan.channels.length;
  if (voxels.length !== wanted) throw badPlanBlock(at, voxels.length, wanted);
  const request: EncodeBlock = {
    dtype: plan.dtype,
    size: [...size, plan.channels.length, 1],
    chunk: [tile[0], tile[1], 1, 1, 1],
    ...{ edges: 'pad', fill: 0, order: 'xyzct', endian: 'little', codecs: [...codecs] },
  };
  const tiles = await codec.encode(request, voxels, signal);
  return plan.channels.map((_, channel) => {
    const own = tiles.filter((one) => one.at[3] === channel).toSorted((a, b) => a.at[1] - b.at[1] || a.at[0] - b.at[0]);
    const place = { level: at.level, time: at.time, channel, z: at.xyz[2], x: at.xyz[0], y: at.xyz[1] };
    return {
      key: partKey(
        place,
        own.map(({ bytes }) => bytes.length),
      ),
      bytes: new Uint8Array(Buffer.concat(own.map(({ bytes }) => bytes))),
    };
  });
}

function refused(message: string, hint: string): LamellaError {
  return new LamellaError('invalid-input', `${message}.`, { hint });
}
