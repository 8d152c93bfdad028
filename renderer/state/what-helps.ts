import { mosaicOf } from '../../preload/contract/view.ts';

/** What to do where a part of a volume can't be read. Tiles are no volume that could be audited: each is a file. */
export const whatHelps = (volume: string): string =>
  mosaicOf(volume)
    ? 'The other tiles are shown. Put its file back and try again, or reject the tile in Acquire.'
    : "The rest is shown; auditing the volume lists every part that can't be read.";
