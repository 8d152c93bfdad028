import type { WarpStep } from '../../../preload/contract/warp.ts';
import { levelAt } from '../formats/pyramid.ts';
import type { Lane } from '../jobs/job.ts';
import { leadPoints, mirrors } from '../volumes/warped/lead-points.ts';
import { openSteps, type RegistrationRoom } from './chain-of.ts';
import type { ShapeWay } from './led-shapes.ts';

/** From the space of one volume to that of another. */
export interface WayBetween {
  readonly steps: WarpStep[];
  readonly from: string;
  readonly to: string;
}

export interface OpenWay extends ShapeWay {
  close(): Promise<void>;
}

/** Opens the fields of a way; the caller closes it. Throws 'not-found' where a volume or a field is gone. */
export async function openWay(
  room: RegistrationRoom,
  { steps, from, to }: WayBetween,
  lane: Lane = 'interactive',
): Promise<OpenWay> {
  const { volumes, library, kernels } = room;
  const start = (await volumes.shown(library, from, kernels)).volume.plan;
  const end = (await volumes.shown(library, to, kernels)).volume.plan;
  const chain = await openSteps(room, steps, start, end, lane);
  const voxelNm = Math.min(...levelAt(end, 0).voxelSizeNm);
  return {
    mirrors: mirrors(chain),
    lead: (points, stop) => leadPoints(chain, points, { kernels, lane, voxelNm, signal: stop }),
    close: () => chain.close(),
  };
}
