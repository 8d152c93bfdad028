import { useEffect, useState } from 'react';
import { toWireError } from '../../../preload/contract/errors.ts';
import { openLibraryId } from '../library.ts';
import type { KnownAtlas } from '../atlases.ts';
import { fetchMap } from '../region-maps.ts';
import type { RegionMap } from '../region-map.ts';
import type { Regions } from '../region-tree.ts';
import type { Face, FaceId } from './faces.ts';
import { projected, type Branch, type Plane } from './plane.ts';

/** The annotation of an atlas for pictures of it, and what they show from outside. */

/** 100 µm of a mouse brain: the outlines of a picture are made within a frame or two. */
const mapBytes = 2 * 2 ** 20;

/** A tree never changes once it is imported. */
const kept = new WeakMap<Regions, RegionMap>();

interface Fetched {
  readonly map: RegionMap | null;
  readonly problem: string;
}

/** Asks for the map once. */
export function useFlatMap({ id: atlas, tree }: KnownAtlas): Fetched {
  const [problem, setProblem] = useState('');
  const [map, setMap] = useState(kept.get(tree) ?? null);
  useEffect(() => {
    const asking = new AbortController();
    const fetchOnce = async (): Promise<void> => {
      try {
        const { signal } = asking;
        const found = kept.get(tree) ?? (await fetchMap({ library: openLibraryId(), atlas, budget: mapBytes }, signal));
        kept.set(tree, found);
        if (!signal.aborted) setMap(found);
      } catch (error) {
        if (!asking.signal.aborted) setProblem(toWireError(error).message);
      }
    };
    void fetchOnce();
    return () => asking.abort();
  }, [atlas, tree]);
  return { map, problem };
}

/** The window answers within less than two frames while a large annotation is looked through. */
const sliceMs = 12;

/** Runs steps in slices of time. Null where it was aborted. */
async function inSlices<T>(steps: Generator<void, T>, signal: AbortSignal): Promise<T | null> {
  for (;;) {
    const until = performance.now() + sliceMs;
    do {
      const { done, value } = steps.next();
      if (done === true) return value;
    } while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) return null;
  }
}

type Planes = ReadonlyMap<FaceId, Plane>;
const nothingYet: Planes = new Map();

/** What is seen of a branch from outside: each face once it is there. */
export function useOutside(map: RegionMap, faces: readonly Face[], { at, end }: Branch): Planes {
  const [made, setMade] = useState<{ readonly of: unknown; readonly planes: Planes }>({ of: null, planes: nothingYet });
  const of = `${at} ${end}`;
  useEffect(() => {
    const working = new AbortController();
    const make = async (): Promise<void> => {
      const planes = new Map<FaceId, Plane>();
      for (const face of faces) {
        const plane = await inSlices(projected(map.runs, face, { at, end }), working.signal);
        if (!plane) return;
        planes.set(face.id, plane);
        setMade({ of, planes: new Map(planes) });
      }
    };
    void make();
    return () => working.abort();
  }, [map, faces, at, end, of]);
  return made.of === of ? made.planes : nothingYet;
}
