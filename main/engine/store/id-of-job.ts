import { createHash } from 'node:crypto';

/** From the id of the job, so that a resumed job ends in the same row and the same folder. */
export const idOfJob = (kind: 'stack' | 'volume' | 'dataset' | 'blockset' | 'blockstack', job: string): string =>
  `${kind}-${createHash('sha256').update(job).digest('hex').slice(0, 12)}`;
