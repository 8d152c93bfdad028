import type { OpenVolume } from '../formats/volume-format.ts';

/** The same volume, which says other things of itself. */
export const replaced = (volume: OpenVolume, said: Pick<OpenVolume, 'plan' | 'notes'>): OpenVolume => ({
  ...said,
  locate: (at, signal) => volume.locate(at, signal),
  readChunk: (at, signal) => volume.readChunk(at, signal),
  ...(volume.recipe && { recipe: async (at, signal) => volume.recipe?.(at, signal) }),
  ...(volume.readBox && { readBox: async (box, signal) => volume.readBox?.(box, signal) ?? null }),
  ...(volume.labels && { labels: async () => volume.labels?.() ?? [] }),
  ...(volume.close && { close: async () => volume.close?.() }),
});
