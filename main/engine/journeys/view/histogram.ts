import { z } from 'zod';
import type { Dtype } from '../../../../preload/contract/space.ts';
import { chunksOf, levelAt, voxelsIn } from '../../formats/pyramid.ts';
import type { OpenVolume } from '../../formats/volume-format.ts';
import { inOrder } from './in-order.ts';

export const histogramSchema = z.object({ counts: z.array(z.number()).length(256), range: z.tuple([z.number(), z.number()]) });
export type Histogram = z.output<typeof histogramSchema>;

/** 256 bins over the whole range of the dtype, of the coarsest level that has a million voxels (else of level 0). */
export async function histogramOf(volume: OpenVolume, inFlight: number, signal: AbortSignal): Promise<Histogram> {
  const { levels, dtype } = volume.plan;
  const level = Math.max(0, levels.findLastIndex((one) => voxelsIn(one.sizeXyz) >= 1e6));
  const counts = Array.from({ length: 256 }, () => 0);
  const read = async (xyz: readonly [number, number, number]) => ({ xyz, voxels: await volume.readChunk(level, xyz) });
  let seen = 0;
  for await (const { result: { voxels } } of inOrder([...chunksOf(levelAt(volume.plan, level))], inFlight, signal, read)) {
    if (voxels) seen += count(voxels, dtype, counts);
  }
  signal.throwIfAborted();
  counts[0] = (counts[0] ?? 0) + voxelsIn(levelAt(volume.plan, level).sizeXyz) - seen;
  return { counts, range: dtype === 'uint8' ? [0, 255] : [0, 65_535] };
}

/** Of little-endian 16-bit voxels the high byte is the bin. */
function count(voxels: Uint8Array, dtype: Dtype, counts: number[]): number {
  const step = dtype === 'uint8' ? 1 : 2;
  for (let at = step - 1; at < voxels.byteLength; at += step) counts[voxels[at] ?? 0] = (counts[voxels[at] ?? 0] ?? 0) + 1;
  return voxels.byteLength / step;
}
