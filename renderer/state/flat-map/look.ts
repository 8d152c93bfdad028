import { create } from 'zustand';
import type { CutId, FaceId } from './faces.ts';

/** How results are looked at on the map; kept from one result to the next. */
interface MapLook {
  readonly shows: 'outside' | 'cuts';
  /** In the tree; null: the deepest whose regions can be told apart. */
  readonly depth: number | null;
  /** Where the cuts lie along their lines of sight, 0 to 1. */
  readonly cuts: Readonly<Record<CutId, number>>;
}

export const useMapLook = create<MapLook>(() => ({
  shows: 'outside',
  depth: null,
  cuts: { coronal: 0.5, sagittal: 0.5, horizontal: 0.5 },
}));

export const changeMapLook = (change: Partial<MapLook>): void => useMapLook.setState(change);

/** The slice of `n` that a cut is at. */
export const sliceAt = (share: number, n: number): number => Math.min(n - 1, Math.floor(share * n));

export const moveCut = (id: FaceId, slice: number, n: number): void =>
  useMapLook.setState(({ cuts }) => ({ cuts: { ...cuts, [id]: (Math.max(0, Math.min(n - 1, slice)) + 0.5) / n } }));
