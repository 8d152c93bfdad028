import { create } from 'zustand';
import type { z } from 'zod';
import type { deformContrastSchema, deformMetricSchema, PreviewPlane } from '../../../preload/contract/deform.ts';
import type { OutputOf } from '../../../preload/contract/define.ts';
import type { Job } from '../../../preload/contract/job.ts';
import type { registerProcedures } from '../../../preload/contract/register.ts';
import { engine } from '../../engine.ts';
import { activeJob, startJob, useJobs } from '../jobs.ts';
import { openLibraryId, useLibrary } from '../library.ts';
import { attempt, toast } from '../toasts.ts';
import { showResult } from './affine.ts';
import type { PlanePicture } from './planes.ts';
import { goToRegisterStep, registerNow, selectedRegistration, useRegister } from './register.ts';

/** The step that bends: what is asked for, and how far it is. */

export type DeformMetric = z.output<typeof deformMetricSchema>;
export type DeformContrast = z.output<typeof deformContrastSchema>;
export type Progress = OutputOf<(typeof registerProcedures)['progress']>;

interface DeformOptions {
  readonly metric: DeformMetric;
  readonly contrast: DeformContrast;
  readonly missing: boolean;
  /** Of these, null: the engine chooses. */
  readonly finestUm: number | null;
  readonly smoothUm: number | null;
  readonly regularity: number | null;
  readonly iterations: number | null;
}

export const useDeform = create<DeformOptions>(() => ({
  metric: 'mi',
  contrast: 'none',
  missing: false,
  finestUm: null,
  smoothUm: null,
  regularity: null,
  iterations: null,
}));
export const setDeform = useDeform.setState;

interface ProgressState {
  /** The job that it is of. */
  readonly job: string | null;
  readonly progress: Progress | null;
  readonly pictures: readonly PlanePicture[] | null;
}

export const useDeformProgress = create<ProgressState>(() => ({ job: null, progress: null, pictures: null }));

/** The affine registration to begin from: the one that is shown, or that which the shown one bends. */
export function startOfDeform(): string | null {
  const shown = selectedRegistration();
  return shown?.kind === 'affine' ? shown.id : (shown?.parent ?? null);
}

export async function startDeform(): Promise<void> {
  const { fixed, moving, fixedChannel, movingChannel, fixedMask, movingMask } = registerNow();
  if (fixed === null || moving === null) return;
  const { metric, contrast, missing, ...own } = useDeform.getState();
  const start = startOfDeform();
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== null));
  await startJob(
    () =>
      engine().register.lddmm({
        ...{ library: openLibraryId(), fixedChannel, movingChannel, metric, missing },
        contrast: metric === 'ssd' ? contrast : 'none',
        ...(start === null ? { fixed, moving } : { start }),
        ...set,
        ...(fixedMask !== null && { fixedMask }),
        ...(movingMask !== null && { movingMask }),
      }),
    (job) => {
      showResult(job);
      goToRegisterStep('check');
    },
  );
}

/** Takes the level under way as good enough. */
export async function acceptLevel(): Promise<void> {
  const job = deformJob();
  if (!job) return;
  const done = await attempt(() => engine().register.accept({ library: openLibraryId(), job: job.id }));
  if (!done) return;
  toast({ tone: 'info', topic: 'level', title: 'This level is good enough: the next one begins after these steps' });
  await readProgress(job.id);
}

let isReading = false;
let wished: string | null = null;

/** Reads how far a job is; one reading at a time, the last wish next. */
async function readProgress(job: string): Promise<void> {
  wished = job;
  if (isReading) return;
  isReading = true;
  try {
    while (wished !== null) {
      const asked: string = wished;
      wished = null;
      const { value, bytes } = await engine().register.progress({ library: openLibraryId(), job: asked });
      useDeformProgress.setState({
        job: asked,
        progress: value,
        pictures: value.preview
          ? value.preview.planes.map((plane) => pictureOf(plane, bytes ?? new Uint8Array()))
          : null,
      });
    }
  } catch {
    // A job that was cleared away has no progress to show; another reading comes with its next step.
  } finally {
    isReading = false;
  }
}

/** A plane of the preview as the planes of a registration are. Pure. */
export function pictureOf(told: PreviewPlane, bytes: Uint8Array): PlanePicture {
  const { plane, width, height, spacingUm, columns, rows, stepPx, at } = told;
  const count = columns * rows;
  // u and v of each place, one after the other.
  const led = new Float32Array(bytes.slice(at.grid, at.grid + 8 * count).buffer);
  const along = (axis: 0 | 1): Float32Array => Float32Array.from({ length: count }, (_, i) => led[2 * i + axis] ?? 0);
  return {
    ...{ plane, width, height, spacingUm, originUm: [0, 0] },
    fixed: bytes.subarray(at.fixed, at.fixed + width * height),
    moved: bytes.subarray(at.moved, at.moved + width * height),
    bends: {
      ...{ columns, rows, firstPx: 0.5, stepPx: [stepPx, stepPx] },
      ...{ u: along(0), v: along(1), log: null },
    },
  };
}

const stampOf = ({ id, done, state, stage }: Job): string => `${id} ${done} ${state} ${stage}`;
let seen = '';

/** The job that bends, while it is under way. */
export const deformJob = (): Job | undefined => activeJob(useJobs.getState().jobs, 'register.lddmm');

function follow(): void {
  const job = deformJob();
  if (!job || stampOf(job) === seen) return;
  seen = stampOf(job);
  void readProgress(job.id);
}

useJobs.subscribe(follow);
useRegister.subscribe(follow);
useLibrary.subscribe((now, before) => {
  if (now.library?.library === before.library?.library) return;
  seen = '';
  useDeformProgress.setState({ job: null, progress: null, pictures: null });
});
