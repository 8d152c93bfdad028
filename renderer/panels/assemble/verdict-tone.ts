import type { StackSummary } from '../../../preload/contract/library.ts';
import type { Tone } from '../../ui/badge.tsx';

/** A verdict in words, with the tone of its badge. */
export const verdictTone = {
  pass: ['Good', 'good'],
  warn: ['Look at it', 'warn'],
  fail: ['Not good enough', 'bad'],
} as const;

/** Nothing was compared where another program placed the tiles: nothing speaks against such a version, and nothing for it. */
export const isMeasured = ({ madeBy, links }: StackSummary): boolean => madeBy !== 'import' || links > 0;

/** What its badge says. */
export const verdictOf = (stack: StackSummary): readonly [word: string, tone: Tone] =>
  isMeasured(stack) || stack.verdict !== 'pass' ? verdictTone[stack.verdict] : ['Not measured', 'plain'];
