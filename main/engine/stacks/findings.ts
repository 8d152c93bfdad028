/** What is wrong with a result, in the user's words, and whether it can be used all the same. */
export interface Finding {
  readonly verdict: 'warn' | 'fail';
  readonly reason: string;
}

export const fail = (reason: string): Finding => ({ verdict: 'fail', reason });
export const warn = (reason: string): Finding => ({ verdict: 'warn', reason });

/** The verdict that findings come to, and their reasons. */
export function judged(findings: readonly Finding[]): {
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly reasons: string[];
} {
  const isFail = findings.some(({ verdict }) => verdict === 'fail');
  return {
    verdict: isFail ? 'fail' : findings.length > 0 ? 'warn' : 'pass',
    reasons: findings.map(({ reason }) => reason),
  };
}

const warnRmsPx = 2;
const failRmsPx = 10;
/** Links that may be dropped before it is said how many of all they are. */
export const warnDroppedPart = 0.1;
/** More tiles than this without a link, and the result is the stage's. */
export const failUnlinkedPart = 0.5;

/** Of the residuals of links after a solve, pixels. */
export function residualFindings(rmsPx: number): readonly Finding[] {
  if (rmsPx > failRmsPx) return [fail(`links disagree by ${rmsPx.toFixed(1)} px (RMS)`)];
  if (rmsPx <= warnRmsPx) return [];
  return [warn(`links disagree by ${rmsPx.toFixed(1)} px (RMS); another model may fit better`)];
}
