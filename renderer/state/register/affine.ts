import { create } from 'zustand';
import type { Job } from '../../../preload/contract/job.ts';
import { registerProcedures } from '../../../preload/contract/register.ts';
import type { Vec3 } from '../../../preload/contract/space.ts';
import { volumeProcedures } from '../../../preload/contract/volume.ts';
import type { Landmark, Warp } from '../../../preload/contract/warp.ts';
import { engine } from '../../engine.ts';
import { resultOf, startJob } from '../jobs.ts';
import { openLibraryId } from '../library.ts';
import { goTo, session } from '../session.ts';
import { toast } from '../toasts.ts';
import { useWarps } from '../warps.ts';
import { startByHand, useNudge } from './nudge.ts';
import { chooseVolume, goToRegisterStep, registerNow, selectedRegistration, volumeNamed } from './register.ts';

/** The affine step: how the moving volume may move, and where the search begins. */

export type AffineModel = 'rigid' | 'similarity' | 'affine';
export type Orientations = 'as-is' | 'axes24' | 'axes48';
export type Begin = 'search' | 'hand' | 'selected' | 'landmarks';

interface AffineOptions {
  readonly model: AffineModel;
  readonly orientations: Orientations;
  /** null: as fine as the coarser volume. */
  readonly resolutionUm: number | null;
  readonly begin: Begin;
}

export const useAffine = create<AffineOptions>(() => ({
  model: 'affine',
  orientations: 'axes24',
  resolutionUm: null,
  begin: 'search',
}));
export const setAffine = useAffine.setState;

// Who put the volume somewhere by hand means the search to begin there.
useNudge.subscribe((now, before) => {
  if (now.kept !== before.kept) setAffine({ begin: now.kept ? 'hand' : 'search' });
});

/** Pairs that were placed in View between the two volumes; the newest that there are. */
export function landmarksBetween(
  fixed: string | null,
  moving: string | null,
  warps: readonly Warp[] = useWarps.getState().warps,
): readonly Landmark[] {
  for (const { source, grid, steps } of warps) {
    const isOfBoth = source === moving && (grid.type !== 'like' || grid.volume === fixed);
    for (const step of steps)
      if (isOfBoth && step.type === 'landmarks' && step.landmarks.length > 0) return step.landmarks;
  }
  return [];
}

/** Ways to begin that there are now. */
export function beginnings(): readonly Begin[] {
  const { fixed, moving } = registerNow();
  return [
    'search',
    ...(useNudge.getState().kept ? (['hand'] as const) : []),
    ...(selectedRegistration()?.kind === 'affine' ? (['selected'] as const) : []),
    ...(landmarksBetween(fixed, moving).length > 0 ? (['landmarks'] as const) : []),
  ];
}

export async function startAffine(): Promise<void> {
  const { fixed, moving, fixedChannel, movingChannel, fixedMask, movingMask } = registerNow();
  if (fixed === null || moving === null) return;
  const { model, orientations, resolutionUm, begin: wished } = useAffine.getState();
  const begin = beginnings().includes(wished) ? wished : 'search';
  const start = registerNow().selected;
  const matrix = begin === 'hand' ? startByHand() : null;
  await startJob(
    () =>
      engine().register.affine({
        ...{ library: openLibraryId(), fixed, moving, fixedChannel, movingChannel, model, orientations },
        ...(fixedMask !== null && { fixedMask }),
        ...(movingMask !== null && { movingMask }),
        ...(resolutionUm !== null && { resolutionUm }),
        ...(matrix && { startMatrix: [...matrix] }),
        ...(begin === 'selected' && start !== null && { start }),
        ...(begin === 'landmarks' && { landmarks: [...landmarksBetween(fixed, moving)] }),
      }),
    showResult,
  );
}

/** Says what a job of registration made to who is elsewhere: here the planes and the verdict show it. */
export function showResult(job: Job): void {
  const made = resultOf(job, registerProcedures.affine.output);
  if (!made || session().room === 'register') return;
  const good = made.verdict === 'pass';
  toast({
    tone: good ? 'good' : 'warn',
    topic: `job ${job.kind}`,
    title: `${job.label}: ${good ? 'done' : 'look at it'}`,
    ...(made.reasons[0] !== undefined && { detail: made.reasons[0] }),
    action: { label: 'Check it', run: checkIt },
  });
}

function checkIt(): void {
  goTo('register');
  goToRegisterStep('check');
}

/** Adds a moving volume once more, with voxels of the size under which it fits, and takes that one from here on. */
export async function addWithVoxels(moving: string, voxelSizeNm: Vec3): Promise<void> {
  const volume = volumeNamed(moving);
  if (!volume) return;
  const name = `${volume.name}, other voxels`.slice(0, 200);
  const take = (job: Job): void => {
    const id = resultOf(job, volumeProcedures.add.output)?.volume;
    if (id === undefined || registerNow().moving !== moving) return;
    chooseVolume('moving', id);
    goToRegisterStep('orient');
  };
  await startJob(() => engine().volume.add({ library: openLibraryId(), source: moving, name, voxelSizeNm }), take);
}
