import type { Atlas } from '../../preload/contract/atlas.ts';

/** Whether a volume lies where an atlas does, as one of its own. */
export const isOfAtlas = ({ template, annotation, hemispheres }: Atlas, volume: string): boolean =>
  [template, annotation, hemispheres].includes(volume);
