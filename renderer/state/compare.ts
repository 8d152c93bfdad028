import { create } from 'zustand';
import type { Rect } from '../../preload/contract/space.ts';
import { engine } from '../engine.ts';
import { openLibraryId, useLibrary } from './library.ts';
import { useSession } from './session.ts';

/** Two pictures of a stack, one over the other: a slider between them, their difference, or in turn. */
export type CompareMode = 'slide' | 'difference' | 'blink';

/** Beside the section of the version that is looked at: the same section of another version, or the section before. */
type CompareWith = 'version' | 'section';

/** A section of a version, in the space of that version. */
export interface SectionOfStack {
  readonly stack: string;
  readonly section: number;
}

interface CompareState {
  /** What lies beside; null: versions where there are two of them, else sections. */
  readonly beside: CompareWith | null;
  /** The version beside the session's; null: the one that it was made of, or the newest of the others. */
  readonly other: string | null;
  readonly mode: CompareMode;
  /** Where the slider stands, 0 to 1 of the width: the other version lies left of it. */
  readonly at: number;
  /** Blinking: which of them is shown. */
  readonly showsOther: boolean;
  /** Of what is in view: mean and largest difference of grey levels; null until both pictures are here. */
  readonly difference: { readonly mean: number; readonly most: number } | null;
}

export const useCompare = create<CompareState>(() => ({
  beside: null,
  other: null,
  mode: 'slide',
  at: 0.5,
  showsOther: true,
  difference: null,
}));

export const setBeside = (beside: CompareWith): void => useCompare.setState({ beside });
export const setOther = (other: string): void => useCompare.setState({ other });
export const setCompareMode = (mode: CompareMode): void => useCompare.setState({ mode });
export const setCompareAt = (at: number): void => useCompare.setState({ at: Math.min(1, Math.max(0, at)) });
export const setDifference = (difference: CompareState['difference']): void => useCompare.setState({ difference });
export const blink = (): void => useCompare.setState(({ showsOther }) => ({ showsOther: !showsOther }));

useSession.subscribe((now, before) => {
  if (now.dataset !== before.dataset) useCompare.setState({ other: null });
});

/** Grey levels as stored, row by row; 0 where no tile is. */
export interface SectionPicture {
  readonly rect: Rect;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly levels: Uint8Array | Uint16Array;
  readonly problems: readonly string[];
}

/** Nanometres a pixel of a stack version; 1 where it is not in the library. */
function pixelNmOf(stack: string | null): number {
  const { stacks = [], datasets = [] } = useLibrary.getState().library ?? {};
  const dataset = stacks.find(({ id }) => id === stack)?.dataset;
  return datasets.find(({ id }) => id === dataset)?.voxelSizeNm[0] ?? 1;
}

/**
 * A box of a section of a stack version. `rect` and `scale` are of pixels of the stack that is looked at: one of another
 * session in the same frame may have others.
 */
export async function fetchSectionPicture(
  stack: string,
  section: number,
  rect: Rect,
  scale: number,
  signal: AbortSignal,
): Promise<SectionPicture> {
  const own = pixelNmOf(useSession.getState().stack) / pixelNmOf(stack);
  const { value, bytes = new Uint8Array() } = await engine().render.box(
    {
      library: openLibraryId(),
      stack,
      section,
      x: rect.minX * own,
      y: rect.minY * own,
      width: (rect.maxX - rect.minX) * own,
      height: (rect.maxY - rect.minY) * own,
      scale: scale / own,
      levels: 'stored',
      format: 'raw',
    },
    { signal },
  );
  const { widthPx, heightPx, dtype, problems } = value;
  const levels = dtype === 'uint16' ? new Uint16Array(bytes.slice().buffer) : bytes;
  return { rect, widthPx, heightPx, levels, problems };
}
