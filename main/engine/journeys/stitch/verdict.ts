import type { Link as LinkRow } from '../../../../preload/contract/registration.ts';
import type { StoredTile } from '../../store/tiles.ts';
import type { Finding } from '../../stacks/findings.ts';
import { fail, failUnlinkedPart, judged, residualFindings, warn, warnDroppedPart } from '../../stacks/findings.ts';
import type { StackQuality } from '../../stacks/stack-rows.ts';
import { rmsOf } from './numbers.ts';
import type { PlacedTile } from './placements.ts';
import type { SolvedLink, SolvedSection } from './solve.ts';

export interface JudgedLink {
  readonly row: LinkRow;
  readonly link: SolvedLink;
}

/** Every pair with its state: `weak` was not used, `outlier` was used and dropped by the solve. */
export function judgeLinks(solved: readonly SolvedSection[], minNcc: number): readonly JudgedLink[] {
  return solved.flatMap((section) => section.links.map((link) => ({ link, row: linkRow(link, minNcc) })));
}

function linkRow(link: SolvedLink, minNcc: number): LinkRow {
  const { pair, match, points, residuals, kept } = link;
  const used = residuals.filter((_, i) => kept[i]);
  const isKept = used.length > 0 && used.length * 2 >= points.length;
  const state = points.length === 0 ? 'weak' : isKept ? 'kept' : 'outlier';
  const residualPx = rmsOf(isKept ? used : residuals);
  const weakest = points.length > 0 ? points.reduce((least, p) => Math.min(least, p.ncc), 1) : match.ncc;
  const reason =
    state === 'weak'
      ? weakReason(link, minNcc)
      : state === 'outlier'
        ? `it disagrees with the other links by ${residualPx.toFixed(1)} px`
        : '';
  const ids = { tileA: pair.a.id, tileB: pair.b.id, section: pair.section };
  return {
    ...ids,
    ncc: weakest,
    peakRatio: match.peakRatio,
    points: isKept ? used.length : points.length,
    residualPx,
    state,
    reason,
  };
}

function weakReason({ match }: SolvedLink, minNcc: number): string {
  if (match.points.length > 0) return `its correlation ${shownNcc(bestNcc(match))} is below ${minNcc}`;
  return match.reason === '' ? 'nothing matched' : match.reason;
}

const bestNcc = ({ points }: SolvedLink['match']): number => points.reduce((most, { ncc }) => Math.max(most, ncc), -1);
/** Rounded down, so that it never reads as the limit that it stayed below. */
const shownNcc = (ncc: number): string => (Math.floor(ncc * 100) / 100).toFixed(2);

/** Judges a solved stack: residuals over kept links, tiles without links, islands, tiles left out. */
export function judgeStack(
  placed: readonly PlacedTile[],
  excluded: readonly StoredTile[],
  links: readonly JudgedLink[],
  solved: readonly SolvedSection[],
): StackQuality {
  const kept = links.filter(({ row }) => row.state === 'kept');
  const residuals = kept.flatMap(({ link }) => link.residuals.filter((_, i) => link.kept[i]));
  const rmsPx = rmsOf(residuals);
  const maxPx = residuals.reduce((most, r) => Math.max(most, r), 0);
  const leftOut = new Set(excluded.map((tile) => tile.id));
  const unlinked = placed
    .filter((tile) => tile.placedBy === 'stage' && !leftOut.has(tile.tile))
    .map((tile) => tile.source);
  const findings = [
    ...residualFindings(rmsPx),
    ...linkFindings(links, kept.length),
    ...unlinkedFindings(unlinked, placed.length - excluded.length),
    ...islandFindings(solved),
    ...excludedFindings(excluded),
  ];
  return {
    links: kept.length,
    dropped: links.length - kept.length,
    rmsPx,
    maxPx,
    ...judged(findings),
  };
}

function linkFindings(links: readonly JudgedLink[], kept: number): readonly Finding[] {
  if (links.length === 0) return [warn('no two tiles overlap, so all follow the stage')];
  if (kept === 0) return [fail(noneKept(links)), ...ambiguousFindings(links)];
  return [...outlierFindings(links), ...ambiguousFindings(links)];
}

function outlierFindings(links: readonly JudgedLink[]): readonly Finding[] {
  const outliers = links.filter(({ row }) => row.state === 'outlier');
  if (outliers.length === 0) return [];
  const worst = outliers.toSorted((a, b) => b.row.residualPx - a.row.residualPx);
  const off = worst.map(({ row, link }) => `${pairName(link)} (off by ${row.residualPx.toFixed(1)} px)`);
  const many = outliers.length > warnDroppedPart * links.length ? ` of ${links.length}` : '';
  const verb =
    outliers.length === 1 ? 'link disagrees with the others and was' : 'links disagree with the others and were';
  return [warn(`${outliers.length}${many} ${verb} dropped: ${listed(off)}`)];
}

function ambiguousFindings(links: readonly JudgedLink[]): readonly Finding[] {
  const alike = links.filter(({ row, link }) => row.state === 'weak' && link.match.reason === ambiguous);
  if (alike.length === 0) return [];
  const what =
    alike.length === 1
      ? 'overlap shows texture that repeats itself and was'
      : 'overlaps show texture that repeats itself and were';
  return [warn(`${alike.length} ${what} not used: ${listed(alike.map(({ link }) => pairName(link)))}`)];
}

const pairName = ({ pair }: SolvedLink): string => `${pair.a.fileName} and ${pair.b.fileName}`;

/** Tells what did not match from what matched and was too weak, or was dropped: each has a remedy of its own. */
function noneKept(links: readonly JudgedLink[]): string {
  const dropped = links.filter(({ row }) => row.state === 'outlier').length;
  const weak = links.filter(({ row, link }) => row.state === 'weak' && link.match.points.length > 0);
  const unmatched = links.length - dropped - weak.length;
  if (unmatched === links.length) return `none of the ${links.length} overlaps could be matched`;
  const best = weak.reduce((most, { link }) => Math.max(most, bestNcc(link.match)), -1);
  const parts = [
    weak.length > 0 ? `${weak.length} matched, but below the correlation asked for (${shownNcc(best)} at best)` : '',
    dropped > 0 ? `${dropped} disagree with the others` : '',
    unmatched > 0 ? `${unmatched} did not match` : '',
  ];
  return `none of the ${links.length} overlaps could be used: ${parts.filter((part) => part !== '').join(', ')}`;
}

function unlinkedFindings(unlinked: readonly StoredTile[], usable: number): readonly Finding[] {
  if (unlinked.length === 0 || usable <= 1) return [];
  const reason = `${count(unlinked.length)} without a link, placed by the stage: ${named(unlinked)}`;
  return [unlinked.length > failUnlinkedPart * usable ? fail(reason) : warn(reason)];
}

function islandFindings(solved: readonly SolvedSection[]): readonly Finding[] {
  return solved
    .filter(({ report }) => report.components > 1)
    .map(({ section, report }) =>
      warn(
        `section ${section} falls into ${report.components} parts that no link joins; the stage holds them together`,
      ),
    );
}

function excludedFindings(excluded: readonly StoredTile[]): readonly Finding[] {
  return excluded.length === 0 ? [] : [warn(`${count(excluded.length)} left out: ${named(excluded)}`)];
}

const count = (n: number): string => (n === 1 ? '1 tile' : `${n} tiles`);
const maxNamed = 5;
/** As the kernel words it. */
const ambiguous = 'several places fit alike';

/** "a.png (rejected), b.png (blank: …)", and how many more. */
function named(tiles: readonly StoredTile[]): string {
  const names = tiles.slice(0, maxNamed).map((tile) => {
    const why = tile.review === 'rejected' ? 'rejected' : tile.reasons[0];
    return why === undefined ? tile.fileName : `${tile.fileName} (${why})`;
  });
  return names.join(', ') + (tiles.length > maxNamed ? ` and ${tiles.length - maxNamed} more` : '');
}

const listed = (names: readonly string[]): string =>
  names.slice(0, maxNamed).join(', ') + (names.length > maxNamed ? ` and ${names.length - maxNamed} more` : '');
