import { join } from 'node:path';
import { createEngine } from '../../main/engine/index.ts';
import type { LamellaClient } from '../../preload/contract/api.ts';
import type { Vec3 } from '../../preload/contract/space.ts';
import { resultOf } from '../engine/follow-job.ts';
import type { Bench } from './row.ts';

/** Files of two volumes, and of the labels that lie where the moving one does. */
export interface BentPair {
  readonly fixed: string;
  readonly moving: string;
  readonly labels: string;
  readonly voxelNm: number;
}

export interface Voxels {
  readonly sizeXyz: Vec3;
  /** x fastest. */
  readonly values: Float64Array;
}

/** What came of it, with the volumes as the engine reads them. */
export interface Bent {
  /** Of both jobs, from volumes of the library to fields on disk. */
  readonly secs: number;
  /** Most of this process, engine and volumes in it. */
  readonly peakMb: number;
  readonly fixed: Voxels;
  readonly moving: Voxels;
  readonly labels: Voxels;
  /** The labels seen by the voxels of the fixed volume. */
  readonly seen: Voxels;
  readonly least: number;
  readonly inverseVoxels: readonly [number, number];
}

/** Registers them as a user would who sets nothing: the affine job, then that of the deformation. */
export async function bent({ folder, threads }: Bench, pair: BentPair): Promise<Bent> {
  const engine = createEngine({ threads });
  try {
    const [client, library] = [engine.client(), join(folder, 'library')];
    const voxelSizeNm: Vec3 = [pair.voxelNm, pair.voxelNm, pair.voxelNm];
    const add = async (source: string, kind: 'image' | 'segmentation'): Promise<string> =>
      (await resultOf<{ volume: string }>(client, library, client.volume.add({ library, source, kind, voxelSizeNm })))
        .volume;
    const [fixed, moving] = [await add(pair.fixed, 'image'), await add(pair.moving, 'image')];
    const labels = await add(pair.labels, 'segmentation');
    const started = performance.now();
    const bending = client.register.lddmm({ library, fixed, moving });
    const { registration: id } = await resultOf<{ registration: string }>(client, library, bending);
    const secs = (performance.now() - started) / 1000;
    const { registration } = (await client.register.get({ library, registration: id })).value;
    const told = registration.numbers.deformable;
    if (registration.verdict === 'fail' || !told?.logJacobian)
      throw new Error(`the deformation is no good: ${registration.reasons.join()}`);
    const shown = await client.register.apply({ library, registration: id, volume: labels });
    const of = (source: string): Promise<Voxels> => voxelsOf(client, library, source);
    return {
      ...{ secs, peakMb: process.resourceUsage().maxRSS / 1024 },
      ...{
        fixed: await of(fixed),
        moving: await of(moving),
        labels: await of(labels),
        seen: await of(shown.volume.id),
      },
      least: Math.exp(told.logJacobian[0]),
      inverseVoxels: [told.inverseErrorUm[0], told.inverseErrorUm[1]].map((um) => (1000 * um) / pair.voxelNm) as [
        number,
        number,
      ],
    };
  } finally {
    await engine.close();
  }
}

const arrays = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, float32: Float32Array } as const;
const isKnown = (dtype: string): dtype is keyof typeof arrays => dtype in arrays;

async function voxelsOf(client: LamellaClient, library: string, source: string): Promise<Voxels> {
  const { size: sizeXyz } = (await client.view.volume({ library, volume: source })).value.levels[0]!;
  const box = sizeXyz.map((n) => `0:${n}`).join();
  const { value, bytes } = await client.volume.cutout({ library, source, box });
  if (!bytes || !isKnown(value.dtype)) throw new Error(`levels of ${value.dtype}`);
  return { sizeXyz, values: Float64Array.from(new arrays[value.dtype](bytes.slice().buffer)) };
}
