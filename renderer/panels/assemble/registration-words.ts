import type { RegisteredSection, RegisteredSession } from '../../../preload/contract/channels.ts';
import { formatLength, formatNumber, withMinus } from '../../ui/format.ts';
import { nccText } from './alignment-strip.ts';

/** How good a section lies, for its colour: of kept ones by their blocks' misses in pixels of what was matched. */
export type Fit = 'frame' | 'close' | 'near' | 'far' | 'out' | 'missing';

/** Misses, pixels of the coarser pictures, up to which a section fits closely, and nearly. */
const [close, near] = [0.5, 1.5];

export function fitOf({ matchedNm }: RegisteredSession, { state, medianNm }: RegisteredSection): Fit {
  if (state === 'frame' || state === 'missing') return state;
  if (state !== 'kept') return 'out';
  const px = medianNm / matchedNm;
  return px <= close ? 'close' : px <= near ? 'near' : 'far';
}

/** All that is known of a section of a session, in words. */
export function wordsOf(session: RegisteredSession, one: RegisteredSection): string {
  const name = `${session.name}, section ${one.section}`;
  if (one.state === 'frame') return `${name}: stays where it is`;
  if (one.state === 'missing') return `${name}: missing, ${one.reason}`;
  if (one.state !== 'kept') return `${name}: left out, ${one.reason}`;
  const ncc =
    one.nccBefore === null || one.nccAfter === null
      ? ''
      : `; correlation ${nccText(one.nccBefore)} before, ${nccText(one.nccAfter)} now`;
  const px = one.medianNm / session.matchedNm;
  return `${name}: turned by ${withMinus(formatNumber(one.turnedDegrees))}°, size ${formatNumber(100 * one.scale)} %; ${one.blocks} of ${one.lookedFor} blocks agree to ${formatLength(one.medianNm)} (${formatNumber(px)} px)${ncc}`;
}
