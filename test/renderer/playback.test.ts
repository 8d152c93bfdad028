import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Repeat } from '../../renderer/state/playback.ts';
import { timeAfter, timesAheadOf } from '../../renderer/state/playback.ts';

const from = (start: number, times: number, repeat: Repeat, forward = true): readonly number[] =>
  Array.from({ length: 10 }, (_, i) => timeAfter(start, i, times, repeat, forward));

test('a loop begins again after the last time', () => {
  expect(from(2, 4, 'loop')).toEqual([2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
});

test('back and forth shows the ends once', () => {
  expect(from(2, 4, 'back-and-forth')).toEqual([2, 3, 2, 1, 0, 1, 2, 3, 2, 1]);
  expect(from(2, 4, 'back-and-forth', false)).toEqual([2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
});

test('one time stays', () => expect(new Set(from(0, 1, 'loop'))).toEqual(new Set([0])));

test('every step is to a time beside, or from the last to the first', () => {
  const repeat = fc.constantFrom<Repeat>('loop', 'back-and-forth');
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(1000), repeat, fc.boolean(), (times, steps, how, forward) => {
      const [a, b] = [steps, steps + 1].map((n) => timeAfter(0, n, times, how, forward)) as [number, number];
      expect(a).toBeGreaterThanOrEqual(0);
      expect(a).toBeLessThan(times);
      expect(Math.abs(a - b) === 1 || (how === 'loop' && a === times - 1 && b === 0)).toBe(true);
    }),
  );
});

const playing = { playing: true, fps: 4, repeat: 'loop' } as const;

test('what plays next is had before: a second of it, soonest first, each once', () => {
  expect(timesAheadOf(playing, { time: 98, times: 100, forward: true })).toEqual([99, 0, 1, 2]);
  expect(timesAheadOf({ ...playing, fps: 60 }, { time: 0, times: 3, forward: true })).toEqual([1, 2]);
  const back = { ...playing, repeat: 'back-and-forth' } as const;
  expect(timesAheadOf(back, { time: 5, times: 100, forward: false })).toEqual([4, 3, 2, 1]);
});

test('a view that rests in time has its neighbours ready', () => {
  const resting = { ...playing, playing: false };
  expect(timesAheadOf(resting, { time: 0, times: 3, forward: true })).toEqual([1]);
  expect(timesAheadOf(resting, { time: 1, times: 3, forward: true })).toEqual([2, 0]);
  expect(timesAheadOf(resting, { time: 0, times: 1, forward: true })).toEqual([]);
});
