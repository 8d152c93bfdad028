import type { AlarmKind, Limit, WatchMetric } from '../../../../preload/contract/watch.ts';
import type { LearnedLimits } from './limits.ts';

export type Values = Partial<Readonly<Record<WatchMetric, number>>>;

/** What is wrong with a tile. */
export interface Finding {
  readonly kind: AlarmKind;
  readonly metric: WatchMetric | null;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** "out of focus: 3.1 against 7.8 ± 0.4 of the last 200 tiles" */
  readonly reason: string;
}

/** What a finding of one kind explains: those of the others are its consequences, not faults of their own. */
const explains: Partial<Readonly<Record<AlarmKind, readonly AlarmKind[]>>> = {
  unreadable: [
    'out-of-focus',
    'blank',
    'saturated',
    'dark',
    'brightness',
    'charging',
    'streaks',
    'weak-overlap',
    'stage-jump',
  ],
  repeated: ['weak-overlap', 'stage-jump'],
  blank: ['out-of-focus', 'saturated', 'dark', 'brightness', 'charging', 'streaks', 'weak-overlap', 'stage-jump'],
  saturated: ['brightness', 'charging', 'out-of-focus', 'streaks', 'weak-overlap'],
  dark: ['brightness', 'charging', 'out-of-focus', 'streaks', 'weak-overlap'],
  charging: ['brightness', 'streaks', 'out-of-focus', 'weak-overlap'],
  'out-of-focus': ['weak-overlap', 'streaks'],
  'stage-jump': ['weak-overlap'],
};

/** Leaves out what others explain. Same order as given. */
export function withoutConsequences<F extends { readonly kind: AlarmKind }>(findings: readonly F[]): readonly F[] {
  const explained = new Set(findings.flatMap(({ kind }) => explains[kind] ?? []));
  return findings.filter(({ kind }) => !explained.has(kind));
}

interface Test {
  readonly metric: WatchMetric;
  readonly kind: AlarmKind;
  /** Said of a value outside; `beyond` is the side. */
  readonly words: (value: string, beyond: 'low' | 'high') => string;
  readonly format: (value: number) => string;
}

const plain = (value: number): string =>
  Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));
const percent = (value: number): string => `${Number((100 * value).toPrecision(2))} %`;
const px = (value: number): string => `${Number(value.toPrecision(2))} px`;

const ownTests: readonly Test[] = [
  { metric: 'blankness', kind: 'blank', format: percent, words: (v) => `blank: no texture in ${v} of it` },
  {
    metric: 'saturated',
    kind: 'saturated',
    format: percent,
    words: (v) => `saturated: ${v} of its pixels are as bright as can be`,
  },
  { metric: 'black', kind: 'dark', format: percent, words: (v) => `too dark: ${v} of its pixels are black` },
  {
    metric: 'charging',
    kind: 'charging',
    format: plain,
    words: (v) => `charging: brightness changes over the scan lines by ${v} times the contrast`,
  },
  {
    metric: 'streaks',
    kind: 'streaks',
    format: plain,
    words: (v) => `streaks along the scan lines: unsteadiness ${v}`,
  },
];

const brightnessTest: Test = {
  metric: 'brightness',
  kind: 'brightness',
  format: plain,
  words: (v, beyond) => `${beyond === 'low' ? 'darker' : 'brighter'} than usual: mean grey ${v}`,
};

const overlapTests: readonly Test[] = [
  {
    metric: 'lightStep',
    kind: 'brightness',
    format: percent,
    words: (v, beyond) =>
      `the light ${beyond === 'low' ? 'fell' : 'rose'} by ${v.replace('-', '')} where it shows the same as its neighbours`,
  },
  { metric: 'stageStep', kind: 'stage-jump', format: px, words: (v) => `the stage jumped by ${v}` },
  { metric: 'stageDrift', kind: 'stage-jump', format: px, words: (v) => `the stage has drifted by ${v}` },
  {
    metric: 'ncc',
    kind: 'weak-overlap',
    format: plain,
    words: (v) => `does not match its neighbours: correlation ${v}`,
  },
];

/** Judges what a tile shows by itself. */
export function judgeOwn(values: Values, limits: LearnedLimits): readonly Finding[] {
  const found = ownTests.flatMap((test) => failed(test, values, limits));
  const focus = focusFinding(values, limits);
  return focus ? [focus, ...found] : found;
}

/** The light of a section counts as steady within this part. */
const steadyPart = 0.05;

/**
 * Tissue may be as bright or dark as it likes: a tile that is as bright as its neighbours where they show the same, in
 * light that is that of the section's first tile, is not held against the session. A limit that the user set counts alone.
 */
export function judgeBrightness(values: Values, limits: LearnedLimits): readonly Finding[] {
  const found = failed(brightnessTest, values, limits);
  const { lightDrift } = values;
  const isSteady =
    lightDrift !== undefined && Math.abs(lightDrift) <= Math.max(steadyPart, limits.limit('lightStep').high ?? 0);
  return isSteady && limits.limit('brightness').source !== 'set' ? [] : found;
}

/** Whether a finding is of how a tile meets its neighbours: its own picture is then as good a witness as any. */
export const isOfOverlaps = ({ kind, metric }: Pick<Finding, 'kind' | 'metric'>): boolean =>
  kind === 'stage-jump' || kind === 'weak-overlap' || metric === 'lightStep';

/** Judges a tile by its overlaps. */
export const judgeOverlaps = (values: Values, limits: LearnedLimits): readonly Finding[] =>
  overlapTests.flatMap((test) => failed(test, values, limits));

function failed({ metric, kind, words, format }: Test, values: Values, limits: LearnedLimits): readonly Finding[] {
  const value = values[metric];
  const limit = limits.limit(metric);
  const beyond = value === undefined ? null : sideOf(value, limit);
  if (value === undefined || beyond === null) return [];
  return [finding(kind, limit, value, `${words(format(value), beyond)}, ${against(limit, beyond, format)}`)];
}

const finding = (kind: AlarmKind, { metric, low, high }: Limit, value: number, reason: string): Finding => ({
  kind,
  metric,
  value,
  low,
  high,
  reason,
});

const sideOf = (value: number, { low, high }: Limit): 'low' | 'high' | null =>
  low !== null && value < low ? 'low' : high !== null && value > high ? 'high' : null;

/** "against 7.8 ± 0.4 of the last 200 tiles", or the limit that the user or the program set. */
function against(
  { median, spread, learnedFrom, source, low, high }: Limit,
  beyond: 'low' | 'high',
  format: (value: number) => string,
): string {
  if (source === 'learned' && median !== null && spread !== null)
    return `against ${format(median)} ± ${format(spread)} of the last ${learnedFrom} tiles`;
  return `${beyond === 'low' ? 'under' : 'over'} the limit of ${format((beyond === 'low' ? low : high) ?? 0)}`;
}

/** Spreads that the other measure of sharpness must agree by: charging alone lowers one, other tissue the other. */
const agreeingSpreads = 3;

/**
 * Sharpness is judged by two measures that are fooled by different things: the Laplacian by brightness that changes
 * slowly, the slope of detail by what the tissue is. One beyond its limit counts where the other agrees; a limit that
 * the user set counts alone.
 */
function focusFinding(values: Values, limits: LearnedLimits): Finding | null {
  const { focus, slope } = values;
  const limit = limits.limit('focus');
  if (focus === undefined) return null;
  const isLow = sideOf(focus, limit) === 'low';
  const isSteep = slope !== undefined && sideOf(slope, limits.limit('slope')) === 'high';
  const focusZ = limits.z('focus', focus) ?? 0;
  const slopeZ = slope === undefined || slope === 0 ? Infinity : (limits.z('slope', slope) ?? 0);
  const agree = (isLow && slopeZ > agreeingSpreads) || (isSteep && focusZ < -agreeingSpreads);
  if (!agree && !(isLow && limit.source === 'set')) return null;
  return finding(
    'out-of-focus',
    limit,
    focus,
    `out of focus: sharpness ${plain(focus)}, ${against(limit, 'low', plain)}`,
  );
}
