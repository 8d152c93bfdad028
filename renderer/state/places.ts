import { create } from 'zustand';
import type { Vec3 } from '../../preload/contract/space.ts';
import type { PaneGroup, ViewDocument } from '../../preload/contract/view-state.ts';
import { useView } from './view.ts';

/** Places visited, to go back and forward through as a browser does through pages. */

const parts = ['positionNm', 'time', 'nmPerPx', 'fitted', 'rotation', 'orbit'] as const;

/** Where a view looked. */
export type Place = Pick<ViewDocument, (typeof parts)[number]> & {
  /** What groups of their own looked with. */
  readonly groups: readonly Pick<PaneGroup, 'id' | 'nmPerPx' | 'rotation' | 'orbit'>[];
};

export interface Trail {
  readonly places: readonly Place[];
  /** Where the view is among them; -1 for none yet. */
  readonly at: number;
}

const mostPlaces = 100;

const distance = (a: Vec3, b: Vec3): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** Whether two places are worth telling apart: 40 pixels, a third in scale, any turn or other time. Pure. */
export function isElsewhere(a: Place, b: Place): boolean {
  return (
    distance(a.positionNm, b.positionNm) > 40 * Math.min(a.nmPerPx, b.nmPerPx) ||
    Math.abs(Math.log(a.nmPerPx / b.nmPerPx)) > Math.log(1.33) ||
    a.time !== b.time ||
    JSON.stringify([a.rotation, a.orbit, a.groups]) !== JSON.stringify([b.rotation, b.orbit, b.groups])
  );
}

/** The trail with a place at its end: what lay ahead of where the view was is forgotten. Pure. */
export function visited({ places, at }: Trail, place: Place): Trail {
  const here = places[at];
  if (here && !isElsewhere(here, place)) return { places: places.with(at, place), at };
  const kept = [...places.slice(0, at + 1), place].slice(-mostPlaces);
  return { places: kept, at: kept.length - 1 };
}

export const usePlaces = create<Trail>(() => ({ places: [], at: -1 }));

const placeNow = (): Place => {
  const { positionNm, time, nmPerPx, fitted, rotation, orbit, groups } = useView.getState();
  const own = groups.map(({ id, nmPerPx: scale, rotation: turn, orbit: around }) => ({
    id,
    nmPerPx: scale,
    rotation: turn,
    orbit: around,
  }));
  return { positionNm, time, nmPerPx, fitted, rotation, orbit, groups: own };
};

const note = (place: Place): void => usePlaces.setState(visited(usePlaces.getState(), place));

/** The view rests so long before the place counts as visited. */
const restMs = 1000;
let resting: ReturnType<typeof setTimeout> | undefined;
let going = false;

useView.subscribe((now, before) => {
  if (going || parts.every((part) => now[part] === before[part])) return;
  clearTimeout(resting);
  resting = setTimeout(() => note(placeNow()), restMs);
});

/** Call before a jump: where the view was counts as visited, and where it comes to as well. */
export function jump(to: () => void): void {
  note(placeNow());
  to();
  note(placeNow());
}

/** Begins the trail here: another volume's own view is shown. */
export function beginPlaces(): void {
  clearTimeout(resting);
  usePlaces.setState({ places: [placeNow()], at: 0 });
}

export function canGo({ places, at }: Trail, by: 1 | -1): boolean {
  const here = places[at];
  return places[at + by] !== undefined || (by === -1 && here !== undefined && isElsewhere(here, placeNow()));
}

export function goThroughPlaces(by: 1 | -1): void {
  clearTimeout(resting);
  note(placeNow());
  const { places, at } = usePlaces.getState();
  const place = places[at + by];
  if (!place) return;
  going = true;
  const groups = useView.getState().groups.map((group) => {
    const then = place.groups.find(({ id }) => id === group.id);
    return then ? { ...group, ...then } : group;
  });
  useView.setState({ ...place, groups });
  going = false;
  usePlaces.setState({ at: at + by });
}

/** The buttons at the side of a mouse. */
export function listenToSideButtons(): void {
  window.addEventListener('mouseup', (event) => {
    if (event.button !== 3 && event.button !== 4) return;
    event.preventDefault();
    goThroughPlaces(event.button === 3 ? -1 : 1);
  });
}
