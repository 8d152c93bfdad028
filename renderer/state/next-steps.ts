import type { Job } from '../../preload/contract/job.ts';
import { alignProcedures } from '../../preload/contract/align.ts';
import { publishProcedures } from '../../preload/contract/publish.ts';
import { intensityProcedures } from '../../preload/contract/intensity.ts';
import { stitchProcedures } from '../../preload/contract/registration.ts';
import { solveProcedures } from '../../preload/contract/solve.ts';
import { ingestProcedures, sampleProcedures } from '../../preload/contract/dataset.ts';
import { volumeProcedures } from '../../preload/contract/volume.ts';
import { importSample, sampleDataset } from './acquire.ts';
import { controlJob, resultOf, setJobsPanel } from './jobs.ts';
import { showReceipt } from './publish.ts';
import { goToRegisterStep } from './register/register.ts';
import type { Room, Session } from './session.ts';
import { goTo, session, setSession } from './session.ts';
import { toast } from './toasts.ts';

export interface NextStep {
  readonly label: string;
  /** Where it leads; the step is not offered to who is there already. */
  readonly room?: Room;
  readonly run: () => void;
}

interface Outcome {
  /** What the session points at from now on, unless the user looks at something else of the kind. */
  readonly points: Partial<Session>;
  /** Rooms in which the user would be torn away from what is shown. */
  readonly unlessIn: readonly Room[];
  readonly next: NextStep | null;
}

const ended = (job: Job): boolean => job.state === 'done' || job.state === 'done-with-warnings';

const lead = (label: string, room: Room, points: Partial<Session>): NextStep => ({
  label,
  room,
  run: () => setSession({ ...points, room }),
});

const newVersion = (stack: string | undefined): Outcome | null =>
  stack === undefined
    ? null
    : { points: { stack }, unlessIn: [], next: lead('See the new version', 'assemble', { stack }) };

const outcomeByKind: Readonly<Record<string, (job: Job) => Outcome | null>> = {
  'sample.make': (job) => {
    const made = resultOf(job, sampleProcedures.make.output);
    if (!made) return null;
    const next = sampleDataset() ? null : { label: 'Import the sample', run: () => void importSample(made) };
    return { points: {}, unlessIn: [], next };
  },
  'ingest.start': (job) => {
    const dataset = resultOf(job, ingestProcedures.start.output)?.dataset;
    if (dataset === undefined) return null;
    return { points: { dataset }, unlessIn: ['assemble'], next: lead('Check the tiles', 'acquire', { dataset }) };
  },
  'stitch.start': (job) => {
    const stack = resultOf(job, stitchProcedures.start.output)?.stack;
    return stack === undefined
      ? null
      : { points: { stack }, unlessIn: [], next: lead('See the links', 'assemble', { stack }) };
  },
  'solve.start': (job) => {
    const stack = resultOf(job, solveProcedures.start.output)?.stack;
    return stack === undefined
      ? null
      : { points: { stack }, unlessIn: [], next: lead('See the links', 'assemble', { stack }) };
  },
  'align.start': (job) => newVersion(resultOf(job, alignProcedures.start.output)?.stack),
  'align.channels': (job) => {
    const stacks = resultOf(job, alignProcedures.channels.output)?.stacks ?? [];
    return newVersion((stacks.find(({ dataset }) => dataset === session().dataset) ?? stacks[0])?.stack);
  },
  'intensity.estimate': (job) => newVersion(resultOf(job, intensityProcedures.estimate.output)?.stack),
  'intensity.lens': (job) => newVersion(resultOf(job, intensityProcedures.lens.output)?.stack),
  'stitch.fuse': (job) => {
    const volume = resultOf(job, stitchProcedures.fuse.output)?.volume;
    if (volume === undefined) return null;
    const next = lead('View the volume', 'view', { volume });
    return { points: { volume }, unlessIn: ['view', 'annotate', 'publish'], next };
  },
  'volume.add': (job) => {
    const volume = resultOf(job, volumeProcedures.add.output)?.volume;
    return volume === undefined
      ? null
      : { points: {}, unlessIn: [], next: lead('View the volume', 'view', { volume }) };
  },
  'publish.start': (job) => {
    const publication = resultOf(job, publishProcedures.start.output)?.receipt.publication;
    if (publication === undefined) return null;
    return { points: {}, unlessIn: [], next: { label: 'See the receipt', run: () => showReceipt(publication) } };
  },
};

const outcomeOf = (job: Job): Outcome | null => (ended(job) ? (outcomeByKind[job.kind]?.(job) ?? null) : null);

/** What the user wants after each kind of job: the way to its result, or to finishing it. */
export function nextStepOf(job: Job): NextStep | null {
  if (job.state === 'failed' && job.kind.startsWith('register.') && job.error?.fields['mask'] !== undefined)
    return { label: 'Choose another mask', run: chooseOtherMask };
  if (job.state === 'failed' || job.state === 'cancelled')
    return { label: 'Resume', run: () => void controlJob('resume', job.id) };
  return outcomeOf(job)?.next ?? null;
}

function chooseOtherMask(): void {
  goTo('register');
  goToRegisterStep('choose');
}

/** At the end of a job: the session points at its result, and a toast says what happened and what comes next. */
export function announceJob(job: Job): void {
  const outcome = outcomeOf(job);
  if (outcome && !outcome.unlessIn.includes(session().room)) setSession(outcome.points);
  const next = nextStepOf(job);
  const action = next && next.room !== session().room ? next : undefined;
  const topic = `job ${job.kind}`;
  if (job.state === 'done') toast({ tone: 'good', topic, title: `${job.label}: done`, action });
  if (job.state === 'cancelled')
    toast({ tone: 'info', topic, title: `${job.label}: cancelled`, detail: 'What was finished is kept.', action });
  if (job.state === 'failed') {
    const error = job.error ?? undefined;
    toast({ tone: 'bad', topic, title: error?.message ?? `${job.label} failed.`, detail: error?.hint, error, action });
  }
  if (job.state !== 'done-with-warnings') return;
  const show = { label: 'Show', run: () => setJobsPanel(true) };
  toast({
    tone: 'warn',
    topic,
    title: `${job.label}: done, with warnings`,
    detail: firstWarning(job),
    action: action ?? show,
  });
}

function firstWarning({ warnings }: Job): string {
  const [first] = warnings;
  if (!first) return '';
  const named = first.message.startsWith(first.subject) ? first.message : `${first.subject}: ${first.message}`;
  return warnings.length === 1 ? named : `${warnings.length} warnings, first: ${named}`;
}
