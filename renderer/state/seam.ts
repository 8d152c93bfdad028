import { create } from 'zustand';
import type { Seam } from '../../preload/contract/registration.ts';
import { engine } from '../engine.ts';
import { linkKey, useAssemble } from './assemble.ts';
import { openLibraryId } from './library.ts';

export type SeamLook = 'beside' | 'blend' | 'checker';

interface SeamPixels {
  readonly about: Seam;
  /** 8 bits a pixel. */
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly difference: Uint8Array;
}

interface SeamState {
  readonly seam: SeamPixels | null;
  /** Why there is none. */
  readonly problem: string | null;
  readonly look: SeamLook;
  /** Which part of a long overlap, 0 to 1. */
  readonly along: number;
  /** How much of tile b lies over tile a, 0 to 1. */
  readonly mix: number;
}

export const useSeam = create<SeamState>(() => ({ seam: null, problem: null, look: 'beside', along: 0.5, mix: 0.5 }));
const set = useSeam.setState;

export const setSeamLook = (look: SeamLook): void => set({ look });
export const setSeamMix = (mix: number): void => set({ mix });

export function setSeamAlong(along: number): void {
  set({ along });
  void load();
}

let asked = 0;

/** The pixels of the link that is selected; what is shown stays until others are here. */
async function load(): Promise<void> {
  const { stack, links, selected } = useAssemble.getState();
  const link = links?.find((one) => linkKey(one) === selected);
  const mine = ++asked;
  if (stack === null || !link) return set({ seam: null, problem: null });
  const { tileA, tileB } = link;
  try {
    const request = { library: openLibraryId(), stack, tileA, tileB, along: useSeam.getState().along };
    const { value: about, bytes = new Uint8Array() } = await engine().stitch.seam(request);
    const size = about.widthPx * about.heightPx;
    const [a, b, difference] = [0, 1, 2].map((i) => bytes.subarray(i * size, (i + 1) * size));
    if (mine === asked && a && b && difference) set({ seam: { about, a, b, difference }, problem: null });
  } catch (error) {
    if (mine === asked) set({ seam: null, problem: error instanceof Error ? error.message : String(error) });
  }
}

useAssemble.subscribe((now, before) => {
  if (now.selected === before.selected && now.links === before.links) return;
  set({ along: 0.5 });
  void load();
});
