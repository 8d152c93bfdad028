import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LamellaError, toWireError } from '../../preload/contract/errors.ts';
import { SourceHealth } from '../../renderer/scene/stage/source-health.ts';
import type { BrickNews } from '../../renderer/state/bricks.ts';
import { awayProblem, brokenProblem, isOffline } from '../../renderer/state/source-words.ts';
import { thinVolume } from './volume.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const silence = toWireError(
  new LamellaError('unreachable', 'A part of thin does not come.', {
    hint: 'Wait.',
    fields: { what: 'no answer came in 5 s' },
  }),
);

function heard(): { readonly news: BrickNews[]; readonly health: SourceHealth } {
  const news: BrickNews[] = [];
  return { news, health: new SourceHealth((one) => news.push(one)) };
}

test('a source that gives some parts and not others is not back before all was given', () => {
  const { news, health } = heard();
  health.begins('a');
  health.refused('a', silence);
  health.begins('a');
  health.ends('a', true);
  health.ends('a', false);
  vi.runAllTimers();
  expect(news.map(({ is }) => is)).toEqual(['away']);
  health.retry();
  health.begins('a');
  health.begins('a');
  health.ends('a', true);
  vi.runAllTimers();
  // One is still under way, and is refused.
  health.refused('a', silence);
  health.ends('a', false);
  vi.runAllTimers();
  expect(news.slice(1)).toEqual([{ volume: 'a', is: 'away', error: silence, partly: true }]);
  health.retry();
  health.begins('a');
  health.ends('a', true);
  vi.runAllTimers();
  expect(news.at(-1)).toEqual({ volume: 'a', is: 'there' });
});

test('nothing is said of sources that give all, nor that one is back which was only cached', () => {
  const { news, health } = heard();
  health.begins('a');
  health.ends('a', true);
  health.begins('b');
  health.refused('b', null);
  health.ends('b', false);
  health.retry();
  health.begins('b');
  health.ends('b', false);
  vi.runAllTimers();
  expect(news).toEqual([{ volume: 'b', is: 'away', error: null, partly: false }]);
});

test('what is wrong with a source is said in one line, in words of the volume', () => {
  const far = thinVolume({ source: { kind: 'remote', format: 'precomputed', text: 'https://h/a' } });
  const near = thinVolume({ source: { kind: 'local', format: 'precomputed', text: '/a' } });
  const error = (tag: 'unreachable' | 'conflict' | 'not-found', what?: string): typeof silence => ({
    ...silence,
    ...{ tag, fields: what === undefined ? {} : { what } },
  });
  const line = (volume: typeof far, why: typeof silence | null, partly = false): string =>
    awayProblem(volume, { error: why, partly }).text;
  expect(line(far, silence, true)).toBe('Parts do not come: no answer came in 5 s');
  expect(line(far, error('unreachable', 'it answers 500'), true)).toBe('Parts do not come: its server answers 500');
  expect(line(far, error('unreachable', 'it refuses connections'))).toBe('Its server refuses connections');
  expect(line(far, error('unreachable', 'its answer broke off'))).toBe('Its server’s answer broke off');
  expect(line(far, error('conflict'))).toBe('It was changed at its source');
  expect(line(far, null)).toBe('Its server does not answer');
  expect(line(near, error('unreachable', 'its files are gone'))).toBe('Its files are gone');
  expect(line(near, error('not-found'))).toBe('Its files are gone');
  expect(isOffline(far, { error: silence, partly: false })).toBe(true);
  expect(isOffline(far, { error: silence, partly: true })).toBe(false);
  expect(isOffline(near, { error: silence, partly: false })).toBe(false);
  const short = {
    ...silence,
    message: '"8_8_8/0-64" of thin can\'t be read: it holds 1000 bytes, not the 4096 of its voxels.',
  };
  expect(brokenProblem(short).text).toBe('A part can’t be read: it holds 1000 bytes, not the 4096 of its voxels');
});
