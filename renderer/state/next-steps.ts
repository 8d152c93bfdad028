import type { Job } from '../../preload/contract/job.ts';
import { publishProcedures } from '../../preload/contract/publish.ts';
import { stitchProcedures } from '../../preload/contract/registration.ts';
import { ingestProcedures, sampleProcedures } from '../../preload/contract/dataset.ts';
import { importFolder } from './acquire.ts';
import { controlJob, resultOf, setJobsPanel } from './jobs.ts';
import { goTo, setSession } from './session.ts';
import { toast } from './toasts.ts';

export interface NextStep {
  readonly label: string;
  readonly run: () => void;
}

/** What the user wants after each kind of job: the way to its result. */
export function nextStepOf(job: Job): NextStep | null {
  if (job.state === 'failed' || job.state === 'cancelled')
    return { label: 'Resume', run: () => void controlJob('resume', job.id) };
  if (job.state !== 'done' && job.state !== 'done-with-warnings') return null;
  return stepByKind[job.kind]?.(job) ?? null;
}

const stepByKind: Readonly<Record<string, (job: Job) => NextStep | null>> = {
  'sample.make': (job) => {
    const made = resultOf(job, sampleProcedures.make.output);
    return (
      made && {
        label: 'Import the sample',
        run: () => void importFolder({ source: made.source, layout: made.layout, name: 'Sample acquisition' }),
      }
    );
  },
  'ingest.start': (job) => {
    const imported = resultOf(job, ingestProcedures.start.output);
    return (
      imported && { label: 'Check the tiles', run: () => setSession({ dataset: imported.dataset, room: 'acquire' }) }
    );
  },
  'stitch.start': (job) => {
    const stitched = resultOf(job, stitchProcedures.start.output);
    return stitched && { label: 'See the links', run: () => setSession({ stack: stitched.stack, room: 'assemble' }) };
  },
  'stitch.fuse': (job) => {
    const fused = resultOf(job, stitchProcedures.fuse.output);
    return fused && { label: 'View the volume', run: () => setSession({ volume: fused.volume, room: 'view' }) };
  },
  'publish.start': (job) =>
    resultOf(job, publishProcedures.start.output) ? { label: 'See the receipt', run: () => goTo('publish') } : null,
};

/** The toast at the end of a job. */
export function announceJob(job: Job): void {
  const next = nextStepOf(job);
  const action = next ?? undefined;
  if (job.state === 'done') toast({ tone: 'good', title: `${job.label}: done`, action });
  if (job.state === 'cancelled')
    toast({ tone: 'info', title: `${job.label}: cancelled`, detail: 'What was finished is kept.', action });
  if (job.state === 'failed')
    toast({
      tone: 'bad',
      title: job.error?.message ?? `${job.label} failed.`,
      detail: job.error?.hint,
      error: job.error ?? undefined,
      action,
    });
  if (job.state !== 'done-with-warnings') return;
  const [first] = job.warnings;
  const detail =
    first &&
    `${job.warnings.length === 1 ? '' : `${job.warnings.length} warnings, first: `}${first.message.startsWith(first.subject) ? '' : `${first.subject}: `}${first.message}`;
  toast({
    tone: 'warn',
    title: `${job.label}: done, with warnings`,
    detail,
    action: action ?? { label: 'Show', run: () => setJobsPanel(true) },
  });
}
