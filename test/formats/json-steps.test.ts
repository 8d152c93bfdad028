import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonSteps } from '../../main/engine/formats/json-steps.ts';
import { atOnce } from '../../main/engine/formats/steps.ts';

/** Long enough to be read entry by entry, at two levels. */
const long = (value: unknown): unknown => ({
  'fill{"]': 'x"\\'.repeat(30_000),
  list: Array.from({ length: 400 }, (_, i) => [value, i, ['],', `\\"${'y'.repeat(400)}`]]),
  '__proto__ ': null,
  byId: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, { value, text: 'z'.repeat(300) }])),
});

test('gives what JSON.parse gives, however it is written', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      const text = `\r\n ${JSON.stringify(long(value), null, space)}\t`;
      expect(atOnce(jsonSteps(text))).toEqual(JSON.parse(text));
    }),
    { numRuns: 20, seed: 7 },
  );
});

test('stops between entries, so that 64 MiB keep nobody waiting', () => {
  const text = JSON.stringify(long(1));
  let steps = 0;
  for (const reading = jsonSteps(text); !reading.next().done;) steps += 1;
  expect(steps).toBeGreaterThan(3);
  expect(steps).toBeLessThanOrEqual(text.length / 65_536);
});

test('throws what JSON.parse throws for whatever is missing, doubled or cut', () => {
  const text = JSON.stringify(long({ a: [1, -2.5e3, true, null] }));
  const thrown = (work: () => unknown): string => {
    try {
      work();
      return '';
    } catch (error) {
      return String(error);
    }
  };
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: text.length - 1 }),
      fc.constantFrom('', ',', ']', '}', '"', ':', '\\', 'e'),
      (at, sign) => {
        const broken = text.slice(0, at) + sign + text.slice(at + 1);
        expect(thrown(() => atOnce(jsonSteps(broken)))).toBe(thrown(() => JSON.parse(broken)));
        expect(thrown(() => atOnce(jsonSteps(text.slice(0, at))))).toBe(thrown(() => JSON.parse(text.slice(0, at))));
      },
    ),
    { numRuns: 60, seed: 3 },
  );
});
