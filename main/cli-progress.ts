// How the command line tells of a running job and of what went wrong, on stderr.
import type { Job } from '../preload/contract/job.ts';
import type { WireError } from '../preload/contract/errors.ts';
import type { Warning } from '../preload/contract/reference.ts';

export interface Reporter {
  job(job: Job): void;
  note(text: string): void;
  error(error: WireError): void;
}

/** The part of a stream that is used here; `isTTY` decides whether a line may be written over. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

const PLAIN_EVERY_MS = 5000;

/** One JSON object a line. `warnings` holds those that are new since the last line. */
export function jsonReporter(stderr: Terminal): Reporter {
  const fresh = freshWarnings();
  const line = (value: object): void => void stderr.write(`${JSON.stringify(value)}\n`);
  return {
    job: (job) => {
      const { id, kind, state, stage, done, total, unit, ratePerSec, etaSecs, elapsedSecs } = job;
      line({ job: id, kind, state, stage, done, total, unit, ratePerSec, etaSecs, elapsedSecs, warnings: fresh(job) });
    },
    note: (text) => line({ note: text }),
    error: (error) => line({ error }),
  };
}

/** One line that is written over on a terminal; elsewhere a line a stage and every few seconds. */
export function plainReporter(stderr: Terminal): Reporter {
  const fresh = freshWarnings();
  let lastStage = '';
  let lastAt = 0;
  let isDrawn = false;
  const clear = (): void => {
    if (isDrawn) stderr.write('\r\u001B[2K');
    isDrawn = false;
  };
  const say = (text: string): void => {
    clear();
    stderr.write(`${text}\n`);
  };
  return {
    job: (job) => {
      for (const warning of fresh(job)) say(`warning: ${warningText(warning)}`);
      if (job.state !== 'running' || job.stage === '') return clear();
      if (stderr.isTTY) {
        stderr.write(`\r\u001B[2K${progressText(job)}`);
        isDrawn = true;
      } else if (job.stage !== lastStage || Date.now() - lastAt > PLAIN_EVERY_MS) {
        say(progressText(job));
        [lastStage, lastAt] = [job.stage, Date.now()];
      }
    },
    note: say,
    error: ({ message, hint, cause }) =>
      say([`lamella: ${message}`, ...(cause === undefined ? [] : [`  ${cause}`]), `  ${hint}`].join('\n')),
  };
}

/** Many messages name their subject already. */
const warningText = ({ subject, message }: Warning): string =>
  message.startsWith(subject) ? message : `${subject}: ${message}`;

function freshWarnings(): (job: Job) => readonly Warning[] {
  const told = new Set<string>();
  return (job) =>
    job.warnings.filter((warning) => {
      const key = JSON.stringify(warning);
      const isNew = !told.has(key);
      told.add(key);
      return isNew;
    });
}

function progressText({ stage, done, total, unit, ratePerSec, etaSecs }: Job): string {
  const rate = ratePerSec > 0 ? `, ${ratePerSec.toFixed(ratePerSec < 10 ? 1 : 0)} ${unit}/s` : '';
  const left = etaSecs === null || etaSecs < 1 ? '' : `, ${duration(etaSecs)} left`;
  return `${stage}: ${done} of ${total} ${unit}${rate}${left}`;
}

function duration(secs: number): string {
  if (secs < 90) return `${Math.ceil(secs)} s`;
  return secs < 5400 ? `${Math.round(secs / 60)} min` : `${(secs / 3600).toFixed(1)} h`;
}
