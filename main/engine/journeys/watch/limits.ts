import { type Limit, type WatchMetric, watchMetricNames } from '../../../../preload/contract/watch.ts';

/** What the user said of one metric. */
export interface LimitSetting {
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly spreads?: number | undefined;
  readonly off?: boolean | undefined;
}

export type LimitSettings = Partial<Readonly<Record<WatchMetric, LimitSetting>>>;

/** How the limits of a metric come about. */
interface Rule {
  /** The sides on which a learned limit lies; none: nothing is learned. */
  readonly sides: readonly ('low' | 'high')[];
  readonly spreads: number;
  /** A session of equals has no outliers: the spread is at least this, and this part of the median. */
  readonly leastSpread: number;
  readonly leastPart: number;
  /** Learned of logarithms: ratios count. */
  readonly ratio?: boolean;
  /** Tiles to learn of before there is a limit, where more than `leastLearned`: few steps say little of how large they get. */
  readonly least?: number;
  /** The same for every microscope. */
  readonly fixedHigh?: number;
}

const rules: Readonly<Record<WatchMetric, Rule>> = {
  focus: { sides: ['low'], spreads: 6, leastSpread: 0.06, leastPart: 0, ratio: true },
  slope: { sides: ['high'], spreads: 6, leastSpread: 0.06, leastPart: 0 },
  brightness: { sides: ['low', 'high'], spreads: 7, leastSpread: 0.5, leastPart: 0.015 },
  charging: { sides: ['high'], spreads: 6, leastSpread: 0.06, leastPart: 0 },
  streaks: { sides: ['high'], spreads: 7, leastSpread: 0.08, leastPart: 0 },
  saturated: { sides: [], spreads: 6, leastSpread: 0, leastPart: 0, fixedHigh: 0.05 },
  black: { sides: [], spreads: 6, leastSpread: 0, leastPart: 0, fixedHigh: 0.25 },
  blankness: { sides: [], spreads: 6, leastSpread: 0, leastPart: 0, fixedHigh: 0.8 },
  ncc: { sides: ['low'], spreads: 7, leastSpread: 0.03, leastPart: 0 },
  stageStep: { sides: ['high'], spreads: 7, leastSpread: 1, leastPart: 0.1 },
  stageDrift: { sides: [], spreads: 6, leastSpread: 0, leastPart: 0 },
  lightStep: { sides: ['low', 'high'], spreads: 7, leastSpread: 0.01, leastPart: 0, least: 30 },
  lightDrift: { sides: [], spreads: 6, leastSpread: 0, leastPart: 0 },
};

/** So many of the last tiles that were fine are what is usual. */
export const learnedTiles = 200;
/** Before so many, nothing is learned. */
export const leastLearned = 12;

/** What is usual in this session, learned of the tiles that were fine, and the limits that follow from it. */
export class LearnedLimits {
  readonly #values = new Map<WatchMetric, number[]>();
  #settings: LimitSettings = {};
  readonly #made = new Map<WatchMetric, Limit>();

  set(settings: LimitSettings): void {
    this.#settings = settings;
    this.#made.clear();
  }

  /** Takes a value that was fine into what is usual. */
  learn(metric: WatchMetric, value: number): void {
    const values = this.#values.get(metric) ?? [];
    values.push(value);
    if (values.length > learnedTiles) values.shift();
    this.#values.set(metric, values);
    this.#made.delete(metric);
  }

  /** Takes values out again that turned out not to be fine. */
  forget(given: Partial<Readonly<Record<WatchMetric, number>>>): void {
    for (const [metric, value] of Object.entries(given) as [WatchMetric, number][]) {
      const values = this.#values.get(metric) ?? [];
      const at = values.lastIndexOf(value);
      if (at >= 0) values.splice(at, 1);
      this.#made.delete(metric);
    }
  }

  limit(metric: WatchMetric): Limit {
    const made =
      this.#made.get(metric) ?? limitOf(metric, this.#values.get(metric) ?? [], this.#settings[metric] ?? {});
    this.#made.set(metric, made);
    return made;
  }

  all(): readonly Limit[] {
    return watchMetricNames.map((metric) => this.limit(metric));
  }

  /** Spreads from the median, upwards positive; null while nothing is usual. */
  z(metric: WatchMetric, value: number): number | null {
    const { ratio } = rules[metric];
    const { median, spread } = this.limit(metric);
    if (median === null || spread === null || (ratio && (value <= 0 || median <= 0)))
      return ratio && value <= 0 ? -Infinity : null;
    const [at, middle] = ratio ? [Math.log(value), Math.log(median)] : [value, median];
    return (at - middle) / (ratio ? spread / median : spread);
  }
}

/** Limits of a metric: the user's word, else the fixed ones, else median and spread of what was fine. */
export function limitOf(metric: WatchMetric, values: readonly number[], setting: LimitSetting): Limit {
  const rule = rules[metric];
  const spreads = setting.spreads ?? rule.spreads;
  const usual = values.length >= (rule.least ?? leastLearned) ? usualOf(values, rule) : null;
  const learned = usual ? around(usual, rule, spreads) : { low: null, high: null };
  const isSet = setting.low !== undefined || setting.high !== undefined;
  const own = isSet ? { low: setting.low ?? null, high: setting.high ?? null } : null;
  const fixed = rule.fixedHigh === undefined ? null : { low: null, high: rule.fixedHigh };
  const limits = setting.off ? { low: null, high: null } : (own ?? fixed ?? learned);
  return {
    metric,
    ...limits,
    median: usual?.median ?? null,
    spread: usual?.spread ?? null,
    learnedFrom: values.length,
    spreads,
    source: setting.off
      ? 'off'
      : own
        ? 'set'
        : fixed
          ? 'fixed'
          : rule.sides.length === 0
            ? 'off'
            : usual
              ? 'learned'
              : 'learning',
  };
}

interface Usual {
  readonly median: number;
  /** Of ratios: times the median. */
  readonly spread: number;
}

function usualOf(values: readonly number[], rule: Rule): Usual {
  const scaled = rule.ratio ? values.filter((v) => v > 0).map(Math.log) : values;
  const middle = medianOf(scaled);
  const mad = 1.4826 * medianOf(scaled.map((v) => Math.abs(v - middle)));
  const spread = Math.max(rule.leastSpread, rule.leastPart * Math.abs(middle), mad);
  return rule.ratio ? { median: Math.exp(middle), spread: spread * Math.exp(middle) } : { median: middle, spread };
}

function around({ median, spread }: Usual, rule: Rule, spreads: number): Pick<Limit, 'low' | 'high'> {
  const at = (side: 1 | -1): number =>
    rule.ratio ? median * Math.exp((side * spreads * spread) / median) : median + side * spreads * spread;
  return { low: rule.sides.includes('low') ? at(-1) : null, high: rule.sides.includes('high') ? at(1) : null };
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? 0)) / 2;
}
