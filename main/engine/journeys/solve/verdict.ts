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

// The limits of stitching.
const warnRmsPx = 2;
const failRmsPx = 10;
const warnDroppedPart = 0.1;
const failUnlinkedPart = 0.5;

type Verdict = StackQuality['verdict'];

/** Whether a solve is good enough, and what is wrong with it. */
export function judge(found: Findings): Pick<StackQuality, 'verdict' | 'reasons'> {
  const findings = [...ofResiduals(found), ...ofLinks(found), ...ofTiles(found)];
  const verdict: Verdict = findings.some(([one]) => one === 'fail') ? 'fail' : findings.length > 0 ? 'warn' : 'pass';
  return { verdict, reasons: findings.map(([, reason]) => reason) };
}

type Finding = readonly [Exclude<Verdict, 'pass'>, string];

function ofResiduals({ rmsPx }: Findings): readonly Finding[] {
  if (rmsPx > failRmsPx) return [['fail', `links disagree by ${rmsPx.toFixed(1)} px (RMS)`]];
  if (rmsPx <= warnRmsPx) return [];
  return [['warn', `links disagree by ${rmsPx.toFixed(1)} px (RMS); another model may fit better`]];
}

function ofLinks({ kept, dropped }: Findings): readonly Finding[] {
  const all = kept + dropped;
  if (all === 0) return [['warn', 'no links, so all tiles follow the stage']];
  if (kept === 0) return [['fail', `none of the ${all} links could be kept`]];
  return dropped > warnDroppedPart * all
    ? [['warn', `${dropped} of ${all} links disagree with the others and were dropped`]]
    : [];
}

function ofTiles({ unlinked, tiles, islands }: Findings): readonly Finding[] {
  const apart = islands.map(({ subject, parts }): Finding => {
    return ['warn', `${subject} falls into ${parts} parts that no link joins; the stage holds them together`];
  });
  if (unlinked === 0 || tiles <= 1) return apart;
  const count = unlinked === 1 ? '1 tile' : `${unlinked} tiles`;
  return [
    [unlinked > failUnlinkedPart * tiles ? 'fail' : 'warn', `${count} without a link, placed by the stage`],
    ...apart,
  ];
}
