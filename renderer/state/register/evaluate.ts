import { create } from 'zustand';
import type { Registration } from '../../../preload/contract/register.ts';
import { engine } from '../../engine.ts';
import { startJob } from '../jobs.ts';
import { openLibraryId, useLibrary } from '../library.ts';
import { session } from '../session.ts';
import { toast } from '../toasts.ts';
import { landmarksBetween } from './affine.ts';
import { registerNow, selectedRegistration } from './register.ts';

/** The step that checks: what a registration is held against. */

interface CheckOptions {
  /** Segmentations that lie where the sides do, with the same labels; null: none. */
  readonly fixedLabels: string | null;
  readonly movingLabels: string | null;
  /** Another registration of the same two. */
  readonly against: string | null;
  /** Whether pairs that were placed in View are measured. */
  readonly landmarks: boolean;
}

export const useCheck = create<CheckOptions>(() => ({
  fixedLabels: null,
  movingLabels: null,
  against: null,
  landmarks: false,
}));
export const setCheck = useCheck.setState;

/** Other registrations of the same two volumes. */
export const rivalsOf = ({ id, fixed, moving }: Registration): readonly Registration[] =>
  registerNow().registrations?.filter((one) => one.id !== id && one.fixed === fixed && one.moving === moving) ?? [];

/** The pairs of View that could be measured: those that the registration did not begin from say more. */
export const pairsToMeasure = ({ fixed, moving }: Registration): number => landmarksBetween(fixed, moving).length;

export async function startCheck(): Promise<void> {
  const registration = selectedRegistration();
  if (!registration) return;
  const { fixedLabels, movingLabels, against, landmarks } = useCheck.getState();
  const { fixedChannel, movingChannel } = registerNow();
  const volumes = useLibrary.getState().library?.volumes ?? [];
  const isThere = (volume: string | null): volume is string => volumes.some(({ id }) => id === volume);
  const pairs = landmarks ? landmarksBetween(registration.fixed, registration.moving) : [];
  const rival = rivalsOf(registration).find(({ id }) => id === against);
  await startJob(
    () =>
      engine().register.evaluate({
        ...{ library: openLibraryId(), registration: registration.id, fixedChannel, movingChannel },
        ...(isThere(fixedLabels) && isThere(movingLabels) && { fixedLabels, movingLabels }),
        ...(pairs.length > 0 && { landmarks: [...pairs] }),
        ...(rival && { against: rival.id }),
      }),
    () => {
      if (session().room === 'register') return;
      toast({ tone: 'good', topic: 'job register.evaluate', title: `${registration.name} is measured` });
    },
  );
}
