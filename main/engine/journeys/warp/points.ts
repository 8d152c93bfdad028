import type { ParsedOf } from '../../../../preload/contract/define.ts';
import type { PointNm, warpProcedures } from '../../../../preload/contract/warp.ts';
import type { LibraryStore } from '../../store/library-store.ts';
import type { OpenVolumes } from '../../volumes/open-volumes.ts';
import { WarpedVolume } from '../../volumes/warped/warped-volume.ts';
import type { Call } from '../call.ts';

/** Points through a warped volume, in their order; null where the map leads nowhere. */
export async function ledPoints(
  volumes: OpenVolumes,
  library: LibraryStore,
  { volume: id, points, to }: ParsedOf<typeof warpProcedures.points>,
  { kernels, signal }: Call,
): Promise<(PointNm | null)[]> {
  const { own } = await volumes.shown(library, id, kernels);
  if (!(own instanceof WarpedVolume)) throw new Error(`${id} has a map and is not seen through it`);
  const led = Float64Array.from(points.flat());
  await (to === 'source' ? own.sourceFromResult : own.resultFromSource).apply(led, signal);
  return points.map((_, i) => {
    const at = [led[3 * i] ?? NaN, led[3 * i + 1] ?? NaN, led[3 * i + 2] ?? NaN] as const;
    return at.every(Number.isFinite) ? at : null;
  });
}
