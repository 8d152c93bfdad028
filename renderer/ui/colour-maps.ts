/** Perceptual colour maps and the colours that stand for verdicts. */

export type Rgb = readonly [number, number, number];

/** Viridis (van der Walt & Smith 2015), every sixteenth of its range. */
const viridisStops: readonly Rgb[] = [
  [68, 1, 84],
  [72, 24, 106],
  [71, 45, 123],
  [66, 64, 134],
  [59, 82, 139],
  [51, 99, 141],
  [44, 114, 142],
  [38, 130, 142],
  [33, 145, 140],
  [31, 160, 136],
  [40, 174, 128],
  [63, 188, 115],
  [94, 201, 98],
  [132, 212, 75],
  [173, 220, 48],
  [216, 226, 25],
  [253, 231, 37],
];

/** Viridis at 0 to 1. */
export function viridis(fraction: number): Rgb {
  const at = Math.max(0, Math.min(1, fraction)) * (viridisStops.length - 1);
  const low = Math.min(Math.floor(at), viridisStops.length - 2);
  const a = viridisStops[low] as Rgb;
  const b = viridisStops[low + 1] as Rgb;
  const mix = (i: 0 | 1 | 2): number => Math.round(a[i] + (b[i] - a[i]) * (at - low));
  return [mix(0), mix(1), mix(2)];
}

export const css = ([r, g, b]: Rgb, alpha = 1): string =>
  alpha === 1 ? `rgb(${r} ${g} ${b})` : `rgb(${r} ${g} ${b} / ${alpha})`;

export const verdictRgb: Readonly<Record<'ok' | 'warn' | 'bad', Rgb>> = {
  ok: [63, 182, 168],
  warn: [227, 176, 75],
  bad: [242, 131, 123],
};

/** `linear-gradient` of a map, for legends. */
export const viridisGradient = `linear-gradient(to right, ${viridisStops.map((c) => css(c)).join(', ')})`;

/** Okabe-Ito's colour-blind-safe set, reordered to start with what stands out on grey. */
export const markColours: readonly string[] = ['#f0b429', '#56b4e9', '#e377c2', '#5fd0c3', '#d7e84a', '#ff8a5b'];
