import { createHash } from 'node:crypto';

/** From the id of the job, so that a resumed job ends in the same row and the same folder. */
export const idOfJob = (
  kind: 'stack' | 'volume' | 'dataset' | 'atlas' | 'blockset' | 'blockstack' | 'registration' | 'region' | 'shape',
  job: string,
): string => `${kind}-${createHash('sha256').update(job).digest('hex').slice(0, 12)}`;

/** The volumes that the import of an atlas adds. */
export const atlasVolumes = ['annotation', 'template', 'hemispheres'] as const;
export type AtlasVolume = (typeof atlasVolumes)[number];

export const atlasVolumeOfJob = (part: AtlasVolume, job: string): string => idOfJob('volume', `${job}/${part}`);
