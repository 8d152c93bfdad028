import type { BlockStack } from '../../../../preload/contract/block.ts';
import type { StoredBlock } from '../../stacks/block-rows.ts';
import type { Finding } from '../../stacks/findings.ts';
import { fail, failUnlinkedPart, judged, warn, warnDroppedPart } from '../../stacks/findings.ts';
import { length3, most, rms } from './numbers.ts';
import type { SolvedBlocks } from './place.ts';

type Quality = Pick<BlockStack, 'links' | 'dropped' | 'rmsVox' | 'maxVox' | 'verdict' | 'reasons'>;

const warnRmsVox = 1;
const failRmsVox = 5;
const maxNamed = 5;

/** Judges placed blocks: residuals over kept links, blocks without links, islands, blocks left out. `turned`: the axes
 * that fit better than those that were given. */
export function judgeBlocks(
  blocks: readonly StoredBlock[],
  { placements, links, report }: SolvedBlocks,
  turned: string | null,
): Quality {
  const kept = links.filter(({ state }) => state === 'kept');
  const misses = kept.map(({ residual }) => length3(residual));
  const bad = blocks.filter(({ verdict }) => verdict === 'bad');
  const unlinked = blocks.filter((block, i) => placements[i]?.placedBy === 'stage' && block.verdict !== 'bad');
  const rmsVox = rms(misses);
  const findings = [
    ...axesFindings(turned),
    ...residualFindings(rmsVox),
    ...linkFindings(links, kept.length),
    ...unlinkedFindings(unlinked, blocks.length - bad.length),
    ...(report.components > 1
      ? [warn(`the blocks fall into ${report.components} parts that no link joins; the stage holds them together`)]
      : []),
    ...(bad.length > 0 ? [warn(`${count(bad.length)} left out: ${named(bad)}`)] : []),
  ];
  return {
    links: kept.length,
    dropped: links.length - kept.length,
    rmsVox,
    maxVox: most(misses),
    ...judged(findings),
  };
}

const axesFindings = (turned: string | null): readonly Finding[] =>
  turned === null
    ? []
    : [
        fail(
          `the stage lies otherwise in the pictures: overlaps fit with the axes ${turned}; import again with --axes ${turned}`,
        ),
      ];

function residualFindings(rmsVox: number): readonly Finding[] {
  if (rmsVox > failRmsVox) return [fail(`links disagree by ${rmsVox.toFixed(1)} voxels (RMS)`)];
  return rmsVox > warnRmsVox ? [warn(`links disagree by ${rmsVox.toFixed(1)} voxels (RMS)`)] : [];
}

function linkFindings(links: SolvedBlocks['links'], kept: number): readonly Finding[] {
  if (links.length === 0) return [warn('no two blocks overlap, so all follow the stage')];
  if (kept === 0) return [fail(`none of the ${links.length} overlaps could be used: ${reasonsOf(links)}`)];
  const outliers = links.filter(({ state }) => state === 'outlier').length;
  const weak = links.filter(({ state }) => state === 'weak');
  return [
    ...(outliers > warnDroppedPart * links.length
      ? [warn(`${outliers} of ${links.length} links disagree with the others and were dropped`)]
      : []),
    ...(weak.length > warnDroppedPart * links.length
      ? [warn(`${weak.length} of ${links.length} overlaps were not used: ${reasonsOf(weak)}`)]
      : []),
  ];
}

/** Each reason once, with how many. */
function reasonsOf(links: SolvedBlocks['links']): string {
  const counts = new Map<string, number>();
  for (const { reason } of links) {
    const kind = reason.replaceAll(/-?\d+(\.\d+)?/g, '…');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .map(([reason, n]) => `${reason} (${n})`)
    .slice(0, 3)
    .join(', ');
}

function unlinkedFindings(unlinked: readonly StoredBlock[], usable: number): readonly Finding[] {
  if (unlinked.length === 0 || usable <= 1) return [];
  const reason = `${count(unlinked.length)} without a link, placed by the stage: ${named(unlinked)}`;
  return [unlinked.length > failUnlinkedPart * usable ? fail(reason) : warn(reason)];
}

const count = (n: number): string => (n === 1 ? '1 block' : `${n} blocks`);

const named = (blocks: readonly StoredBlock[]): string =>
  blocks
    .slice(0, maxNamed)
    .map(({ name }) => name)
    .join(', ') + (blocks.length > maxNamed ? ` and ${blocks.length - maxNamed} more` : '');
