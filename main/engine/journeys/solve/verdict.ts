import type { Finding } from '../../stacks/findings.ts';
import { fail, failUnlinkedPart, judged, residualFindings, warn, warnDroppedPart } from '../../stacks/findings.ts';
import type { StackQuality } from '../../stacks/stack-rows.ts';

interface Findings {
  readonly rmsPx: number;
  /** Links. */
  readonly kept: number;
  readonly dropped: number;
  readonly unlinked: number;
  readonly tiles: number;
  readonly islands: readonly { readonly subject: string; readonly parts: number }[];
}

/** Whether a solve is good enough, and what is wrong with it. */
export function judge(found: Findings): Pick<StackQuality, 'verdict' | 'reasons'> {
  return judged([...residualFindings(found.rmsPx), ...ofLinks(found), ...ofTiles(found)]);
}

function ofLinks({ kept, dropped }: Findings): readonly Finding[] {
  const all = kept + dropped;
  if (all === 0) return [warn('no links, so all tiles follow the stage')];
  if (kept === 0) return [fail(`none of the ${all} links could be kept`)];
  return dropped > warnDroppedPart * all
    ? [warn(`${dropped} of ${all} links disagree with the others and were dropped`)]
    : [];
}

function ofTiles({ unlinked, tiles, islands }: Findings): readonly Finding[] {
  const apart = islands.map(({ subject, parts }) =>
    warn(`${subject} falls into ${parts} parts that no link joins; the stage holds them together`),
  );
  if (unlinked === 0 || tiles <= 1) return apart;
  const count = unlinked === 1 ? '1 tile' : `${unlinked} tiles`;
  const say = unlinked > failUnlinkedPart * tiles ? fail : warn;
  return [say(`${count} without a link, placed by the stage`), ...apart];
}
