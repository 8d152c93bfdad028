import { isLamellaError, LamellaError } from '../../../../preload/contract/errors.ts';
import type { ByteSource } from '../../formats/byte-store.ts';
import { gridOf, mapAxes } from '../../formats/pyramid.ts';
import type { OpenVolume, VolumeFormat, VolumeLevelPlan, VolumePlan } from '../../formats/volume-format.ts';
import type { Kernels, Lane } from '../../jobs/job.ts';
import type { ReadHandle } from '../../store/library-store.ts';
import { type StoredVolume, volumeById } from '../../store/volume-rows.ts';
import { stampOf, type StoredWarp } from '../../store/warp-rows.ts';
import type { PlaceRequest } from '../open-place.ts';
import { isVolumeId } from '../volume-id.ts';
import { type Chain, openChain, type OpenedField } from './chain.ts';
import type { FieldStep } from './field-of.ts';
import { physicalFromVolume, placeOfPlan } from './physical-space.ts';
import { WarpedVolume } from './warped-volume.ts';

interface OpenedInside {
  readonly volume: OpenVolume;
  readonly format: VolumeFormat;
  close(): Promise<void>;
}

/** How to open what a warped volume is made of. */
export interface WarpEnv {
  /** Another volume of the library. */
  open(id: string): Promise<OpenedInside>;
  /** What lies at a path or address. */
  at(request: PlaceRequest): Promise<OpenedInside>;
  readonly kernels: Kernels;
  readonly lane: Lane;
  readonly signal: AbortSignal | undefined;
  /** Warped volumes that this one is inside of. */
  readonly deep: number;
}

/** Nobody's format: the volume lies nowhere. */
const warpFormat: VolumeFormat = {
  id: 'warp',
  label: 'Volume seen through a map',
  holdsOne: true,
  detect: () => Promise.resolve(false),
  open: () => Promise.reject(new Error('a warped volume is opened by its row')),
};

/** Warped volumes of warped volumes. */
const deepest = 8;

/** Throws 'not-found' where the source is gone, and what opening the source and the fields throws. */
export async function openWarped(stored: StoredVolume, warp: StoredWarp, env: WarpEnv) {
  const source = await openSource(stored.volume.name, warp.source, env);
  try {
    const chain = await openWarpChain(warp, source.volume.plan, env);
    const plan = planOfStored(stored, warp, source.volume.plan);
    const inside = { ...env, plan, source: source.volume, chain };
    const volume = new WarpedVolume(inside);
    const close = async (): Promise<void> => {
      await chain.close();
      await source.close();
    };
    return { stored, own: volume, volume, format: warpFormat, place: null, close };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** The chain of a warped volume; the caller closes it. */
export function openWarpChain(
  warp: Pick<StoredWarp, 'steps' | 'worldFromVolume' | 'space'>,
  source: VolumePlan,
  env: WarpEnv,
): Promise<Chain> {
  return openChain(warp.steps, {
    physicalFromResult: physicalFromVolume(warp),
    physicalFromSource: physicalFromVolume(placeOfPlan(source)),
    openField: (step) => openField(step, env),
  });
}

async function openSource(name: string, id: string, env: WarpEnv): Promise<OpenedInside> {
  if (env.deep >= deepest)
    throw new LamellaError('invalid-input', `"${name}" is a warped volume of more than ${deepest} others.`, {
      hint: 'Make one of the volume that lies under them, with all their steps.',
      fields: { volume: name },
    });
  try {
    return await env.open(id);
  } catch (error) {
    if (!isLamellaError(error, 'not-found') || error.fields['volume'] !== id) throw error;
    throw new LamellaError('not-found', `The volume that "${name}" is made of (${id}) is not in the library.`, {
      hint: 'Undo its removal, or remove this one too.',
      fields: { volume: name, source: id },
      cause: error,
    });
  }
}

async function openField(step: FieldStep, env: WarpEnv): Promise<OpenedField> {
  const { kernels, lane, signal } = env;
  const { source: ref, image, allowPrivate } = step;
  const opened = isVolumeId(ref)
    ? await openSource(ref, ref, env)
    : await env.at({ ref, image, allowPrivate, kernels, lane, signal });
  return { volume: opened.volume, format: opened.format.id, close: () => opened.close() };
}

/** As its row says: what is drawn has the same levels as what is read. */
function planOfStored({ volume }: StoredVolume, warp: StoredWarp, source: VolumePlan): VolumePlan {
  const { worldFromVolume: matrix, space } = warp;
  return {
    name: volume.name,
    kind: volume.kind,
    dtype: source.dtype,
    channels: source.channels,
    times: source.times,
    secondsPerTime: source.secondsPerTime,
    transforms: matrix || space !== '' ? [{ space, kind: 'affine', matrix: matrix ?? identity }] : [],
    levels: volume.levels.map(({ size, brick, voxelSizeNm, originNm }, i): VolumeLevelPlan => ({
      key: String(i),
      sizeXyz: size,
      chunkXyz: brick,
      gridXyz: gridOf(size, brick),
      voxelSizeNm,
      originNm,
      stepXyz: stepOf(volume.levels[i - 1]?.voxelSizeNm, voxelSizeNm),
    })),
  };
}

const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] as const;
const stepOf = (before: VolumeLevelPlan['voxelSizeNm'] | undefined, own: VolumeLevelPlan['voxelSizeNm']) =>
  mapAxes((i) => (before ? Math.max(1, Math.round(own[i] / before[i])) : 1));

/** The rows that a warped volume is made of: with another one of them it is opened anew. */
export function under(read: ReadHandle, { warp }: StoredVolume, deep = 0): unknown {
  if (!warp || deep > deepest) return null;
  try {
    const stored = volumeById(read, warp.source);
    return [warp, stored.source, stored.folder, under(read, stored, deep + 1)];
  } catch {
    return [warp];
  }
}

/** What a warped volume is made of, in the place of files: bytes that are others for another map or source. */
export function madeOf({ volume }: StoredVolume, warp: StoredWarp): ByteSource {
  const stamp = new TextEncoder().encode(stampOf(warp, volume.levels));
  return {
    name: volume.name,
    get: () => Promise.resolve(stamp),
    sizeOf: () => stamp.byteLength,
    list: () => Promise.resolve([]),
    children: () => Promise.resolve([]),
  };
}
