import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freshDocument } from '../../preload/contract/view-state.ts';
import { beginPlaces, canGo, goThroughPlaces, jump, usePlaces } from '../../renderer/state/places.ts';
import { useView } from '../../renderer/state/view.ts';

const goTo = (x: number): void => useView.setState({ positionNm: [x, 0, 0] });
const at = (): number => useView.getState().positionNm[0];
const trail = (): readonly number[] => usePlaces.getState().places.map(({ positionNm }) => positionNm[0]);
const can = (by: 1 | -1): boolean => canGo(usePlaces.getState(), by);

beforeEach(() => {
  vi.useFakeTimers();
  useView.setState({ ...freshDocument });
  beginPlaces();
});
afterEach(() => vi.useRealTimers());

function rest(): void {
  vi.advanceTimersByTime(1100);
}

test('a place where the view rests is visited, one that it passes is not', () => {
  goTo(1000);
  vi.advanceTimersByTime(500);
  goTo(2000);
  rest();
  expect(trail()).toEqual([0, 2000]);
});

test('goes back and forward through places, and stands where it was', () => {
  for (const x of [1000, 2000]) {
    goTo(x);
    rest();
  }
  goThroughPlaces(-1);
  expect(at()).toBe(1000);
  goThroughPlaces(-1);
  expect([at(), can(-1), can(1)]).toEqual([0, false, true]);
  rest();
  goThroughPlaces(1);
  goThroughPlaces(1);
  expect([at(), can(1)]).toEqual([2000, false]);
});

test('where it goes from has not to rest first', () => {
  goTo(1000);
  rest();
  goTo(5000);
  goThroughPlaces(-1);
  expect(at()).toBe(1000);
  goThroughPlaces(1);
  expect(at()).toBe(5000);
});

test('a jump is a place at once, and so is where it came from', () => {
  goTo(700);
  jump(() => goTo(9000));
  expect(trail()).toEqual([0, 700, 9000]);
});

test('a step of a few pixels is the same place, another scale or turn is another', () => {
  goTo(30);
  rest();
  expect(trail()).toEqual([30]);
  useView.setState({ nmPerPx: 3 });
  rest();
  useView.setState({ rotation: [0, 0, 1, 0] });
  rest();
  expect(trail()).toHaveLength(3);
  goThroughPlaces(-1);
  expect(useView.getState().rotation).toEqual(freshDocument.rotation);
});

test('a new way forgets what lay ahead', () => {
  for (const x of [1000, 2000]) {
    goTo(x);
    rest();
  }
  goThroughPlaces(-1);
  goTo(7000);
  rest();
  expect(trail()).toEqual([0, 1000, 7000]);
  expect(can(1)).toBe(false);
});
