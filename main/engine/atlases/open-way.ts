import type { Lane } from '../jobs/job.ts';
import {
  mapOfChain,
  openRegistration,
  type RegistrationRoom,
  stepsOnto,
  volumesOnto,
} from '../registrations/chain-of.ts';
import { identity3 } from '../transforms/affine3.ts';
import { type PointMap, sequenceOf } from '../transforms/point-map.ts';
import { openedTogether } from '../volumes/opened-together.ts';
import { backwards, type ChainStep, folded } from '../volumes/warped/chain.ts';
import { WarpedVolume } from '../volumes/warped/warped-volume.ts';
import type { WayStep } from './way-to.ts';

/** `lane`: 'interactive' leaves what it opens open, for the next that asks; 'batch' opens it for itself. */
export interface WayRoom extends RegistrationRoom {
  readonly lane: Lane;
}

export interface OpenWay {
  /** From the space of the volume to that of the annotation. */
  readonly map: PointMap;
  /** The same as steps that kernels walk; null where they can't. */
  readonly steps: readonly ChainStep[] | null;
  close(): Promise<void>;
}

interface Opened {
  readonly map: PointMap;
  readonly steps: readonly ChainStep[] | null;
  close?(): Promise<void>;
}

/** Throws 'not-found' where a volume or a field of the way is gone. */
export const openWay = (room: WayRoom, way: readonly WayStep[]): Promise<OpenWay> =>
  openedTogether(async (keep) => {
    const opened: Opened[] = [];
    for (const step of way) opened.push(keep(await openStep(room, step)));
    const steps: ChainStep[] = [{ type: 'affine', matrix: identity3 }];
    for (const one of opened) steps.push(...(one.steps ?? []));
    const isWalked = opened.every((one) => one.steps !== null);
    return { map: sequenceOf(opened.map(({ map }) => map)), steps: isWalked ? folded(steps) : null };
  });

async function openStep(room: WayRoom, { through, to }: WayStep): Promise<Opened> {
  if ('warped' in through) return openWarpedStep(room, through.warped, to);
  // A registration holds both directions: each is walked forwards.
  const onto = to === 'source' ? 'fixed' : 'moving';
  const { registration } = through;
  if (room.lane !== 'interactive') {
    const { chain, source } = await openRegistration(room, registration, onto);
    return { map: mapOfChain(chain, source), steps: chain.steps, close: () => chain.close() };
  }
  const { volumes, library, kernels } = room;
  // Whoever asks first may give up: what stays open does not.
  const held = { volumes, library, kernels, signal: new AbortController().signal };
  const row = JSON.stringify(stepsOnto(registration, onto));
  const id = `${registration.id}/${onto}`;
  const chain = await volumes.chains.get(
    library,
    id,
    row,
    async () => (await openRegistration(held, registration, onto)).chain,
  );
  const source = (await volumes.shown(library, volumesOnto(registration, onto).source, kernels)).volume.plan;
  return { map: mapOfChain(chain, source), steps: chain.steps };
}

async function openWarpedStep(room: WayRoom, id: string, to: WayStep['to']): Promise<Opened> {
  const { volumes, library, kernels, signal, lane } = room;
  const isHeld = lane === 'interactive';
  const opened = isHeld ? await volumes.shown(library, id, kernels) : await volumes.ofJob(library, id, kernels, signal);
  const { own } = opened;
  if (!(own instanceof WarpedVolume)) throw new Error(`${id} has a map and is not seen through it`);
  return {
    map: to === 'source' ? own.sourceFromResult : own.resultFromSource,
    steps: to === 'source' ? own.chain.steps : backwards(own.chain),
    ...(!isHeld && { close: () => opened.close() }),
  };
}
