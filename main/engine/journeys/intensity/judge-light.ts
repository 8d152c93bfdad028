import type { LightReport } from '../../../../preload/contract/intensity.ts';

export interface LightVerdict {
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly reasons: readonly string[];
}

/** Rounding and chance may make an even stack this much less even; half a grey level is no step. */
const [tolerance, slack] = [1.02, 0.5];

/** Worse than before fails; a step of more than one grey level in 8 bits, or contrast that changed, warns. */
export function judgeLight({ seamStep, sliceSd, contrast }: LightReport, greyLevel: number): LightVerdict {
  const worse = [
    seamStep.after > tolerance * seamStep.before + slack * greyLevel
      ? `steps at seams grew from ${seamStep.before.toFixed(2)} to ${seamStep.after.toFixed(2)} grey levels`
      : '',
    sliceSd.after > tolerance * sliceSd.before + 0.002
      ? `sections differ by ${percent(sliceSd.after)}, before by ${percent(sliceSd.before)}`
      : '',
  ].filter((reason) => reason !== '');
  if (worse.length > 0) return { verdict: 'fail', reasons: worse };
  const doubtful = [
    seamStep.after > greyLevel ? `Steps of ${seamStep.after.toFixed(2)} grey levels are left at seams` : '',
    Math.abs(contrast - 1) > 0.1 ? `Contrast became ${percent(contrast)} of what it was` : '',
  ].filter((reason) => reason !== '');
  return { verdict: doubtful.length > 0 ? 'warn' : 'pass', reasons: doubtful };
}

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
