import { describe, expect, test } from 'vitest';
import { Meter } from '../../main/engine/jobs/progress.ts';

/** A meter on a clock that the test sets. */
function meterAt(): { meter: Meter; clock: { secs: number } } {
  const clock = { secs: 100 };
  return { meter: new Meter(() => clock.secs), clock };
}

describe('the meter', () => {
  test('says nothing of rate and time before it has seen any unit', () => {
    const { meter } = meterAt();
    meter.begin('Reading', 'tiles', 0.5, 100, 40);
    expect(meter.progress()).toEqual({
      stage: 'Reading',
      unit: 'tiles',
      done: 40,
      total: 100,
      ratePerSec: 0,
      etaSecs: null,
    });
  });

  test('counts the rate over the last seconds only, and without the units that were kept', () => {
    const { meter, clock } = meterAt();
    meter.begin('Reading', 'tiles', null, 1000, 100);
    for (let i = 0; i < 20; i++) {
      clock.secs += 1;
      meter.add();
    }
    expect(meter.progress().ratePerSec).toBeCloseTo(1, 6);
    for (let i = 0; i < 110; i++) {
      clock.secs += 0.1;
      meter.add();
    }
    const { ratePerSec, etaSecs, done } = meter.progress();
    expect(done).toBe(230);
    expect(ratePerSec).toBeGreaterThan(9);
    expect(etaSecs).toBeCloseTo((1000 - 230) / ratePerSec, 6);
  });

  test('foresees the later stages from what the earlier ones took', () => {
    const { meter, clock } = meterAt();
    meter.begin('First', 'a', 0.25, 10, 0);
    for (let i = 0; i < 10; i++) {
      clock.secs += 1;
      meter.add();
    }
    // A quarter took 10 s, so three quarters will take 30.
    expect(meter.progress().etaSecs).toBeCloseTo(30, 6);
    meter.begin('Second', 'b', 0.75, 30, 0);
    expect(meter.progress()).toMatchObject({ done: 0, ratePerSec: 0, etaSecs: null });
    for (let i = 0; i < 10; i++) {
      clock.secs += 1;
      meter.add();
    }
    expect(meter.progress().etaSecs).toBeCloseTo(20, 6);
  });

  test('a stage that was kept whole does not bend the foresight', () => {
    const { meter, clock } = meterAt();
    meter.begin('First', 'a', 0.5, 10, 10);
    meter.begin('Second', 'b', 0.25, 10, 0);
    for (let i = 0; i < 5; i++) {
      clock.secs += 2;
      meter.add();
    }
    // Half of a quarter in 10 s: the other half 10 s more, and the last quarter 20 s.
    expect(meter.progress().etaSecs).toBeCloseTo(30, 6);
  });
});
