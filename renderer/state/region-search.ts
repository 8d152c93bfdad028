import { useEffect, useState } from 'react';
import type { Region } from '../../preload/contract/atlas.ts';
import { toWireError } from '../../preload/contract/errors.ts';
import { engine } from '../engine.ts';
import type { KnownAtlas } from './atlases.ts';
import { openLibraryId } from './library.ts';
import { goToRegion } from './region-jump.ts';
import type { Regions } from './region-tree.ts';
import { attempt } from './toasts.ts';

interface Found {
  readonly found: Regions;
  /** Null until the first answer. */
  readonly total: number | null;
  readonly problem: string;
}

/** As many as a list shows. */
const mostFound = 100;
/** Typing rests this long before it is searched. */
const restMs = 120;

const nothingYet: Found = { found: [], total: null, problem: '' };

/** The regions of an atlas by a part of their names, acronyms or ids, the best first. What was found stays until the next is. */
export function useRegionSearch({ id: atlas }: KnownAtlas, find: string): Found {
  const [answer, setAnswer] = useState(nothingYet);
  useEffect(() => {
    const asking = new AbortController();
    const ask = async (): Promise<void> => {
      try {
        const input = { library: openLibraryId(), atlas, find, most: mostFound };
        const { value } = await engine().atlas.regions(input, { signal: asking.signal });
        if (!asking.signal.aborted) setAnswer({ found: value.regions, total: value.total, problem: '' });
      } catch (error) {
        if (!asking.signal.aborted) setAnswer({ ...nothingYet, problem: toWireError(error).message });
      }
    };
    const timer = setTimeout(() => void ask(), restMs);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [atlas, find]);
  return answer;
}

/** Goes to the best match of a search, and tells which it is. */
export async function goToFound(atlas: KnownAtlas, find: string): Promise<Region | null> {
  const input = { library: openLibraryId(), atlas: atlas.id, find, most: 1 };
  const answer = await attempt(() => engine().atlas.regions(input));
  const [best] = answer?.value.regions ?? [];
  if (best) goToRegion(atlas, best);
  return best ?? null;
}
