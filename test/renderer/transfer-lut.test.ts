import { describe, expect, it } from 'vitest';
import { colourMapOf } from '../../renderer/ui/colour-map-list.ts';
import { FrameBudget, movingMs } from '../../renderer/scene/stage/volume/frame-budget.ts';
import { Refresh } from '../../renderer/scene/stage/volume/refresh.ts';
import { correctedOpacity, lutSteps, opacityAt, transferLut } from '../../renderer/scene/stage/volume/transfer-lut.ts';

const transfer = [
  [0.1, 0.2],
  [0.5, 0],
  [0.5, 0.6],
  [0.9, 1],
] as const;

describe('the transfer function', () => {
  it('is linear between its points and level beyond them', () => {
    const cases = [
      [0, 0.2],
      [0.1, 0.2],
      [0.3, 0.1],
      [0.5, 0],
      [0.5001, 0.6001],
      [0.7, 0.8],
      [1, 1],
    ] as const;
    for (const [at, opacity] of cases) expect(opacityAt(transfer, at)).toBeCloseTo(opacity, 6);
  });

  it('lets the same light through whatever the step', () => {
    for (const opacity of [0, 0.001, 0.3, 0.95, 1])
      for (const n of [2, 3, 7]) {
        const through = (1 - correctedOpacity(opacity, 1 / n)) ** n;
        expect(through).toBeCloseTo(1 - opacity, 12);
      }
    expect(correctedOpacity(0.5, 2)).toBeCloseTo(0.75, 12);
  });

  it('is a table of colours after gamma, inversion and map, and of the light that passes', () => {
    const look = { gamma: 2, inverted: true, colour: { tint: '#ff8000' }, transfer };
    const lut = transferLut(look);
    for (const i of [0, 100, 511, 900, lutSteps - 1]) {
      const w = i / (lutSteps - 1);
      expect(lut[4 * i]).toBeCloseTo(1 - w ** 2, 6);
      expect(lut[4 * i + 1]).toBeCloseTo(((1 - w ** 2) * 128) / 255, 6);
      expect(lut[4 * i + 2]).toBe(0);
      expect(1 - 2 ** (lut[4 * i + 3] ?? 0)).toBeCloseTo(opacityAt(transfer, w), 5);
    }
    const mapped = transferLut({ ...look, gamma: 1, inverted: false, colour: { map: 'viridis' } });
    const { table } = colourMapOf('viridis');
    expect(mapped[4 * (lutSteps - 1)]).toBeCloseTo((table[765] ?? 0) / 255, 6);
  });
});

describe('the time for a frame', () => {
  it('divides the buffer until a moving picture holds it, and undivides it when there is room', () => {
    const budget = new FrameBudget();
    const pixels = 480_000;
    const run = (msPerPx: number): number => {
      let divisor = budget.divisorFor(pixels);
      for (let i = 0; i < 30; i++) {
        budget.note(divisor, pixels / divisor ** 2, (msPerPx * pixels) / divisor ** 2);
        divisor = budget.divisorFor(pixels);
      }
      return divisor;
    };
    for (const [msPerPx, divisor] of [
      [1e-5, 1],
      [2e-4, 2],
      [1e-3, 4],
      [1e-1, 8],
    ] as const) {
      budget.forget();
      expect(run(msPerPx), `${msPerPx} ms a pixel`).toBe(divisor);
      if (divisor < 8) expect((msPerPx * pixels) / divisor ** 2).toBeLessThanOrEqual(movingMs);
    }
  });

  it('holds the time of most frames where they take now more, now less', () => {
    const budget = new FrameBudget();
    const pixels = 480_000;
    let divisor = budget.divisorFor(pixels);
    let late = 0;
    for (let i = 0; i < 60; i++) {
      const ms = (i % 2 === 0 ? 18 : 40) / divisor ** 2;
      if (i >= 10 && ms > movingMs) late++;
      budget.note(divisor, pixels / divisor ** 2, ms);
      divisor = budget.divisorFor(pixels);
    }
    expect(divisor).toBe(2);
    expect(late).toBeLessThanOrEqual(2);
  });
});

describe('when a picture is drawn again', () => {
  const at = (now: number, version: number, change: { fresh?: boolean; moving?: boolean; whole?: boolean } = {}) => ({
    now,
    version,
    fresh: change.fresh ?? false,
    moving: change.moving ?? false,
    whole: () => change.whole ?? false,
  });

  it('is quick while the view moves and while bricks come, and whole once they are here', () => {
    const refresh = new Refresh();
    expect(refresh.step(at(0, 1, { fresh: true, moving: true }))).toBe('quick');
    expect(refresh.step(at(16, 1, { fresh: true, moving: true }))).toBe('quick');
    expect(refresh.step(at(200, 2))).toBe('quick');
    expect(refresh.step(at(216, 3))).toBe('go on');
    expect(refresh.waits).toBe(true);
    expect(refresh.step(at(400, 4))).toBe('quick');
    expect(refresh.step(at(416, 5, { whole: true }))).toBe('start');
    expect(refresh.waits).toBe(false);
    expect(refresh.step(at(432, 6, { whole: true }))).toBe('go on');
    expect(refresh.waits).toBe(false);
  });

  it('is whole of what is here when nothing has come for a while', () => {
    const refresh = new Refresh();
    expect(refresh.step(at(0, 1, { fresh: true }))).toBe('quick');
    expect(refresh.step(at(100, 1))).toBe('go on');
    expect(refresh.step(at(500, 1))).toBe('start');
    expect(refresh.waits).toBe(false);
  });
});
