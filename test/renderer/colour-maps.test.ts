import { describe, expect, it } from 'vitest';
import { channelColours } from '../../renderer/state/layers.ts';
import { colourAt, colourMapOf, colourMaps } from '../../renderer/ui/colour-map-list.ts';
import { css, type Rgb } from '../../renderer/ui/colour-maps.ts';
import { deficiencies, difference, labOf, seenWith } from '../../renderer/ui/colour-vision.ts';

const rgbOf = (hex: string): Rgb => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;

describe('colour maps', () => {
  it('are at least twenty, of 256 colours each, with names of their own', () => {
    expect(colourMaps.length).toBeGreaterThanOrEqual(20);
    expect(new Set(colourMaps.map(({ name }) => name)).size).toBe(colourMaps.length);
    for (const { table } of colourMaps) expect(table.length).toBe(768);
  });

  // The colours that their authors print, at the ends and where they are quoted most.
  it.each([
    ['viridis', 0, '#440154'],
    ['viridis', 1, '#fde725'],
    ['viridis', 0.25, '#3b528b'],
    ['magma', 1, '#fcfdbf'],
    ['inferno', 0, '#000004'],
    ['plasma', 1, '#f0f921'],
    ['cividis', 1, '#fee838'],
    ['batlow', 0, '#011959'],
    ['batlow', 1, '#faccfa'],
    ['turbo', 0, '#30123b'],
    ['jet', 0, '#000080'],
    ['gray', 0.5, '#808080'],
  ])('%s at %f is %s', (name, at, hex) => {
    expect(css(colourAt(colourMapOf(name), at))).toBe(css(rgbOf(hex)));
  });

  it('rise steadily in lightness where they say so, also with a deficiency of colour vision', () => {
    for (const map of colourMaps.filter(({ kind }) => kind === 'even')) {
      const lightness = (see: (colour: Rgb) => Rgb): number[] =>
        Array.from({ length: 17 }, (_, i) => labOf(see(colourAt(map, i / 16)))[0]);
      for (const see of [(colour: Rgb) => colour, ...deficiencies.map((d) => (colour: Rgb) => seenWith(d, colour))]) {
        const steps = lightness(see);
        for (let i = 1; i < steps.length; i++)
          expect(steps[i], `${map.name} at ${i}/16`).toBeGreaterThan((steps[i - 1] ?? 0) - 0.5);
        expect((steps.at(-1) ?? 0) - (steps[0] ?? 0), map.name).toBeGreaterThan(35);
      }
    }
  });

  it('flags rainbows', () => {
    expect(colourMaps.filter(({ kind }) => kind === 'rainbow').map(({ name }) => name)).toEqual(['turbo', 'jet']);
  });
});

describe('colours of channels', () => {
  it('are told apart, with a deficiency of colour vision too', () => {
    for (const see of [(colour: Rgb) => colour, ...deficiencies.map((d) => (colour: Rgb) => seenWith(d, colour))]) {
      const seen = channelColours.map((hex) => see(rgbOf(hex)));
      seen.forEach((a, i) => {
        for (const b of seen.slice(i + 1))
          expect(difference(a, b), `${channelColours[i]} as ${css(a)} against ${css(b)}`).toBeGreaterThan(20);
      });
    }
  });
});

describe('colour vision', () => {
  it('leaves greys grey', () => {
    for (const deficiency of deficiencies)
      for (const grey of [0, 64, 128, 255])
        for (const byte of seenWith(deficiency, [grey, grey, grey]))
          expect(Math.abs(byte - grey)).toBeLessThanOrEqual(1);
  });

  it('gives the Lab values that CIE tables give', () => {
    const close = (got: Rgb, want: readonly number[]): void =>
      got.forEach((value, i) => expect(value).toBeCloseTo(want[i] ?? 0, 1));
    close(labOf([255, 0, 0]), [53.24, 80.09, 67.2]);
    close(labOf([0, 0, 255]), [32.3, 79.19, -107.86]);
    close(labOf([255, 255, 255]), [100, 0, 0]);
  });
});
